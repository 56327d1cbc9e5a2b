"""Entries as cards: what of each is shown on a page of many."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crm_store.entry_views import EntryView
from crm_store.rules.states import Direction
from crm_store.thread_views import ReadThread
from gateway.web.pages.conversations.entry_words import AUTOMATIC, MARKS, PATHS
from gateway.web.pages.conversations.folding import Folded, fold, shares
from gateway.web.pages.conversations.people import initials_of, named
from gateway.web.pages.reader import Reader

PAGE_OCTETS, MOST_OCTETS, QUOTED_OCTETS = 14_000, 4_000, 400


@dataclass(frozen=True, slots=True)
class Card:
    """day: the day separator above it; "" where it is of the same day as the card before.

    text: what its author wrote; of a mail that only quotes, or forwards, all of it. quoted: apart from that.
    to, cc, bcc: names, and how many more. marks: sentences."""

    view: EntryView
    is_out: bool
    at_ms: int
    day: str
    author: str
    initials: str
    to: tuple[list[str], int]
    cc: tuple[list[str], int]
    bcc: tuple[list[str], int]
    paths: str
    automatic: str
    marks: list[str]
    text: Folded
    quoted: Folded
    signature: Folded


@dataclass(frozen=True, slots=True)
class ThreadCards:
    """others: whether the conversation has more threads than this one."""

    thread: ReadThread
    cards: list[Card]


def of_threads(reader: Reader, threads: Sequence[ReadThread]) -> list[ThreadCards]:
    """The newest mails have the most room."""
    newest_first = [view for thread in threads for view in reversed(thread.entries)]
    sizes = [len(_own_text(view).encode()) for view in newest_first]
    room = dict(zip([view.id for view in newest_first], shares(sizes, PAGE_OCTETS, MOST_OCTETS), strict=True))
    return [ThreadCards(thread, list(_cards(reader, thread.entries, room))) for thread in threads]


def shown_at_ms(view: EntryView) -> int:
    """When it was sent, but never later than it came here."""
    return min(view.message.sent_at_ms or view.recorded_at_ms, view.recorded_at_ms)


def _cards(reader: Reader, entries: Sequence[EntryView], room: dict[int, int]) -> Iterator[Card]:
    before = ""
    for view in entries:
        day = reader.day(shown_at_ms(view))
        yield card(reader, view, room[view.id], QUOTED_OCTETS, "" if day == before else day)
        before = day


def card(reader: Reader, view: EntryView, octets: int, quoted_octets: int, day: str) -> Card:
    message = view.message
    author = message.author_name or message.author_address
    quoted = message.quoted_text if message.reply_text else ""
    return Card(
        view=view,
        is_out=view.direction is Direction.OUTBOUND,
        at_ms=shown_at_ms(view),
        day=day,
        author=author,
        initials=initials_of(author),
        to=named(message.to),
        cc=named(message.cc),
        bcc=named(message.bcc),
        paths=" + ".join(PATHS[path] for path in view.paths),
        automatic="" if view.automatic is None else reader.gettext(AUTOMATIC[view.automatic]),
        marks=[reader.gettext(MARKS[mark]) for mark in view.marks],
        text=fold(_own_text(view), octets),
        quoted=fold(quoted.strip(), quoted_octets),
        signature=fold(message.signature.strip(), quoted_octets) if message.reply_text else Folded("", is_cut=False),
    )


def _own_text(view: EntryView) -> str:
    return (view.message.reply_text or view.message.text).strip()
