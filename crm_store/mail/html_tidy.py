"""HTML made small and well nested, so that a sanitiser that builds a tree takes time that grows as its input does.

nh3 takes 5 s for 300 kB of nested <div>, 3 s for 240 kB of <p> behind 100 formatting elements that nobody closed, and
the square of a tag's attributes. What comes out of here has none of that, and no mark-up that two parsers read in two
ways; it is not safe to show: that is the sanitiser's work."""

import re
from collections import Counter
from itertools import islice

from crm_store.mail.html_tokens import walk

_FORMATTING = frozenset({
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
})  # fmt: skip
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "figcaption", "figure", "footer",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "ul",
})  # fmt: skip
_TABLE = frozenset({"caption", "colgroup", "tbody", "td", "tfoot", "th", "thead", "tr"})
_INLINE = frozenset(
    {"abbr", "bdi", "bdo", "cite", "del", "dfn", "ins", "kbd", "mark", "q", "samp", "span", "sub", "sup", "var"}
)
_VOID = frozenset({"br", "col", "hr", "img", "wbr"})
TAGS = _FORMATTING | _BLOCKS | _TABLE | _INLINE | _VOID
# What an element of this kind ends, where it was not closed, up to the element that holds them.
_ENDS = (
    {name: (frozenset({"p"}), frozenset({"td", "th", "caption"})) for name in _BLOCKS}
    | {"li": (frozenset({"li", "p"}), frozenset({"ul", "ol"}))}
    | dict.fromkeys(("dd", "dt"), (frozenset({"dd", "dt", "p"}), frozenset({"dl"})))
    | dict.fromkeys(("td", "th"), (frozenset({"td", "th"}), frozenset({"table"})))
    | {"tr": (frozenset({"tr"}), frozenset({"table"}))}
    | dict.fromkeys(("tbody", "thead", "tfoot"), (frozenset({"tbody", "thead", "tfoot"}), frozenset({"table"})))
    | {"a": (frozenset({"a"}), frozenset({"td", "th"}))}
)
_HOLDS_ROWS = frozenset({"table", "tbody", "thead", "tfoot", "tr", "colgroup"})  # and no text
ATTRIBUTES = frozenset({
    "align", "alt", "background", "bgcolor", "border", "cellpadding", "cellspacing", "cite", "color", "colspan", "dir",
    "face", "height", "href", "lang", "rowspan", "size", "span", "src", "start", "style", "title", "type",
    "valign", "width",
})  # fmt: skip
_ATTRIBUTE = re.compile(r"""([a-zA-Z][a-zA-Z0-9:_-]*+)\s*+(?:=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'<>]++)))?""")
_MOST_ATTRIBUTES = 40
_MOST_FORMATTING = 8  # open at once; a browser opens them again in each paragraph, if they were not closed


def tidy(source: str, most_depth: int) -> str:
    """The same text with the same look, as far as TAGS and ATTRIBUTES go. Elements below most_depth lose their tags."""
    frame = _Frame(most_depth)
    for name, closing, text in walk(source):
        if not name:
            frame.pieces.append(text.replace("<", "&lt;"))
        elif name in TAGS:
            if closing:
                frame.close(name)
            else:
                frame.open(name, text)
    return frame.closed()


class _Frame:
    """The elements that are open, and what was written so far."""

    def __init__(self, most_depth: int) -> None:
        self.pieces: list[str] = []
        self._most_depth = most_depth
        self._open: list[str] = []
        self._how_many: Counter[str] = Counter()

    def open(self, name: str, attributes: str) -> None:
        if ends := _ENDS.get(name):
            self._end(*ends)
        innermost = self._open[-1] if self._open else ""
        if (name in _TABLE and not self._how_many["table"]) or (
            innermost in _HOLDS_ROWS and name not in _TABLE | {"col"}
        ):
            return
        if name not in _VOID:
            if len(self._open) >= self._most_depth or (name in _FORMATTING and self._formatting() >= _MOST_FORMATTING):
                return
            self._open.append(name)
            self._how_many[name] += 1
        self.pieces.append(f"<{name}{_rewritten(attributes) if attributes else ''}>")

    def close(self, name: str) -> None:
        if name not in _VOID and self._how_many[name]:
            self._close_down_to(len(self._open) - 1 - self._open[::-1].index(name))

    def closed(self) -> str:
        self._close_down_to(0)
        return "".join(self.pieces)

    def _end(self, ended: frozenset[str], holders: frozenset[str]) -> None:
        if not any(self._how_many[name] for name in ended):
            return
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place] in holders:
                return
            if self._open[place] in ended:
                self._close_down_to(place)
                return

    def _formatting(self) -> int:
        return sum(self._how_many[name] for name in _FORMATTING)

    def _close_down_to(self, place: int) -> None:
        while len(self._open) > place:
            name = self._open.pop()
            self._how_many[name] -= 1
            self.pieces.append(f"</{name}>")


def _rewritten(attributes: str) -> str:
    written = {}
    for match in islice(_ATTRIBUTE.finditer(attributes), _MOST_ATTRIBUTES):
        name = match[1].lower()
        if name in ATTRIBUTES and name not in written:
            value = next((group for group in match.groups()[1:] if group is not None), "")
            written[name] = value.replace('"', "&quot;").replace("<", "&lt;")
    return "".join(f' {name}="{value}"' for name, value in written.items())
