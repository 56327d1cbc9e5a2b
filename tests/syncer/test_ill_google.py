"""A Google that answers 200 and is ill all the same: through the real engine, nothing is lost and nothing goes round."""

from collections.abc import Callable

import pytest
from followed_mailbox import Followed

from crm_store.rules.connection import padded_cursor
from syncer.history import catch_up

GET, HISTORY, LIST = "gmail.users.messages.get", "gmail.users.history.list", "gmail.users.messages.list"
PROFILE, ALIASES = "gmail.users.getProfile", "gmail.users.settings.sendAs.list"

# What Google does is the same on both databases; what a database may not take, PostgreSQL refuses most of.
pytestmark = pytest.mark.parametrize("followed_settings", ["postgresql"], indirect=True, scope="module")


def ill(mailbox: Followed, method: str, body: object, **how: object) -> None:
    mailbox.sandbox.fault(method, account=mailbox.email, status=200, body=body, **how)


def run_until_synced(mailbox: Followed) -> int:
    """With time going by; how many runs failed before."""
    for failed in range(20):
        begun_at_ms = mailbox.now_ms()
        if mailbox.run_once() and (mailbox.row.last_synced_at_ms or 0) >= begun_at_ms:
            return failed
        mailbox.later(900)
    raise AssertionError("it never recovers")


@pytest.mark.parametrize(
    ("method", "body"),
    [
        pytest.param(HISTORY, {"historyId": "9", "history": "all of it"}, id="history is a text"),
        pytest.param(HISTORY, {"nextPageToken": {"page": 2}}, id="a page's name is an object"),
        pytest.param(HISTORY, {"nextPageToken": "\0"}, id="a page's name that no database takes"),
        pytest.param(HISTORY, {"error": {"code": 500}}, id="an error that says 200"),
        pytest.param(HISTORY, {"historyId": "1"}, id="history of long ago"),
        pytest.param(HISTORY, {"historyId": "9", "history": [{"messagesAdded": [{"message": 7}]}]}, id="a record"),
        pytest.param(LIST, {"messages": 7}, id="the list is a number"),
        pytest.param(LIST, {"messages": [{"id": "\0"}, {}, 7]}, id="ids that no database takes"),
        pytest.param(GET, {"id": "another"}, id="another message"),
        pytest.param(GET, {"payload": 7}, id="a message without an id"),
        pytest.param(PROFILE, {"emailAddress": "\0", "historyId": "9"}, id="an address that no database takes"),
        pytest.param(PROFILE, {}, id="a profile of nothing"),
        pytest.param(ALIASES, {"sendAs": [{"sendAsEmail": "\0", "verificationStatus": "accepted"}, 7]}, id="aliases"),
    ],
)
def test_an_answer_of_the_wrong_shape_loses_nothing(ani_followed: Followed, method, body):
    budi = ani_followed.contact("budi")
    email = ani_followed.row.email
    ani_followed.later(3600)  # so that the list is compared, too
    ill(ani_followed, method, body)
    for number in range(3):
        ani_followed.deliver(budi, subject=f"surat {number}")
    run_until_synced(ani_followed)
    ani_followed.later(3600)
    run_until_synced(ani_followed)
    assert sorted(ani_followed.subjects()) == ["surat 0", "surat 1", "surat 2"]
    assert ani_followed.told() == (3, 3, 0, 0, 0)
    assert (ani_followed.row.state, ani_followed.row.email) == ("active", email)


def test_a_history_id_that_was_never_true_does_no_lasting_harm(ani_followed: Followed):
    """It is ahead of the mailbox, so that Google calls it expired for ever after."""
    budi = ani_followed.contact("budi")
    ill(ani_followed, HISTORY, {"historyId": str(2**63)})
    ani_followed.sync()
    assert ani_followed.mailbox.cursor == padded_cursor(2**63)
    for number in range(2):
        ani_followed.deliver(budi, subject=f"surat {number}")
        ani_followed.sync()
    assert ani_followed.subjects() == ["surat 0", "surat 1"]
    ani_followed.sandbox.forget_calls()
    ani_followed.later(1)
    ani_followed.run_once()
    assert (ani_followed.sandbox.calls(HISTORY, ani_followed.email), ani_followed.mailbox.pinned_cursor) == (1, None)
    assert ani_followed.mailbox.cursor < padded_cursor(2**63)


def test_history_without_an_end_is_answered_by_the_list(ani_followed: Followed, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(catch_up, "MOST_PAGES", 3)
    budi = ani_followed.contact("budi")
    for page in range(3):
        ill(ani_followed, HISTORY, {"nextPageToken": f"page {page}"}, nth=page + 1)
    ani_followed.deliver(budi, subject="surat")
    ani_followed.sync()
    assert ani_followed.subjects() == ["surat"]
    assert ani_followed.mailbox.pinned_cursor is None


@pytest.mark.parametrize("method", [HISTORY, LIST])
def test_a_page_that_comes_after_itself_is_not_read_for_ever(ani_followed: Followed, method: str):
    budi = ani_followed.contact("budi")
    ani_followed.deliver(budi, subject="surat")
    ani_followed.later(3600)
    ill(ani_followed, method, {"nextPageToken": "again", "messages": [{"id": "1f"}], "history": []}, times=0)
    ani_followed.sandbox.forget_calls()
    for _ in range(3):
        ani_followed.run_once()
    assert ani_followed.sandbox.calls(method, ani_followed.email) <= 6
    assert ani_followed.mailbox.next_run_at_ms > ani_followed.now_ms()
    ani_followed.sandbox.as_ever()
    ani_followed.later(3600)
    run_until_synced(ani_followed)
    assert ani_followed.subjects() == ["surat"]


def test_what_is_ill_at_one_account_is_none_of_the_others(followed: Callable[..., Followed]):
    ani, bagus = followed("ani"), followed("bagus")
    for one in (ani, bagus):
        one.connect()
        one.sync()
    ill(ani, HISTORY, {"nextPageToken": []}, times=0)
    ill(ani, GET, [], times=0)
    bagus.deliver(bagus.contact("budi"), subject="surat")
    ani.run_once()
    bagus.sync()
    assert bagus.subjects() == ["surat"]
