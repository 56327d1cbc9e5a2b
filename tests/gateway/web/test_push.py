"""POST /push/gmail over HTTP: believed, it makes a mailbox due, and whatever else comes does nothing."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from connected_account import connection_of
from key_server import ACCOUNT, AUDIENCE, bearer, serving_keys

from crm_store import connection_work, connections, mailboxes
from crm_store.access import Access
from crm_store.bell import Bell, of_syncer
from crm_store.clock import now_ms
from crm_store.database.session import connected
from crm_store.mailboxes import Held, Ring
from crm_store.models.connections import Connection
from crm_store.models.mailboxes import Mailbox
from crm_store.models.pushes import MailboxWatch
from crm_store.settings import Settings, load
from gateway.web.app import make_app

EMAIL = "ani@gmail.test"
HOUR_MS = 3_600_000
ONE_DATABASE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


def settings_of(certs_url: str, data: Path) -> Settings:
    return load(
        {
            "SUNNYDAY_DATA": str(data),
            "SUNNYDAY_GOOGLE_CERTS_URL": certs_url,
            "SUNNYDAY_GOOGLE_PUBSUB_ACCOUNT": ACCOUNT,
            "SUNNYDAY_GOOGLE_PUBSUB_AUDIENCE": AUDIENCE,
        }
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("push")


@pytest.fixture(scope="module")
def served(serve, data):
    with serving_keys() as keys:
        yield serve(make_app(settings_of(keys.url, data)))


@pytest.fixture
def crm(served, settings):
    return served


@dataclass
class Polled:
    """A mailbox that was looked at, and is to be again in an hour."""

    row_id: int
    begun_at_ms: int = 0
    held: Held | None = None

    def begin(self) -> None:
        """A run has it."""
        with connected():
            ring = mailboxes.ring_for(self.row_id, now_ms=now_ms())
            assert ring is not None
            mailboxes.claim(ring, "run", now_ms=now_ms())
            Mailbox.update(next_run_at_ms=now_ms() + HOUR_MS, wanted_at_ms=0).where(
                Mailbox.id == ring.mailbox_id
            ).execute()
            epoch = Connection.get_by_id(self.row_id).epoch
            self.held = Held(ring.mailbox_id, self.row_id, epoch, 1, "run", now_ms())

    def finish(self) -> None:
        assert self.held is not None
        with connected():
            mailboxes.finish(self.held, next_run_at_ms=now_ms() + HOUR_MS, caught_up=True, now_ms=now_ms())

    def handed_out(self) -> list[Ring]:
        with connected():
            return mailboxes.hand_out(10, now_ms=now_ms())

    @property
    def told(self) -> str | None:
        """The highest history id; None before the first push."""
        with connected():
            row = MailboxWatch.get_or_none()
            return row and row.history_id.lstrip("0")


@pytest.fixture
def polled(world) -> Polled:
    with connected():
        at_ms, who = now_ms(), world.mine.user
        place = connection_of(who.id, world.mine.id, now_ms=at_ms, email=EMAIL)
        row_id = connections.place_of(Access(who.id, {}), place).row_id
        mailboxes.take_wishes(now_ms=at_ms)
    mailbox = Polled(row_id)
    mailbox.begin()
    mailbox.finish()
    assert mailbox.handed_out() == []
    return mailbox


def push(crm, *, token=None, email=EMAIL, history_id="7", raw=None):
    data = base64.b64encode(json.dumps({"emailAddress": email, "historyId": history_id}).encode()).decode()
    body = json.dumps({"message": {"data": data, "messageId": "1"}, "subscription": "s"}).encode()
    headers = {"Authorization": bearer() if token is None else token}
    return crm.call("POST", "/push/gmail", raw=body if raw is None else raw, headers=headers).status


def test_a_push_makes_the_mailbox_due_and_rings(crm, polled, data):
    with Bell(of_syncer(data)) as bell:
        assert push(crm, email=EMAIL.upper()) == 204
        assert bell.wait(0)
    assert len(polled.handed_out()) == 1


def test_fifty_at_once_are_one_look_and_so_is_a_replay_before_it(crm, polled):
    with ThreadPoolExecutor(50) as pool:
        told = list(pool.map(lambda number: push(crm, history_id=str(number)), range(50)))
    assert told == [204] * 50
    assert len(polled.handed_out()) == 1
    assert push(crm) == 204
    assert polled.handed_out() == []


def test_a_push_during_a_run_is_followed_by_another_one(crm, polled):
    polled.begin()
    assert push(crm) == 204
    assert polled.handed_out() == []
    polled.finish()
    assert len(polled.handed_out()) == 1


@ONE_DATABASE
def test_an_older_one_and_a_replay_take_nothing_back(crm, polled):
    for history_id in ("900", "900", "12", 13):
        assert push(crm, history_id=history_id) == 204
        assert len(polled.handed_out()) == 1
        polled.begin()
        polled.finish()
    assert polled.told == "900"


@ONE_DATABASE
@pytest.mark.parametrize(
    ("said", "status"),
    [
        pytest.param({"token": ""}, 401, id="without a token"),
        pytest.param({"token": bearer("stranger")}, 401, id="signed by a stranger"),
        pytest.param({"token": bearer(aud="https://other.example")}, 403, id="another audience"),
        pytest.param({"token": bearer(email="x@y.iam.gserviceaccount.com")}, 403, id="another account"),
        pytest.param({"raw": b"hush"}, 400, id="no push"),
        pytest.param({"raw": b"x" * 40_000}, 413, id="too long"),
        pytest.param({"email": "eko@gmail.test"}, 204, id="a mailbox that nobody has here"),
        pytest.param({"history_id": "x"}, 204, id="no history id"),
    ],
)
def test_what_does_nothing(crm, polled, said, status):
    assert push(crm, **said) == status
    assert (polled.handed_out(), polled.told) == ([], None)


@ONE_DATABASE
def test_where_googles_keys_are_not_to_be_had_it_is_to_come_again(serve, polled, data):
    assert push(serve(make_app(settings_of("http://127.0.0.1:1/certs", data)))) == 503
    assert polled.handed_out() == []


@ONE_DATABASE
@pytest.mark.parametrize("step", [connection_work.needs_reauth, connection_work.pause], ids=["re-auth", "pause"])
def test_what_google_does_not_let_us_read_now_is_not_asked_for(crm, polled, step):
    from crm_store.rules.connection import ConnectionProblem

    later = {"until_ms": now_ms() + HOUR_MS} if step is connection_work.pause else {}
    with connected():
        step(polled.row_id, 1, ConnectionProblem.RATE_LIMITED, **later)
    assert push(crm) == 204
    assert polled.handed_out() == []


@ONE_DATABASE
def test_without_a_service_account_there_is_no_such_place(web, polled):
    assert push(web) == 404
    assert polled.handed_out() == []
