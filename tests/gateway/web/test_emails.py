"""E-mails over HTTP: taken at once, once, with whatever is wrong named; files in them up to what a mail may have (E4)."""

import base64

import pytest
from connected_account import connection_of

from crm_store.clock import now_ms
from crm_store.copies import MAX_ATTACHMENT_BYTES
from crm_store.database.session import connected
from crm_store.models.messages import Blob
from crm_store.models.outbox import Delivery
from gateway.web.guards import MAX_BODY_WITH_FILES_BYTES


@pytest.fixture
def sender(world):
    """My user, with a Gmail account."""
    connection_of(world.mine.user.id, world.mine.id, now_ms=now_ms())
    return world.mine.user


@pytest.fixture
def post(web, world, sender):
    def post(*, key: str | None = None, token: str = "", **said: object):
        body = {"user_id": str(sender.id), "to": ["citra@customer.test"], "subject": "Penawaran", "text": "Halo"}
        headers = {} if key is None else {"Idempotency-Key": key}
        path = f"locations/{world.mine.id}/emails"
        return web.call("POST", path, token=token or sender.token, body={**body, **said}, headers=headers)

    return post


def queued() -> int:
    with connected():
        return Delivery.select().count()


def test_it_is_taken_at_once_and_told_of(web, post, sender, world):
    answer = post(cc=["Dewi <dewi@customer.test>", {"address": "eka@customer.test", "name": "Eka"}])
    assert answer.status == 202
    mail = answer.json
    assert mail["from"] == {"name": "Budi", "address": "mailbox@gmail.test"}
    assert mail["cc"] == [
        {"name": "Dewi", "address": "dewi@customer.test"},
        {"name": "Eka", "address": "eka@customer.test"},
    ]
    assert (mail["state"], mail["reason"]) == ("waiting", "It waits a moment, so that it can be taken back.")
    assert (mail["text"], mail["entry_id"]) == ("Halo", None)
    assert web.call("GET", f"emails/{mail['id']}", token=sender.token).json == mail
    listed = web.call("GET", f"locations/{world.mine.id}/emails?state=waiting", token=sender.token).json
    assert listed == {"items": [mail], "next": None}
    assert web.call("GET", f"locations/{world.mine.id}/emails?state=sent", token=sender.token).json["items"] == []
    cancelled = web.call("POST", f"emails/{mail['id']}/cancel", token=sender.token)
    assert (cancelled.status, cancelled.json["state"], cancelled.json["not_before"]) == (200, "cancelled", None)
    assert web.call("POST", f"emails/{mail['id']}/cancel", token=sender.token).status == 409


def test_a_repetition_sends_nothing_twice_and_composes_nothing_again(post):
    first, second = post(key="k1"), post(key="k1")
    assert (first.status, first.body) == (second.status, second.body)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert queued() == 1
    with connected():
        assert Blob.select().count() == 1
    assert post(key="k1", text="Lain").status == 409


def test_an_address_may_stand_alone(post):
    assert post(to="citra@customer.test").json["to"] == [{"name": "", "address": "citra@customer.test"}]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        pytest.param({"to": ["citra"]}, "to.0", id="no address"),
        pytest.param({"to": [7]}, "to.0", id="a number for an address"),
        pytest.param({"subject": "Halo\r\nBcc: x@y.test"}, "subject", id="a subject with CRLF"),
        pytest.param({"attachments": [{"name": "x", "base64": "%"}]}, "attachments.0.base64", id="no base64"),
        pytest.param({"attachments": [{"name": "x"}]}, "attachments.0.base64", id="a file without content"),
        pytest.param({"from": "x@y.test"}, "from", id="somebody else's address"),
        pytest.param({"kind": "notice"}, "kind", id="a notice, which is the product's own"),
        pytest.param({"send_at": "2026-11-24T10:00:00"}, "send_at", id="a time without a zone"),
        pytest.param({"sender": "x"}, "sender", id="a field that nobody knows"),
    ],
)
def test_what_is_wrong_is_named(post, said, field):
    answer = post(**said)
    assert answer.status == 422, answer.text
    assert answer.json["errors"][0]["field"] == field, answer.text
    assert queued() == 0


def test_what_is_no_json_is_told(web, world, sender):
    answer = web.call("POST", f"locations/{world.mine.id}/emails", token=sender.token, raw=b'{"to": ')
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "body")
    assert "is not JSON, from character" in answer.json["errors"][0]["message"]


def test_without_a_connection_it_says_how_to_get_one(web, world):
    """E8."""
    admin, body = world.mine.admin, {"to": ["citra@customer.test"], "text": "Halo"}
    path = f"locations/{world.mine.id}/emails"
    answer = web.call("POST", path, token=admin.token, body={**body, "user_id": str(admin.id)})
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "user_id")
    assert "Connect" in answer.text.replace("connect", "Connect")


def test_who_runs_the_installation_sends_for_a_user_and_is_told_how_it_goes_alone(post, world, web):
    mail = post(token=world.root)
    assert (mail.status, mail.json["state"], mail.json["text"]) == (202, "waiting", "")
    assert post(token=world.mine.admin.token).status == 403


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_files_up_to_what_a_mail_may_have(web, world, post, sender):
    """E4: what is far more is not even read, and nothing large from who is not known."""
    largest = base64.b64encode(bytes(MAX_ATTACHMENT_BYTES)).decode()
    taken = post(attachments=[{"name": "x.bin", "base64": largest}])
    assert taken.status == 202, taken.text
    path = f"locations/{world.mine.id}/emails"
    assert web.call("POST", path, token="nobody's", raw=b" " * 2_000_000).status == 401
    told = {"Content-Length": str(MAX_BODY_WITH_FILES_BYTES + 1)}
    assert web.call("POST", path, token=sender.token, raw=b"", headers=told).status == 413
    assert web.call("POST", "locations", token=sender.token, raw=b" " * 1_000_001).status == 413
    assert queued() == 1
