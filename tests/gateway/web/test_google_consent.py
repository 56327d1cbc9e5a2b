"""From Connect through Google's consent and back, over HTTP on both sides: rules A1–A5 and A7, and who may finish what."""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import unescape
from http.client import HTTPConnection
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from connected_account import SEALER, SECRET_KEY

from crm_store import connecting, connection_work, connections, members, web_sessions
from crm_store.access import Access, roles_of
from crm_store.clock import now_ms
from crm_store.database import engine
from crm_store.database.session import connected
from crm_store.models.connections import Connection, OAuthFlow, Revocation
from crm_store.models.google_logins import GoogleLogin
from crm_store.rules.oauth_flow import FlowKind
from crm_store.rules.permissions import REQUESTED
from crm_store.settings import load
from gateway.google import client
from gateway.google.consent import Consent
from gateway.web.app import make_app
from syncer.composition import engine_of
from syncer.dispatcher import Dispatcher

DOMAIN = "in.example.net"
# What the store does on each database, tests/crm_store/test_connecting.py shows; here one is enough where it is Google
# or the person who does something.
ONE_DATABASE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MAIL, CONTACTS = REQUESTED[2:]


@dataclass(frozen=True)
class Google:
    """The stand-in, and a person before a browser."""

    sandbox: object

    def account(self, name: str = "ani") -> str:
        email = self.sandbox.new_email(name)
        self.sandbox.add_account(email)
        return email

    def consent(self, url: str, email: str, *, ticked=(MAIL, CONTACTS)) -> str:
        """Continue on Google's page; the path that it sends the browser back to."""
        return self._back(url, {"account": email, "decision": "allow", "scope": ticked})

    def cancel(self, url: str) -> str:
        return self._back(url, {"decision": "cancel"})

    def history_id(self, email: str) -> int:
        return next(int(one["history_id"]) for one in self.sandbox.ask("GET", "/accounts") if one["email"] == email)

    def _back(self, url: str, form: dict) -> str:
        parts = urlsplit(url)
        connection = HTTPConnection(parts.netloc, timeout=20)
        connection.request("POST", f"{parts.path}?{parts.query}", urlencode(form, doseq=True), FORM)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        assert answer.status == 303, text
        back = urlsplit(answer.headers["Location"])
        assert f"{back.scheme}://{back.netloc}" == "http://crm.test"
        return f"{back.path}?{back.query}"


@pytest.fixture(scope="module")
def google_settings(sandbox):
    environ = {"SUNNYDAY_CAPTURE_DOMAINS": DOMAIN, "SUNNYDAY_SECRET_KEYS": SECRET_KEY}
    return load({**environ, "SUNNYDAY_PUBLIC_URL": "http://crm.test", **sandbox.settings})


@pytest.fixture(scope="module")
def consent(google_settings):
    return Consent(google_settings)


@pytest.fixture(scope="module")
def sweep(google_settings):
    """What the syncer does for connections that have ended; each call finds all that is due."""
    engine = engine_of(google_settings, role="test")
    return lambda: Dispatcher(engine, ring=lambda _ring: None, free_places=lambda: 0).round()


@pytest.fixture(scope="module")
def served(serve, google_settings):
    return serve(make_app(google_settings))


@pytest.fixture
def crm(served, settings):
    return served


@pytest.fixture
def google(sandbox):
    sandbox.as_ever()
    return Google(sandbox)


def begin(crm, who, world, token=None) -> str:
    """By an --admin token, or by who's own."""
    answer = crm.call(
        "POST", f"users/{who.id}/connections", token=token or world.root, body={"location_id": str(world.mine.id)}
    )
    assert answer.status == 201, answer.text
    return answer.json["authorization_url"]


def listed(crm, who):
    return crm.call("GET", f"users/{who.id}/connections", token=who.token).json["items"]


def connect(crm, google, world, email):
    """Somebody's connection, made by an --admin token."""
    back = crm.call("GET", google.consent(begin(crm, world.mine.user, world), email))
    assert back.status == 200, back.text
    return next(one for one in listed(crm, world.mine.user) if one["email"] == email)


def update(crm, google, world, made, email, **said):
    url = crm.call("POST", f"connections/{made['id']}/update", token=world.root).json["authorization_url"]
    return crm.call("GET", google.consent(url, email, **said))


def mailbox(crm, world, made):
    with connected():
        row_id = connections.place_of(Access(0, {}, installation_admin=True), int(made["id"])).row_id
        return connection_work.open_mailbox(row_id, SEALER)


def words(answer) -> str:
    return unescape(re.sub(r"<[^>]*>", " ", answer.text))


@ONE_DATABASE
def test_the_authorization_url_asks_for_what_is_needed_and_tells_nothing_else(crm, world, google):
    query = parse_qs(urlsplit(begin(crm, world.mine.user, world)).query)
    assert query["scope"] == [" ".join(REQUESTED)]
    assert query["redirect_uri"] == ["http://crm.test/oauth/google/callback"]
    assert (query["access_type"], query["code_challenge_method"]) == (["offline"], ["S256"])
    assert "consent" in query["prompt"][0].split()
    assert set(query) == {
        "client_id", "redirect_uri", "response_type", "scope", "state", "access_type", "prompt", "code_challenge",
        "code_challenge_method",
    }  # fmt: skip


def test_a_consent_that_an_admin_token_began_connects_when_they_come_back(crm, world, google):
    google.sandbox.behave(clock_skew_ms=-3_600_000)
    email, sales = google.account(), google.sandbox.new_email("sales")
    google.sandbox.ask("PUT", f"/accounts/{email}/aliases", {"address": sales})
    google.sandbox.ask("PUT", f"/accounts/{email}/aliases", {"address": f"not-{sales}", "verified": False})
    google.sandbox.deliver(email, b"Subject: from before\r\n\r\n")
    cursor = google.history_id(email)
    made = connect(crm, google, world, email)
    assert (made["state"], made["email"], made["location_id"]) == ("active", email, str(world.mine.id))
    assert made["counts"] == {"seen": 0, "recorded": 0, "not_recorded": 0, "failed": 0, "pending": 0}
    assert int(mailbox(crm, world, made).first_cursor) == cursor, "A6: of the moment of connecting"
    ago_ms = now_ms() - mailbox(crm, world, made).began_at_ms
    assert 3_600_000 <= ago_ms < 3_700_000, "A6: by Google's clock"
    identities = crm.call("GET", f"users/{world.mine.user.id}", token=world.mine.user.token).json["identities"]
    assert [(one["address"], one["origin"]) for one in identities[1:]] == [
        (email, "gmail"),
        (sales, "send_as"),
    ]
    assert google.sandbox.calls("gmail.users.messages.*", email) == 0, "nothing is read or written at connecting"
    with connected():
        assert Revocation.select().count() == 0


@ONE_DATABASE
def test_cancel_at_google_is_told_in_words_and_connects_nothing(crm, world, google):
    answer = crm.call("GET", google.cancel(begin(crm, world.mine.user, world)))
    assert answer.status == 200
    assert "You cancelled" in words(answer)
    assert "Nothing was connected" in words(answer)
    in_indonesian = crm.call(
        "GET", google.cancel(begin(crm, world.mine.user, world)), headers={"Accept-Language": "id"}
    )
    assert "Anda membatalkannya" in words(in_indonesian)
    assert listed(crm, world.mine.user) == []


@ONE_DATABASE
@pytest.mark.parametrize(
    ("ticked", "named", "not_named"),
    [
        pytest.param((MAIL,), ["contacts.readonly", "See and download your contacts"], ["gmail.modify"], id="contacts"),
        pytest.param((CONTACTS,), ["gmail.modify", "Read, compose, and send emails"], ["contacts.readonly"], id="mail"),
        pytest.param((), ["gmail.modify", "contacts.readonly"], [], id="both"),
    ],
)
def test_a_permission_that_was_unticked_is_named_and_the_grant_is_not_kept(
    crm, world, google, ticked, named, not_named
):
    email = google.account()
    answer = crm.call("GET", google.consent(begin(crm, world.mine.user, world), email, ticked=ticked))
    assert answer.status == 403
    assert all(one in words(answer) for one in [*named, "leave all boxes ticked"])
    assert not any(one in words(answer) for one in not_named)
    assert listed(crm, world.mine.user) == []
    assert google.sandbox.calls("oauth.revoke", email) == 1
    with connected():
        assert Revocation.select().count() == 0


@ONE_DATABASE
def test_a_permission_that_was_unticked_on_update_leaves_the_connection_as_it_was(crm, world, google):
    email = google.account()
    made = connect(crm, google, world, email)
    assert update(crm, google, world, made, email, ticked=(MAIL,)).status == 403
    assert google.sandbox.calls("oauth.revoke", email) == 0, "Google would take the living grant away too"
    assert listed(crm, world.mine.user) == [made]


def test_a_consent_that_a_users_token_began_names_the_crm_user_and_asks_once_more(crm, world, google):
    email, who = google.account(), world.mine.user
    back = google.consent(begin(crm, who, world, who.token), email)
    asked = crm.call("GET", back)
    assert asked.status == 200
    assert who.email in words(asked)
    assert listed(crm, who) == []
    assert google.sandbox.calls("oauth.token", email) == 0, "nothing is taken before the person agrees"
    form = first_form(asked)
    cookie = asked.headers["Set-Cookie"].partition(";")[0]

    def answer(**change):
        said = {name: value for name, value in {**form, **change}.items() if value is not None}
        headers = {"Cookie": cookie, **FORM}
        return crm.call("POST", "/oauth/google/answer", raw=urlencode(said).encode(), headers=headers)

    assert answer(form_token="forged").status == 403
    assert answer(answer="guessed").status == 409
    assert crm.call("GET", back).status == 409, "loaded again"
    assert listed(crm, who) == []
    assert answer().status == 200
    assert [one["email"] for one in listed(crm, who)] == [email]
    assert answer().status == 409, "an answer counts once"


@ONE_DATABASE
def test_who_says_no_connects_nothing(crm, world, google):
    email, who = google.account(), world.mine.user
    asked = crm.call("GET", google.consent(begin(crm, who, world, who.token), email))
    form = first_form(asked)
    headers = {"Cookie": asked.headers["Set-Cookie"].partition(";")[0], **FORM}
    said = urlencode({**form, "agreed": "no"}).encode()
    answer = crm.call("POST", "/oauth/google/answer", raw=said, headers=headers)
    assert (answer.status, "as you decided" in words(answer)) == (200, True)
    assert listed(crm, who) == []
    assert google.sandbox.calls("oauth.token", email) == 0


def first_form(answer) -> dict[str, str]:
    """What the first button of a page sends."""
    form = answer.text.partition("<form")[2].partition("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form))


def in_session(person) -> tuple[int, Access, dict[str, str]]:
    """(session, what they may see, the headers of their browser)"""
    with connected():
        token = web_sessions.begin(person.id, agent="test", now_ms=now_ms())
        signed = web_sessions.by_token(token, now_ms=now_ms())
    return signed.session_id, signed.access, {"Cookie": f"sunnyday={token}"}


def test_a_consent_that_began_on_a_page_is_ended_by_that_session_alone(crm, world, google, consent):
    who = world.mine.user
    session_id, access, browser = in_session(who)
    _, _, strangers = in_session(world.theirs.admin)
    for headers, status in ((strangers, 403), ({}, 403), (browser, 303)):
        with connected():
            url = consent.connect(access, who.id, world.mine.id, session_id=session_id)
        answer = crm.call("GET", google.consent(url, google.account()), headers=headers)
        assert answer.status == status, answer.text
        assert len(listed(crm, who)) == (status == 303)
    assert answer.headers["Location"] == f"/l/{world.mine.id}/settings/email?done=connected"
    with connected():
        url = consent.connect(access, who.id, world.mine.id, session_id=session_id)
    cancelled = crm.call("GET", google.cancel(url), headers=browser)
    assert (cancelled.status, f'href="/l/{world.mine.id}/settings/email"' in cancelled.text) == (200, True)


@ONE_DATABASE
@pytest.mark.parametrize(
    "query",
    [
        "",
        "?state=&code=x",
        "?state=guessed&code=4/x",
        "?code=4/x",
        "?state=guessed&error=access_denied",
        "?state=%00&code=%ff",
    ],
)
def test_a_callback_with_no_state_of_ours_is_refused(crm, query):
    answer = crm.call("GET", f"/oauth/google/callback{query}")
    assert (answer.status, "not a way back" in words(answer)) == (400, True)


def test_a_state_is_used_up_by_its_callback_and_grows_old(crm, world, google):
    email = google.account()
    back = google.consent(begin(crm, world.mine.user, world), email)
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: crm.call("GET", back).status, range(2)))
    assert sorted(both) == [200, 409]
    assert len(listed(crm, world.mine.user)) == 1
    looked_at = google.consent(begin(crm, world.mine.user, world), google.account())
    assert crm.call("HEAD", looked_at).status == 405
    assert crm.call("GET", looked_at).status == 200, "who only looked used nothing up"
    late = google.consent(begin(crm, world.mine.user, world), google.account())
    with connected():
        OAuthFlow.update(expires_at_ms=now_ms()).execute()
    answer = crm.call("GET", late)
    assert (answer.status, "10 minutes" in words(answer)) == (400, True)


def test_a_google_account_is_connected_once_and_nobody_is_named(crm, world, google):
    email = google.account()
    made = connect(crm, google, world, email)
    url = crm.call(
        "POST",
        f"users/{world.theirs.user.id}/connections",
        token=world.root,
        body={"location_id": str(world.theirs.id)},
    ).json["authorization_url"]
    answer = crm.call("GET", google.consent(url, email))
    assert (answer.status, "connected already" in words(answer)) == (409, True)
    assert not [word for word in ("Budi", world.mine.user.email, email) if word in answer.text]
    assert listed(crm, world.theirs.user) == []
    assert listed(crm, world.mine.user) == [made]
    assert google.sandbox.calls("oauth.revoke", email) == 0


@ONE_DATABASE
def test_update_with_the_same_account_is_signing_in_again_also_under_another_address(crm, world, google):
    email, renamed = google.account(), google.sandbox.new_email("baru")
    made = connect(crm, google, world, email)
    first = mailbox(crm, world, made)
    google.sandbox.ask("POST", f"/accounts/{email}/rename", {"email": renamed})
    google.sandbox.deliver(renamed, b"Subject: x\r\n\r\n")
    assert update(crm, google, world, made, renamed).status == 200
    (now,) = listed(crm, world.mine.user)
    assert (now["id"], now["email"], now["connected_at"]) == (made["id"], renamed, made["connected_at"])
    again = mailbox(crm, world, made)
    assert (again.first_cursor, again.epoch) == (first.first_cursor, first.epoch + 1)


def test_update_with_another_account_takes_the_place_when_it_has_succeeded(crm, world, google, sweep):
    old, new = google.account("lama"), google.account("baru")
    made = connect(crm, google, world, old)
    url = crm.call("POST", f"connections/{made['id']}/update", token=world.root).json["authorization_url"]
    assert crm.call("GET", google.cancel(url)).status == 200
    assert listed(crm, world.mine.user) == [made], "A3: cancelled, nothing has changed"
    before = mailbox(crm, world, made)
    assert update(crm, google, world, made, new).status == 200
    (now,) = listed(crm, world.mine.user)
    assert (now["id"], now["email"], now["state"]) == (made["id"], new, "active")
    assert now["connected_at"] > made["connected_at"]
    with connected():
        last = connection_work.open_mailbox(before.connection_id, SEALER)
        assert last.last_sync
        assert google.sandbox.calls("oauth.revoke", old) == 0, "its last sync runs first"
        Connection.update(ends_at_ms=now_ms()).where(Connection.id == before.connection_id).execute()
    sweep()
    assert google.sandbox.calls("oauth.revoke", old) == 1
    with connected():
        assert connection_work.open_mailbox(before.connection_id, SEALER) is None


@ONE_DATABASE
def test_signing_in_again_as_somebody_else_changes_nothing(crm, world, google, consent):
    made = connect(crm, google, world, google.account())
    session_id, access, browser = in_session(world.mine.user)
    with connected():
        url = consent.update(access, int(made["id"]), kind=FlowKind.REAUTH, session_id=session_id)
    assert parse_qs(urlsplit(url).query)["login_hint"] == [made["email"]]
    other = google.account()
    answer = crm.call("GET", google.consent(url, other), headers=browser)
    assert (answer.status, "another Google account" in words(answer)) == (409, True)
    assert listed(crm, world.mine.user) == [made]
    assert google.sandbox.calls("oauth.revoke", other) == 1, "a grant that is not kept is given back"


def test_disconnect_revokes_at_google_and_what_fails_is_done_by_the_sweep(crm, world, google, sweep):
    email = google.account()
    made = connect(crm, google, world, email)
    path = f"connections/{made['id']}"
    google.sandbox.fault("oauth.revoke", status=503)
    assert crm.call("DELETE", path, token=world.mine.user.token).status == 204
    assert crm.call("GET", path, token=world.mine.user.token).json["state"] == "disconnected"
    assert google.sandbox.calls("oauth.revoke", email) == 1
    with connected():
        Revocation.update(next_try_at_ms=now_ms()).execute()
    sweep()
    sweep()
    assert google.sandbox.calls("oauth.revoke", email) == 2
    assert crm.call("DELETE", path, token=world.mine.user.token).status == 204
    assert crm.call("POST", f"{path}/sync", token=world.mine.user.token).status == 409
    again = connect(crm, google, world, email)
    assert (again["id"], again["state"]) == (made["id"], "active")


@ONE_DATABASE
def test_what_was_disconnected_while_its_consent_was_open_stays_disconnected(crm, world, google):
    email = google.account()
    made = connect(crm, google, world, email)
    url = crm.call("POST", f"connections/{made['id']}/update", token=world.root).json["authorization_url"]
    assert crm.call("DELETE", f"connections/{made['id']}", token=world.root).status == 204
    answer = crm.call("GET", google.consent(url, email))
    assert (answer.status, "changed meanwhile" in words(answer)) == (409, True)
    assert [one["state"] for one in listed(crm, world.mine.user)] == ["disconnected"]


@ONE_DATABASE
@pytest.mark.parametrize(
    ("fault", "status", "told"),
    [
        pytest.param({"method": "oauth.token", "status": 500}, 503, "does not answer", id="token endpoint 500"),
        pytest.param({"method": "oauth.token", "drop": True}, 503, "does not answer", id="dropped before the effect"),
        pytest.param({"method": "oauth.token", "drop": True, "when": "after"}, 503, "does not answer", id="and after it"),
        pytest.param({"method": "oauth.token", "status": 400, "body": {"error": "invalid_grant"}}, 409, "refused", id="a code that is none"),
        pytest.param({"method": "oauth.token", "status": 400, "body": {"error": "admin_policy_enforced"}}, 403, "organisation", id="admin"),
        pytest.param({"method": "oauth.token", "status": 200, "body": {"no": "token"}}, 503, "does not answer", id="no reply of Google's"),
        pytest.param({"method": "oauth.userinfo", "status": 503, "times": 2}, 503, "does not answer", id="nobody says who it is"),
        pytest.param({"method": "gmail.users.getProfile", "status": 503, "times": 2}, 503, "does not answer", id="no cursor"),
        pytest.param({"method": "gmail.users.getProfile", "status": 400, "reason": "failedPrecondition", "message": "Mail service not enabled"}, 409, "no Gmail mailbox", id="no mailbox"),
        pytest.param({"method": "gmail.users.getProfile", "status": 400, "reason": "failedPrecondition", "message": "Precondition check failed.", "times": 2}, 503, "does not answer", id="another precondition is for now"),
        pytest.param({"method": "gmail.users.getProfile", "status": 200, "body": {"emailAddress": "a@b.test", "historyId": "x"}}, 503, "does not answer", id="a cursor that is none"),
    ],
)  # fmt: skip
def test_whatever_google_does_nothing_is_half_connected(crm, world, google, fault, status, told):
    email = google.account()
    url = begin(crm, world.mine.user, world)
    google.sandbox.fault(**fault)
    answer = crm.call("GET", google.consent(url, email))
    assert (answer.status, told in words(answer)) == (status, True), words(answer)
    assert listed(crm, world.mine.user) == []
    with connected():
        assert Revocation.select().count() == 0, "a grant that is not kept was given back"


@ONE_DATABASE
@pytest.mark.parametrize("method", ["oauth.userinfo", "gmail.users.getProfile", "gmail.users.settings.sendAs.list"])
def test_one_lost_reply_costs_nobody_their_consent(crm, world, google, method):
    google.sandbox.fault(method, drop=True)
    assert connect(crm, google, world, google.account())["state"] == "active"


def test_a_process_that_dies_between_exchange_and_commit_leaves_a_grant_that_is_given_back(
    crm, world, google, consent, sweep
):
    email = google.account()
    back = parse_qs(urlsplit(google.consent(begin(crm, world.mine.user, world), email)).query)
    engine.database.obj.close_all()  # a child has no use for our connections
    child = os.fork()
    if child == 0:
        from gateway.google.consent import Return

        connecting.connect = lambda *_words, **_named: os._exit(9)
        consent.come_back(Return(back["state"][0], back["code"][0], None), None)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert listed(crm, world.mine.user) == []
    sweep()
    assert google.sandbox.calls("oauth.revoke", email) == 0, "not while a callback may be under way"
    with connected():
        assert Revocation.update(next_try_at_ms=now_ms()).where(Revocation.next_try_at_ms > now_ms()).execute() == 1
    sweep()
    assert google.sandbox.calls("oauth.revoke", email) == 1
    assert crm.call("GET", f"/oauth/google/callback?{urlencode({k: v[0] for k, v in back.items()})}").status == 409
    connect(crm, google, world, email)


@ONE_DATABASE
def test_neither_codes_nor_tokens_are_in_the_database_as_they_are(crm, world, google):
    back = google.consent(begin(crm, world.mine.user, world, world.mine.user.token), google.account())
    code, state = (parse_qs(urlsplit(back).query)[name][0] for name in ("code", "state"))
    crm.call("GET", back)
    made = connect(crm, google, world, google.account())
    opened = mailbox(crm, world, made)
    with connected():
        rows = [*Connection.select().dicts(), *OAuthFlow.select().dicts(), *Revocation.select().dicts()]
    for secret in (code, state, opened.refresh_token, opened.access_token):
        assert secret
        assert secret not in repr(rows)


@ONE_DATABASE
def test_who_left_the_location_while_consenting_connects_nothing_to_it(crm, world, google):
    back = google.consent(begin(crm, world.mine.user, world), google.account())
    with connected():
        members.remove(
            Access(world.root_id, {}, installation_admin=True), world.mine.id, world.mine.user.id, now_ms=now_ms()
        )
        assert roles_of(world.mine.user.id) == {}
    assert crm.call("GET", back).status == 403


@ONE_DATABASE
def test_what_can_be_connected_where_is_asked_before_google_is(crm, world, google):
    path = f"users/{world.mine.user.id}/connections"
    foreign = crm.call("POST", path, token=world.mine.user.token, body={"location_id": str(world.theirs.id)})
    assert (foreign.status, foreign.json["errors"][0]["field"]) == (422, "location_id")
    colleague = crm.call("POST", path, token=world.mine.admin.token, body={"location_id": str(world.mine.id)})
    assert colleague.status == 403, "mail is private, also from an admin of the location"
    assert crm.call("GET", path, token=world.mine.admin.token).status == 403
    assert crm.call("POST", path, token=world.root, body={}).status == 422


@ONE_DATABASE
def test_the_same_key_gives_the_same_authorization_url(crm, world, google):
    path, headers = f"users/{world.mine.user.id}/connections", {"Idempotency-Key": "k1"}
    body = {"location_id": str(world.mine.id)}
    first, second = (crm.call("POST", path, token=world.root, body=body, headers=headers) for _ in range(2))
    assert first.json == second.json
    assert second.headers["Idempotent-Replayed"] == "true"


@ONE_DATABASE
def test_settings_of_a_connection_change_and_wrong_ones_are_named(crm, world, google):
    made = connect(crm, google, world, google.account())
    path, token = f"connections/{made['id']}", world.mine.user.token
    changed = crm.call("PATCH", path, token=token, body={"daily_limit": 2000, "import_contacts": False}).json
    assert changed == {**made, "daily_limit": 2000, "import_contacts": False}
    for body, field in (
        ({"daily_limit": 2001}, "daily_limit"),
        ({"daily_limit": "7"}, "daily_limit"),
        ({"email": "x"}, "email"),
    ):
        refused = crm.call("PATCH", path, token=token, body=body)
        assert (refused.status, refused.json["errors"][0]["field"]) == (422, field)
    for days, status in ((30, 202), (0, 422), (3651, 422)):
        assert crm.call("POST", f"{path}/backfill", token=token, body={"days": days}).status == status
    assert crm.call("POST", f"{path}/sync", token=token).status == 202


@ONE_DATABASE
def test_without_a_google_client_an_operator_is_told_what_to_set(serve, settings, world):
    crm = serve(make_app(load({"SUNNYDAY_SECRET_KEYS": SECRET_KEY})))
    answer = crm.call(
        "POST",
        f"users/{world.mine.user.id}/connections",
        token=world.mine.user.token,
        body={"location_id": str(world.mine.id)},
    )
    assert answer.status == 409
    assert "SUNNYDAY_GOOGLE_CLIENT_ID" in answer.json["detail"]
    assert "deploy/google.md" in answer.json["detail"]
    with connected():
        assert OAuthFlow.select().count() == 0


@ONE_DATABASE
def test_the_mailbox_of_ones_login_signs_one_in_when_it_was_connected_on_a_page(crm, world, google, consent):
    who = world.mine.user
    google.sandbox.add_account(who.email)
    made = connect(crm, google, world, who.email)
    with connected():
        assert GoogleLogin.select().count() == 0, "an --admin token proves nothing of who sits at Google"
    session_id, access, browser = in_session(who)
    with connected():
        url = consent.update(access, int(made["id"]), session_id=session_id)
    assert crm.call("GET", google.consent(url, who.email), headers=browser).status == 303
    with connected():
        assert [row.user_id for row in GoogleLogin.select()] == [who.id]


@ONE_DATABASE
@pytest.mark.parametrize("method", ["oauth.token", "oauth.userinfo", "gmail.users.getProfile"])
def test_nobody_waits_for_ever_for_a_google_that_hangs(crm, world, google, monkeypatch, method):
    monkeypatch.setattr(client, "_READ_S", 0.1)
    email = google.account()
    back = google.consent(begin(crm, world.mine.user, world), email)
    google.sandbox.fault(method, delay_ms=600, times=2)
    answer = crm.call("GET", back)
    assert (answer.status, "does not answer" in words(answer)) == (503, True)
    assert listed(crm, world.mine.user) == []
