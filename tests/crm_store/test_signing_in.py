"""Signing in, and the sessions of those who are."""

import pytest
from argon2 import PasswordHasher
from at_once import at_once
from store import DOMAIN, NOW_MS, Store

from crm_store import audit, first_run, members, passwords, sign_in, users, web_sessions
from crm_store.access import Access, roles_of
from crm_store.errors import Invalid, NotFound, Unauthenticated
from crm_store.first_run import FirstPeople
from crm_store.models.people import Location, User
from crm_store.models.web import FirstRunLink, WebSession
from crm_store.rules.states import Role
from crm_store.sign_in import WrongPassword
from crm_store.sign_in_limits import TooManyFailures
from crm_store.users import UserSettings
from crm_store.web_sessions import IDLE_MS, LONGEST_MS, MAX_OF_A_USER, SEEN_EVERY_MS

PASSWORD = "matahari terbit"
HASHED = PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)  # weaker than is usual by now
DAY_MS = 86_400_000


@pytest.fixture
def ani(store: Store) -> int:
    return users.add("Ani@firma.example", UserSettings("Ani"), password_hash=HASHED, by=None, now_ms=NOW_MS).id


def signing_in(email: str = "ani@firma.example", password: str = PASSWORD, now_ms: int = NOW_MS) -> int:
    return sign_in.by_password(email, password, network="192.0.2.1", now_ms=now_ms)


def hash_of(user_id: int) -> str:
    return User.get_by_id(user_id).password_hash


def test_by_the_right_password_however_the_address_is_spelt(ani):
    assert signing_in(" ANI@Firma.example") == ani


# What a password is worth is no matter of the database, and looking at one takes long.
on_one_database = pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)


@on_one_database
def test_not_by_another_one(ani):
    users.add("token@firma.example", UserSettings("Token"), password_hash=None, by=None, now_ms=NOW_MS)
    for email, password in {
        "another password": ("ani@firma.example", "Matahari terbit"),
        "none": ("ani@firma.example", ""),
        "a megabyte": ("ani@firma.example", "x" * 1_000_000),
        "half a character": ("ani@firma.example", "\ud800"),
        "nobody's address": ("budi@firma.example", PASSWORD),
        "who has no password": ("token@firma.example", "a password that nobody has"),
        "nothing": ("", ""),
    }.values():
        with pytest.raises(WrongPassword):
            signing_in(email, password)


@on_one_database
def test_as_much_is_done_for_an_account_that_there_is_not(ani, monkeypatch):
    against: list[str] = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda self, h, p: against.append(h) or verify(self, h, p))
    for email in ("ani@firma.example", "nobody@firma.example"):
        with pytest.raises(WrongPassword):
            signing_in(email, "wrong one")
    of_ani, of_nobody = against
    assert of_ani == HASHED
    assert not PasswordHasher().check_needs_rehash(of_nobody), "it costs what a password costs by now"


@on_one_database
def test_no_more_than_two_passwords_are_looked_at_at_once(ani, monkeypatch):
    monkeypatch.setattr(passwords, "WAITS_AT_MOST_S", 0.01)
    for _ in range(passwords.AT_ONCE):
        assert passwords._places.acquire(blocking=False)
    try:
        with pytest.raises(passwords.Busy):
            signing_in()
    finally:
        for _ in range(passwords.AT_ONCE):
            passwords._places.release()


def test_a_hash_that_is_weaker_than_usual_is_made_again_at_the_next_chance(ani):
    signing_in()
    better = hash_of(ani)
    assert better != HASHED
    assert PasswordHasher().verify(better, PASSWORD)
    assert not PasswordHasher().check_needs_rehash(better)
    signing_in()
    assert hash_of(ani) == better


@on_one_database
def test_after_too_many_failures_the_right_password_waits_too(ani):
    for _ in range(5):
        with pytest.raises(WrongPassword):
            signing_in(password="guess")
    with pytest.raises(TooManyFailures) as told:
        signing_in()
    assert signing_in(now_ms=told.value.until_ms) == ani


def test_a_session_ends_when_nobody_uses_it_and_after_ninety_days_anyway(ani):
    token = web_sessions.begin(ani, agent="Firefox/1", now_ms=NOW_MS)
    assert web_sessions.by_token(token, now_ms=NOW_MS + IDLE_MS - 1).access.user_id == ani
    for day in range(14, 90, 10):
        web_sessions.by_token(token, now_ms=NOW_MS + day * DAY_MS - 1)
    with pytest.raises(Unauthenticated):
        web_sessions.by_token(token, now_ms=NOW_MS + LONGEST_MS)

    idle = web_sessions.begin(ani, agent="", now_ms=NOW_MS)
    with pytest.raises(Unauthenticated):
        web_sessions.by_token(idle, now_ms=NOW_MS + IDLE_MS)
    web_sessions.begin(ani, agent="", now_ms=NOW_MS + LONGEST_MS)
    assert WebSession.select().count() == 1, "what is over is cleared away"


def test_only_a_hash_of_the_cookie_is_kept_and_use_is_noted_now_and_then(ani):
    token = web_sessions.begin(ani, agent="Firefox\n/1" + "x" * 500, now_ms=NOW_MS)
    row = WebSession.get()
    assert token.encode() not in bytes(row.token_hash)
    assert row.agent.startswith("Firefox/1x")
    web_sessions.by_token(token, now_ms=NOW_MS + SEEN_EVERY_MS - 1)
    assert WebSession.get().seen_at_ms == NOW_MS
    web_sessions.by_token(token, now_ms=NOW_MS + SEEN_EVERY_MS)
    assert WebSession.get().seen_at_ms == NOW_MS + SEEN_EVERY_MS


def test_who_signs_in_very_often_loses_the_oldest_session(ani):
    tokens = [web_sessions.begin(ani, agent="", now_ms=NOW_MS + n) for n in range(MAX_OF_A_USER + 3)]
    with pytest.raises(Unauthenticated):
        web_sessions.by_token(tokens[2], now_ms=NOW_MS + 100)
    signed = web_sessions.by_token(tokens[3], now_ms=NOW_MS + 100)
    assert len(web_sessions.list_for(signed.access, now_ms=NOW_MS + 100)) == MAX_OF_A_USER


def test_a_change_of_the_password_ends_all_other_sessions_and_renews_this_one(ani, store):
    here, elsewhere = (web_sessions.begin(ani, agent="", now_ms=NOW_MS) for _ in range(2))
    signed = web_sessions.by_token(here, now_ms=NOW_MS)
    args = {"network": "192.0.2.1", "now_ms": NOW_MS}
    with pytest.raises(WrongPassword):
        sign_in.change_password(signed.access, signed.session_id, "guess", "bulan purnama", **args)
    with pytest.raises(Invalid, match="at least"):
        sign_in.change_password(signed.access, signed.session_id, PASSWORD, "short", **args)
    assert web_sessions.by_token(elsewhere, now_ms=NOW_MS)

    renewed = sign_in.change_password(signed.access, signed.session_id, PASSWORD, "bulan purnama", **args)
    for over in (here, elsewhere):
        with pytest.raises(Unauthenticated):
            web_sessions.by_token(over, now_ms=NOW_MS)
    assert web_sessions.by_token(renewed, now_ms=NOW_MS).session_id == signed.session_id
    assert signing_in(password="bulan purnama") == ani
    assert [row.what for row in audit.latest(None, 2)] == ["session.end", "user.password"]


def test_one_ends_ones_own_sessions_and_nobody_elses(ani, store):
    budi = store.user("budi@firma.example", store.location())
    token = web_sessions.begin(ani, agent="", now_ms=NOW_MS)
    session_id = web_sessions.by_token(token, now_ms=NOW_MS).session_id
    with pytest.raises(NotFound):
        web_sessions.end(budi.access, session_id, now_ms=NOW_MS)
    assert web_sessions.end_others(budi.access, 0, now_ms=NOW_MS) == 0
    web_sessions.end(web_sessions.by_token(token, now_ms=NOW_MS).access, session_id, now_ms=NOW_MS)
    with pytest.raises(Unauthenticated):
        web_sessions.by_token(token, now_ms=NOW_MS)


def people(email: str = "ani@firma.example") -> FirstPeople:
    return FirstPeople("Toko Ani", "Ani", email, HASHED, "id", "Asia/Jakarta")


def test_the_first_run_makes_a_location_and_who_runs_the_installation(store):
    token = first_run.new_link(now_ms=NOW_MS)
    first_run.check(token)
    with pytest.raises(Invalid):
        first_run.finish(token, people("no address"), domain=DOMAIN, now_ms=NOW_MS)
    assert Location.select().count() == 0, "all or nothing"
    user_id = first_run.finish(token, people(), domain=DOMAIN, now_ms=NOW_MS)
    (location_id,) = roles_of(user_id)
    assert roles_of(user_id) == {location_id: Role.ADMIN}
    access = web_sessions.by_token(web_sessions.begin(user_id, agent="", now_ms=NOW_MS), now_ms=NOW_MS).access
    assert access.installation_admin
    assert {row.what for row in audit.latest(None, 9)} == {"user.add", "location.add", "member.put"}
    with pytest.raises(NotFound):
        first_run.check(token)
    assert first_run.new_link(now_ms=NOW_MS) is None


def test_a_link_ends_with_a_newer_one_and_with_the_first_user(store):
    older, newer = (first_run.new_link(now_ms=NOW_MS) for _ in range(2))
    for over in (older, "", "x" * 43):
        with pytest.raises(NotFound):
            first_run.finish(over, people(), domain=DOMAIN, now_ms=NOW_MS)
    first_run.check(newer)
    assert newer.encode() not in bytes(FirstRunLink.get().token_hash)
    users.add("by@command.example", UserSettings("By"), password_hash=None, by=None, now_ms=NOW_MS)
    with pytest.raises(NotFound):
        first_run.finish(newer, people(), domain=DOMAIN, now_ms=NOW_MS)


def test_of_two_who_use_the_link_at_once_one_wins(store):
    token = first_run.new_link(now_ms=NOW_MS)
    done = at_once(
        *(
            lambda name=name: first_run.finish(token, people(f"{name}@firma.example"), domain=DOMAIN, now_ms=NOW_MS)
            for name in ("ani", "budi")
        )
    )
    assert {type(one) for one in done} == {int, NotFound}
    assert (User.select().count(), Location.select().count()) == (1, 1)


def test_an_admin_of_a_location_does_not_run_the_installation(store):
    ani = store.user("ani@firma.example", store.location(), Role.ADMIN)
    members.put(ani.location_id, ani.user_id, Role.ADMIN, domain=DOMAIN, by=None, now_ms=NOW_MS)
    signed = web_sessions.by_token(web_sessions.begin(ani.user_id, agent="", now_ms=NOW_MS), now_ms=NOW_MS)
    assert signed.access == Access(ani.user_id, {ani.location_id: Role.ADMIN}, installation_admin=False)
