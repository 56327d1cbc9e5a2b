"""What the engine needs of a mailbox, in words that are not Google's client's.

gmail id: what a mailbox calls one of its messages. history id: a moment in the mailbox's life, 20 digits here, so that
the order of texts is the order of numbers. label: INBOX, SENT, SPAM …"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

LIST_PAGE = 500  # ids of a page of list; Google gives no more
NO_HISTORY_ID = "0" * 20


@dataclass(frozen=True, slots=True)
class Named:
    """A message as history names it. labels: None where it does not tell them."""

    gmail_id: str
    thread_id: str | None = None
    labels: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message that got labels, or lost them."""

    message: Named
    changed: frozenset[str]


@dataclass(frozen=True, slots=True)
class HistoryRecord:
    """What happened at one moment; the kinds' order within it is not told."""

    added: Sequence[Named] = ()
    deleted: Sequence[Named] = ()
    labels_added: Sequence[Labelled] = ()
    labels_removed: Sequence[Labelled] = ()


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """next_page: None on the last page, and there alone is history_id: the moment up to which all was told; None where
    even that page does not say."""

    records: Sequence[HistoryRecord]
    next_page: str | None
    history_id: str | None


@dataclass(frozen=True, slots=True)
class ListPage:
    """Newest first. next_page: None on the last."""

    messages: Sequence[Named]
    next_page: str | None


@dataclass(frozen=True, slots=True)
class Profile:
    """email: the account's address by now."""

    email: str
    history_id: str


@dataclass(frozen=True, slots=True)
class Look:
    """What tells of a message without its content.

    history_id: of its latest change, or NO_HISTORY_ID. header: its fields, as bytes of mail; values may come decoded.
    received_at_ms: when Google took it, None where it does not tell."""

    gmail_id: str
    thread_id: str | None
    labels: frozenset[str]
    history_id: str
    received_at_ms: int | None
    header: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class WholeMail:
    """A message with its raw bytes."""

    look: Look
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """What Gmail says of a mail that it sends."""

    gmail_id: str


class RemoteMailbox(Protocol):
    """One account, signed in. A call is answered in bounded time, or raises what syncer/errors.py lists."""

    def wait_s(self) -> float:
        """How long until the user's budget allows another look; 0.0: now."""

    def backfill_wait_s(self) -> float:
        """The same for what a backfill and the read state ask: they leave live mail its part of the budget."""

    def profile(self) -> Profile: ...

    def aliases(self) -> Sequence[str]:
        """Verified addresses that the account sends as, beside its own."""

    def watch(self, topic: str) -> int:
        """Have the topic told of each change; until when, by Google's clock, in UTC ms. Raises: NotWatched."""

    def history(self, since: str, page: str | None) -> HistoryPage:
        """since: the same for all pages of one reading. Raises: CursorExpired."""

    def list(self, since_s: int | None, page: str | None) -> ListPage:
        """Spam and trash too. since_s: leave out what came before, roughly; None: all.

        Raises: Rejected where the page is known no more."""

    def look(self, gmail_id: str) -> Look:
        """Raises: Gone."""

    def mark_read(self, gmail_ids: Sequence[str]) -> None:
        """Up to a thousand, some of which may be so already. Safe to do twice. Raises: Gone, of one or any of them."""

    def fetch(self, gmail_id: str) -> AbstractContextManager[WholeMail]:
        """For the block; of the largest mails, one at a time is in memory. Raises: Gone."""

    def send_wait_s(self) -> float:
        """How long until the user's budget allows to send another mail; 0.0: now."""

    def send(self, raw: bytes, thread_id: str | None, going_on: Callable[[], None]) -> Accepted:
        """thread_id: the talk that it joins, in this mailbox. going_on: called before each part of a large one; what it
        raises stops it, and nothing was sent.

        Raises: MayBeDone where nobody knows; Gone where there is no such talk. After all but MayBeDone nothing was
        sent."""

    def list_sent(self, page: str | None) -> ListPage:
        """What the account sent, trash and spam too."""
