"""The index follows what happens to mail and contacts, and makes up for what was there before it."""

import pytest
from mails import a_mail
from store import Person, Store

from crm_store import contact_book, contact_changes, entry_removal, reparsing, threads
from crm_store.access import Access
from crm_store.contact_book import ContactDetails
from crm_store.database import engine
from crm_store.errors import NotFound
from crm_store.models.captures import Capture
from crm_store.models.contacts import Contact
from crm_store.models.messages import Entry, MessageContent
from crm_store.models.search import ContactWords, EntryWords, Searchable, SearchFill, SearchShelf
from crm_store.paging import PageRequest
from crm_store.search import entry_texts, filling, finding, shelving
from crm_store.search.documents import marked_words

TEXTS = [f"surat {n} tentang semen {'genap' if n % 2 == 0 else 'ganjil'}" for n in range(7)]


@pytest.fixture
def shelves_of_three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelving, "SHELF", 3)


@pytest.fixture
def mails(store: Store, ani: Person, shelves_of_three: None) -> list[int]:
    """Entries, oldest first."""
    for text in TEXTS:
        store.capture(a_mail(text=text), ani.bcc)
    return [entry.id for entry in store.entries(ani)]


def found(ani: Person, q: str, request: PageRequest = PageRequest()) -> list[int]:  # noqa: B008
    return [one.entry_id for one in finding.find_entries(ani.access, ani.location_id, q, request).items]


def contacts(ani: Person, q: str) -> list[str]:
    page = finding.find_contacts(ani.access, ani.location_id, q, PageRequest())
    return [view.details.name for view in page.items]


def test_pages_follow_each_other_over_shelves(ani: Person, mails: list[int]):
    for q, expected in (
        ("semen", mails[::-1]),
        ("ganjil", mails[1::2][::-1]),
        ('"tentang semen genap"', mails[::2][::-1]),
    ):
        seen, after = [], None
        while True:
            page = finding.find_entries(ani.access, ani.location_id, q, PageRequest(2, after))
            seen += [one.entry_id for one in page.items]
            after = page.next
            if after is None:
                break
        assert seen == expected
    assert SearchShelf.select().where(SearchShelf.kind == Searchable.ENTRY).count() == 3


def test_a_conversation_is_found_once_a_page_with_its_newest_mail(store: Store, ani: Person, mails: list[int]):
    store.capture(a_mail(to="Citra <citra@lain.example>", text="semen"), ani.bcc)
    page = finding.find_conversations(ani.access, ani.location_id, "semen", PageRequest())
    last = store.entries(ani)[-1].id
    assert [(one.conversation.contact.details.name, one.entry.entry_id) for one in page.items] == [
        ("Citra", last),
        ("Budi Santoso", mails[-1]),
    ]
    budi = page.items[1].conversation.contact.id
    only = finding.find_conversations(ani.access, ani.location_id, "semen", PageRequest(), contact_id=budi)
    assert [one.entry.entry_id for one in only.items] == [mails[-1]]


def test_what_is_hidden_is_not_found_until_it_is_back(store: Store, ani: Person, mails: list[int]):
    now_ms = store.now_ms
    entry_removal.remove(ani.access, mails[3], now_ms=now_ms)
    assert found(ani, "semen") == [one for one in mails[::-1] if one != mails[3]]
    entry_removal.restore(ani.access, mails[3], now_ms=now_ms)
    assert found(ani, "semen") == mails[::-1]
    (budi,) = finding.find_contacts(ani.access, ani.location_id, "santoso", PageRequest()).items
    contact_changes.delete(ani.access, budi.id, now_ms=now_ms)
    assert (found(ani, "semen"), contacts(ani, "santoso")) == ([], [])
    contact_changes.restore(ani.access, budi.id, now_ms=now_ms)
    assert (found(ani, "semen"), contacts(ani, "santoso")) == (mails[::-1], ["Budi Santoso"])


def test_what_is_deleted_leaves_no_words(ani: Person, mails: list[int]):
    Capture.update(entry_id=None).execute()
    Entry.delete().where(Entry.id == mails[3]).execute()
    assert EntryWords.get_or_none(EntryWords.id == mails[3]) is None
    assert found(ani, "semen") == [one for one in mails[::-1] if one != mails[3]]
    if engine.on_sqlite():
        engine.database.execute_sql("INSERT INTO entry_words_index (entry_words_index) VALUES ('integrity-check')")


def test_mail_that_moves_is_found_where_it_is(store: Store, ani: Person, mails: list[int]):
    citra = contact_book.add(ani.access, ani.location_id, ContactDetails(["citra@lain.example"], "Citra"), now_ms=0)
    thread_id = Entry.get_by_id(mails[2]).thread_id
    threads.move(ani.access, thread_id, citra.id, now_ms=store.now_ms)
    page = finding.find_entries(ani.access, ani.location_id, "semen", PageRequest())
    assert {one.entry_id: one.contact.details.name for one in page.items}[mails[2]] == "Citra"


def test_contacts_are_found_by_what_they_are_now(store: Store, ani: Person):
    def add(name: str, *addresses: str, **more: str) -> int:
        details = ContactDetails(list(addresses), name, **more)
        return contact_book.add(ani.access, ani.location_id, details, now_ms=0).id

    first = add("Dewi Lestari", "dewi@toko.example", phone="+62 812-3456-7890", organization="Toko Maju")
    second = add("Dian", "dian@maju.example")
    for q, expected in (
        ("maju", ["Dian", "Dewi Lestari"]),
        ("dewi@toko.example", ["Dewi Lestari"]),
        ('"toko maju"', ["Dewi Lestari"]),
        ("lest", ["Dewi Lestari"]),
        ("maju -toko", ["Dian"]),
        ("0812 3456 7890", ["Dewi Lestari"]),
        ("+62-812-34", ["Dewi Lestari"]),
        ("(0812) 3456", ["Dewi Lestari"]),
        ("0813", []),
        ("from:dewi", []),
    ):
        assert contacts(ani, q) == expected, q
    contact_book.change(ani.access, second, {"name": "Dahlia"}, now_ms=0)
    assert (contacts(ani, "dian@maju"), contacts(ani, "dahlia"), contacts(ani, "maju")) == (
        ["Dahlia"], ["Dahlia"], ["Dahlia", "Dewi Lestari"],
    )  # fmt: skip
    contact_changes.merge(ani.access, second, first, now_ms=0)
    assert contacts(ani, "dian@maju.example") == ["Dewi Lestari"]
    assert contacts(ani, "dahlia") == []


def test_nothing_of_another_location_is_found(store: Store, ani: Person, mails: list[int]):
    twin = store.user(ani.email, store.location("Lain"), user_id=ani.user_id)
    store.capture(a_mail(to="Budi <budi@pelanggan.example>", text="semen lain"), twin.bcc)
    assert found(twin, "semen") == [store.entries(twin)[-1].id]
    assert found(ani, "semen") == mails[::-1]
    assert found(ani, "lain") == []
    assert contacts(twin, "budi") == ["Budi"]
    stranger = Access(ani.user_id + 100, {})
    for find in (finding.find_entries, finding.find_conversations, finding.find_contacts):
        with pytest.raises(NotFound):
            find(stranger, ani.location_id, "semen", PageRequest())


def test_what_was_there_before_gets_its_words_newest_first(
    store: Store, ani: Person, mails: list[int], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(filling, "SLICE", 2)
    before = [
        sorted(tuple(row.values()) for row in table.select(table.id).dicts()) for table in (EntryWords, ContactWords)
    ]
    _as_before_search(store)
    store.capture(a_mail(text="semen baru"), ani.bcc)
    newest = store.entries(ani)[-1].id
    assert found(ani, "semen") == [newest]
    assert filling.status().left >= len(mails)

    assert filling.sweep(now_ms=1) == 2
    assert found(ani, "semen") == [newest, *mails[:-3:-1]]
    with monkeypatch.context() as broken:
        broken.setattr(shelving, "put_oldest", _fails)
        with pytest.raises(RuntimeError):
            filling.sweep(now_ms=1)
    while filling.sweep(now_ms=1):
        pass
    assert found(ani, "semen") == [newest, *mails[::-1]]
    assert contacts(ani, "santoso") == ["Budi Santoso"]
    assert filling.status().left == 0
    after = [
        sorted(tuple(row.values()) for row in table.select(table.id).dicts()) for table in (EntryWords, ContactWords)
    ]
    assert after == [[*before[0], (newest,)], before[1]]


def test_words_are_the_same_by_filing_and_by_filling(store: Store, ani: Person, mails: list[int]):
    store.capture(
        a_mail(cc="Eko <eko@lain.example>", bcc="x@y.example", attachment=b"%PDF", html="<p>halo</p>"), ani.bcc
    )
    kept = _words_of_entries()
    EntryWords.update(words=EntryWords.words).execute()
    for entry_id, text in entry_texts.of_entries(list(kept)).items():
        shelving.renew(Searchable.ENTRY, entry_id, marked_words(text.document))
    assert _words_of_entries() == kept


def test_what_is_read_anew_is_found_anew(store: Store, ani: Person, mails: list[int]):
    right = _words_of_entries()
    MessageContent.update(subject="salah", text="salah", digest=b"old").where(
        MessageContent.text.startswith(TEXTS[0])
    ).execute()
    filling.begin_anew()
    while filling.sweep(now_ms=1):
        pass
    assert found(ani, "salah") == [mails[0]]
    progress = reparsing.begin(now_ms=store.now_ms)
    while not progress.finished:
        progress = reparsing.go_on(store.blobs, ("capture.localhost",), now_ms=store.now_ms)
    assert found(ani, "salah") == []
    assert _words_of_entries() == right
    assert filling.status().left > 0, "and all words are made once more"


def _words_of_entries() -> dict[int, str]:
    return {row.id: str(row.words) for row in EntryWords.select()}


def _as_before_search(store: Store) -> None:
    for table in (EntryWords, ContactWords, SearchShelf, SearchFill):
        table.delete().execute()
    for kind, table in ((Searchable.ENTRY, Entry), (Searchable.CONTACT, Contact)):
        newest = table.select(table.id).order_by(table.id.desc()).first().id
        SearchFill.create(kind=kind, below_id=newest + 1)


def _fails(*_: object) -> None:
    raise RuntimeError
