"""Connections in the store: made, signed in again, replaced and ended, each in one transaction (A1–A7)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import pytest
from at_once import at_once
from connected_account import SEALER, a_flow, a_grant, connect, connection_of

from crm_store import (
    connecting,
    connection_endings,
    connection_work,
    connections,
    locations,
    members,
    oauth_flows,
    revocations,
    users,
)
from crm_store.access import Access, roles_of
from crm_store.connecting import Outcome
from crm_store.database import engine
from crm_store.database.migrate import migrate
from crm_store.database.session import connected
from crm_store.errors import Conflict, Forbidden, Invalid, NotFound
from crm_store.locations import LocationSettings
from crm_store.models.connections import Connection, OAuthFlow, Revocation
from crm_store.oauth_flows import About, Beginner, FlowRefusal, FlowRefused
from crm_store.paging import PageRequest
from crm_store.rules.connection import ConnectionProblem, ConnectionState
from crm_store.rules.oauth_flow import STATE_LIVES_MS, BegunBy, FlowKind
from crm_store.rules.states import Role
from crm_store.settings import load
from crm_store.users import UserSettings

NOW = 1_795_000_000_000
LATER = NOW + 60_000
_numbers = count(1)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request, tmp_path_factory) -> Iterator[None]:
    """One for all tests of the module: each has people and Google accounts of its own."""
    environ = {"SUNNYDAY_DATA": str(tmp_path_factory.mktemp("data"))}
    if request.param == "postgresql":
        lender = request.getfixturevalue("empty_postgresql")
        url = lender.lend()
        environ["SUNNYDAY_DATABASE_URL"] = url
        engine.configure(load(environ))
    else:
        migrate(load(environ))
    yield
    engine.database.obj.close_all()
    if request.param == "postgresql":
        lender.take_back(url)


@dataclass(frozen=True)
class Someone:
    """A user, a location of theirs, and a Google account that nobody else has."""

    id: int
    location: int
    sub: str
    email: str

    @property
    def access(self) -> Access:
        return Access(self.id, roles_of(self.id))


@pytest.fixture
def someone(database) -> Iterator[Someone]:
    with connected():
        yield a_person()


def a_person() -> Someone:
    number = next(_numbers)
    location = locations.add(LocationSettings("Toko"), by=None, now_ms=NOW).id
    user = users.add(f"u{number}@firma.test", UserSettings("U"), password_hash=None, by=None, now_ms=NOW).id
    members.put(location, user, Role.USER, domain="in.test", by=None, now_ms=NOW)
    return Someone(user, location, f"sub{number}", f"u{number}@gmail.test")


def shown(who: Someone) -> list[tuple[int, str, ConnectionState]]:
    items = connections.list_for(who.access, who.id, PageRequest(), now_ms=NOW).items
    return [(one.id, one.email, one.state) for one in items]


def mailbox(row_id: int) -> connection_work.MailboxAccess:
    opened = connection_work.open_mailbox(row_id, SEALER)
    assert opened is not None
    return opened


def row_of(who: Someone, connection_id: int) -> int:
    return connections.place_of(who.access, connection_id).row_id


def test_a_connection_begins_at_its_cursor_with_its_tokens_sealed_and_its_addresses_known(someone):
    grant = a_grant(someone.sub, someone.email, cursor=77, aliases=("sales@firma.test",))
    ended = connect(someone.id, someone.location, grant, now_ms=NOW)
    assert ended.outcome is Outcome.CONNECTED
    assert shown(someone) == [(ended.connection_id, someone.email, ConnectionState.ACTIVE)]
    row = Connection.get_by_id(row_of(someone, ended.connection_id))
    assert grant.refresh_token not in row.refresh_token
    assert grant.access_token not in row.access_token
    opened = mailbox(row.id)
    assert (opened.refresh_token, opened.access_token) == (grant.refresh_token, grant.access_token)
    assert (opened.first_cursor, opened.epoch, opened.last_sync) == (f"{77:020d}", 1, False)
    told = {(one.address, one.origin.value) for one in users.get(someone.access, someone.id).identities}
    assert {(someone.email, "gmail"), ("sales@firma.test", "send_as")} < told
    assert grant.refresh_token not in f"{grant} {opened}"


def test_a_google_account_has_one_live_connection_in_the_installation(someone):
    first = connection_of(someone.id, someone.location, now_ms=NOW, email=someone.email)
    other = a_person()
    taken = connect(other.id, other.location, a_grant(f"sub-of-{someone.email}", "renamed@gmail.test"), now_ms=NOW)
    assert taken == connecting.Ended(Outcome.ACCOUNT_TAKEN)
    assert shown(other) == []
    assert [one.origin.value for one in users.get(other.access, other.id).identities] == ["login"]
    connections.disconnect(someone.access, first, SEALER, now_ms=NOW)
    assert connect(
        other.id, other.location, a_grant(f"sub-of-{someone.email}", "x@gmail.test"), now_ms=NOW
    ).connection_id


def test_of_two_who_connect_one_account_at_once_one_does(someone):
    other = a_person()
    ended = at_once(
        lambda: connect(someone.id, someone.location, a_grant(someone.sub, someone.email), now_ms=NOW),
        lambda: connect(other.id, other.location, a_grant(someone.sub, someone.email), now_ms=NOW),
    )
    assert sorted(one.outcome for one in ended) == [Outcome.ACCOUNT_TAKEN, Outcome.CONNECTED]


def test_the_same_account_on_update_is_signing_in_again_and_a_running_sync_writes_nothing_more(someone):
    made = connection_of(someone.id, someone.location, now_ms=NOW, email=someone.email)
    row = row_of(someone, made)
    connection_work.needs_reauth(row, 1, ConnectionProblem.ACCESS_REVOKED)
    assert connections.get(someone.access, made, now_ms=NOW).problem == "access_revoked"
    grant = a_grant(
        f"sub-of-{someone.email}", "renamed@gmail.test", cursor=9999, refresh_token=None, access_token="new"
    )
    ended = connect(someone.id, someone.location, grant, now_ms=LATER, update=made)
    assert ended == connecting.Ended(Outcome.SIGNED_IN, made)
    view = connections.get(someone.access, made, now_ms=LATER)
    assert (view.state, view.problem, view.email) == (ConnectionState.ACTIVE, None, "renamed@gmail.test")
    assert view.connected_at_ms == NOW
    opened = mailbox(row)
    assert opened.first_cursor == f"{1000:020d}", "A5: the gap is filled"
    assert opened.refresh_token == f"refresh-sub-of-{someone.email}", "Google gave no new one: the old one stays"
    assert (opened.access_token, opened.epoch) == ("new", 2)
    assert not connection_work.is_current(row, 1)
    assert not connection_work.synced(row, 1, now_ms=LATER)
    assert not connection_work.keep_access_token(row, 1, "late", LATER, SEALER)
    assert connection_work.is_current(row, 2)


def test_another_account_takes_the_place_and_the_old_one_has_its_last_sync(someone):
    made = connection_of(someone.id, someone.location, now_ms=NOW, email=someone.email)
    connections.change(someone.access, made, {"daily_limit": 77, "import_contacts": False}, now_ms=NOW)
    old = row_of(someone, made)
    ended = connect(
        someone.id, someone.location, a_grant("n" + someone.sub, "new@gmail.test"), now_ms=LATER, update=made
    )
    assert ended == connecting.Ended(Outcome.REPLACED, made)
    assert shown(someone) == [(made, "new@gmail.test", ConnectionState.ACTIVE)]
    view = connections.get(someone.access, made, now_ms=LATER)
    assert (view.connected_at_ms, view.daily_limit, view.import_contacts) == (LATER, 77, False)
    assert mailbox(old).last_sync, "its last sync runs first"
    assert not connection_work.is_current(old, 1), "what ran before begins anew"
    assert connection_work.is_current(old, 2)
    assert not connection_work.pause(old, 2, ConnectionProblem.RATE_LIMITED, until_ms=LATER)
    revocation = connection_endings.end(old, SEALER, now_ms=LATER)
    assert connection_work.open_mailbox(old, SEALER) is None
    taken = revocations.take(revocation, SEALER, now_ms=LATER)
    assert taken.token == f"refresh-sub-of-{someone.email}"


def test_a_replaced_account_ends_in_a_day_whatever_its_last_sync_says(someone):
    made = connection_of(someone.id, someone.location, now_ms=NOW, email=someone.email)
    old = row_of(someone, made)
    connect(someone.id, someone.location, a_grant("n" + someone.sub, "new@gmail.test"), now_ms=NOW, update=made)
    connections.end_overdue(SEALER, now_ms=NOW + 86_399_999)
    assert connection_work.open_mailbox(old, SEALER) is not None
    connections.end_overdue(SEALER, now_ms=NOW + 86_400_000)
    assert connection_work.open_mailbox(old, SEALER) is None


def test_an_account_that_lost_its_access_has_no_last_sync(someone):
    made = connection_of(someone.id, someone.location, now_ms=NOW, email=someone.email)
    old = row_of(someone, made)
    connection_work.needs_reauth(old, 1, ConnectionProblem.ACCESS_REVOKED)
    connect(someone.id, someone.location, a_grant("n" + someone.sub, "new@gmail.test"), now_ms=NOW, update=made)
    connections.end_overdue(SEALER, now_ms=NOW)
    assert connection_work.open_mailbox(old, SEALER) is None


def test_an_account_that_is_taken_takes_no_place_and_the_old_one_works_on(someone):
    other = a_person()
    connection_of(other.id, other.location, now_ms=NOW, email=other.email)
    made = connection_of(someone.id, someone.location, now_ms=NOW, email=someone.email)
    grant = a_grant(f"sub-of-{other.email}", other.email)
    assert connect(someone.id, someone.location, grant, now_ms=NOW, update=made).outcome is Outcome.ACCOUNT_TAKEN
    assert shown(someone) == [(made, someone.email, ConnectionState.ACTIVE)]
    assert not mailbox(row_of(someone, made)).last_sync


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        pytest.param({"kind": FlowKind.REAUTH}, Outcome.OTHER_ACCOUNT, id="A5: signing in again takes the same one"),
        pytest.param({"refresh_token": None}, Outcome.NO_LASTING_ACCESS, id="nothing to go on with"),
    ],
)
def test_another_account_is_refused(someone, change, outcome):
    made = connection_of(someone.id, someone.location, now_ms=NOW, email=someone.email)
    kind = change.get("kind", FlowKind.UPDATE)
    said = {name: value for name, value in change.items() if name != "kind"}
    grant = a_grant("n" + someone.sub, "new@gmail.test", **said)
    assert connect(someone.id, someone.location, grant, now_ms=NOW, update=made, kind=kind).outcome is outcome
    assert shown(someone) == [(made, someone.email, ConnectionState.ACTIVE)]


def test_who_left_the_location_connects_nothing_to_it(someone):
    flow = a_flow(About(FlowKind.CONNECT, someone.id, someone.location), now_ms=NOW)
    members.remove(Access(someone.id, {}, installation_admin=True), someone.location, someone.id, now_ms=NOW)
    ended = connecting.connect(flow, a_grant(someone.sub, someone.email), None, SEALER, now_ms=NOW)
    assert ended.outcome is Outcome.NOT_A_MEMBER


def test_what_was_disconnected_while_the_consent_was_open_stays_so(someone):
    made = connection_of(someone.id, someone.location, now_ms=NOW, email=someone.email)
    place = connections.place_of(someone.access, made)
    about = About(FlowKind.UPDATE, someone.id, someone.location, (place.row_id, place.epoch))
    flow = a_flow(about, now_ms=NOW)
    connections.disconnect(someone.access, made, SEALER, now_ms=NOW)
    ended = connecting.connect(flow, a_grant("n" + someone.sub, "new@gmail.test"), None, SEALER, now_ms=NOW)
    assert ended.outcome is Outcome.CHANGED_MEANWHILE
    assert shown(someone) == [(made, someone.email, ConnectionState.DISCONNECTED)]


def test_disconnecting_ends_it_at_once_and_erases_the_tokens(someone):
    made = connection_of(someone.id, someone.location, now_ms=NOW, email=someone.email)
    row = row_of(someone, made)
    assert connection_work.is_current(row, 1)
    (revocation,) = connections.disconnect(someone.access, made, SEALER, now_ms=NOW)
    assert not connection_work.is_current(row, 1)
    ended = Connection.get_by_id(row)
    assert (ended.refresh_token, ended.access_token, ended.epoch) == (None, None, 2)
    assert connections.disconnect(someone.access, made, SEALER, now_ms=NOW) == []
    for call in (connections.want_sync, lambda *a, **k: connections.want_backfill(*a, 7, **k)):
        with pytest.raises(Conflict):
            call(someone.access, made, now_ms=NOW)
    assert "gmail" in {one.origin.value for one in users.get(someone.access, someone.id).identities}, (
        "Words: former ones"
    )
    assert revocations.take(revocation, SEALER, now_ms=NOW).token == f"refresh-sub-of-{someone.email}"


def test_disconnecting_ends_the_last_sync_of_the_account_before_as_well(someone):
    made = connection_of(someone.id, someone.location, now_ms=NOW, email=someone.email)
    old = row_of(someone, made)
    connect(someone.id, someone.location, a_grant("n" + someone.sub, "new@gmail.test"), now_ms=NOW, update=made)
    assert len(connections.disconnect(someone.access, made, SEALER, now_ms=NOW)) == 2
    assert connection_work.open_mailbox(old, SEALER) is None


def test_of_two_accounts_that_want_one_place_at_once_one_gets_it(someone):
    made = connection_of(someone.id, someone.location, now_ms=NOW, email=someone.email)
    for state in ("live", "needs_reauth", "disconnected"):
        place = connections.place_of(someone.access, made)
        if state == "needs_reauth":
            connection_work.needs_reauth(place.row_id, place.epoch, ConnectionProblem.ACCESS_REVOKED)
        if state == "disconnected":
            connections.disconnect(someone.access, made, SEALER, now_ms=NOW)
        place = connections.place_of(someone.access, made)
        about = About(FlowKind.UPDATE, someone.id, someone.location, (place.row_id, place.epoch))
        both = [(a_flow(about, now_ms=NOW), a_grant(f"{someone.sub}-{state}-{n}", f"{n}@gmail.test")) for n in "ab"]
        ended = at_once(
            *(lambda f=flow, g=grant: connecting.connect(f, g, None, SEALER, now_ms=NOW) for flow, grant in both)
        )
        outcomes = [one.outcome for one in ended]
        assert outcomes.count(Outcome.CHANGED_MEANWHILE) == 1, (state, ended)
        assert len(shown(someone)) == 1


def test_reconnecting_is_connecting_anew_in_the_same_place(someone):
    made = connection_of(someone.id, someone.location, now_ms=NOW, email=someone.email)
    old = row_of(someone, made)
    (revocation,) = connections.disconnect(someone.access, made, SEALER, now_ms=NOW)
    again = connect(
        someone.id, someone.location, a_grant(f"sub-of-{someone.email}", someone.email, cursor=5000), now_ms=LATER
    )
    assert again == connecting.Ended(Outcome.CONNECTED, made)
    assert row_of(someone, made) != old, "A4: nothing of the time between"
    assert mailbox(row_of(someone, made)).first_cursor == f"{5000:020d}"
    assert connections.get(someone.access, made, now_ms=LATER).connected_at_ms == LATER
    assert revocations.take(revocation, SEALER, now_ms=LATER) is None, "Google would take the new grant away too"
    assert Revocation.get_or_none(Revocation.id == revocation) is None


def test_a_revocation_is_one_sweeps_at_a_time_and_waits_longer_each_time(someone):
    added = revocations.add(someone.sub, "token", SEALER, next_try_at_ms=NOW, now_ms=NOW)
    assert added in revocations.due(now_ms=NOW, limit=1000)
    both = at_once(*(lambda: revocations.take(added, SEALER, now_ms=NOW) for _ in range(2)))
    assert [one.token for one in both if one] == ["token"]
    assert "token" not in Revocation.get_by_id(added).token
    assert revocations.take(added, SEALER, now_ms=NOW + 59_999) is None
    assert revocations.take(added, SEALER, now_ms=NOW + 60_000) is not None
    assert revocations.take(added, SEALER, now_ms=NOW + 60_000 + 119_999) is None
    assert revocations.take(added, SEALER, now_ms=NOW + 8 * 86_400_000) is None, "a week is enough"
    assert Revocation.get_or_none(Revocation.id == added) is None


def test_a_pause_ends_with_the_next_sync_and_only_a_person_ends_needs_reauth(someone):
    made = connection_of(someone.id, someone.location, now_ms=NOW, email=someone.email)
    row = row_of(someone, made)

    def state() -> tuple[str, str | None, int | None]:
        view = connections.get(someone.access, made, now_ms=LATER)
        return view.state.value, view.problem, view.paused_until_ms

    assert connection_work.pause(row, 1, ConnectionProblem.RATE_LIMITED, until_ms=LATER)
    assert state() == ("paused", "rate_limited", LATER)
    assert connection_work.synced(row, 1, now_ms=NOW)
    assert state() == ("active", None, None)
    assert connection_work.importing(row, 1)
    assert connection_work.synced(row, 1, now_ms=NOW)
    assert state() == ("importing", None, None)
    assert connection_work.imported(row, 1)
    assert connections.get(someone.access, made, now_ms=LATER).lag_ms == LATER - NOW
    assert connection_work.needs_reauth(row, 1, ConnectionProblem.ACCESS_REVOKED)
    assert not connection_work.synced(row, 1, now_ms=NOW)
    assert not connection_work.pause(row, 1, ConnectionProblem.RATE_LIMITED, until_ms=LATER)
    assert state() == ("needs_reauth", "access_revoked", None)
    with pytest.raises(Conflict, match="sign in"):
        connections.want_sync(someone.access, made, now_ms=NOW)


def test_connections_are_private_also_from_the_admin_of_the_location(someone):
    made = connection_of(someone.id, someone.location, now_ms=NOW, email=someone.email)
    admin = Access(someone.id + 1_000_000, {someone.location: Role.ADMIN})
    with pytest.raises(Forbidden):
        connections.list_for(admin, someone.id, PageRequest(), now_ms=NOW)
    with pytest.raises(NotFound):
        connections.get(admin, made, now_ms=NOW)
    assert connections.get(Access(0, {}, installation_admin=True), made, now_ms=NOW).id == made


@pytest.mark.parametrize("limit", [0, -1, 2001])
def test_a_daily_limit_is_what_google_allows(someone, limit):
    made = connection_of(someone.id, someone.location, now_ms=NOW, email=someone.email)
    with pytest.raises(Invalid):
        connections.change(someone.access, made, {"daily_limit": limit}, now_ms=NOW)


def begun(who: Someone, **said) -> oauth_flows.Begun:
    about = About(FlowKind.CONNECT, who.id, who.location)
    beginner = Beginner(who.id, said.pop("by", BegunBy.SESSION), said.pop("session_id", None))
    return oauth_flows.begin(about, beginner, "http://x.test/callback", SEALER, now_ms=NOW)


@pytest.mark.parametrize(
    ("came", "refusal"),
    [
        pytest.param({"now_ms": NOW + STATE_LIVES_MS}, FlowRefusal.EXPIRED, id="after ten minutes"),
        pytest.param({"session_id": 8}, FlowRefusal.OTHER_SESSION, id="in another session"),
        pytest.param({"session_id": None}, FlowRefusal.OTHER_SESSION, id="in no session"),
        pytest.param({"state": "guessed"}, FlowRefusal.UNKNOWN, id="with a state that is none"),
        pytest.param({"state": ""}, FlowRefusal.UNKNOWN, id="without a state"),
    ],
)
def test_a_callback_ends_no_flow(someone, came, refusal):
    state = begun(someone, session_id=7).state
    said = {"state": state, "session_id": 7, "now_ms": NOW, **came}
    with pytest.raises(FlowRefused) as refused:
        oauth_flows.take(said["state"], said["session_id"], SEALER, now_ms=said["now_ms"])
    assert refused.value.refusal is refusal
    if refusal is not FlowRefusal.UNKNOWN:
        with pytest.raises(FlowRefused) as again:
            oauth_flows.take(state, 7, SEALER, now_ms=NOW)
        assert again.value.refusal is FlowRefusal.USED, "a state that somebody else has seen is used up"


def test_a_state_is_good_for_one_of_two_callbacks_at_once(someone):
    made = begun(someone)
    both = at_once(*(lambda: oauth_flows.take(made.state, None, SEALER, now_ms=NOW) for _ in range(2)))
    (refused,) = [one for one in both if isinstance(one, FlowRefused)]
    (taken,) = [one for one in both if not isinstance(one, FlowRefused)]
    assert refused.refusal is FlowRefusal.USED
    assert taken.verifier == made.verifier
    row = OAuthFlow.get_by_id(taken.id)
    assert made.verifier not in row.verifier
    assert made.state.encode() not in bytes(row.state_hash)
    assert made.state not in f"{made}"
    assert made.verifier not in f"{made} {taken}"


def test_the_answer_to_the_question_is_good_once_and_the_code_is_gone_then(someone):
    flow = oauth_flows.take(begun(someone, by=BegunBy.TOKEN).state, None, SEALER, now_ms=NOW)
    answer = oauth_flows.ask_once_more(flow, "4/code", SEALER, now_ms=NOW)
    assert "4/code" not in OAuthFlow.get_by_id(flow.id).code
    assert oauth_flows.confirmed(answer, SEALER, now_ms=NOW) == (flow, "4/code")
    assert OAuthFlow.get_by_id(flow.id).code is None
    for word in (answer, "guessed", ""):
        with pytest.raises(FlowRefused):
            oauth_flows.confirmed(word, SEALER, now_ms=NOW)


def test_old_flows_are_cleared_away(someone):
    flow = a_flow(About(FlowKind.CONNECT, someone.id, someone.location), now_ms=NOW - 2 * 86_400_000)
    begun(someone)
    assert OAuthFlow.get_or_none(OAuthFlow.id == flow.id) is None
