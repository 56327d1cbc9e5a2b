"""The search box's language, as far as a syncer uses it (facts/gmail.md 1.2), turned into SQL conditions."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

_TERM = re.compile(r'(-?)(?:([a-z0-9_]+):)?("[^"]*"|\S+)', re.IGNORECASE)
_AGE = re.compile(r"(\d{1,6})([dmyh])")
_DAY = re.compile(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})")
_AGE_MS = {"h": 3_600_000, "d": 86_400_000, "m": 30 * 86_400_000, "y": 365 * 86_400_000}
_PLACES = {"inbox": "INBOX", "sent": "SENT", "drafts": "DRAFT", "draft": "DRAFT", "spam": "SPAM", "trash": "TRASH"}
_STATES = {"unread": "UNREAD", "starred": "STARRED", "important": "IMPORTANT"}
_HAS_LABEL = (
    "exists (select 1 from message_labels l where l.account_id = m.account_id and l.message_id = m.id "
    "and l.label_id = ?)"
)


@dataclass(slots=True)
class Conditions:
    """sql: with one ? per value. anywhere: SPAM and TRASH belong to the result, too."""

    sql: list[str] = field(default_factory=list)
    values: list[object] = field(default_factory=list)
    anywhere: bool = False

    def add(self, sql: str, *values: object) -> None:
        self.sql.append(sql)
        self.values += values


def conditions(query: str, now_ms: int) -> Conditions:
    """All terms hold together. m is the messages table. Words without an operator are sought in subject and snippet."""
    found = Conditions()
    for match in _TERM.finditer(query):
        term = Conditions()
        _add_term(term, (match[2] or "").lower(), match[3].strip('"'), now_ms)
        found.anywhere = found.anywhere or term.anywhere
        if term.sql:
            found.add(f"{'not ' if match[1] else ''}({' and '.join(term.sql)})", *term.values)
    return found


def _add_term(term: Conditions, operator: str, value: str, now_ms: int) -> None:
    match operator:
        case "in" if value.lower() == "anywhere":
            term.anywhere = True
        case "in" | "label":
            label = _PLACES.get(value.lower(), value)
            term.anywhere = label in ("SPAM", "TRASH")
            term.add(f"({_HAS_LABEL} or {_HAS_LABEL.replace('= ?', '= upper(?)')})", label, label)
        case "is" if value.lower() == "read":
            term.add(f"not {_HAS_LABEL}", "UNREAD")
        case "is":
            term.add(_HAS_LABEL, _STATES.get(value.lower(), value.upper()))
        case "rfc822msgid":
            term.add("m.rfc822_id = ?", value.strip("<>"))
        case "from" | "to" | "subject":
            column = {"from": "m.from_text", "to": "m.to_text", "subject": "lower(m.subject)"}[operator]
            term.add(f"instr({column}, ?) > 0", value.casefold())
        case "after" | "newer" if (at_ms := _moment_ms(value)) is not None:
            # "after: filters internalDate with second granularity"; the value is whole seconds
            term.add("m.internal_date_ms >= ?", at_ms)
        case "before" | "older" if (at_ms := _moment_ms(value)) is not None:
            term.add("m.internal_date_ms < ?", at_ms)
        case "newer_than" | "older_than" if age := _AGE.fullmatch(value.lower()):
            sign = ">=" if operator == "newer_than" else "<"
            term.add(f"m.internal_date_ms {sign} ?", now_ms - int(age[1]) * _AGE_MS[age[2]])
        case _:
            term.add("(instr(lower(m.subject), ?) > 0 or instr(lower(m.snippet), ?) > 0)", *[value.casefold()] * 2)


def _moment_ms(value: str) -> int | None:
    """Seconds since 1970, or a day (at UTC: whose midnight Google means is the user's setting)."""
    if value.isdecimal():
        return int(value[:15]) * 1000
    if not (day := _DAY.fullmatch(value)):
        return None
    try:
        return int(datetime(int(day[1]), int(day[2]), int(day[3]), tzinfo=UTC).timestamp() * 1000)
    except ValueError:
        return None
