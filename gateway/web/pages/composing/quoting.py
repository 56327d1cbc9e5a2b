"""How a mail that is answered or passed on stands below what is written, so that mail programs know it for a quote."""

from babel.dates import format_date, format_time

from crm_store.entry_views import MessageView, RecipientView
from gateway.web.pages.reader import Reader

MOST_QUOTED_CHARS = 50_000


def answered(reader: Reader, message: MessageView) -> str:
    """Each line behind a ">" (RFC 3676 §4.5), below who wrote when."""
    who = _named(message.author_name, message.author_address)
    if message.sent_at_ms is None:
        opening = reader.gettext("%(who)s wrote:", who=who)
    else:
        day, clock = _day_and_clock(reader, message.sent_at_ms)
        opening = reader.gettext("On %(day)s at %(clock)s, %(who)s wrote:", day=day, clock=clock, who=who)
    return "\n".join([opening, *(f"> {line}".rstrip() for line in _lines(message.text))])


def passed_on(reader: Reader, message: MessageView) -> str:
    """As Gmail writes it, whose block every mail program and our own reader know."""
    said = [
        (reader.gettext("From"), _named(message.author_name, message.author_address)),
        (reader.gettext("Date"), "" if message.sent_at_ms is None else reader.exactly(message.sent_at_ms)),
        (reader.gettext("Subject"), message.subject),
        (reader.gettext("To"), _all_named(message.to)),
        (reader.gettext("Cc"), _all_named(message.cc)),
    ]
    head = [f"{name}: {value}" for name, value in said if value]
    return "\n".join(["---------- Forwarded message ---------", *head, "", *_lines(message.text)])


def _day_and_clock(reader: Reader, at_ms: int) -> tuple[str, str]:
    at = reader.local(at_ms)
    return format_date(at, "full", locale=reader.locale), format_time(at, "HH:mm", locale=reader.locale)


def _lines(text: str) -> list[str]:
    return text[:MOST_QUOTED_CHARS].rstrip("\n").split("\n")


def _named(name: str, address: str) -> str:
    return f"{name} <{address}>" if name else address


def _all_named(people: list[RecipientView]) -> str:
    return ", ".join(_named(one.name, one.address) for one in people)
