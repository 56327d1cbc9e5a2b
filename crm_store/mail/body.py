"""Which parts are the text of a mail and which are attached to it (RFC 2046 §5.1, RFC 2183, RFC 8621 §4.1.4)."""

from dataclasses import dataclass, field

from crm_store.mail.charset import decode, decode_header_bytes
from crm_store.mail.clean_text import clean_lines
from crm_store.mail.html_text import text_of_html
from crm_store.mail.html_tokens import first_tags
from crm_store.mail.limits import Limits
from crm_store.mail.problems import Problem, Problems
from crm_store.mail.structure import Part
from crm_store.mail.transfer import undo

_UTF8_BYTES = 4  # the most that one character takes


@dataclass(slots=True)
class Division:
    """text: the chosen text/plain and text/html leaves in order. attached: every leaf that is no text of the mail."""

    text: list[Part] = field(default_factory=list)
    attached: list[Part] = field(default_factory=list)
    has_html: bool = False


def divide(raw: bytes, root: Part) -> Division:
    """Choose one branch of each multipart/alternative: the plain one, unless it is blank."""
    division = Division()
    division.text = _choose(raw, root, division, in_multipart="", place=0)
    return division


def html_view(raw: bytes, root: Part) -> list[Part]:
    """The text leaves in order, of each multipart/alternative the last branch that has HTML."""
    return _choose(raw, root, Division(), in_multipart="", place=0, with_html=True)


def content(raw: bytes, part: Part, problems: Problems) -> bytes:
    """A leaf's bytes, decoded from its transfer encoding."""
    return undo(memoryview(raw)[part.start : part.end], part.headers.first("content-transfer-encoding"), problems)


def text_of(raw: bytes, parts: list[Part], limits: Limits, problems: Problems) -> str:
    """The text as a person reads it, clean. HTML stands for itself only where no plain text came before it."""
    pieces: list[str] = []
    left, plain = limits.text_chars, False
    for part in parts:
        is_html = part.content_type == "text/html"
        if is_html and plain:
            continue
        if left <= 0:
            problems.note(Problem.TEXT_CUT)
            break
        piece = part_text(raw, part, limits.html_chars if is_html else left, problems)
        if is_html:
            piece = clean_lines(text_of_html(_bounded(piece, limits, problems)))
        if len(piece) > left:
            problems.note(Problem.TEXT_CUT)
            piece = piece[:left]
        if not piece.strip():
            continue
        plain = plain or not is_html
        if pieces and not pieces[-1].endswith("\n"):
            pieces[-1] += "\n"
        pieces.append(piece)
        left -= len(piece) + 1
    return "".join(pieces)


def most_bytes(chars: int) -> int:
    """How much to decode, so that no more is decoded than can be kept."""
    return chars * _UTF8_BYTES


def part_text(raw: bytes, part: Part, limit_chars: int, problems: Problems) -> str:
    """What a text leaf says, as written there, clean."""
    data = content(raw, part, problems)
    limit_bytes = most_bytes(limit_chars)
    if len(data) > limit_bytes:
        problems.note(Problem.TEXT_CUT)
        line_end = data.rfind(b"\n", 0, limit_bytes)  # not in the midst of a character, if it has lines
        data = data[: line_end + 1 or limit_bytes]
    text = decode(data, part.parameters.get("charset", ""), problems).removeprefix("\ufeff")
    if len(text) > limit_chars:
        problems.note(Problem.TEXT_CUT)
    return clean_lines(text[:limit_chars])


def _bounded(source: str, limits: Limits, problems: Problems) -> str:
    bounded = first_tags(source, limits.html_tags)
    if len(bounded) < len(source):
        problems.note(Problem.TEXT_CUT)
    return bounded


def _choose(
    raw: bytes, part: Part, division: Division, in_multipart: str, place: int, *, with_html: bool = False
) -> list[Part]:
    if not part.children:
        if not _is_text(part, in_multipart, place):
            division.attached.append(part)
            return []
        division.has_html = division.has_html or part.content_type == "text/html"
        return [part]
    kind = part.content_type.partition("/")[2]
    branches = [_choose(raw, child, division, kind, i, with_html=with_html) for i, child in enumerate(part.children)]
    if kind != "alternative":
        return [leaf for branch in branches for leaf in branch]
    full = [branch for branch in branches if any(raw[leaf.start : leaf.end].strip() for leaf in branch)]
    if with_html:
        wanted = (branch for branch in reversed(full) if any(leaf.content_type == "text/html" for leaf in branch))
    else:
        wanted = (branch for branch in full if any(leaf.content_type != "text/html" for leaf in branch))
    return next(wanted, None) or next(reversed(full), [])


def _is_text(leaf: Part, in_multipart: str, place: int) -> bool:
    """RFC 8621 §4.1.4's isInline, for text: a named text that is not the first is a file."""
    if leaf.disposition == "attachment":
        return False
    if leaf.content_type not in ("text/plain", "text/html"):
        # RFC 2046 §4.1.4: an unknown kind of text is read as plain, if it is all there is.
        return not in_multipart and leaf.maintype == "text" and not file_name(leaf)
    return place == 0 or (in_multipart != "related" and not file_name(leaf))


def header_text(part: Part, name: str) -> str:
    """A field of the part's header, raw 8-bit decoded."""
    return decode_header_bytes(part.headers.first(name))


def file_name(part: Part) -> str:
    """As the mail says it; "" where it says none. filename counts more than name (RFC 2183 §2.3)."""
    return part.disposition_parameters.get("filename", "") or part.parameters.get("name", "")
