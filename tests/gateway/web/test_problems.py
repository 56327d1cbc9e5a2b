"""Errors: RFC 9457 documents that name the wrong field, and tell nothing of the inside."""

import asyncio
import logging
import socket

import pytest
from starlette.requests import ClientDisconnect
from structlog.testing import capture_logs

from crm_store.errors import StoreUnavailable
from gateway.web.guards import MAX_BODY_BYTES, OwnErrors


def fields(answer) -> dict[str, str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json["status"] == answer.status
    assert answer.json["type"] == "about:blank"
    assert answer.json["title"]
    assert answer.json["detail"].endswith(".")
    return {error["field"]: error["message"] for error in answer.json.get("errors", [])}


CONTACT = {"name": "Gita", "addresses": ["gita@gita.test"]}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({**CONTACT, "phon": "1"}, "phon", id="a field that nobody knows"),
        pytest.param({"addresses": ["gita@gita.test"]}, "name", id="one that is missing"),
        pytest.param({**CONTACT, "name": None}, "name", id="null where a text is needed"),
        pytest.param({**CONTACT, "name": 7}, "name", id="a number where a text is needed"),
        pytest.param({**CONTACT, "name": "a\0b"}, "name", id="NUL, which PostgreSQL keeps not"),
        pytest.param({**CONTACT, "name": "a\r\nBcc: b"}, "name", id="a line break in a name"),
        pytest.param({**CONTACT, "name": "\ud800"}, "name", id="half a character"),
        pytest.param({**CONTACT, "\ud800": 1}, "body", id="half a character as a field"),
        pytest.param({**CONTACT, "x" * 500: 1}, "x" * 100, id="a field whose name is long"),
        pytest.param({**CONTACT, "name": "x" * 201}, "name", id="one that is too long"),
        pytest.param({**CONTACT, "addresses": []}, "addresses", id="an empty list"),
        pytest.param({**CONTACT, "addresses": ["gita@gita.test", "gita"]}, "addresses.1", id="the second of a list"),
        pytest.param([CONTACT], "body", id="a list where an object is needed"),
    ],
)
def test_a_wrong_field_of_a_body_is_named(web, world, body, field):
    answer = web.call("POST", f"locations/{world.mine.id}/contacts", token=world.mine.user.token, body=body)
    assert answer.status == 422
    assert list(fields(answer)) == [field]


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        pytest.param("PATCH", "locations/{location}", {"retention_days": "7"}, "retention_days", id="a text for a number"),
        pytest.param("PATCH", "locations/{location}", {"retention_days": 0}, "retention_days", id="a number out of range"),
        pytest.param("PATCH", "locations/{location}", {"read_state_sync": "yes"}, "read_state_sync", id="a text for a truth"),
        pytest.param("PATCH", "locations/{location}", {"time_zone": "Mars/Base"}, "time_zone", id="no time zone"),
        pytest.param("PATCH", "locations/{location}", {"time_zone": None}, "time_zone", id="null in a change"),
        pytest.param("PATCH", "locations/{location}", {"id": "7"}, "id", id="a field that can't be changed"),
        pytest.param("PUT", "locations/{location}/members/{user}", {"role": "boss"}, "role", id="no role"),
        pytest.param("POST", "locations/{location}/members/{user}/bcc-address/replace", {"grace_days": -1}, "grace_days", id="a grace below zero"),
        pytest.param("GET", "locations/{location}/conversations?contact_id=x7", None, "contact_id", id="no id in a query"),
        pytest.param("GET", "locations/{location}/conversations?contact_id=007", None, "contact_id", id="another spelling of an id"),
        pytest.param("GET", "locations/{location}/contacts?adress=a@b.test", None, "adress", id="a parameter that nobody knows"),
        pytest.param("GET", "decisions", None, "message_id", id="a parameter that is missing"),
    ],
)  # fmt: skip
def test_a_wrong_value_anywhere_is_named(web, world, method, path, body, field):
    there = path.format(location=world.mine.id, user=world.mine.user.id)
    answer = web.call(method, there, token=world.mine.admin.token, body=body)
    assert answer.status == 422, answer.text
    assert list(fields(answer)) == [field]


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
class TestAnswersThatNeedOneDatabaseOnly:
    @pytest.mark.parametrize("one", ["x", "-1", "1.0", "٣", "9223372036854775808", "1%00", "007", "1" * 5000])
    def test_what_is_no_id_names_nothing(self, web, world, one):
        answer = web.call("GET", f"/api/v1/contacts/{one}".replace("٣", "%D9%A3"), token=world.mine.user.token)
        assert (answer.status, fields(answer)) == (404, {})

    @pytest.mark.parametrize(
        ("raw", "headers", "status"),
        [
            pytest.param(b"{", {}, 422, id="half an object"),
            pytest.param(b"", {}, 422, id="nothing"),
            pytest.param(b'{"name": "x"}', {"Content-Type": "text/plain"}, 422, id="another content type"),
            pytest.param(b'{"name": "\xe9"}', {}, 400, id="no UTF-8"),
            pytest.param(b"[" * 100_000, {}, 400, id="brackets without end"),
        ],
    )
    def test_what_is_no_json_is_told(self, web, world, raw, headers, status):
        answer = web.call("POST", "locations", token=world.root, raw=raw, headers=headers)
        assert answer.status == status
        assert list(fields(answer)) == (["body"] if status == 422 else [])

    def test_there_is_nothing_under_an_unknown_path(self, web, world):
        answer = web.call("GET", "nothing-here", token=world.root)
        assert (answer.status, fields(answer)) == (404, {})
        assert web.call("GET", "locations/", token=world.root).status == 404  # and not a redirect to some Host

    @pytest.mark.parametrize(
        ("path", "allowed"),
        [("locations/1", "GET, PATCH"), ("locations", "GET, POST"), ("/healthz", None), ("/api/v1/openapi.json", None)],
    )
    def test_a_method_that_an_address_does_not_have_is_refused_with_those_it_has(self, web, world, path, allowed):
        answer = web.call("DELETE", path, token=world.root)
        assert (answer.status, fields(answer)) == (405, {})
        assert allowed is None or answer.headers["Allow"] == allowed
        assert "GET" in answer.headers["Allow"]

    @pytest.mark.parametrize(
        "authorization", ["Bearer sdm_nobody", "Bearer \xe9", "Bearer", "Basic YTpi", "sdm_nobody", "Bearer  "]
    )
    def test_a_token_that_we_do_not_know_is_refused(self, web, authorization):
        answer = web.call("GET", "locations", headers={"Authorization": authorization})
        assert (answer.status, fields(answer)) == (401, {})
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")

    @pytest.mark.parametrize(
        ("method", "path"), [("POST", "locations"), ("GET", "locations"), ("POST", "conversations/1/read")]
    )
    def test_a_body_that_is_too_large_is_refused(self, web, world, method, path):
        answer = web.call(method, path, token=world.root, raw=b'"' + b"x" * MAX_BODY_BYTES + b'"')
        assert (answer.status, fields(answer)) == (413, {})

    def test_a_body_that_does_not_tell_its_length_is_refused_where_it_grows_too_large(self, web, world):
        chunk = b"%x\r\n" % 50_000 + b"x" * 50_000 + b"\r\n"
        with socket.create_connection(("127.0.0.1", web.port), timeout=10) as connection:
            connection.sendall(
                b"POST /api/v1/locations HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n"
                b"Authorization: Bearer " + world.root.encode() + b"\r\n\r\n" + chunk * 20
            )
            connection.sendall(chunk)
            assert connection.recv(1000).startswith(b"HTTP/1.1 413 ")

    @pytest.mark.parametrize("host", ["[", "evil.test", "a\tb", "x:y:z"])
    def test_the_host_header_is_believed_in_nothing(self, web, world, host):
        answer = web.call("POST", "locations", token=world.root, body={"name": "Toko"}, headers={"Host": host})
        assert answer.status == 201
        assert "evil.test" not in answer.text + str(answer.headers)


@pytest.fixture
def broken_blobs(request):
    class Broken:
        def read(self, sha256: bytes) -> bytes:
            raise request.param

    return Broken()


@pytest.fixture
def an_entry(web, world, deliver, a_mail) -> str:
    deliver(a_mail("budi@budi.test", "citra@customer.test"), world.mine.user)
    (conversation,) = web.call("GET", f"locations/{world.mine.id}/conversations", token=world.mine.user.token).json[
        "items"
    ]
    (entry,) = web.call("GET", f"conversations/{conversation['id']}/entries", token=world.mine.user.token).json["items"]
    return entry["id"]


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize("broken_blobs", [RuntimeError("secret@customer.test")], indirect=True)
def test_an_error_of_our_own_tells_nothing_and_is_logged_without_its_text(
    web_over, broken_blobs, an_entry, world, caplog
):
    with caplog.at_level(logging.INFO), capture_logs() as events:
        answer = web_over(broken_blobs).call("GET", f"entries/{an_entry}/raw", token=world.mine.user.token)
    assert (answer.status, fields(answer)) == (500, {})
    assert "secret" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    (event,) = [event for event in events if event["event"] == "request_failed"]
    assert (event["route"], event["error"]) == ("/api/v1/entries/{entry_id}/raw", "RuntimeError")
    assert "files.py" in event["where"]
    assert "secret@customer.test" not in str(events) + caplog.text


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "broken_blobs", [StoreUnavailable("the blob cannot be read: Input/output error")], indirect=True
)
def test_a_store_that_does_not_answer_is_503_and_says_when_to_come_back(web_over, broken_blobs, an_entry, world):
    answer = web_over(broken_blobs).call("GET", f"entries/{an_entry}/raw", token=world.mine.user.token)
    assert (answer.status, fields(answer)) == (503, {})
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_every_answer_has_the_headers_that_browsers_heed(web, world):
    for path in ("/", "/healthz", "/readyz", "/metrics", "/nothing", "/api/v1/openapi.json", "locations"):
        headers = web.call("GET", path, token=world.root).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "private, no-store"
        assert headers["Server"] is None


def test_who_leaves_before_the_body_is_sent_fills_no_log():
    async def app(_scope, _receive, _send):
        raise ClientDisconnect

    with capture_logs() as events:
        asyncio.run(OwnErrors(app)({"type": "http", "method": "POST"}, None, None))
    assert events == []
