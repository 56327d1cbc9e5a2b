"""No query of ours reads a whole table or sorts one: what it costs does not grow with the tenant (design.md 7)."""

import base64
import re
from collections.abc import Iterator

import pytest
from bounces import a_bounce
from changes_asked import everything_that_is_changed
from connections_asked import everything_of_connections
from drafts_asked import everything_of_drafts
from mailbox_asked import everything_of_mailboxes
from mails import a_mail
from notices_asked import everything_of_notices
from outbox_asked import everything_of_the_outbox
from peewee import QueryEvent
from queue_asked import everything_of_the_queue
from read_state_asked import everything_of_read_state
from signing_in_asked import everything_of_signing_in
from store import Person, Store

from crm_store import (
    bcc_addresses,
    bcc_tests,
    capture_work,
    connections,
    contact_book,
    conversations,
    decisions,
    idempotency,
    locations,
    members,
    notice_status,
    outbox_status,
    status,
    tokens,
    users,
    web_sessions,
)
from crm_store.access import Access, by_token
from crm_store.blobs import erasure
from crm_store.contact_book import ContactDetails
from crm_store.database import engine
from crm_store.live_marks import marks
from crm_store.live_marks.place import Place, View
from crm_store.models.messages import BlobErasure
from crm_store.paging import PageRequest
from crm_store.rules.states import Role

# Tables that are read in the order of their key, a page at a time, or that have one row or next to none.
READ_IN_KEY_ORDER = {"location"}
# Partial indexes that hold what waits or is at work, and are read whole.
OF_WORK = re.compile("capture_due|mailbox_leased|outbox_lane_leased")
HAVE_HARDLY_ANY_ROWS = {"address_book_version", "blob_erasure", "first_run_link"}


# Indexes, each without which some query is slow.
NOTICED = (
    "entry_conversation_id_at_ms_id",
    "decision_message_id_key_id",
    "capture_due",
    "conversation_shown",
    "contact_living",
    "audit_location_id_id",
    "decision_of_gmail_id",
    "capture_rejected_content",
    "capture_undoable",
    "connection_shown",
    "connection_ending",
    "connection_live_email",
    "mailbox_due",
    "gmail_message_due",
    "outbox_lane_due",
    "draft_open",
    "draft_of_email",
    "draft_erase_at_ms_id",
    "delivery_waiting",
    "queue_digest_next_at_ms_id",
    "read_wish_mailbox_id_due_at_ms_id",
)


class Recorder:
    def __init__(self) -> None:
        self.queries: dict[str, object] = {}

    def __call__(self, event: QueryEvent) -> None:
        if event.sql.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE")) and "pg_advisory" not in event.sql:
            self.queries.setdefault(event.sql, event.params)


@pytest.fixture
def recorded(store: Store) -> Iterator[Recorder]:
    recorder = Recorder()
    engine.database.obj.query_hooks.append(recorder)
    yield recorder
    engine.database.obj.query_hooks.clear()


def everything_that_is_asked(store: Store, ani: Person) -> None:
    """Each service once, with a second page where it has pages."""
    now_ms = store.now_ms
    store.user("bagus@firma.example", ani.location_id)
    one = "<one@firma.example>"
    store.capture(a_mail(cc=ani.bcc, message_id=one, attachment=b"pdf"), ani.bcc)
    store.capture(a_mail(cc="citra@pelanggan.example", answers=one), ani.bcc)
    store.capture(a_mail(to="citra@pelanggan.example", bcc="x@y.example"), ani.bcc)
    store.capture(a_mail(to="citra@pelanggan.example", text="Lain", message_id=one), ani.bcc)
    store.capture(a_mail(to="bagus@firma.example"), ani.bcc)
    outlooks_index = base64.b64encode(bytes(27)).decode()
    store.capture(a_mail(subject="Re: Penawaran", text="B17", headers={"Thread-Index": outlooks_index}), ani.bcc)
    store.capture(a_mail(), ani.bcc, peer="192.0.2.1")
    for bounced in (one, "<later@firma.example>"):
        told = ("budi@pelanggan.example", "failed", "5.1.1")
        store.capture(a_bounce(bounced, told, to=ani.bcc, message_id=f"<b-{bounced[1:]}"), ani.bcc)
    store.capture(a_mail(message_id="<later@firma.example>"), ani.bcc)
    assert any(entry.delivery for entry in store.entries(ani))
    BlobErasure.insert(sha256=bytes(32)).execute()
    erasure.sweep(store.blobs)
    capture_work.due_in_ms(now_ms=now_ms)
    status.of_store(now_ms=now_ms)
    outbox_status.status(now_ms=now_ms)
    notice_status.status()

    access = by_token(tokens.create(ani.user_id, installation_admin=True, by=None, now_ms=now_ms))
    first = PageRequest(1)
    second = PageRequest(1, locations.list_for(access, first).next)
    locations.list_for(access, second)
    locations.change(access, ani.location_id, {"name": "Toko"}, now_ms=now_ms)
    users.get(Access(access.user_id + 1, {ani.location_id: Role.ADMIN}), ani.user_id)
    users.change(access, ani.user_id, {"name": "Ani"}, now_ms=now_ms)
    users.find("ani@firma.example")
    members.list_for(access, ani.location_id, PageRequest(1, members.list_for(access, ani.location_id, first).next))
    members.require_own_or_managed(access, ani.location_id, ani.user_id)
    bcc_addresses.replace(ani.location_id, ani.user_id, "capture.localhost", grace_days=None, by=None, now_ms=now_ms)
    bcc_addresses.changes_since(0)
    bcc_tests.start(ani.location_id, ani.user_id, by=None, now_ms=now_ms)
    tested = bcc_addresses.show(ani.location_id, ani.user_id, now_ms=now_ms)
    assert tested.address is not None
    marks.of_places([Place(ani.location_id, ani.user_id, view) for view in View], now_ms=now_ms)
    web_sessions.living([1], now_ms=now_ms)
    connections.lost(access)
    store.capture(a_mail("ani@firma.example", to=None, subject="Uji coba"), tested.address)
    made = contact_book.add(access, ani.location_id, ContactDetails(["dian@pelanggan.example"]), now_ms=now_ms)
    contact_book.change(access, made.id, {"phone": "0812"}, now_ms=now_ms)
    listed = contact_book.list_for(access, ani.location_id, first, address=None)
    contact_book.list_for(access, ani.location_id, PageRequest(1, listed.next), address=None)
    contact_book.list_for(access, ani.location_id, first, address="dian@pelanggan.example")
    shown = conversations.list_for(access, ani.location_id, first, contact_id=None)
    conversations.list_for(access, ani.location_id, PageRequest(1, shown.next), contact_id=None)
    conversations.list_for(access, ani.location_id, first, contact_id=made.id)
    for conversation in store.conversations(ani):
        entries = conversations.entries(access, conversation.id, first)
        conversations.entries(access, conversation.id, PageRequest(1, entries.next))
        conversations.mark_read(access, conversation.id, now_ms=now_ms)
        conversations.raw(access, entries.items[0].id, store.blobs)
    (attached,) = (a for entry in store.entries(ani) for a in entry.message.attachments)
    conversations.attachment(access, attached.id, store.blobs)
    decisions.explain(access, one, PageRequest(1, decisions.explain(access, one, first).next))
    decisions.explain_everywhere(one, first)
    for _ in range(2):
        idempotency.once(access, "key", b"POST /", lambda: (201, {}), now_ms=now_ms)
    everything_that_is_changed(store, ani)
    everything_of_the_queue(store, ani)
    everything_of_signing_in(store, ani)
    everything_of_connections(store, ani)
    everything_of_mailboxes(store, ani)
    everything_of_read_state(store, ani.location_id)
    everything_of_the_outbox(store, ani)
    everything_of_notices(store, ani)
    everything_of_drafts(store, ani)
    members.remove(access, ani.location_id, ani.user_id, now_ms=now_ms)


def asked(store: Store, ani: Person, recorded: Recorder) -> dict[str, object]:
    everything_that_is_asked(store, ani)
    queries = dict(recorded.queries)
    engine.database.obj.query_hooks.clear()
    assert len(queries) > 60
    return queries


def faults_of(queries: dict[str, object]) -> dict[str, str]:
    return _sqlite_faults(queries) if engine.on_sqlite() else _postgresql_faults(queries)


def test_no_query_reads_or_sorts_a_whole_table(store: Store, ani: Person, recorded: Recorder):
    faults = faults_of(asked(store, ani, recorded))
    assert not faults, "\n\n".join(f"{plan}\n    of: {sql}" for sql, plan in faults.items())


def test_a_missing_index_is_noticed(store: Store, ani: Person, recorded: Recorder):
    queries = asked(store, ani, recorded)
    assert [index for index in NOTICED if not faults_without(index, queries)] == []
    assert not faults_of(queries)  # each came back, so none was noticed for the lack of another


def faults_without(index: str, queries: dict[str, object]) -> dict[str, str]:
    """Of the queries that name its table: it bears that in front."""
    with engine.database.atomic() as transaction:
        engine.database.execute_sql(f"DROP INDEX {index}")
        faults = faults_of(
            {
                sql: parameters
                for sql, parameters in queries.items()
                if any(index.startswith(f"{name}_") for name in re.findall(r'"(\w+)"', sql))
            }
        )
        transaction.rollback()
    return faults


def _sqlite_faults(queries: dict[str, object]) -> dict[str, str]:
    faults = {}
    for sql, parameters in queries.items():
        if "(0 = 1)" in sql:  # peewee's word for an empty IN list
            continue
        lines = [row[3] for row in engine.database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", parameters).fetchall()]
        scanned = {
            table for line in lines for table in re.findall(r"^SCAN (?!CONSTANT)(\w+)", line) if " USING " not in line
        }
        aliases = {alias: table for table, alias in re.findall(r'"(\w+)" AS "(t\d+)"', sql)}
        tables = {aliases.get(name, name) for name in scanned} - READ_IN_KEY_ORDER - HAVE_HARDLY_ANY_ROWS
        partial = [line for line in lines if line.startswith("SCAN") and " USING " in line and not OF_WORK.search(line)]
        sorts = any("TEMP B-TREE FOR ORDER BY" in line for line in lines) and _is_page(sql)
        if tables or partial or sorts:
            faults[sql] = "\n".join(lines)
    return faults


def _is_page(sql: str) -> bool:
    """Whether its order has to come from an index. What an IN list named is bounded, and may be sorted."""
    return "LIMIT" in sql and " IN (" not in sql


def _postgresql_faults(queries: dict[str, object]) -> dict[str, str]:
    """With all but index scans made dear the planner still scans or sorts where no index serves."""
    for switch in ("enable_seqscan", "enable_bitmapscan"):
        engine.database.execute_sql(f"SET {switch} = off")
    faults = {}
    pages = None
    for sql, parameters in sorted(queries.items(), key=lambda query: _is_page(query[0])):
        if _is_page(sql) is not pages:
            pages = _is_page(sql)
            for kind in ("sort", "incremental_sort"):
                engine.database.execute_sql(f"SET enable_{kind} = {'off' if pages else 'on'}")
        plan = "\n".join(row[0] for row in engine.database.execute_sql(f"EXPLAIN {sql}", parameters).fetchall())
        sorts = "Sort" in plan and _is_page(sql)
        if set(_read_whole(plan)) - READ_IN_KEY_ORDER - HAVE_HARDLY_ANY_ROWS or sorts:
            faults[sql] = plan
    return faults


def _read_whole(plan: str) -> Iterator[str]:
    """Tables that a node reads from end to end: by rows, or along an index that says nothing of what is sought."""
    for node in re.split(r"\n\s*->\s+", plan):
        found = re.search(r"(Seq Scan|Index (?:Only )?Scan(?: Backward)? using \S+) on (\w+)", node)
        if found and (found[1] == "Seq Scan" or ("Filter:" in node and "Index Cond:" not in node)):
            yield found[2]
