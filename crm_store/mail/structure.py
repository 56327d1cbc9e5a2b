"""Where the parts of a MIME mail lie (RFC 2046 §5.1): offsets into the raw bytes, nothing is copied or decoded.

stdlib's compat32 parser finds the same parts (a test compares them), but needs 2 s and 60 MB for 1 MB of boundary lines
and raises RecursionError on deep nesting; this costs one search per level of nesting."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from crm_store.mail import header_block, parameters
from crm_store.mail.charset import decode_header_bytes
from crm_store.mail.header_block import Headers
from crm_store.mail.limits import Limits
from crm_store.mail.problems import Problem, Problems

MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,127}/[a-z0-9!#$&^_.+-]{1,127}")
# RFC 2046 §5.1.1 would take any line that begins with the boundary; then "--ab" would end a part of boundary "a".
_REST_OF_DELIMITER = re.compile(rb"(--)?+(?:[ \t][^\r\n]*+)?+(?:\r\n|\n|\r|\Z)")
# What can be no delimiter but one: the boundary as the header has it was written by somebody else than the body.
_LIKE_A_DELIMITER = re.compile(rb"[\r\n]--([!-~][ -~]{0,199})(?:\r\n|\n|\r)content-[a-z-]{2,40}[ \t]*+:", re.IGNORECASE)
_GUESS_WITHIN_BYTES = 64 * 1024  # of a multipart whose boundary is nowhere in it


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf or a multipart. position: counts leaves from 0; None for a multipart.

    start, end: its body in the raw bytes. content_type: lower case, text/plain where none can be read (RFC 2045 §5.2).
    disposition: lower case, "" if absent."""

    headers: Headers
    content_type: str
    parameters: Mapping[str, str]
    disposition: str
    disposition_parameters: Mapping[str, str]
    start: int
    end: int
    children: tuple["Part", ...] = ()
    position: int | None = None

    @property
    def maintype(self) -> str:
        """The word before the slash."""
        return self.content_type.partition("/")[0]

    @property
    def is_message(self) -> bool:
        """Whether it holds a whole mail (RFC 2046 §5.2.1, RFC 6532 §3.7)."""
        return self.content_type in ("message/rfc822", "message/global")


def find_parts(raw: bytes, limits: Limits, problems: Problems) -> Part:
    """The root part. A message/rfc822 part is a leaf; so is a multipart that has no parts or lies too deep."""
    whole = _Section(0, min(len(raw), limits.raw_bytes), last=True)
    return _Finder(raw, limits, problems).part(whole, "text/plain")


def leaves(part: Part) -> Iterator[Part]:
    """Every leaf, in the order of position."""
    if part.position is not None:
        yield part
    for child in part.children:
        yield from leaves(child)


class _Section(NamedTuple):
    """One span between delimiters. last: the delimiter that ends it closes the multipart, or the mail ends there."""

    start: int
    end: int
    last: bool


class _Open(NamedTuple):
    """A multipart under way."""

    boundary: str
    sections: Iterator[_Section]
    default_type: str
    depth: int


class _Finder:
    def __init__(self, raw: bytes, limits: Limits, problems: Problems) -> None:
        self._raw, self._limits, self._problems = raw, limits, problems
        self._parts = self._leaves = self._delimiters = 0

    def part(self, span: _Section, default_type: str, parent: _Open | None = None) -> Part:
        self._parts += 1
        start, end = span.start, span.end
        headers, body = header_block.split(self._raw, start, end, self._limits.header_bytes, self._problems)
        kind, typed = self._read(headers, "content-type")
        if not MEDIA_TYPE.fullmatch(kind):
            kind = "text/plain" if kind else default_type
        disposition, disposed = self._read(headers, "content-disposition")
        children: tuple[Part, ...] = ()
        if kind.startswith("multipart/"):
            children = self._children(kind, typed.get("boundary", "").rstrip(), span._replace(start=body), parent)
            if not children:
                self._problems.note(Problem.BROKEN_MULTIPART)
                kind = "text/plain"
        position = None
        if children:
            end = max(end, children[-1].end)
        else:
            position, self._leaves = self._leaves, self._leaves + 1
        return Part(headers, kind, typed, disposition, disposed, body, end, children, position)

    def _read(self, headers: Headers, name: str) -> tuple[str, dict[str, str]]:
        value = headers.first(name)[: parameters.MAX_CHARS]
        return parameters.split(decode_header_bytes(value), self._problems) if value else ("", {})

    def _children(self, kind: str, boundary: str, span: _Section, parent: _Open | None) -> tuple[Part, ...]:
        depth = parent.depth + 1 if parent else 0
        if depth >= self._limits.depth:
            self._problems.note(Problem.NESTED_TOO_DEEP)
            return ()
        default_type = "message/rfc822" if kind == "multipart/digest" else "text/plain"  # RFC 2046 §5.1.5
        if parent and boundary == parent.boundary:
            # RFC 2046 §5.1.2 forbids it. Who writes both with one boundary means the inner one first.
            return () if span.last else self._gather(parent._replace(default_type=default_type, depth=depth))
        found: tuple[Part, ...] = ()
        if boundary:
            found = self._gather(_Open(boundary, self._sections(boundary, span), default_type, depth))
        if not found and (guess := self._guess(span)) and not (parent and guess == parent.boundary):
            self._problems.note(Problem.BROKEN_MULTIPART)
            found = self._gather(_Open(guess, self._sections(guess, span), default_type, depth))
        return found

    def _guess(self, span: _Section) -> str:
        """A boundary that the body has and the header has not; "" where there is none."""
        start, end = max(0, span.start - 1), min(span.end, span.start + _GUESS_WITHIN_BYTES)  # from a line end on
        like = _LIKE_A_DELIMITER.search(self._raw, start, end)
        return like[1].decode("ascii").rstrip() if like else ""

    def _gather(self, multipart: _Open) -> tuple[Part, ...]:
        found = []
        for section in multipart.sections:
            if self._parts >= self._limits.parts:
                self._problems.note(Problem.TOO_MANY_PARTS)
                break
            found.append(self.part(section, multipart.default_type, multipart))
            if section.last:
                break
        return tuple(found)

    def _sections(self, boundary: str, span: _Section) -> Iterator[_Section]:
        """The spans between delimiter lines; the line end before a delimiter belongs to it (RFC 2046 §5.1.1)."""
        delimiter, (start, end, _) = b"--" + boundary.encode("utf-8", "replace"), span
        opened: int | None = None
        at = self._raw.find(delimiter, start, end)
        while at >= 0:
            self._delimiters += 1
            if self._delimiters > self._limits.delimiters:
                self._problems.note(Problem.TOO_MANY_PARTS)
                break
            rest = _REST_OF_DELIMITER.match(self._raw, at + len(delimiter), end)
            if rest and (at == start or self._raw[at - 1] in b"\r\n"):
                closes = bool(rest[1])
                if opened is not None:
                    yield _Section(opened, max(opened, self._before_line_end(at)), closes)
                opened = None if closes else rest.end()
            at = self._raw.find(delimiter, rest.end() if rest else at + len(delimiter), end)
        if opened is not None and opened < end:  # the mail ends in the midst of it
            yield _Section(opened, end, True)

    def _before_line_end(self, at: int) -> int:
        if self._raw[at - 2 : at] == b"\r\n":
            return at - 2
        return at - 1
