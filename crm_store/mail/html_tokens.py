"""HTML as tags and texts, in one walk over whatever it gets. Knows nothing of trees; nothing here makes HTML safe.

stdlib's html.parser takes the square of a run of "<!--" (CVE-2025-6069)."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9:_-]*+)((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>?""")
_MARKUP = re.compile(r"<[!?][^>]*+>?")  # doctype, processing instruction, <![if !mso]>
_TEXT = re.compile(r"<?[^<]*+(?:<(?![a-zA-Z/!?])[^<]*+)*+")
# Their content is no mark-up, or nothing that a reader of mail sees.
_SKIPPED = {
    name: re.compile(f"</{name}(?![a-z0-9])[^>]*+>?", re.IGNORECASE)
    for name in ("script", "style", "title", "template", "textarea", "select", "noframes", "svg")
}


class Token(NamedTuple):
    """A tag: name in lower case, attributes as written. A text: name is "", text as written, references and all."""

    name: str
    closing: bool
    text: str


def walk(source: str) -> Iterator[Token]:
    """The tags and texts in order. Without comments, declarations, and elements whose content is not shown."""
    at = 0
    while at < len(source):
        if tag := _TAG.match(source, at):
            name, at = tag[2].lower(), tag.end()
            if name not in _SKIPPED:
                yield Token(name, bool(tag[1]), tag[3])
            elif not tag[1]:
                end = _SKIPPED[name].search(source, at)
                at = end.end() if end else len(source)  # never closed: to the end, as browsers do
        elif source.startswith("<!--", at):
            stop = source.find("-->", at + 2)
            at = len(source) if stop < 0 else stop + 3
        elif markup := _MARKUP.match(source, at):
            at = markup.end()
        else:
            text = _TEXT.match(source, at)
            assert text  # it stands at a character, and takes any
            at = text.end()
            yield Token("", False, text[0])


def first_tags(source: str, most: int) -> str:
    """What stands before the tag that is one too many."""
    pieces = source.split("<", most + 1)
    return source if len(pieces) <= most + 1 else source[: -len(pieces[-1]) - 1]
