"""Signing in with Google: who is let in, by which account, and who is not."""

from http.client import HTTPConnection
from http.cookies import SimpleCookie
from itertools import count
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from connected_account import SECRET_KEY

from crm_store import google_logins, users, web_sessions
from crm_store.clock import now_ms
from crm_store.database.session import connected
from crm_store.models.google_logins import GoogleLogin
from crm_store.models.people import User
from crm_store.settings import load
from crm_store.users import UserSettings
from gateway.google.replies import Person
from gateway.google.sign_in import vouched_email
from gateway.web.app import make_app

ONE_DATABASE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_numbers = count(1)


@pytest.fixture(scope="module")
def served(serve, sandbox):
    return serve(
        make_app(
            load({"SUNNYDAY_SECRET_KEYS": SECRET_KEY, "SUNNYDAY_PUBLIC_URL": "http://crm.test", **sandbox.settings})
        )
    )


@pytest.fixture
def crm(served, settings, sandbox):
    sandbox.as_ever()
    return served


class Browser:
    """Somebody who is not signed in here, and is at Google."""

    def __init__(self, crm) -> None:
        self.crm, self.cookies = crm, {}

    def get(self, path: str):
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.crm.call("GET", path, headers={"Cookie": jar, "Accept": "text/html"} if jar else {})
        for header in answer.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(header).items():
                self.cookies[name] = morsel.value
        self.cookies = {name: value for name, value in self.cookies.items() if value}
        return answer

    def at_google(self, email: str, next_path: str = "/") -> str:
        """To Google and back: the path that Google sends the browser to."""
        begun = self.get("/sign-in/google?" + urlencode({"next": next_path}))
        assert begun.status == 303, begun.text
        parts = urlsplit(begun.headers["Location"])
        assert parse_qs(parts.query)["scope"] == ["openid email"]
        form = {"account": email, "decision": "allow"} if email else {"decision": "cancel"}
        connection = HTTPConnection(parts.netloc, timeout=20)
        connection.request("POST", f"{parts.path}?{parts.query}", urlencode(form), FORM)
        back = urlsplit(connection.getresponse().headers["Location"])
        connection.close()
        return f"{back.path}?{back.query}"

    def sign_in(self, email: str, next_path: str = "/"):
        return self.get(self.at_google(email, next_path))

    def user_id(self) -> int | None:
        """Who they are signed in as here."""
        with connected():
            token = self.cookies.get("sunnyday")
            return web_sessions.by_token(token, now_ms=now_ms()).access.user_id if token else None


@pytest.fixture
def browser(crm):
    return Browser(crm)


def an_account(sandbox, domain="gmail.com") -> str:
    email = f"u{next(_numbers)}@{domain}"
    sandbox.add_account(email)
    return email


def a_user(email: str) -> int:
    with connected():
        return users.add(email, UserSettings("U"), password_hash=None, by=None, now_ms=now_ms()).id


def test_who_has_the_account_of_their_login_is_let_in_and_stays_so_under_another_address(crm, sandbox, browser):
    email = an_account(sandbox)
    user_id = a_user(email.upper())
    first = browser.sign_in(email, "/l/1/settings")
    assert (first.status, first.headers["Location"]) == (303, "/l/1/settings")
    assert browser.user_id() == user_id
    assert list(browser.cookies) == ["sunnyday"], "what was kept for the way is gone"
    renamed = f"renamed-{email}"
    sandbox.ask("POST", f"/accounts/{email}/rename", {"email": renamed})
    again = Browser(crm)
    assert again.sign_in(renamed).status == 303
    assert again.user_id() == user_id, "by its sub"


@ONE_DATABASE
def test_who_got_the_address_afterwards_is_not_let_in(crm, sandbox, browser):
    email = an_account(sandbox)
    a_user(email)
    browser.sign_in(email)
    with connected():
        GoogleLogin.update(google_sub="of somebody who had the address before").execute()
    later = Browser(crm)
    assert later.sign_in(email).status == 403
    assert later.user_id() is None


@ONE_DATABASE
def test_nobody_is_made_a_user_by_signing_in(crm, sandbox, browser):
    with connected():
        before = User.select().count()
    answer = browser.sign_in(an_account(sandbox))
    assert (answer.status, "Nobody here signs in" in answer.text) == (403, True)
    assert browser.user_id() is None
    with connected():
        assert (User.select().count(), GoogleLogin.select().count()) == (before, 0)


@ONE_DATABASE
def test_an_address_that_google_does_not_answer_for_counts_after_its_mailbox_was_connected(crm, sandbox, browser):
    email = an_account(sandbox, "firma.test")
    user_id = a_user(email)
    sub = next(one["sub"] for one in sandbox.ask("GET", "/accounts") if one["email"] == email)
    assert browser.sign_in(email).status == 403
    with connected():
        google_logins.proved(user_id, sub, f"sales-{email}", now_ms=now_ms())
    assert browser.sign_in(email).status == 403, "a mailbox of another address may be shared"
    with connected():
        google_logins.proved(user_id, sub, email, now_ms=now_ms())
    assert browser.sign_in(email).status == 303
    assert browser.user_id() == user_id


@ONE_DATABASE
def test_the_way_back_is_one_browsers_and_good_once(crm, sandbox, browser):
    email = an_account(sandbox)
    a_user(email)
    back = browser.at_google(email)
    stranger = Browser(crm)
    stranger.at_google(email)
    for somebody in (Browser(crm), stranger):
        answer = somebody.get(back)
        assert (answer.status, "This sign-in is over" in answer.text) == (403, True)
        assert somebody.user_id() is None
    browser.cookies["sunnyday-google"] += "x"
    assert browser.get(back).status == 403
    again = browser.at_google(email)
    assert browser.get(again).status == 303
    assert browser.get(again).status == 403


@ONE_DATABASE
@pytest.mark.parametrize("wanted", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:1", ""])
def test_nobody_is_sent_elsewhere(crm, sandbox, browser, wanted):
    email = an_account(sandbox)
    a_user(email)
    assert browser.sign_in(email, wanted).headers["Location"] == "/"


@ONE_DATABASE
def test_cancel_and_trouble_at_google_let_nobody_in(crm, sandbox, browser):
    email = an_account(sandbox)
    a_user(email)
    assert "You cancelled" in browser.sign_in("").text
    for method in ("oauth.token", "oauth.userinfo"):
        sandbox.fault(method, status=503, times=2)
        assert "does not answer" in browser.sign_in(email).text
        sandbox.as_ever()
    assert browser.user_id() is None


@ONE_DATABASE
def test_it_is_offered_where_a_client_is_set_and_nowhere_else(crm, serve, settings):
    assert "Sign in with Google" in crm.call("GET", "/sign-in").text
    without = serve(make_app(load({"SUNNYDAY_SECRET_KEYS": SECRET_KEY})))
    assert "Google" not in without.call("GET", "/sign-in").text
    assert without.call("GET", "/sign-in/google").status == 404


@pytest.mark.parametrize(
    ("said", "vouched"),
    [
        pytest.param({"email": "Ani@Gmail.com", "email_verified": True}, True, id="Gmail's own"),
        pytest.param({"email": "ani@firma.test", "email_verified": True, "hd": "Firma.test"}, True, id="a Workspace's"),
        pytest.param({"email": "ani@firma.test", "email_verified": True}, False, id="theirs once"),
        pytest.param({"email": "ani@firma.test", "email_verified": True, "hd": "other.test"}, False, id="of another"),
        pytest.param({"email": "ani@gmail.com", "email_verified": False}, False, id="not verified"),
        pytest.param({"email": "ani@gmail.com.evil.test", "email_verified": True}, False, id="not Gmail's"),
        pytest.param({}, False, id="no address"),
    ],
)
def test_for_which_addresses_google_answers(said, vouched):
    assert vouched_email(Person(sub="1", **said)) == (said["email"] if vouched else "")
