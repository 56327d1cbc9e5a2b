"""The mark of an open page moves with what it shows, and with nothing else."""

from mails import a_mail
from store import DOMAIN, Person, Store

from crm_store import bcc_addresses, bcc_tests, capture_decisions, capture_queue, web_sessions
from crm_store.database import engine
from crm_store.database.change_stamp import ChangeStamp
from crm_store.database.engine import on_sqlite
from crm_store.live_marks import marks
from crm_store.live_marks.place import Place, View
from crm_store.models.connections import Connection
from crm_store.models.mailboxes import Mailbox
from crm_store.paging import PageRequest
from crm_store.rules.states import Role

STRANGER = "Dewa <dewa@asing.example>"


class Page:
    """An open page. moved(): whether it would show something else than when it was last asked."""

    def __init__(self, store: Store, person: Person, view: View = View.SETTINGS) -> None:
        self.store = store
        self.place = Place(person.location_id, person.user_id, view)
        self.seen = self._mark()

    def moved(self) -> bool:
        before, self.seen = self.seen, self._mark()
        return before != self.seen

    def _mark(self) -> str:
        return marks.of_place(self.place, now_ms=self.store.now_ms)


def connect(ani: Person, email: str = "ani@gmail.example") -> int:
    row = Connection.create(
        user_id=ani.user_id,
        location_id=ani.location_id,
        google_sub=email,
        email=email,
        state="active",
        connected_at_ms=1,
        scopes="",
        first_cursor="0" * 20,
    )
    Connection.update(place_id=row.id).where(Connection.id == row.id).execute()
    Mailbox.create(connection_id=row.id, user_id=ani.user_id, cursor="0" * 20)
    return int(row.id)


def test_it_moves_with_captures_and_with_what_is_done_to_the_address(store: Store, ani: Person):
    page, of_another = Page(store, ani), Page(store, store.user("bagus@firma.example", ani.location_id))
    store.now_ms += 1
    store.capture(a_mail(), ani.bcc)
    assert page.moved()
    bcc_tests.start(ani.location_id, ani.user_id, by=None, now_ms=store.now_ms)
    assert page.moved()
    store.receive(a_mail(to=None), ani.bcc)
    assert page.moved()
    store.worker.work()
    assert page.moved(), "what became of the test mail"
    bcc_addresses.replace(ani.location_id, ani.user_id, DOMAIN, grace_days=0, by=None, now_ms=store.now_ms)
    assert page.moved()
    bcc_addresses.switch_off(ani.location_id, ani.user_id, by=None, now_ms=store.now_ms)
    assert page.moved()
    assert not page.moved()
    assert not of_another.moved()


def test_it_moves_when_the_hour_of_a_test_is_over(store: Store, ani: Person):
    bcc_tests.start(ani.location_id, ani.user_id, by=None, now_ms=store.now_ms)
    page = Page(store, ani)
    store.now_ms += bcc_tests.WAITS_MS
    assert page.moved()


def test_it_moves_with_the_state_and_the_counts_of_a_connection(store: Store, ani: Person):
    page = Page(store, ani)
    connection_id = connect(ani)
    assert page.moved()
    for change in ({"state": "needs_reauth"}, {"last_synced_at_ms": 5}, {"daily_limit": 400}, {"backfill_days": 3}):
        Connection.update(**change).where(Connection.id == connection_id).execute()
        assert page.moved(), change
    Mailbox.update(seen=1, pending=1).where(Mailbox.connection_id == connection_id).execute()
    assert page.moved()
    Connection.update(epoch=7).where(Connection.id == connection_id).execute()
    assert not page.moved()


def test_the_queue_moves_with_what_comes_in_and_with_what_people_do(store: Store, ani: Person):
    olga = store.user("olga@firma.example", ani.location_id, Role.OPERATOR)
    elsewhere = store.user("bagus@lain.example", store.location("Lain"), Role.OPERATOR)
    page, theirs = Page(store, olga, View.QUEUE), Page(store, elsewhere, View.QUEUE)
    own, of_another = Page(store, ani, View.CAPTURES), Page(store, olga, View.CAPTURES)
    store.receive(a_mail(STRANGER), ani.bcc)
    assert page.moved(), "it is being checked"
    assert own.moved()
    store.worker.work()
    assert page.moved(), "it is held"
    assert own.moved()
    (held,) = capture_queue.list_for(olga.access, ani.location_id, PageRequest(), now_ms=store.now_ms).items
    for act in (capture_decisions.reject, capture_decisions.undo):
        act(olga.access, held.id, now_ms=store.now_ms)
        assert page.moved(), act
        assert own.moved(), act
    assert not page.moved()
    assert not theirs.moved(), "another location's"
    assert not of_another.moved(), "of another's BCC address"


def test_many_pages_of_one_queue_cost_as_many_queries_as_one(store: Store, ani: Person):
    queries: list[object] = []
    engine.database.obj.query_hooks.append(queries.append)
    counts = []
    for pages in (1, 150):
        queries.clear()
        marks.of_places([Place(ani.location_id, number, View.QUEUE) for number in range(pages)], now_ms=store.now_ms)
        counts.append(len(queries))
    engine.database.obj.query_hooks.clear()
    assert counts[0] == counts[1]


def test_many_pages_cost_as_many_queries_as_one(store: Store, ani: Person):
    connect(ani)
    queries: list[object] = []
    engine.database.obj.query_hooks.append(queries.append)
    for pages in (1, 200):
        queries.clear()
        places = [Place(ani.location_id, ani.user_id + number, View.SETTINGS) for number in range(pages)]
        assert marks.of_places(places, now_ms=store.now_ms).keys() == set(places)
        assert len(queries) == 4, "addresses, their tests, connections, their counts"
    engine.database.obj.query_hooks.clear()


def test_a_session_is_living_until_it_is_ended_or_over(store: Store, ani: Person):
    web_sessions.begin(ani.user_id, agent="", now_ms=store.now_ms)
    token = web_sessions.begin(ani.user_id, agent="", now_ms=store.now_ms)
    mine = web_sessions.by_token(token, now_ms=store.now_ms)
    ids = [one.id for one in web_sessions.list_for(ani.access, now_ms=store.now_ms)]
    assert web_sessions.living([*ids, 10**9], now_ms=store.now_ms) == set(ids)
    web_sessions.end_others(ani.access, mine.session_id, now_ms=store.now_ms)
    assert web_sessions.living(ids, now_ms=store.now_ms) == {mine.session_id}
    assert web_sessions.living(ids, now_ms=store.now_ms + web_sessions.IDLE_MS) == set()


def test_a_stamp_says_yes_whenever_something_may_have_moved(store: Store, ani: Person):
    stamp = ChangeStamp()
    assert stamp.moved()
    assert stamp.moved() is not on_sqlite()
    bcc_addresses.switch_off(ani.location_id, ani.user_id, by=None, now_ms=store.now_ms)
    assert stamp.moved()
    stamp.close()
    assert stamp.moved()
    stamp.close()
