"""Signing in over HTTP: what a browser is given, and what it is refused."""

import pytest
from argon2 import PasswordHasher

from crm_store import first_run, sign_in_limits, web_sessions
from crm_store.clock import now_ms
from crm_store.database.session import connected
from crm_store.models.people import User
from crm_store.models.web import WebSession

PASSWORD = "matahari terbit"
HASHED = PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
# tests/crm_store/test_signing_in.py has both databases; looking at a password takes long.
pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


@pytest.fixture
def ani(world):
    with connected():
        User.update(password_hash=HASHED).where(User.id == world.mine.admin.id).execute()
    return world.mine.admin


def test_a_sign_in_gives_a_new_cookie_which_scripts_do_not_see(tab, ani, world):
    browser = tab()
    browser.get("/sign-in")
    before = browser.cookie
    answer = browser.post("/sign-in", {"email": ani.email, "password": PASSWORD})
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert browser.cookie != before
    cookie = answer.headers["Set-Cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert browser.get("/").headers["Location"] == f"/l/{world.mine.id}/conversations"
    assert "Ani" in browser.get(f"/l/{world.mine.id}/settings/security").text


def test_a_cookie_that_somebody_else_chose_is_worth_nothing_after_the_sign_in(tab, ani, world):
    victim, attacker = tab(), tab()
    victim.cookie = attacker.cookie = "chosen-by-the-attacker"
    victim.post("/sign-in", {"email": ani.email, "password": PASSWORD})
    assert victim.cookie != "chosen-by-the-attacker"
    assert attacker.get("/").headers["Location"].startswith("/sign-in")


def test_signing_out_ends_the_session_for_whoever_has_the_cookie(tab, ani):
    browser, thief = tab(ani), tab()
    thief.cookie = browser.cookie
    answer = browser.post("/sign-out")
    assert answer.headers["Location"] == "/sign-in"
    assert browser.cookie == "", "the browser forgets it"
    assert thief.get("/").headers["Location"].startswith("/sign-in")


def test_a_wrong_password_is_told_in_words_and_the_address_is_still_there(tab, ani):
    answer = tab().sign_in(ani.email, "guess")
    assert answer.status == 422
    assert "The e-mail or the password is wrong." in answer.text
    assert f'value="{ani.email}"' in answer.text
    assert "guess" not in answer.text


def test_the_way_leads_back_to_where_somebody_wanted_to_go(tab, ani, world):
    browser, path = tab(), f"/l/{world.mine.id}/settings/security?x=1&y=%2F"
    way = browser.get(path).headers["Location"]
    assert way.startswith("/sign-in?next=")
    page = browser.get(way).text
    assert f'name="next" value="/l/{world.mine.id}/settings/security?x=1&amp;y=%2F"' in page
    assert (
        browser.post("/sign-in", {"email": ani.email, "password": PASSWORD, "next": path}).headers["Location"] == path
    )
    evil = {"email": ani.email, "password": PASSWORD, "next": "//evil.example"}
    assert tab().sign_in(**evil).headers["Location"] == "/"


def test_guessing_is_made_slow_and_says_until_when(tab, ani, world):
    browser = tab()
    for _ in range(5):
        assert browser.sign_in(ani.email, "guess").status == 422
    answer = browser.sign_in(ani.email, PASSWORD)
    assert answer.status == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 15
    assert "Signing in failed too often. Try again in " in answer.text
    assert browser.sign_in(world.mine.user.email, "guess").status == 422, "another account"


@pytest.mark.parametrize(
    ("forwarded", "refused"),
    [
        pytest.param("192.0.2.9", True, id="the one who guessed"),
        pytest.param("198.51.100.1, 192.0.2.9", True, id="who claims to come from elsewhere"),
        pytest.param("192.0.2.8", False, id="another one behind the same reverse proxy"),
    ],
)
def test_a_reverse_proxy_on_this_machine_says_who_guesses(tab, ani, monkeypatch, forwarded, refused):
    monkeypatch.setattr(sign_in_limits, "OF_NETWORK", sign_in_limits.Allowance(2, 60_000, 60_000))
    for name in ("a", "b"):
        browser = tab()
        browser.headers["X-Forwarded-For"] = "192.0.2.9"
        browser.sign_in(f"{name}@nobody.test", "guess")
    browser = tab()
    browser.headers["X-Forwarded-For"] = forwarded
    assert browser.sign_in(ani.email, PASSWORD).status == (429 if refused else 303)


def test_sessions_are_listed_and_ended_one_by_one_or_all_others_at_once(tab, ani, world):
    path = f"/l/{world.mine.id}/settings/security"
    here, phone, laptop = (tab(ani) for _ in range(3))
    assert here.get(path).text.count("/end") == 3, "two of them, and all the others"
    with connected():
        phone_id = web_sessions.by_token(phone.cookie, now_ms=now_ms()).session_id
    assert here.post(f"{path}/sessions/{phone_id}/end").headers["Location"] == f"{path}?done=session"
    assert phone.get(path).status == 303
    here.post(f"{path}/sessions/end-others")
    assert laptop.get(path).status == 303
    assert "Everywhere else you are signed out." in here.get(f"{path}?done=sessions").text


def test_a_changed_password_renews_the_cookie(tab, ani, world):
    path = f"/l/{world.mine.id}/settings/security"
    here = tab(ani)
    before = here.cookie
    form = {"old": PASSWORD, "password": "bulan purnama", "again": "bulan purnama"}
    for wrong, words in (
        ({"old": "guess"}, "This is not your password."),
        ({"again": "bulan sabit"}, "The two passwords are not the same."),
        ({"password": "short", "again": "short"}, "Use at least 10 characters."),
    ):
        answer = here.post(f"{path}/password", {**form, **wrong})
        assert answer.status == 422
        assert words in answer.text
    assert here.post(f"{path}/password", form).status == 303
    assert here.cookie != before
    assert here.get(path).status == 200
    assert tab().sign_in(ani.email, "bulan purnama").status == 303


def test_the_first_run_asks_again_for_what_is_wrong_and_then_signs_in(tab, settings):
    with connected():
        token = first_run.new_link(now_ms=now_ms())
    path, browser = f"/first-run/{token}", tab()
    assert "Nobody can sign in yet" in browser.get("/sign-in").text
    assert browser.get(path).status == 200
    form = {"location_name": "Toko\r\nAni", "name": "Ani", "email": "ani@firma.example", "language": "id",
            "time_zone": "Asia/Jakarta", "password": PASSWORD, "again": PASSWORD}  # fmt: skip
    for wrong, words in (
        ({"email": "ani"}, "Enter an e-mail address"),
        ({"location_name": " "}, "Enter a name"),
        ({"again": "another"}, "The two passwords are not the same."),
        ({"time_zone": "Mars/Base"}, "Choose a time zone"),
        ({"language": "tlh"}, "Choose a language"),
    ):
        answer = browser.post(path, {**form, **wrong})
        assert answer.status == 422
        assert words in answer.text
        assert PASSWORD not in answer.text
    assert browser.post(path, {**form, "name": "A\0ni"}).status == 400
    assert browser.post(path, form).status == 303
    page = browser.get(browser.get("/").headers["Location"]).text
    assert '<html lang="id">' in page
    assert "Toko Ani" in page
    assert tab().get(path).status == 404
    with connected():
        assert WebSession.select().count() == 1


def test_what_people_type_is_text_and_never_markup(tab, ani, world):
    attack = '"><script>alert(1)</script>'
    with connected():
        User.update(name=attack).where(User.id == ani.id).execute()
    pages = [
        tab(ani).get(f"/l/{world.mine.id}/settings/security"),
        tab().get("/sign-in?next=/%22%3E%3Cscript%3E&email=%3Cscript%3E"),
        tab().sign_in(attack, "guess"),
    ]
    for answer in pages:
        assert "<script>" not in answer.text
    assert "&lt;script&gt;" in pages[0].text
