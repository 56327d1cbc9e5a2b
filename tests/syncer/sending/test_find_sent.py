"""Looking for a mail in Sent by its token: what is a proof, and what is none."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from syncer.errors import CursorExpired, Gone
from syncer.remote import HistoryPage, HistoryRecord, ListPage, Look, Named
from syncer.sending.find_sent import MOST_LOOKS, Finding, find_sent

TOKEN = "a" * 32
BEGAN_MS = 1_795_000_000_000
SENT = frozenset({"SENT"})


@dataclass
class Box:
    """A mailbox in memory. history: ids of each page; None: it has expired. sent: ids of each page of the list."""

    history_pages: list[list[str]] | None = field(default_factory=list)
    sent_pages: list[list[str]] = field(default_factory=list)
    mails: dict[str, Look] = field(default_factory=dict)
    labels: frozenset[str] | None = None
    looks: list[str] = field(default_factory=list)

    def history(self, since: str, page: str | None) -> HistoryPage:
        if self.history_pages is None:
            raise CursorExpired("history")
        ids, next_page = _page(self.history_pages, page)
        records = [HistoryRecord(added=[Named(one, labels=self.labels)]) for one in ids]
        return HistoryPage(records, next_page, None if next_page else since)

    def list_sent(self, page: str | None) -> ListPage:
        ids, next_page = _page(self.sent_pages, page)
        return ListPage([Named(one) for one in ids], next_page)

    def look(self, gmail_id: str) -> Look:
        self.looks.append(gmail_id)
        if gmail_id not in self.mails:
            raise Gone("get")
        return self.mails[gmail_id]


def _page(pages: list[list[str]], page: str | None) -> tuple[list[str], str | None]:
    at = int(page or 0)
    return pages[at] if pages else [], str(at + 1) if at + 1 < len(pages) else None


def mail(gmail_id: str, *, labels=SENT, token: str = "b" * 32, at_ms: int = BEGAN_MS, header: bytes | None = None):
    told = f"To: x@y.example\r\nX-SunnyDay-Delivery: {token}\r\n\r\n".encode() if header is None else header
    return {gmail_id: Look(gmail_id, "t", labels, "0" * 20, at_ms, told)}


OLD = mail("old", at_ms=BEGAN_MS - 3_600_000)
OURS, OTHER = mail("ours", token=TOKEN), mail("other")


def boxes() -> Iterator[object]:
    yield pytest.param(Box([["other"], ["ours"]], [], OTHER | OURS), Finding("ours", True), id="in history, page 2")
    yield pytest.param(Box([], [["ours"]], OURS), Finding("ours", True), id="history lags, the list tells")
    yield pytest.param(Box(None, [["other"], ["ours"]], OTHER | OURS), Finding("ours", True), id="history expired")
    yield pytest.param(Box([], [], {}), Finding(None, True), id="nothing")
    yield pytest.param(Box([["other"]], [["other", "old"]], OTHER | OLD), Finding(None, True), id="others only")
    yield pytest.param(
        Box([["gone"]], [["old"]], OLD), Finding(None, False), id="one was deleted for good: it may have been it"
    )
    yield pytest.param(
        Box([["gone"]], [["old"]], OLD, labels=frozenset({"DRAFT"})),
        Finding(None, True),
        id="a draft that came and went",
    )
    yield pytest.param(
        Box([["ours"]], [], mail("ours", token=TOKEN, labels=frozenset({"INBOX"}))),
        Finding(None, True),
        id="a copy that was received",
    )
    yield pytest.param(
        Box([["bare"]], [], mail("bare", header=b"")), Finding(None, False), id="a look that tells nothing"
    )
    yield pytest.param(
        Box([], [["old"], ["ours"]], OLD | OURS), Finding(None, True), id="nothing older than the attempt is looked at"
    )


@pytest.mark.parametrize(("box", "expected"), list(boxes()))
def test_what_is_found_and_what_is_proven(box, expected):
    assert find_sent(box, TOKEN, since="1", began_at_ms=BEGAN_MS, going_on=lambda: None) == expected


def test_a_look_is_bounded_and_then_proves_nothing():
    ids = [f"m{number}" for number in range(MOST_LOOKS + 50)]
    box = Box([ids], [ids], {name: look for one in ids for name, look in mail(one).items()})
    found = find_sent(box, TOKEN, since="1", began_at_ms=BEGAN_MS, going_on=lambda: None)
    assert found == Finding(None, False)
    assert len(box.looks) == MOST_LOOKS


def test_no_message_is_looked_at_twice_and_the_lease_is_kept_for_each():
    kept = []
    box = Box([["other"]], [["other", "old"]], OTHER | OLD)
    find_sent(box, TOKEN, since="1", began_at_ms=BEGAN_MS, going_on=lambda: kept.append(1))
    assert box.looks == ["other", "old"]
    assert len(kept) == 2
