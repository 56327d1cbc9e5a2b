"""Is a mail that may have left in Sent? Told by its token, as Gmail replaces its Message-ID (facts/gmail.md 0.7)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from crm_store import outbox_copies
from syncer.errors import CursorExpired, Gone
from syncer.remote import Look, Named, RemoteMailbox

MOST_LOOKS = 100  # at 20 units each: a third of a minute's
# How far a list's times, which are Google's, and ours may be apart.
_MARGIN_MS = 15 * 60_000


@dataclass(frozen=True, slots=True)
class Finding:
    """gmail_id: of the sent copy, None where there is none. looked_everywhere: then it is not there for certain."""

    gmail_id: str | None
    looked_everywhere: bool


def find_sent(
    remote: RemoteMailbox, token: str, *, since: str | None, began_at_ms: int, going_on: Callable[[], None]
) -> Finding:
    """since: the mailbox's history id before the attempt, which began then. going_on: called before each look.

    Raises: what syncer/errors.py lists, and what going_on raises."""
    search = _Search(remote, token, going_on)
    # Both, as history may lag behind (facts/gmail.md 1.1), and the list leaves out what was deleted for good.
    found = search.in_history(since) or search.in_list(began_at_ms - _MARGIN_MS)
    return Finding(found, looked_everywhere=search.is_whole)


class _Search:
    """is_whole: nothing was left out, and nothing was gone before it could be looked at."""

    def __init__(self, remote: RemoteMailbox, token: str, going_on: Callable[[], None]) -> None:
        self._remote, self._token, self._going_on = remote, token, going_on
        self._seen: set[str] = set()
        self.is_whole = True

    def in_history(self, since: str | None) -> str | None:
        """All that was added, and not by label: what was deleted since has none that it could be asked for by."""
        try:
            for named in self._added(since):
                look = self._look(named) if named.labels is None or "SENT" in named.labels else None
                if look is not None and self._is_it(look):
                    return look.gmail_id
        except CursorExpired:
            pass  # the list tells, as far as anything can
        return None

    def in_list(self, since_ms: int) -> str | None:
        """since_ms: older ones are of no interest."""
        for named in self._sent():
            look = self._look(named)
            if look is None:
                continue
            if self._is_it(look):
                return look.gmail_id
            if look.received_at_ms is not None and look.received_at_ms < since_ms:
                break
        return None

    def _added(self, since: str | None) -> Iterator[Named]:
        page, goes_on = None, since is not None
        while goes_on and since is not None:
            told = self._remote.history(since, page)
            yield from (named for record in told.records for named in record.added)
            page = told.next_page
            goes_on = page is not None

    def _sent(self) -> Iterator[Named]:
        page, goes_on = None, True
        while goes_on:
            told = self._remote.list_sent(page)
            yield from told.messages
            page = told.next_page
            goes_on = page is not None and self.is_whole

    def _look(self, named: Named) -> Look | None:
        """None: it was looked at before, or cannot be."""
        if named.gmail_id in self._seen:
            return None
        if len(self._seen) >= MOST_LOOKS:
            self.is_whole = False
            return None
        self._seen.add(named.gmail_id)
        self._going_on()
        try:
            look = self._remote.look(named.gmail_id)
        except Gone:
            self.is_whole = False  # it may have been this one
            return None
        self.is_whole &= bool(look.header.strip())
        return look

    def _is_it(self, look: Look) -> bool:
        """A copy that was received names it, too: by whoever got it, and by its author in this very message."""
        return "SENT" in look.labels and outbox_copies.token_of(look.header) == self._token
