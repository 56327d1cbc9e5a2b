"""watch, stop, and what Pub/Sub posts: facts/gmail.md 1.5."""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from google.auth.transport.requests import Request
from google.oauth2 import id_token
from googleapiclient.errors import HttpError

MAIL = b"From: citra@toko.example\r\nTo: x@y.example\r\nSubject: Salam\r\n\r\nHalo.\r\n"
TOPIC = "projects/crm/topics/gmail"


class Endpoint(ThreadingHTTPServer):
    """Takes pushes, and answers with the statuses that a test lays down; 204 when there are no more."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/push/gmail"
        self.taken: list[tuple[dict[str, str], dict]] = []
        self.statuses: list[int] = []

    def told(self) -> list[dict]:
        return [json.loads(base64.urlsafe_b64decode(body["message"]["data"])) for _, body in self.taken]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.taken.append((dict(self.headers), body))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def endpoint(google, sandbox):
    server = Endpoint()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    sandbox.ask("PATCH", "/push", {"endpoint": server.url, "per_second": 0, "retry_ms": 1})
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def watch(client, **how) -> dict:
    return client.users.watch(userId="me", body={"topicName": TOPIC} | how).execute()


def settled(sandbox) -> None:
    sandbox.ask("POST", "/settle")


def test_a_watch_notifies_at_once_and_then_of_each_change(google, sandbox, endpoint):
    ana = google("ana")
    reply = watch(ana)
    assert set(reply) == {"historyId", "expiration"}
    settled(sandbox)
    sandbox.deliver(ana.email, MAIL)
    settled(sandbox)
    latest = ana.users.getProfile(userId="me").execute()["historyId"]
    assert endpoint.told() == [
        {"emailAddress": ana.email, "historyId": reply["historyId"]},
        {"emailAddress": ana.email, "historyId": latest},
    ]


def test_a_push_carries_a_signed_token(google, sandbox, endpoint):
    watch(google("ana"))
    settled(sandbox)
    headers, envelope = endpoint.taken[0]

    def certificates(_, method: str = "GET", **more):
        return Request()(f"{sandbox.url}/oauth2/v1/certs", method=method, **more)

    token = headers["Authorization"].removeprefix("Bearer ")
    claims = id_token.verify_oauth2_token(token, certificates, endpoint.url, clock_skew_in_seconds=5)
    assert claims["email_verified"]
    assert claims["email"] == "push@sandbox.iam.gserviceaccount.com"
    assert envelope["subscription"] == "projects/sandbox/subscriptions/gmail"
    assert {"data", "messageId", "publishTime"} <= set(envelope["message"])


def test_a_push_that_gets_no_2xx_comes_again(google, sandbox, endpoint):
    endpoint.statuses = [503, 500]
    watch(google("ana"))
    settled(sandbox)
    assert len({body["message"]["messageId"] for _, body in endpoint.taken}) == 1
    assert [push["status"] for push in sandbox.ask("GET", "/pushes")][-3:] == [503, 500, 204]


def test_more_than_one_a_second_are_dropped(google, sandbox, endpoint):
    sandbox.ask("PATCH", "/push", {"per_second": 1})
    ana = google("ana")
    watch(ana)
    for _ in range(3):
        sandbox.deliver(ana.email, MAIL)
    settled(sandbox)
    assert len(endpoint.taken) == 1


def test_numbers_in_place_of_strings_on_demand(google, sandbox, endpoint):
    sandbox.ask("PATCH", "/push", {"numbers": True})
    watch(google("ana"))
    settled(sandbox)
    assert isinstance(endpoint.told()[0]["historyId"], int)


def test_a_second_topic_is_refused_until_stop(google, sandbox, endpoint):
    ana = google("ana")
    watch(ana)
    watch(ana)
    with pytest.raises(HttpError, match="Only one user push notification client allowed per developer"):
        watch(ana, topicName="projects/crm/topics/other")
    ana.users.stop(userId="me").execute()
    watch(ana, topicName="projects/crm/topics/other")
    with pytest.raises(HttpError):
        watch(ana, topicName="no topic")


def test_after_stop_after_seven_days_and_for_other_labels_nothing_comes(google, sandbox, endpoint):
    stopped, old, picky = google("stopped"), google("old"), google("picky")
    watch(stopped)
    stopped.users.stop(userId="me").execute()
    watch(picky, labelIds=["SENT"])
    watch(old)
    settled(sandbox)
    endpoint.taken.clear()
    sandbox.deliver(stopped.email, MAIL)
    sandbox.deliver(picky.email, MAIL)
    sandbox.deliver(picky.email, MAIL, "SENT")
    sandbox.behave(clock_skew_ms=8 * 86_400_000)
    sandbox.deliver(old.email, MAIL)
    settled(sandbox)
    assert [told["emailAddress"] for told in endpoint.told()] == [picky.email]
