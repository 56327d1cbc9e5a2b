"""What the sandbox holds in memory has bounds, and what it is asked in odd ways has answers."""

import pytest

from syncer.sandbox.api import upload_sessions
from syncer.sandbox.api.errors import ApiError
from syncer.sandbox.api.partial import partial
from syncer.sandbox.api.schema import base64url_bytes, faults_of
from syncer.sandbox.api.upload_sessions import UploadSession, UploadSessions
from syncer.sandbox.mailbox import header


def begun(sessions: UploadSessions) -> UploadSession:
    return sessions.begin(1, "gmail.users.messages.send", "/upload", {}, None)


def is_open(sessions: UploadSessions, session: UploadSession) -> bool:
    try:
        return sessions.find(session.id, 1) is session
    except ApiError:
        return False


def test_the_oldest_upload_gives_way_when_there_are_too_many():
    sessions = UploadSessions()
    opened = [begun(sessions) for _ in range(17)]
    assert [is_open(sessions, session) for session in opened] == [False, *[True] * 16]


def test_the_oldest_uploads_give_way_when_they_hold_too_much(monkeypatch):
    monkeypatch.setattr(upload_sessions, "_MOST_BYTES", 100)
    sessions = UploadSessions()
    first, second, third = (begun(sessions) for _ in range(3))
    for session in (first, second, third):
        session.take("bytes 0-59/*", b"x" * 60, 1000)
        sessions.make_room(session)
    assert [is_open(sessions, session) for session in (first, second, third)] == [False, False, True]


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ("a", {"a": 1}), ("b/c", {"b": [{"c": 2}, {"c": 4}]}), ("b(c,d),a", {"a": 1, "b": [{"c": 2, "d": 3}, {"c": 4}]}),
        ("*", {"a": 1, "b": [{"c": 2, "d": 3}, {"c": 4}]}), ("b/*", {"b": [{"c": 2, "d": 3}, {"c": 4}]}), ("none", {}),
    ],
)  # fmt: skip
def test_partial_replies(fields, kept):
    assert partial({"a": 1, "b": [{"c": 2, "d": 3}, {"c": 4}]}, fields) == kept


@pytest.mark.parametrize("fields", ["a(", "a)", "(a)", ",", "a//b", "a b", "/" * 50, "a(" * 50])
def test_a_field_mask_that_cannot_be_read_is_400(fields):
    with pytest.raises(ApiError) as raised:
        partial({}, fields)
    assert raised.value.status == 400


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ({"id": "a", "historyId": "18446744073709551615"}, []),
        ({"historyId": "18446744073709551616"}, ["historyId: not string uint64"]),
        ({"historyId": 5}, ["historyId: not string uint64"]),
        ({"sizeEstimate": "5"}, ["sizeEstimate: not integer int32"]),
        ({"sizeEstimate": True}, ["sizeEstimate: not integer int32"]),
        ({"labelIds": "INBOX"}, ["labelIds: not a list"]),
        ({"labelIds": [1]}, ["labelIds[0]: not string"]),
        ({"payload": {"body": {"data": "*"}}}, ["payload.body.data: not string byte"]),
        ({"payload": {"odd": 1}}, ["Unknown name \"odd\" at 'payload': Cannot find field."]),
        ([], [": not an object"]),
    ],
)
def test_values_are_compared_with_the_discovery_document(value, wrong):
    assert faults_of(value, "Message", "gmail.v1") == wrong


@pytest.mark.parametrize("text", ["-_8=", "-_8", "+/8=", "+/8"])
def test_base64_in_either_alphabet_with_or_without_padding(text):
    assert base64url_bytes(text) == b"\xfb\xff"


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        (b"A: 1\r\n folded\r\nB:2\r\n\r\nC: 3", ["A", "B"]), (b"no header at all", []), (b"", []), (b"A: 1", ["A"]),
        (b"A: 1\nbroken\nB: 2\n\n", ["A"]),
    ],
)  # fmt: skip
def test_header_fields_in_their_order(raw, names):
    assert [name for name, _ in header.fields(raw)] == names
    assert header.without(raw, set()) == raw
    assert header.fields(header.with_first(raw, [("X", "y")]))[0] == ("X", b"y")
    assert header.with_first(raw, [("X", "y")]).endswith(raw)
