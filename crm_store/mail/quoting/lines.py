"""A mail's text as lines to look at."""

import re
from typing import NamedTuple

# Of a text; what lies beyond is no letter, is not looked at and goes where the last line went.
MAX_CHARS = 1024 * 1024
MAX_LINES = 20_000
MAX_LINE_CHARS = 20_000  # of a line that is looked at: a header with 300 recipients in one line takes some 15,000
# What HTML, right-to-left text and copying leave between letters: zero width, direction marks, soft hyphens, BOM.
_UNSEEN = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]+")
_SPACES = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_QUOTE_MARK = re.compile(r" {0,3}(?:[>＞][ >＞]*+)")


class Line(NamedTuple):
    """raw: as written. text: without quote marks and unseen characters, every space a plain one, not stripped on the
    left behind the quote marks. depth: how many quote marks."""

    raw: str
    text: str
    depth: int

    @property
    def bare(self) -> str:
        return self.text.strip()

    @property
    def blank(self) -> bool:
        return not self.text or self.text.isspace()


def lines_of(text: str) -> tuple[list[Line], str]:
    """The lines, and what lies beyond the bounds."""
    end = text.rfind("\n", 0, MAX_CHARS) if len(text) > MAX_CHARS else len(text)
    end = MAX_CHARS if end < 0 else end
    raws = text[:end].removesuffix("\n").split("\n", MAX_LINES)
    over = raws.pop() + "\n" if len(raws) > MAX_LINES else ""
    joined = "\n".join(raws)
    # ASCII has but one character of either kind.
    shown = (joined.replace("\t", " ") if joined.isascii() else _SPACES.sub(" ", _UNSEEN.sub("", joined))).split("\n")
    lines = [_line(raw.removesuffix("\r"), text.removesuffix("\r")) for raw, text in zip(raws, shown, strict=True)]
    return lines, over + text[end:].removeprefix("\n")


def _line(raw: str, text: str) -> Line:
    text = text[:MAX_LINE_CHARS]
    start = text[:4]
    mark = _QUOTE_MARK.match(text) if ">" in start or "＞" in start else None
    if mark is None or (
        text.startswith(">>") and text.rstrip().endswith("<<")
    ):  # ">>> Klik di sini <<<" is an ornament
        return Line(raw, text, 0)
    return Line(raw, text[mark.end() :], mark[0].count(">") + mark[0].count("＞"))
