"""G3: entries that are un-logged and brought back, on both databases."""

import pytest
from at_once import at_once
from mails import a_mail
from store import Person, Store
from true_counts import assert_counts_are_true

from crm_store import contact_changes, conversations, decisions, entry_removal, paging, threads
from crm_store.blobs import erasure
from crm_store.entry_views import EntryView
from crm_store.errors import Conflict, NotFound
from crm_store.models.captures import AuditRow, Capture
from crm_store.models.messages import Entry
from crm_store.paging import PageRequest

BUDI = "Budi Santoso <budi@pelanggan.example>"
DAY_MS = 86_400_000


def talk(store: Store, ani: Person) -> tuple[EntryView, EntryView]:
    """Ani's mail with a file, and Budi's unread answer."""
    store.capture(a_mail(to=BUDI, cc=ani.bcc, message_id="<m1@f>", attachment=b"pdf"), ani.bcc)
    store.now_ms += 1000
    store.capture(answer(ani), ani.bcc)
    first, second = store.entries(ani)
    return first, second


def answer(ani: Person, name: str = "m2", text: str = "Setuju") -> bytes:
    return a_mail(
        BUDI, to="ani@firma.example", cc=ani.bcc, message_id=f"<{name}@p>", answers="<m1@f>", text=text, date=None
    )


def test_an_un_logged_entry_is_nowhere_to_be_seen_and_not_counted(store: Store, ani: Person):
    sent, received = talk(store, ani)
    entry_removal.remove(ani.access, received.id, now_ms=store.now_ms)

    (conversation,) = store.conversations(ani)
    assert (conversation.threads, conversation.unread) == (1, 0)
    assert store.entries(ani) == [sent]
    with pytest.raises(NotFound):
        conversations.raw(ani.access, received.id, store.blobs)
    entry_removal.remove(ani.access, sent.id, now_ms=store.now_ms)
    assert store.conversations(ani) == []
    for ask in (
        lambda: conversations.get(ani.access, conversation.id),
        lambda: conversations.entries(ani.access, conversation.id, PageRequest()),
        lambda: conversations.entry(ani.access, sent.id),
        lambda: conversations.raw(ani.access, sent.id, store.blobs),
        lambda: conversations.attachment(ani.access, sent.message.attachments[0].id, store.blobs),
        lambda: entry_removal.remove(ani.access, sent.id, now_ms=store.now_ms),
        lambda: threads.merge(ani.access, sent.thread_id, sent.thread_id, now_ms=store.now_ms),
    ):
        with pytest.raises(NotFound):
            ask()
    assert_counts_are_true()
    audited = AuditRow.select().where(AuditRow.action == "entry.remove").order_by(AuditRow.id)
    assert [(row.user_id, row.location_id, row.subject) for row in audited] == [
        (ani.user_id, ani.location_id, f"entry {one.id}") for one in (received, sent)
    ]


def test_within_thirty_days_an_entry_comes_back_as_it_was(store: Store, ani: Person):
    before = talk(store, ani)
    tab = store.conversations(ani)
    for entry in before:
        entry_removal.remove(ani.access, entry.id, now_ms=store.now_ms)
    for entry in before:
        assert entry_removal.restore(ani.access, entry.id, now_ms=store.now_ms + 30 * DAY_MS) == entry
        assert entry_removal.restore(ani.access, entry.id, now_ms=store.now_ms) == entry, "twice is harmless"
    assert store.conversations(ani) == tab
    assert AuditRow.select().where(AuditRow.action == "entry.restore").count() == 2
    assert_counts_are_true()


def test_after_thirty_days_an_entry_stays_away(store: Store, ani: Person):
    sent, _ = talk(store, ani)
    entry_removal.remove(ani.access, sent.id, now_ms=store.now_ms)
    with pytest.raises(Conflict, match="30 days"):
        entry_removal.restore(ani.access, sent.id, now_ms=store.now_ms + 30 * DAY_MS + 1)


def test_the_message_stays_away_whatever_way_it_comes_again(store: Store, ani: Person):
    sent, received = talk(store, ani)
    entry_removal.remove(ani.access, received.id, now_ms=store.now_ms)
    store.capture(answer(ani), ani.bcc)
    store.capture(answer(ani, text="Setuju\n\n-- \nDikirim dari ponsel"), ani.bcc)

    assert store.entries(ani) == [sent]
    assert Entry.get_by_id(received.id).removed_at_ms is not None
    *_, again, once_more = Capture.select().order_by(Capture.id)
    assert {(capture.state, capture.rule) for capture in (again, once_more)} == {("ignored", "G3")}
    assert_counts_are_true()


def test_the_decision_about_a_copy_that_comes_again_tells_that_it_was_un_logged(store: Store, ani: Person):
    _, received = talk(store, ani)
    entry_removal.remove(ani.access, received.id, now_ms=store.now_ms)
    store.capture(answer(ani), ani.bcc)
    told = [(one.rule, one.outcome) for one in decisions.explain(ani.access, "m2@p", PageRequest()).items]
    assert told == [("C5", "recorded"), ("G3", "ignored")]


def test_its_bytes_are_kept_for_as_long_as_it_can_come_back(store: Store, ani: Person):
    _, received = talk(store, ani)
    raw = conversations.raw(ani.access, received.id, store.blobs)
    entry_removal.remove(ani.access, received.id, now_ms=store.now_ms)
    store.capture(answer(ani), ani.bcc)
    while erasure.sweep(store.blobs):
        pass
    entry_removal.restore(ani.access, received.id, now_ms=store.now_ms)
    assert conversations.raw(ani.access, received.id, store.blobs) == raw


def test_a_thread_of_which_all_was_un_logged_takes_no_answers(store: Store, ani: Person):
    sent, received = talk(store, ani)
    for entry in (sent, received):
        entry_removal.remove(ani.access, entry.id, now_ms=store.now_ms)
    store.capture(a_mail(to=BUDI, message_id="<m3@f>", answers="<m1@f>"), ani.bcc)

    (entry,) = store.entries(ani)
    assert entry.thread_id != sent.thread_id
    assert store.conversations(ani)[0].threads == 1
    entry_removal.restore(ani.access, sent.id, now_ms=store.now_ms)
    assert store.conversations(ani)[0].threads == 2
    assert_counts_are_true()


def test_an_entry_of_a_deleted_contact_comes_back_after_the_contact(store: Store, ani: Person):
    sent, received = talk(store, ani)
    entry_removal.remove(ani.access, received.id, now_ms=store.now_ms)
    (tab,) = store.conversations(ani)
    contact_changes.delete(ani.access, tab.contact.id, now_ms=store.now_ms)
    for entry in (sent, received):
        with pytest.raises(NotFound):
            entry_removal.remove(ani.access, entry.id, now_ms=store.now_ms)
    with pytest.raises(Conflict, match="contact is deleted"):
        entry_removal.restore(ani.access, received.id, now_ms=store.now_ms)
    contact_changes.restore(ani.access, tab.contact.id, now_ms=store.now_ms)
    assert entry_removal.restore(ani.access, received.id, now_ms=store.now_ms) == received
    assert_counts_are_true()


def test_a_stranger_removes_and_restores_nothing(store: Store, ani: Person):
    dewi = store.user("dewi@firma.example", store.location("Toko Dewi"))
    sent, received = talk(store, ani)
    entry_removal.remove(ani.access, sent.id, now_ms=store.now_ms)
    with pytest.raises(NotFound):
        entry_removal.remove(dewi.access, received.id, now_ms=store.now_ms)
    with pytest.raises(NotFound):
        entry_removal.restore(dewi.access, sent.id, now_ms=store.now_ms)
    assert store.entries(ani) == [received]


def test_in_another_location_the_message_stays(store: Store, ani: Person):
    twin = store.user("ani@firma.example", store.location("Toko Dua"), user_id=ani.user_id)
    store.capture(a_mail(to=BUDI), ani.bcc, twin.bcc)
    entry_removal.remove(ani.access, store.entries(ani)[0].id, now_ms=store.now_ms)
    assert store.entries(ani) == []
    assert len(store.entries(twin)) == 1


def test_one_entry_un_logged_by_two_at_once_is_counted_once(store: Store, ani: Person):
    sent, received = talk(store, ani)
    access = ani.access
    outcomes = at_once(*[lambda: entry_removal.remove(access, received.id, now_ms=store.now_ms)] * 2)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "NotFound"]
    assert store.entries(ani) == [sent]
    assert_counts_are_true()


def test_a_page_of_a_conversation_looks_past_so_many_entries_that_were_un_logged(
    store: Store, ani: Person, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(paging, "MOST_LOOKED_AT", 4)
    for number in range(8):
        store.capture(a_mail(to=BUDI, text=f"surat {number}"), ani.bcc)
    listed = sorted(store.entries(ani), key=lambda entry: entry.id)
    for entry in listed[2:]:
        entry_removal.remove(ani.access, entry.id, now_ms=store.now_ms)

    seen, pages, after = [], 0, None
    while after is not None or not pages:
        page = conversations.entries(ani.access, listed[0].conversation_id, PageRequest(1, after))
        seen += [entry.id for entry in page.items]
        pages, after = pages + 1, page.next
    assert seen == [listed[1].id, listed[0].id]
    assert pages > 2
