"""OAuth as a browser and a client see it: facts/gmail.md 1.8."""

import base64
import hashlib
import json
import re
from http.client import HTTPConnection
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from google.auth.transport.requests import Request
from google.oauth2 import id_token

from syncer.sandbox.oauth.clients import DEFAULT_ID, DEFAULT_SECRET

ROOT = "https://www.googleapis.com/auth/"
READ, SEND, CONTACTS = ROOT + "gmail.readonly", ROOT + "gmail.send", ROOT + "contacts.readonly"
BACK = "http://127.0.0.1:9/back"
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class Browser:
    """A person with an account, and the client that sent them."""

    def __init__(self, sandbox, email: str) -> None:
        self.sandbox, self.email = sandbox, email

    def http(self, verb, path, form=None, headers=None):
        connection = HTTPConnection(self.sandbox.url.removeprefix("http://"), timeout=10)
        body = urlencode(form, doseq=True) if form is not None else None
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
        connection.request(verb, path, body, kind | (headers or {}))
        reply = connection.getresponse()
        text = reply.read().decode()
        connection.close()
        return reply, text

    def url(self, **query):
        asked = {
            "client_id": DEFAULT_ID, "redirect_uri": BACK, "response_type": "code", "state": "s 1",
            "scope": f"openid email {READ} {SEND}", "access_type": "offline", "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        } | query  # fmt: skip
        return "/o/oauth2/v2/auth?" + urlencode({name: value for name, value in asked.items() if value is not None})

    def look(self, **query):
        return self.http("GET", self.url(**query))

    def answer(self, form, **query) -> dict[str, str]:
        """What the redirect carries."""
        reply, text = self.http("POST", self.url(**query), form)
        assert reply.status == 303, text
        location = reply.headers["Location"]
        assert location.startswith(BACK)
        return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}

    def allow(self, *scopes, **query) -> dict[str, str]:
        return self.answer({"account": self.email, "decision": "allow", "scope": scopes or (READ, SEND)}, **query)

    def token(self, **form) -> tuple[int, dict]:
        given = {"client_id": DEFAULT_ID, "client_secret": DEFAULT_SECRET} | form
        reply, text = self.http("POST", "/token", given)
        return reply.status, json.loads(text)

    def redeem(self, code, **form):
        given = {"grant_type": "authorization_code", "redirect_uri": BACK, "code_verifier": VERIFIER, "code": code}
        return self.token(**(given | form))

    def refresh(self, refresh_token):
        return self.token(grant_type="refresh_token", refresh_token=refresh_token)


@pytest.fixture
def ana(google, sandbox) -> Browser:
    return Browser(sandbox, google("ana").email)


@pytest.fixture
def newcomer(sandbox) -> Browser:
    """Who has granted nothing yet."""
    email = sandbox.new_email("new")
    sandbox.add_account(email, "New <b>Comer</b>")
    sandbox.as_ever()
    return Browser(sandbox, email)


def test_the_pages_show_accounts_then_scopes_each_with_a_box(newcomer):
    reply, text = newcomer.look()
    assert reply.status == 200
    assert newcomer.email in text
    assert "New &lt;b&gt;Comer&lt;/b&gt;" in text
    _, text = newcomer.http("POST", newcomer.url(), {"account": newcomer.email})
    assert re.findall(r'type="checkbox" name="scope" value="([^"]*)"', text) == [READ, SEND]
    _, hinted = newcomer.look(login_hint=newcomer.email)
    assert 'type="checkbox"' in hinted
    _, one = newcomer.look(login_hint=newcomer.email, scope=f"openid {READ}")
    assert 'type="checkbox"' not in one


def test_a_code_becomes_tokens_once(newcomer):
    back = newcomer.allow()
    assert back["state"] == "s 1"
    status, tokens = newcomer.redeem(back["code"])
    assert status == 200, tokens
    assert set(tokens) == {"access_token", "expires_in", "scope", "token_type", "id_token", "refresh_token"}
    assert set(tokens["scope"].split()) == {"openid", ROOT + "userinfo.email", READ, SEND}
    assert newcomer.redeem(back["code"])[1]["error"] == "invalid_grant"
    claims = id_token.verify_oauth2_token(
        tokens["id_token"], _Certificates(newcomer.sandbox.url), DEFAULT_ID, clock_skew_in_seconds=5
    )
    assert (claims["email"], claims["iss"]) == (newcomer.email, "https://accounts.google.com")
    status, told = newcomer.http("GET", "/v1/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert json.loads(told) == {"sub": claims["sub"], "email": newcomer.email, "email_verified": True}


class _Certificates(Request):
    """Asks the sandbox where google-auth asks Google."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def __call__(self, url, **more):
        return super().__call__(url.replace("https://www.googleapis.com", self._url), **more)


def test_a_code_that_was_tried_in_vain_is_used_up(newcomer):
    code = newcomer.allow()["code"]
    newcomer.redeem(code, code_verifier="x" * 50)
    assert newcomer.redeem(code)[1]["error"] == "invalid_grant"


def test_an_unticked_scope_is_not_granted(newcomer):
    _, tokens = newcomer.redeem(newcomer.allow(READ)["code"])
    assert SEND not in tokens["scope"].split()
    reply, text = newcomer.http(
        "POST", "/gmail/v1/users/me/messages/send", headers={"Authorization": f"Bearer {tokens['access_token']}"}
    )
    assert (reply.status, json.loads(text)["error"]["errors"][0]["reason"]) == (403, "insufficientPermissions")


def test_cancel_sends_the_person_back_with_access_denied(newcomer):
    assert newcomer.answer({"decision": "cancel"}) == {"error": "access_denied", "state": "s 1"}


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"code_verifier": "x" * 50}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:9/other"}, "redirect_uri_mismatch"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"code": "4/none"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_what_the_token_endpoint_refuses(newcomer, form, error):
    good = newcomer.allow()["code"]
    status, reply = newcomer.redeem(**({"code": good} | form))
    assert (status, reply["error"]) == (401 if error == "invalid_client" else 400, error)


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "nobody"},
        {"redirect_uri": "javascript:1"},
        {"scope": ROOT + "nothing"},
        {"response_type": "token"},
    ],
)
def test_a_bad_request_is_shown_and_sends_nobody_anywhere(newcomer, wrong):
    reply, text = newcomer.look(**wrong)
    assert reply.status == 400
    assert "Error 400" in text


def test_a_refresh_token_comes_at_the_first_consent_and_with_prompt_consent_only(newcomer):
    _, first = newcomer.redeem(newcomer.allow()["code"])
    assert "refresh_token" in first
    again = newcomer.answer({"account": newcomer.email})  # granted already: no second page
    assert "refresh_token" not in newcomer.redeem(again["code"])[1]
    _, asked = newcomer.redeem(newcomer.allow(prompt="consent")["code"])
    assert asked["refresh_token"] != first["refresh_token"]
    online = newcomer.allow(prompt="consent", access_type="online")
    assert "refresh_token" not in newcomer.redeem(online["code"])[1]
    for token in (first, asked):
        assert newcomer.refresh(token["refresh_token"])[0] == 200


def test_scopes_granted_before_come_along_if_asked_for(newcomer):
    newcomer.allow()
    query = {"scope": f"openid {CONTACTS}", "prompt": "consent"}
    _, alone = newcomer.redeem(newcomer.allow(CONTACTS, **query)["code"])
    assert set(alone["scope"].split()) == {"openid", CONTACTS}
    _, together = newcomer.redeem(newcomer.allow(CONTACTS, include_granted_scopes="true", **query)["code"])
    assert {READ, SEND, CONTACTS} <= set(together["scope"].split())


def test_revoking_kills_the_whole_grant(newcomer):
    _, first = newcomer.redeem(newcomer.allow()["code"])
    _, second = newcomer.redeem(newcomer.allow(prompt="consent")["code"])
    reply, _ = newcomer.http("POST", "/revoke", {"token": first["access_token"]})
    assert reply.status == 200
    assert newcomer.refresh(second["refresh_token"]) == (
        400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."},
    )  # fmt: skip
    bearer = {"Authorization": f"Bearer {second['access_token']}"}
    assert newcomer.http("GET", "/gmail/v1/users/me/profile", headers=bearer)[0].status == 401
    assert newcomer.http("POST", "/revoke", {"token": first["access_token"]})[0].status == 400


def test_an_access_token_grows_old(newcomer):
    _, tokens = newcomer.redeem(newcomer.allow()["code"])
    newcomer.sandbox.behave(clock_skew_ms=3_600_000)
    reply, text = newcomer.http(
        "GET", "/gmail/v1/users/me/profile", headers={"Authorization": f"Bearer {tokens['access_token']}"}
    )
    assert (reply.status, json.loads(text)["error"]["status"]) == (401, "UNAUTHENTICATED")
    assert newcomer.refresh(tokens["refresh_token"])[0] == 200


def test_the_hundred_and_first_refresh_token_kills_the_oldest(ana):
    given = [ana.sandbox.tokens(ana.email)["refresh_token"] for _ in range(101)]
    assert ana.refresh(given[0])[1]["error"] == "invalid_grant" or ana.refresh(given[1])[0] == 200
    assert ana.refresh(given[-1])[0] == 200


def test_a_registered_client_sends_people_to_its_own_address_only(newcomer):
    made = {"secret": "s", "redirect_uris": [BACK]}
    newcomer.sandbox.ask("PUT", "/clients/strict", made)
    assert newcomer.look(client_id="strict", redirect_uri=BACK + "/more")[0].status == 400
    assert newcomer.look(client_id="strict")[0].status == 200
