"""Header fields out of bytes (RFC 5322 §2.2), as stdlib's compat32 splits them, but more forgiving and by offsets."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from crm_store.mail.problems import Problem, Problems

_EOL = rb"(?:\r\n|\n|\r)"
_FIELD = re.compile(
    rb"([!-9;-~]++)[ \t]*+:[ \t]*+((?:[^\r\n]*+)(?:" + _EOL + rb"[ \t]++[^\r\n]*+)*+)(?:" + _EOL + rb"|\Z)"
)
_BLANK = re.compile(_EOL)
_LINE = re.compile(rb"[^\r\n]*+(?:" + _EOL + rb"|\Z)")
_PARAMETERS = re.compile(rb"(?:[a-zA-Z-]{1,40}(?:\*[0-9]{0,4}\*?)?[ \t]*+=[^\r\n]*+(?:" + _EOL + rb"|\Z))++")
_MBOX_FROM = re.compile(rb">?From [^\r\n]*+(?:" + _EOL + rb"|\Z)")
_END_OF_BLOCK = re.compile(rb"\r\n\r\n|\n\r?\n|\r\r(?!\n)")


@dataclass(frozen=True, slots=True)
class Headers:
    """fields: lower-case name → raw values, still folded, in the order of the mail."""

    fields: Mapping[str, list[bytes]] = field(default_factory=dict)

    def all(self, name: str) -> list[bytes]:
        """Every value of a field; name in lower case."""
        return self.fields.get(name, [])

    def first(self, name: str) -> bytes:
        """The first value; b"" where there is none."""
        values = self.fields.get(name)
        return values[0] if values else b""


def split(raw: bytes, start: int, end: int, limit_bytes: int, problems: Problems) -> tuple[Headers, int]:
    """The header block that begins at start, and the offset of the body behind it. Looks at limit_bytes at most."""
    fields: dict[str, list[bytes]] = {}
    stop = min(end, start + limit_bytes)
    at = mbox.end() if (mbox := _MBOX_FROM.match(raw, start, stop)) else start
    last = [b""]
    while at < stop:
        if match := _FIELD.match(raw, at, stop):
            last = fields.setdefault(match[1].lower().decode("ascii"), [])
            last.append(match[2])
        elif last[-1].endswith(b";") and (match := _PARAMETERS.match(raw, at, stop)):
            problems.note(Problem.BROKEN_HEADER)  # a folded field that lost its blank: Exchange's bounces
            last[-1] += b" " + match[0].rstrip()
        elif blank := _BLANK.match(raw, at, end):
            return Headers(fields), blank.end()
        elif not (match := _junk_line(raw, at, stop)) or not fields:
            # RFC 5322 has no body without an empty line before it; compat32 lets it begin here, too.
            problems.note(Problem.BROKEN_HEADER)
            return Headers(fields), at
        else:
            problems.note(Problem.BROKEN_HEADER)
        at = match.end()
    if stop == end:
        return Headers(fields), end
    problems.note(Problem.HEADER_CUT)
    behind = _END_OF_BLOCK.search(raw, max(start, stop - 2), end)
    return Headers(fields), behind.end() if behind else end


def _junk_line(raw: bytes, at: int, stop: int) -> re.Match[bytes] | None:
    """A line that is no field, in the midst of fields: a folded line that lost its blank, an mbox "From "."""
    if raw.startswith(b"--", at):  # the first delimiter of a multipart: the empty line is missing
        return None
    line = _LINE.match(raw, at, stop)
    return line if line and _FIELD.match(raw, line.end(), stop) else None
