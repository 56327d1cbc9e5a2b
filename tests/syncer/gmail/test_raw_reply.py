"""The answer with a raw mail is the same in whatever pieces it comes."""

import base64
import io
import json

import pytest

from syncer.gmail.raw_reply import Unreadable, read_raw_reply

MAIL = bytes(range(256)) * 3 + b"\xfb\xff end"


def reply(mail: bytes = MAIL, *, padded: bool = True, escaped: bool = False) -> bytes:
    text = base64.urlsafe_b64encode(mail).decode()
    text = text if padded else text.rstrip("=")
    answer = {"id": "1", "snippet": 'it says "raw": "no"', "labelIds": ["raw"], "raw": text, "historyId": "7"}
    body = json.dumps(answer, indent=1)
    return (body.replace("=", "\\u003d") if escaped else body).encode()


def pieces(body: bytes, size: int) -> list[bytes]:
    return [body[at : at + size] for at in range(0, len(body), size)]


@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize("escaped", [True, False])
@pytest.mark.parametrize("length", range(760, 772))
def test_any_size_of_piece_gives_the_same(length, padded, escaped):
    body = reply(MAIL[:length], padded=padded, escaped=escaped)
    for size in (1, 2, 3, 5, 64, len(body)):
        mail = io.BytesIO()
        rest = read_raw_reply(pieces(body, size), mail)
        assert mail.getvalue() == MAIL[:length]
        assert (rest["id"], rest["historyId"], rest["raw"]) == ("1", "7", "")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b'{"id": "1"}', id="no mail"),
        pytest.param(reply()[:200], id="cut off"),
        pytest.param(reply()[:-3], id="cut off at the end"),
        pytest.param(b'["raw", {"raw": "QUJD"}]', id="no object"),
        pytest.param(b'{"id": "' + b"x" * 1_100_000, id="no end"),
        pytest.param(b'{"raw": "QUJDR"}', id="not base64"),
    ],
)
def test_what_is_no_such_answer_is_an_error(body):
    with pytest.raises(Unreadable):
        read_raw_reply(pieces(body, 999), io.BytesIO())


def test_an_empty_mail_is_a_mail():
    mail = io.BytesIO()
    assert read_raw_reply([b'{"id":"1","raw":""}'], mail)["id"] == "1"
    assert mail.getvalue() == b""
