"""Answers that no Google would give: whoever is in its place gets neither our memory nor our time, nor our secrets."""

import gzip
import json
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import pytest
from connected_account import SEALER
from ill_google import JSON, IllGoogle

from crm_store import connection_work
from crm_store.connection_work import MailboxAccess
from crm_store.errors import Permanent
from crm_store.settings import Settings, load
from syncer.errors import Unreachable
from syncer.gmail import token_endpoint, transport
from syncer.gmail import watch as ending_of_watches
from syncer.gmail.client import GmailMailbox
from syncer.gmail.people import GooglePeople
from syncer.gmail.quota import Budgets
from syncer.gmail.revoke import revoke

GZIP = f"{JSON}Content-Encoding: gzip\r\n"
DEEP = b"[" * 200_000
SINCE = f"{7:020d}"


@pytest.fixture
def ill() -> Iterator[IllGoogle]:
    server = IllGoogle()
    yield server
    server.close()


@pytest.fixture
def settings(ill: IllGoogle) -> Settings:
    return load({f"SUNNYDAY_GOOGLE_{name}_URL": ill.url for name in ("GMAIL", "PEOPLE", "TOKEN", "REVOKE")})


def access(**tokens: object) -> MailboxAccess:
    signed_in = {"access_token": "access", "access_token_until_ms": 2_000_000_000_000, **tokens}
    return MailboxAccess(
        connection_id=1,
        epoch=1,
        user_id=1,
        location_id=1,
        email="ani@gmail.test",
        scopes=frozenset(),
        first_cursor=SINCE,
        began_at_ms=0,
        import_contacts=True,
        last_sync=False,
        refresh_token="refresh",
        **signed_in,  # type: ignore[arg-type]  # one dict for two columns
    )


@pytest.fixture
def mailbox(settings: Settings) -> GmailMailbox:
    return GmailMailbox(access(), settings, SEALER, Budgets())


@pytest.fixture
def unsigned(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> GmailMailbox:
    """Its access token is over: the token endpoint is asked first."""
    monkeypatch.setattr(connection_work, "keep_access_token", lambda *_: True)
    return GmailMailbox(access(access_token=None), settings, SEALER, Budgets())


def fetch(mailbox: GmailMailbox) -> object:
    with mailbox.fetch("1") as mail:
        return mail


CALLS: dict[str, Callable[[GmailMailbox], object]] = {
    "profile": lambda one: one.profile(),
    "history": lambda one: one.history(SINCE, None),
    "list": lambda one: one.list(None, None),
    "look": lambda one: one.look("1"),
    "fetch": fetch,
    "watch": lambda one: one.watch("topic"),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("body", "head"),
    [
        pytest.param(b"<html>Sign in to the network</html>", "Content-Type: text/html\r\n", id="a page"),
        pytest.param(b"", JSON, id="nothing"),
        pytest.param(b"[]", JSON, id="a list"),
        pytest.param(b"null", JSON, id="null"),
        pytest.param(b'{"historyId": 1', JSON, id="half of it"),
        pytest.param(DEEP, JSON, id="200,000 brackets"),
        pytest.param(b'{"a": %s}' % (b"9" * 5000), JSON, id="a number of 5,000 digits"),
        pytest.param(b"\xff\xfe\x00", JSON, id="no UTF-8"),
        pytest.param(b"no gzip", GZIP, id="gzip that is none"),
        pytest.param(gzip.compress(b'{"messages": []}')[:-14], GZIP, id="gzip that is cut"),
    ],
)
def test_an_answer_that_is_none_is_waited_for(ill: IllGoogle, mailbox: GmailMailbox, call: str, body: bytes, head: str):
    ill.says(body, head)
    with pytest.raises(Unreachable):
        CALLS[call](mailbox)


@pytest.mark.parametrize("status", ["200 OK", "503 Service Unavailable", "429 Too Many Requests"])
@pytest.mark.parametrize("call", ["history", "fetch"])
def test_what_unpacks_without_end_is_not_unpacked(
    ill: IllGoogle, mailbox: GmailMailbox, call: str, status: str, monkeypatch: pytest.MonkeyPatch
):
    """A piece at a time, and no further than the bound: of 100 MB that came in 100 KB."""
    monkeypatch.setattr(transport, "_MAX_ANSWER_BYTES", 1_000_000)
    ill.says(bomb(), GZIP, status)
    with memory_of_less_than(10_000_000), pytest.raises(Unreachable):
        CALLS[call](mailbox)


@cache
def bomb() -> bytes:
    return gzip.compress(b" " * 100_000_000, 1)


@contextmanager
def memory_of_less_than(most_bytes: int) -> Iterator[None]:
    """At its peak; CPython's own."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most_bytes
    finally:
        tracemalloc.stop()


def in_drops(body_bytes: int) -> list[bytes]:
    head = f"HTTP/1.1 200 OK\r\n{JSON}Content-Length: {body_bytes}\r\n\r\n"
    return [head.encode(), *([b" "] * body_bytes)]


@pytest.mark.parametrize("call", ["history", "fetch"])
def test_an_answer_in_drops_is_not_read_to_its_end(
    ill: IllGoogle, mailbox: GmailMailbox, call: str, monkeypatch: pytest.MonkeyPatch
):
    for name in ("_ANSWER_WITHIN_S", "_MAIL_WITHIN_S"):
        monkeypatch.setattr(transport, name, 0.05)
    ill.answer, ill.pause_s = in_drops(300), 0.01
    with pytest.raises(Unreachable):
        CALLS[call](mailbox)
    assert ill.told < 300


def test_a_token_in_drops_is_not_waited_for(ill: IllGoogle, settings: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ending_of_watches, "_TIMEOUT_S", 0.05)
    ill.answer, ill.pause_s = in_drops(300), 0.01
    push = {f"google_pubsub_{name}": name for name in ("topic", "audience", "account")}
    pushed = settings.model_copy(update=push)
    assert pushed.asks_for_pushes
    ending_of_watches.stop_watch(pushed, "refresh")
    revoke(settings, "refresh")
    assert ill.told < 300 * len(ill.asked)


def test_a_token_without_end_is_not_read(ill: IllGoogle, unsigned: GmailMailbox, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(token_endpoint, "_MAX_ANSWER_BYTES", 1000)
    ill.says(b'{"access_token": "%s"}' % (b"x" * 5000))
    with pytest.raises(Unreachable):
        unsigned.profile()


@pytest.mark.parametrize(
    "told",
    [
        pytest.param([], id="a list"),
        pytest.param("token", id="a text"),
        pytest.param({"access_token": {}}, id="a token that is no text"),
        pytest.param({"access_token": "a\r\nX: b"}, id="a token with a line break"),
        pytest.param({"access_token": ""}, id="an empty token"),
        pytest.param({"access_token": "a", "expires_in": "soon"}, id="no time"),
        pytest.param({"access_token": "a", "expires_in": 1e300}, id="a time beyond all"),
        pytest.param({"access_token": "a", "expires_in": []}, id="a time that is a list"),
    ],
)
def test_a_token_that_is_none_is_waited_for(ill: IllGoogle, unsigned: GmailMailbox, told: object):
    ill.says(json.dumps(told).encode())
    with pytest.raises(Unreachable):
        unsigned.profile()


def test_secrets_are_not_taken_elsewhere(ill: IllGoogle, settings: Settings, unsigned: GmailMailbox):
    """Neither the client's secret nor a refresh token follows a redirect, even one that keeps the method."""
    elsewhere = IllGoogle()
    ill.says(b"", f"Location: {elsewhere.url}\r\n", "307 Temporary Redirect")
    for ask in (unsigned.profile, lambda: revoke(settings, "refresh")):
        with pytest.raises(Unreachable):
            ask()
    assert elsewhere.asked == []
    elsewhere.close()


def test_what_one_account_is_given_to_remember_no_other_is_asked_with(ill: IllGoogle, mailbox: GmailMailbox):
    ill.says(b'{"historyId": "1"}', f"{JSON}Set-Cookie: account=ani; Path=/\r\n")
    mailbox.profile()
    mailbox.profile()
    assert not any(b"cookie" in one.lower() for one in ill.asked)


@pytest.mark.parametrize("gmail_id", ["../profile", "1?alt=media", "1#", "%2e%2e", "a b", "..", "{id}", "'\"<"])
def test_an_id_stays_in_its_place_in_the_url(ill: IllGoogle, mailbox: GmailMailbox, gmail_id: str):
    ill.says(json.dumps({"id": gmail_id}).encode())
    assert mailbox.look(gmail_id).gmail_id == gmail_id
    path = ill.asked[-1].split()[1].partition(b"?")[0]
    assert path.count(b"/") <= 6


@pytest.mark.parametrize("call", ["history", "list"])
def test_a_page_that_comes_after_itself_is_no_answer(ill: IllGoogle, mailbox: GmailMailbox, call: str):
    ill.says(b'{"nextPageToken": "again", "historyId": "9"}')
    pages: dict[str, Callable[[str | None], object]] = {
        "history": lambda page: mailbox.history(SINCE, page),
        "list": lambda page: mailbox.list(None, page),
    }
    assert pages[call](None)
    with pytest.raises(Unreachable):
        pages[call]("again")


def test_a_page_of_contacts_that_comes_after_itself_begins_anew(ill: IllGoogle, settings: Settings):
    ill.says(b'{"nextPageToken": "again"}')
    contacts = GooglePeople(access(), settings, SEALER)
    assert contacts.page(None, None).next_page == "again"
    with pytest.raises(Permanent):
        contacts.page(None, "again")
