"""Which pushes are believed, and what they tell (facts/gmail.md 1.5)."""

import asyncio
import base64
import json

import pytest
from cryptography.hazmat.primitives import hashes, hmac
from key_server import ACCOUNT, AUDIENCE, bearer, claims, signer

from crm_store.errors import Forbidden, Unauthenticated
from crm_store.settings import load
from gateway.google.push import Notice, PushGuard, notice_of
from gateway.google.signing_keys import SigningKeys
from syncer.sandbox.oauth.signing import SigningKey

SETTINGS = load({"SUNNYDAY_GOOGLE_PUBSUB_ACCOUNT": ACCOUNT, "SUNNYDAY_GOOGLE_PUBSUB_AUDIENCE": AUDIENCE})
MINUTE_S = 60


def encoded(value: object) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unsigned(header: object) -> str:
    return f"Bearer {encoded(header)}.{encoded(claims())}."


def signed_with_the_public_key() -> str:
    """What a verifier takes that lets the token choose: HS256 with the certificate as its secret."""
    told = f"{encoded({'alg': 'HS256', 'kid': 'one'})}.{encoded(claims())}"
    digest = hmac.HMAC(signer("one").certificates(1_700_000_000_000)["one"].encode(), hashes.SHA256())
    digest.update(told.encode())
    return f"Bearer {told}.{encoded(digest.finalize())}"


def by_a_stranger() -> str:
    """Under a kid that Google has."""
    return f"Bearer {SigningKey(signer('stranger').key, 'one').token(claims())}"


def altered() -> str:
    head, _, signature = bearer().split(".")
    return f"{head}.{encoded(claims(aud=AUDIENCE, exp=99_999))}.{signature}"


def admit(guard: PushGuard, authorization: str) -> None:
    asyncio.run(guard.admit(authorization))


@pytest.fixture
def guard(key_server) -> PushGuard:
    return PushGuard(SETTINGS, SigningKeys(key_server.url))


@pytest.mark.parametrize(
    ("token", "error"),
    [
        pytest.param(lambda: "", Unauthenticated, id="no token"),
        pytest.param(lambda: bearer().replace("Bearer", "Basic"), Unauthenticated, id="another scheme"),
        pytest.param(lambda: "Bearer hush", Unauthenticated, id="no JWT"),
        pytest.param(lambda: "Bearer a.b.c", Unauthenticated, id="three parts of nothing"),
        pytest.param(lambda: "Bearer " + "x" * 9000, Unauthenticated, id="a long one"),
        pytest.param(lambda: unsigned(b"[" * 4000), Unauthenticated, id="nested without end"),
        pytest.param(lambda: unsigned({"alg": "none", "kid": "one"}), Unauthenticated, id="signed by nobody"),
        pytest.param(lambda: unsigned({"alg": "RS256", "kid": ["one"]}), Unauthenticated, id="a kid that is a list"),
        pytest.param(signed_with_the_public_key, Unauthenticated, id="HS256 with the public key"),
        pytest.param(by_a_stranger, Unauthenticated, id="signed by a stranger under Google's kid"),
        pytest.param(altered, Unauthenticated, id="altered after signing"),
        pytest.param(lambda: bearer("stranger"), Unauthenticated, id="a key that Google does not have"),
        pytest.param(lambda: bearer(exp=-20 * MINUTE_S), Unauthenticated, id="long over"),
        pytest.param(lambda: bearer(iat=20 * MINUTE_S), Unauthenticated, id="of the future"),
        pytest.param(lambda: bearer(iat="today"), Unauthenticated, id="a time that is none"),
        pytest.param(lambda: bearer(iss="https://evil.example"), Unauthenticated, id="another issuer"),
        pytest.param(lambda: bearer(aud="https://other.example/push/gmail"), Forbidden, id="another audience"),
        pytest.param(lambda: bearer(aud=[AUDIENCE]), Forbidden, id="a list of audiences"),
        pytest.param(lambda: bearer(email="other@project.iam.gserviceaccount.com"), Forbidden, id="another account"),
        pytest.param(lambda: bearer(email=None), Forbidden, id="no account"),
        pytest.param(lambda: bearer(email_verified=False), Forbidden, id="an account that is not verified"),
        pytest.param(lambda: bearer(email_verified="true"), Forbidden, id="verified in words only"),
    ],
)
def test_what_is_not_believed(guard, token, error):
    with pytest.raises(error):
        admit(guard, token())


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({}, id="as Google sends it"),
        pytest.param({"iss": "accounts.google.com"}, id="the issuer's other name"),
        pytest.param({"email": ACCOUNT.upper()}, id="the account in capitals"),
        pytest.param({"iat": -3600 - 10 * MINUTE_S, "exp": -10 * MINUTE_S}, id="our clock is 10 minutes ahead"),
        pytest.param({"iat": 10 * MINUTE_S, "exp": 3600 + 10 * MINUTE_S}, id="our clock is 10 minutes behind"),
    ],
)
def test_what_is_believed(guard, said):
    admit(guard, bearer(**said))


def test_the_audience_is_the_push_url_where_none_is_set(key_server):
    settings = load({"SUNNYDAY_GOOGLE_PUBSUB_ACCOUNT": ACCOUNT, "SUNNYDAY_PUBLIC_URL": "https://crm.example"})
    admit(PushGuard(settings, SigningKeys(key_server.url)), bearer())


def push(told: object, alphabet=base64.urlsafe_b64encode) -> bytes:
    data = told if isinstance(told, bytes) else json.dumps(told).encode()
    return json.dumps({"message": {"data": alphabet(data).decode(), "messageId": "1"}, "subscription": "s"}).encode()


ODD = {"emailAddress": "ani~~~???@x.test", "historyId": "7"}  # its base64 has + and /, or - and _


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            push({"emailAddress": "ani@x.test", "historyId": "8589934592"}),
            Notice("ani@x.test", "00000000008589934592"),
            id="a string",
        ),
        pytest.param(
            push({"emailAddress": "ani@x.test", "historyId": 2**64 - 1}),
            Notice("ani@x.test", "18446744073709551615"),
            id="a number of 64 bits",
        ),
        pytest.param(push(ODD), Notice(ODD["emailAddress"], "7".zfill(20)), id="base64url"),
        pytest.param(push(ODD, base64.b64encode), Notice(ODD["emailAddress"], "7".zfill(20)), id="base64"),
        pytest.param(push({"emailAddress": "ani@x.test", "historyId": "x"}), None, id="no history id"),
        pytest.param(push({"emailAddress": "ani@x.test", "historyId": 2**64}), None, id="a history id of 65 bits"),
        pytest.param(push({"other": "topic"}), None, id="another topic's"),
        pytest.param(push(b"\xff"), None, id="no text"),
        pytest.param(push(b"[" * 8000), None, id="nested without end"),
        pytest.param(b'{"message": {"data": "%%%"}}', None, id="no base64"),
        pytest.param(b'{"message": {}}', None, id="without data"),
    ],
)
def test_what_a_push_tells(body, expected):
    assert notice_of(body) == expected


@pytest.mark.parametrize("body", [b"", b"hush", b"[]", b'{"message": []}', b"\xff", b"[" * 9000], ids=repr)
def test_what_is_no_push(body):
    with pytest.raises(ValueError, match="no push"):
        notice_of(body)
