"""The words of an HTML text, for a mail that has no other. Not for showing HTML: nothing here makes it safe.

Linear, and longer than its source only by the marks of quotations. inscriptis, whose tables are prettier, makes 250 MB
out of 95 kB (each cell is padded to its column's width) and loses what stands behind 256 tags that nobody closed."""

import html
import re
from enum import Enum

from crm_store.mail.html_tokens import walk
from crm_store.mail.quoting import attribution
from crm_store.mail.quoting.lines import lines_of

_HUGE_REFERENCE = re.compile(r"&#(?:[0-9]{8,}+|[xX][0-9a-fA-F]{8,}+);?")  # html.unescape raises on these
# A preheader: words for the list of mails, not for the page.
_HIDDEN = re.compile(r"display\s*+:\s*+none", re.IGNORECASE)
_HIDEABLE = frozenset({"div", "span", "p", "table", "tbody", "tr", "td", "center", "section", "font"})
# How mail programs mark what is quoted: Apple Mail and Thunderbird; Gmail, Proton, Yahoo.
_CITED = re.compile(r"\btype\s*+=\s*+[\"']?cite|gmail_quote|protonmail_quote|yahoo_quoted", re.IGNORECASE)
_SIGNATURE = re.compile(r"gmail_signature|moz-signature|data-signature-widget", re.IGNORECASE)
_MOST_ATTRIBUTIONS = 200  # looked for in one page; each takes some 20 µs
_MOST_QUOTE_MARKS = 5  # deeper ones look alike; each line carries them
_RULE = "_" * 32  # what Outlook writes for <hr> in its own plain text


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
    """Words, white space collapsed; a line end where a block begins or ends, an empty line between paragraphs.

    Items of lists begin with "* "; lines of what is marked as a quotation begin with "> "."""
    page = _Page()
    hidden_in, depth = "", 0  # to the end if it is never closed, as browsers do
    for name, closing, text in walk(source):
        if hidden_in:
            if name == hidden_in:
                depth += -1 if closing else 1
            hidden_in = hidden_in if depth else ""
        elif not name:
            page.add(_unescape(text))
        elif name in _HIDEABLE and not closing and _HIDDEN.search(text):
            hidden_in, depth = name, 1
        else:
            page.tag(name, text, closing=closing)
    return page.text()


def _unescape(text: str) -> str:
    return html.unescape(_HUGE_REFERENCE.sub("\ufffd", text)) if "&" in text else text


class _Page:
    """Lines under way; at most one empty line between two."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._mark = self._mark_before = ""
        self._paragraph = self._preformatted = self._item = False
        self._attributions = 0
        self._signed = False  # the page has a place for a signature
        self._quotations: list[bool] = []  # each open <blockquote>: whether it quotes, or indents

    def tag(self, name: str, attributes: str, *, closing: bool) -> None:
        self._signed = self._signed or bool(_SIGNATURE.search(attributes))
        if name in _BREAKS:
            self.end_line(_BREAKS[name])
            if name == "pre":
                self._preformatted = not closing
            elif name == "blockquote":
                self._quote(attributes, closing=closing)
            elif name in ("li", "ul", "ol"):
                self._item = name == "li" and not closing
            elif name == "hr":
                self._line.append(_RULE)
                self.end_line(_Break.LINE)
        elif name in ("td", "th"):
            self._line.append(" ")

    def add(self, text: str) -> None:
        if self._preformatted and "\n" in text:
            *lines, text = text.split("\n")
            was_empty = False
            for line in lines:
                is_empty = not line or line.isspace()
                if not (is_empty and was_empty):  # which would change nothing
                    self._line.append(line)
                    self.end_line(_Break.FORCED)
                was_empty = is_empty
        self._line.append(text)

    def _quote(self, attributes: str, *, closing: bool) -> None:
        if not closing:
            self._quotations.append(bool(_CITED.search(attributes)) or self._is_attributed())
        elif self._quotations:
            self._quotations.pop()
        self._mark = "> " * min(sum(self._quotations[: 4 * _MOST_QUOTE_MARKS]), _MOST_QUOTE_MARKS)

    def _is_attributed(self) -> bool:
        """Yandex and HEY mark no quotation, but say above it whose it is. Others indent by the same element."""
        if not self._lines or len(self._lines[-1]) > attribution.MAX_CHARS or self._lines[-1][-1:] not in (":", "："):
            return False
        self._attributions += 1
        if self._attributions > _MOST_ATTRIBUTIONS:
            return False
        above, _ = lines_of(
            "\n".join(line[: attribution.MAX_CHARS + 1] for line in self._lines[-attribution.MAX_LINES :])
        )
        return attribution.attribution_ending_at(above, len(above) - 1, 0, quote_follows=True) is not None

    def end_line(self, kind: _Break) -> None:
        written = "".join(self._line)
        line = " ".join(written.split())
        if line == "--" and (self._signed or written.rstrip("\r\n\t")[-1] in " \xa0"):
            line = "-- "  # RFC 3676 §4.3's mark of a signature, which programs write into HTML too
        self._line.clear()
        empty_is_due = (self._paragraph and bool(line)) or (not line and kind is _Break.FORCED)
        if empty_is_due and self._lines and self._lines[-1].strip("> "):
            self._lines.append(min(self._mark, self._mark_before).rstrip())  # the shorter: both are of one kind
        if line:
            self._lines.append(f"{self._mark}{'* ' * self._item}{line}")
            self._mark_before = self._mark
            self._paragraph = self._item = False
        self._paragraph = self._paragraph or kind is _Break.PARAGRAPH

    def text(self) -> str:
        self.end_line(_Break.LINE)
        return "\n".join(self._lines).strip("\n")
