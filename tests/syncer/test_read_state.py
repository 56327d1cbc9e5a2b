"""B14: read state both ways, where the location switches it on. The real engine, over HTTP, against the sandbox."""

from collections.abc import Callable

import pytest
from followed_mailbox import Followed
from mails import a_mail
from true_counts import assert_counts_are_true

from crm_store import connection_work, connections, conversations, locations, members, read_wishes
from crm_store.models.mailboxes import ReadWish
from crm_store.paging import PageRequest
from crm_store.rules.connection import ConnectionProblem
from syncer.history import mark_read
from syncer.history.run import run

# What is about Google alone: the rows are the same on both.
ONE_DATABASE = pytest.mark.parametrize("followed_settings", ["sqlite"], indirect=True, scope="module")
MODIFY, BATCH = "gmail.users.messages.modify", "gmail.users.messages.batchModify"


def switch(mailbox: Followed, *, on: bool) -> None:
    locations.change(mailbox.access, mailbox.location_id, {"read_state_sync": on}, now_ms=mailbox.now_ms())


@pytest.fixture
def ani(ani_followed: Followed) -> Followed:
    switch(ani_followed, on=True)
    return ani_followed


def label(mailbox: Followed, gmail_id: str, *, add: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> None:
    change = {"add": list(add), "remove": list(remove)}
    mailbox.sandbox.ask("POST", f"/accounts/{mailbox.email}/messages/{gmail_id}/labels", change)


def unread(mailbox: Followed) -> int:
    """Of all conversations; and that their entries say the same."""
    assert_counts_are_true()
    tabs = conversations.list_for(mailbox.access, mailbox.location_id, PageRequest(), contact_id=None).items
    return sum(tab.unread for tab in tabs)


def read_all(mailbox: Followed, by: Followed | None = None) -> None:
    access = (by or mailbox).access
    for tab in conversations.list_for(access, mailbox.location_id, PageRequest(), contact_id=None).items:
        conversations.mark_read(access, tab.id, now_ms=mailbox.now_ms())


def unread_in_gmail(mailbox: Followed) -> set[str]:
    return {one["id"] for one in mailbox.sandbox.messages(mailbox.email) if "UNREAD" in one["label_ids"]}


def wishes(mailbox: Followed) -> int:
    return ReadWish.select().where(ReadWish.mailbox_id == mailbox.mailbox.id).count()


def marks(mailbox: Followed) -> int:
    return mailbox.sandbox.calls(MODIFY, mailbox.email) + mailbox.sandbox.calls(BATCH, mailbox.email)


def synced(mailbox: Followed, *, after_s: float = 0) -> None:
    mailbox.later(after_s)
    mailbox.sync()


def test_what_is_read_in_gmail_is_read_here_and_unread_again(ani: Followed):
    first, second = (ani.deliver(ani.contact("budi"), subject=word) for word in ("satu", "dua"))
    ani.sync()
    assert unread(ani) == 2
    for change, left in (
        ({"remove": ("UNREAD",)}, 1),
        ({"add": ("UNREAD",)}, 2),
        ({"remove": ("UNREAD",)}, 1),
    ):
        label(ani, first, **change)
        ani.sync()
        ani.sync()
        assert unread(ani) == left
    read_all(ani)
    label(ani, second, remove=("UNREAD",))
    ani.sync()
    label(ani, first, add=("UNREAD",))
    ani.sync()
    assert unread(ani) == 1, "marked unread anew, though all of it had been read here"


@ONE_DATABASE
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"remove": ("INBOX",)}, id="archived"),
        pytest.param({"add": ("TRASH",), "remove": ("INBOX",)}, id="deleted"),
        pytest.param({"add": ("SPAM",), "remove": ("INBOX",)}, id="spam"),
        pytest.param({"add": ("STARRED", "IMPORTANT", "CATEGORY_PROMOTIONS")}, id="other labels"),
    ],
)
def test_what_else_happens_in_gmail_changes_nothing_here(ani: Followed, change):
    gmail_id = ani.deliver(ani.contact("budi"), subject="Tetap")
    ani.sync()
    label(ani, gmail_id, **change)
    ani.sync()
    assert (ani.subjects(), unread(ani)) == (["Tetap"], 1)


def test_what_was_read_before_it_was_recorded_is_read(ani: Followed):
    budi = ani.contact("budi")
    ani.deliver(budi, "INBOX")
    ani.deliver(budi, "INBOX", "UNREAD")
    ani.sync()
    assert unread(ani) == 1


@ONE_DATABASE
def test_without_the_switch_neither_side_learns_of_the_other(ani: Followed):
    switch(ani, on=False)
    gmail_id = ani.deliver(ani.contact("budi"))
    ani.deliver(ani.contact("citra"), "INBOX")
    ani.sync()
    label(ani, gmail_id, remove=("UNREAD",))
    ani.sync()
    assert unread(ani) == 2
    label(ani, gmail_id, add=("UNREAD",))
    read_all(ani)
    ani.sync()
    assert (unread(ani), unread_in_gmail(ani), wishes(ani)) == (0, {gmail_id}, 0)


@pytest.mark.parametrize("many", [3, 12], ids=["each by itself", "in one call"])
def test_what_is_read_here_is_marked_in_gmail_once(ani: Followed, many: int):
    """And it comes back by history, and changes nothing: no ping-pong."""
    budi = ani.contact("budi")
    for number in range(many):
        ani.deliver(budi, subject=f"surat {number}")
    ani.sync()
    ani.sandbox.forget_calls()
    read_all(ani)
    assert (marks(ani), wishes(ani)) == (0, many), "the request asks Google nothing"
    assert ani.mailbox.next_run_at_ms <= ani.now_ms() + 2_000
    synced(ani)
    assert (unread_in_gmail(ani), wishes(ani)) == (set(), 0)
    asked = (ani.sandbox.calls(MODIFY, ani.email), ani.sandbox.calls(BATCH, ani.email))
    assert asked == ((3, 0) if many == 3 else (0, 1))
    for _ in range(2):
        ani.sync()
    assert (marks(ani), unread(ani)) == (sum(asked), 0)


def test_of_one_mail_in_two_mailboxes_the_readers_own_is_marked(followed: Callable[..., Followed]):
    ani = followed("ani")
    bagus = followed("bagus", ani.location_id)
    budi = ani.contact("budi")
    for one in (ani, bagus):
        one.connect()
        one.sync()
    switch(ani, on=True)
    raw = a_mail(budi, to=ani.email, cc=bagus.email, subject="Untuk berdua", message_id=f"<berdua.{budi}>")
    of_ani, of_bagus = (str(one.sandbox.deliver(one.email, raw)["id"]) for one in (ani, bagus))
    for one in (ani, bagus):
        one.sync()
    assert (ani.subjects(), unread(ani)) == (["Untuk berdua"], 1)
    read_all(ani, by=bagus)
    for one in (ani, bagus):
        one.sync()
    assert (unread_in_gmail(ani), unread_in_gmail(bagus)) == ({of_ani}, set())
    label(bagus, of_bagus, add=("UNREAD",))
    bagus.sync()
    assert unread(ani) == 1
    label(ani, of_ani, remove=("UNREAD",))
    ani.sync()
    assert (unread(ani), unread_in_gmail(bagus)) == (0, {of_bagus})


def test_mail_from_before_connecting_is_left_alone(ani: Followed):
    """Also what an earlier connection of the same account recorded; and Disconnect drops what waits."""
    budi = ani.contact("budi")
    before = ani.deliver(budi, subject="dulu")
    ani.sync()
    read_all(ani)
    old_mailbox = ani.mailbox.id
    connections.disconnect(ani.access, ani.place_id, ani.engine.sealer, now_ms=ani.now_ms())
    assert not ReadWish.select().where(ReadWish.mailbox_id == old_mailbox).exists()
    ani.connect()
    ani.sync()
    label(ani, before, remove=("UNREAD",))
    label(ani, before, add=("UNREAD",))
    after = ani.deliver(budi, subject="sesudah")
    ani.sync()
    assert unread(ani) == 1
    read_all(ani)
    ani.sync()
    assert unread_in_gmail(ani) == {before}
    assert after not in unread_in_gmail(ani)


@pytest.mark.parametrize("what", ["switched off", "left the location", "unread in Gmail since"])
def test_a_wish_that_is_none_any_more_is_dropped(ani: Followed, followed: Callable[..., Followed], what: str):
    gmail_id = ani.deliver(ani.contact("budi"))
    ani.sync()
    read_all(ani)
    ani.sandbox.forget_calls()
    if what == "switched off":
        switch(ani, on=False)
    elif what == "left the location":
        chief = followed("chief", ani.location_id)
        members.remove(chief.access, ani.location_id, ani.user_id, now_ms=ani.now_ms())
    else:
        label(ani, gmail_id, remove=("UNREAD",))
        label(ani, gmail_id, add=("UNREAD",))
    ani.sync()
    assert (marks(ani), wishes(ani), unread_in_gmail(ani)) == (0, 0, {gmail_id})


@ONE_DATABASE
@pytest.mark.parametrize("many", [2, 12], ids=["each by itself", "in one call"])
def test_what_is_gone_in_gmail_is_done_and_holds_up_nothing(ani: Followed, many: int):
    budi = ani.contact("budi")
    ids = [ani.deliver(budi) for _ in range(many)]
    ani.sync()
    read_all(ani)
    ani.sandbox.fault(BATCH, account=ani.email, status=404, reason="notFound")
    ani.sandbox.ask("DELETE", f"/accounts/{ani.email}/messages/{ids[0]}")
    for _ in range(2):
        synced(ani, after_s=30)
    assert (wishes(ani), unread_in_gmail(ani)) == (0, set())


@ONE_DATABASE
@pytest.mark.parametrize(
    ("fault", "left", "problem"),
    [
        pytest.param({"status": 403, "reason": "insufficientPermissions"}, 0, "read_state_permission", id="no scope"),
        pytest.param({"status": 400, "reason": "invalidArgument"}, 0, None, id="our fault"),
        pytest.param({"status": 503, "reason": "backendError"}, 1, None, id="Google is ill"),
    ],
)
def test_where_google_refuses_mail_is_followed_all_the_same(ani: Followed, fault, left, problem):
    budi = ani.contact("budi")
    ani.deliver(budi, subject="satu")
    ani.sync()
    read_all(ani)
    ani.sandbox.forget_calls()
    ani.sandbox.fault(MODIFY, account=ani.email, times=1000, **fault)
    for number in range(2):
        ani.deliver(budi, subject=f"baru {number}")
        synced(ani, after_s=1)
    assert (len(ani.subjects()), wishes(ani), marks(ani)) == (3, left, 1), "it is put off, and no loop"
    view = connections.get(ani.access, ani.place_id, now_ms=ani.now_ms())
    assert (view.state, view.problem) == ("active", problem)
    if problem is None:
        return
    read_all(ani)
    ani.sync()
    assert (wishes(ani), marks(ani)) == (0, 1)
    ani.sandbox.as_ever()
    ani.connect(update=ani.place_id)  # signs in again
    again = ani.deliver(budi, subject="lagi")
    ani.sync()
    read_all(ani)
    ani.sync()
    view = connections.get(ani.access, ani.place_id, now_ms=ani.now_ms())
    assert (wishes(ani), again in unread_in_gmail(ani), view.problem) == (0, False, None)


@ONE_DATABASE
def test_google_that_stays_ill_is_not_asked_for_ever(ani: Followed, monkeypatch):
    monkeypatch.setattr(mark_read, "MAX_TRIES", 3)
    ani.deliver(ani.contact("budi"))
    ani.sync()
    read_all(ani)
    ani.sandbox.forget_calls()
    ani.sandbox.fault(MODIFY, account=ani.email, times=1000, status=503, reason="backendError")
    for _ in range(5):
        synced(ani, after_s=3600)
    assert (wishes(ani), marks(ani)) == (0, 3)


@ONE_DATABASE
def test_a_limit_of_google_puts_off_all_and_a_wish_does_not_end_it(ani: Followed):
    for name in ("budi", "citra"):
        ani.deliver(ani.contact(name))
    ani.sync()
    first, second = conversations.list_for(ani.access, ani.location_id, PageRequest(), contact_id=None).items
    conversations.mark_read(ani.access, first.id, now_ms=ani.now_ms())
    ani.sandbox.fault(MODIFY, account=ani.email, status=429, headers={"Retry-After": "600"})
    assert not ani.run_once()
    until_ms = ani.mailbox.next_run_at_ms
    assert until_ms > ani.now_ms() + 500_000
    conversations.mark_read(ani.access, second.id, now_ms=ani.now_ms())
    assert (wishes(ani), ani.mailbox.next_run_at_ms) == (2, until_ms)
    synced(ani, after_s=700)
    assert (wishes(ani), unread_in_gmail(ani)) == (0, set())


@ONE_DATABASE
def test_a_run_that_lost_its_mailbox_marks_nothing_more(ani: Followed, monkeypatch):
    """A4: disconnected after the look at history, before anything is marked."""
    gmail_id = ani.deliver(ani.contact("budi"))
    ani.sync()
    read_all(ani)
    ring = ani.ring()
    taken = read_wishes.take

    def disconnect_and_take(held, limit, **more):
        connections.disconnect(ani.access, ani.place_id, ani.engine.sealer, now_ms=ani.now_ms())
        return taken(held, limit, **more)

    monkeypatch.setattr(read_wishes, "take", disconnect_and_take)
    assert not run(ani.engine, ring)
    assert unread_in_gmail(ani) == {gmail_id}


@ONE_DATABASE
def test_a_mailbox_that_is_away_gets_its_marks_when_it_is_back(ani: Followed):
    gmail_id = ani.deliver(ani.contact("budi"))
    ani.sync()
    connection_work.needs_reauth(ani.row.id, ani.row.epoch, ConnectionProblem.ACCESS_REVOKED)
    read_all(ani)
    assert (wishes(ani), unread_in_gmail(ani)) == (1, {gmail_id})
    ani.connect(update=ani.place_id)
    ani.sync()
    assert (wishes(ani), unread_in_gmail(ani)) == (0, set())
