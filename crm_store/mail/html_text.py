"""The words of an HTML text, for a mail that has no other. Not for showing HTML: nothing here makes it safe.

stdlib's html.parser takes the square of a run of "<!--" (CVE-2025-6069); this walks once over whatever it gets."""

import html
import re
from enum import Enum

_TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9:_-]*+)(?:[^<>"']++|"[^"]*+"|'[^']*+')*+>?""")
_MARKUP = re.compile(r"<[!?][^>]*+>?")  # doctype, processing instruction, <![if !mso]>
_TEXT = re.compile(r"<?[^<]*+(?:<(?![a-zA-Z/!?])[^<]*+)*+")
_HUGE_REFERENCE = re.compile(r"&#(?:[0-9]{8,}+|[xX][0-9a-fA-F]{8,}+);?")  # html.unescape raises on these
_NOT_SHOWN = frozenset({"script", "style", "title", "template", "textarea", "select", "noframes", "svg"})


class _Break(Enum):
    LINE = 1  # the line ends here, unless it just did
    PARAGRAPH = 2  # and an empty line follows
    FORCED = 3  # <br>


_BREAKS = (
    dict.fromkeys(
        ("address", "article", "aside", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset", "figure",
         "footer", "form", "header", "hr", "li", "main", "nav", "pre", "section", "table", "tr"),
        _Break.LINE,
    )
    | dict.fromkeys(("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote"), _Break.PARAGRAPH)
    | {"br": _Break.FORCED}
)  # fmt: skip


def text_of_html(source: str) -> str:
    """Words, white space collapsed; a line end where a block begins or ends, an empty line between paragraphs."""
    page = _Page()
    at, in_pre = 0, False
    while at < len(source):
        if source.startswith("<!--", at):
            end = source.find("-->", at + 2)
            at = len(source) if end < 0 else end + 3
        elif tag := _TAG.match(source, at):
            name, closing, at = tag[2].casefold(), bool(tag[1]), tag.end()
            if name == "pre":
                in_pre = not closing
            if name in _NOT_SHOWN and not closing:
                at = _behind(source, at, name)
            elif name in _BREAKS:
                page.end_line(_BREAKS[name])
            elif name in ("td", "th"):
                page.add(" ")
        elif markup := _MARKUP.match(source, at):
            at = markup.end()
        else:
            text = _TEXT.match(source, at)
            assert text  # it stands at a character, and takes any
            at = text.end()
            page.add(_unescape(text[0]), in_pre)
    return page.text()


def _behind(source: str, at: int, name: str) -> int:
    """The offset behind the element's content; the end of the source if it is never closed, as browsers do."""
    end = re.compile(f"</{name}(?![a-z0-9])[^>]*+>?", re.IGNORECASE).search(source, at)
    return end.end() if end else len(source)


def _unescape(text: str) -> str:
    return html.unescape(_HUGE_REFERENCE.sub("\ufffd", text)) if "&" in text else text


class _Page:
    """Lines under way; at most one empty line between two."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._paragraph = False

    def add(self, text: str, preformatted: bool = False) -> None:
        if preformatted and "\n" in text:
            for line in text.split("\n")[:-1]:
                self._line.append(line)
                self.end_line(_Break.FORCED)
            text = text[text.rfind("\n") + 1 :]
        self._line.append(text)

    def end_line(self, kind: _Break) -> None:
        line = " ".join("".join(self._line).split())
        self._line.clear()
        empty_is_due = (self._paragraph and bool(line)) or (not line and kind is _Break.FORCED)
        if empty_is_due and self._lines and self._lines[-1]:
            self._lines.append("")
        if line:
            self._lines.append(line)
            self._paragraph = False
        self._paragraph = self._paragraph or kind is _Break.PARAGRAPH

    def text(self) -> str:
        self.end_line(_Break.LINE)
        return "\n".join(self._lines).strip("\n")
