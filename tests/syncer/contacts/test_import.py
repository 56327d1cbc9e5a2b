"""B15 over HTTP, on both databases: the account's contacts, and what becomes of them here."""

import secrets
from collections.abc import Callable

import pytest
from google_contacts import Book

from crm_store import (
    audit,
    bcc_addresses,
    connections,
    contact_book,
    contact_changes,
    imported_people,
    sender_list_changes,
)
from crm_store.access import Access
from crm_store.clock import now_ms
from crm_store.contact_book import ContactDetails
from crm_store.errors import NotFound
from crm_store.models.contact_import import ImportedPerson
from crm_store.paging import PageRequest
from crm_store.rules.states import ContactSource, SenderList
from syncer.contacts.remote import PeoplePage
from syncer.gmail import people


def address(name: str) -> str:
    return f"{name}@{secrets.token_hex(4)}.example"


def add_here(book: Book, *addresses: str, **details: str) -> int:
    mailbox = book.mailbox
    view = contact_book.add(
        mailbox.access, mailbox.location_id, ContactDetails(list(addresses), **details), now_ms=mailbox.now_ms()
    )
    return view.id


def change_here(book: Book, contact_id: int, **changes: object) -> None:
    contact_book.change(book.mailbox.access, contact_id, changes, now_ms=now_ms())


def test_contacts_are_imported_and_kept_in_step(ani: Book):
    budi, second = address("Budi"), address("b")
    there = ani.add("Budi Santoso", budi, second, phones=["0811", "0812"], organization="PT Maju")
    ani.add("Nomor saja", phones=["0899"])
    ani.sync()
    (view,) = ani.here()
    assert view.details == ContactDetails([budi, second], "Budi Santoso", "0811", "PT Maju")
    assert view.source is ContactSource.GOOGLE

    third = address("c")
    ani.change(there, "Budi S.", budi, third, phones=["0813"])
    ani.sync()
    assert [(one.id, one.details) for one in ani.here()] == [
        (view.id, ContactDetails([budi, third], "Budi S.", "0813"))
    ]
    ani.delete(there)
    ani.sync()
    assert ani.names() == ["Budi S."]


def test_what_was_edited_here_wins(ani: Book):
    budi = address("budi")
    there = ani.add("Budi", budi, phones=["0811"])
    ani.sync()
    (view,) = ani.here()
    change_here(ani, view.id, name="Pak Budi", addresses=[budi, "pribadi@rumah.example"])
    ani.change(there, "Budi Santoso", budi, phones=["0822"])
    ani.sync()
    (view,) = ani.here()
    assert view.details == ContactDetails([budi, "pribadi@rumah.example"], "Pak Budi", "0822")


def test_a_contact_that_is_here_is_completed_and_not_doubled(ani: Book):
    budi = address("budi")
    contact_id = add_here(ani, budi, name="Pak Budi")
    ani.add("Budi Santoso", budi.upper(), organization="PT Maju")
    ani.sync()
    (view,) = ani.here()
    assert (view.id, view.details) == (contact_id, ContactDetails([budi], "Pak Budi", "", "PT Maju"))
    assert view.source is ContactSource.CRM


def test_two_accounts_of_a_location_with_the_same_person_give_one_contact(book: Callable[..., Book]):
    ani = book("ani")
    rina = book("rina", location_id=ani.mailbox.location_id)
    budi, more = address("budi"), address("budi")
    ani.add("Budi", budi)
    rina.add("Budi dari Rina", more, budi)
    ani.sync()
    rina.sync()
    ani.sync()
    (view,) = ani.here()
    assert view.details == ContactDetails([budi, more], "Budi")


def test_of_several_contacts_the_first_is_meant_and_the_other_is_suggested(ani: Book):
    """And merging them settles it (G2): what was imported follows, and the suggestion is gone."""
    first, second = address("satu"), address("dua")
    first_id, second_id = add_here(ani, first), add_here(ani, second)
    there = ani.add("Budi", first, second)
    ani.sync()
    access, location_id = ani.mailbox.access, ani.mailbox.location_id

    def suggested() -> list[list[int]]:
        found = imported_people.suggestions(access, location_id, PageRequest()).items
        return [[view.id for view in one.contacts] for one in found]

    assert suggested() == [[first_id, second_id]]
    assert [view.details.addresses for view in ani.here()] == [[first], [second]]
    contact_changes.merge(access, first_id, into=second_id, now_ms=now_ms())
    assert suggested() == []
    ani.change(there, "Budi Santoso", first, second)
    ani.sync()
    (view,) = ani.here()
    assert (view.id, view.details.name) == (second_id, "Budi Santoso")


def test_a_suggestion_that_is_dismissed_stays_so(ani: Book):
    """Whatever is imported later; also for who is merged with one of the two. The change is in the audit log once."""
    addresses = [address(name) for name in ("satu", "dua", "tiga")]
    first, second, _third = (add_here(ani, one) for one in addresses)
    there = ani.add("Budi", *addresses)
    ani.sync()
    access, location_id = ani.mailbox.access, ani.mailbox.location_id

    def suggested() -> dict[tuple[int, ...], int]:
        found = imported_people.suggestions(access, location_id, PageRequest()).items
        return {tuple(view.id for view in one.contacts): one.id for one in found}

    (of_second, of_third) = sorted(suggested().values())
    for _ in range(2):
        imported_people.dismiss(access, of_third, now_ms=now_ms())
    assert suggested() == {(first, second): of_second}
    ani.change(there, "Budi Santoso", *addresses)
    ani.sync()
    assert suggested() == {(first, second): of_second}
    contact_changes.merge(access, first, into=second, now_ms=now_ms())
    assert suggested() == {}, "who is not the first is not the second, who is the first"
    told = audit.list_for(access, location_id, PageRequest()).items
    assert [one.what for one in told].count("merge_suggestion.dismiss") == 1
    with pytest.raises(NotFound):
        imported_people.dismiss(Access(ani.mailbox.user_id, {}), of_second, now_ms=now_ms())


def test_a_suggestion_goes_over_to_who_stays_and_waits_while_one_is_deleted(ani: Book):
    addresses = [address(name) for name in ("satu", "dua", "tiga")]
    first, second, third = (add_here(ani, one) for one in addresses)
    ani.add("Budi", *addresses)
    ani.sync()
    access, location_id = ani.mailbox.access, ani.mailbox.location_id

    def suggested() -> set[tuple[int, ...]]:
        found = imported_people.suggestions(access, location_id, PageRequest()).items
        return {tuple(view.id for view in one.contacts) for one in found}

    assert suggested() == {(first, second), (first, third)}
    contact_changes.merge(access, first, into=second, now_ms=now_ms())
    assert suggested() == {(second, third)}
    contact_changes.delete(access, third, now_ms=now_ms())
    assert suggested() == set()
    contact_changes.restore(access, third, now_ms=now_ms())
    assert suggested() == {(second, third)}


def test_internal_never_log_and_capture_addresses_are_not_imported(ani: Book):
    mailbox = ani.mailbox
    never, outside = address("jangan"), address("luar")
    sender_list_changes.add(mailbox.access, mailbox.location_id, SenderList.NEVER_LOG, never, now_ms=now_ms())
    bcc = bcc_addresses.show(mailbox.location_id, mailbox.user_id, now_ms=now_ms()).address
    ani.add("Saya", mailbox.email)
    ani.add("BCC CRM", bcc)
    ani.add("Rahasia", never)
    ani.add("Rekan", mailbox.email, never, outside)
    ani.sync()
    assert [view.details.addresses for view in ani.here()] == [[outside]]


@pytest.mark.parametrize("reconnects", [False, True])
def test_who_was_deleted_here_is_not_brought_back(ani: Book, reconnects: bool):
    """G1; a BCC makes it anew, and that one is followed."""
    budi = address("budi")
    there = ani.add("Budi", budi)
    ani.sync()
    (view,) = ani.here()
    mailbox = ani.mailbox
    contact_changes.delete(mailbox.access, view.id, now_ms=now_ms())
    if reconnects:
        connections.disconnect(mailbox.access, mailbox.place_id, mailbox.engine.sealer, now_ms=now_ms())
        mailbox.connect()
    ani.change(there, "Budi Santoso", budi, address("lain"))
    ani.sync()
    assert ani.here() == []
    add_here(ani, budi)
    ani.change(there, "Budi S.", budi)
    ani.sync()
    assert ani.names() == ["Budi S."]


def test_mail_that_comes_after_the_import_is_recorded_and_before_it_is_not(ani: Book):
    """A6, B4."""
    budi = address("budi")
    ani.add("Budi", budi)
    ani.mailbox.sync()
    ani.mailbox.deliver(budi, subject="sebelum")
    ani.mailbox.sync()
    ani.sync()
    ani.mailbox.deliver(budi, subject="sesudah")
    ani.mailbox.sync()
    assert ani.mailbox.subjects() == ["sesudah"]


def test_pages_are_read_one_a_run_and_go_on_where_they_were(ani: Book, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(people, "PAGE", 3)
    for number in range(7):
        ani.add(f"Orang {number}", address("orang"))
    ani.run_due()
    assert len(ani.here()) == 3
    ani.run_due()
    assert len(ani.here()) == 6
    ani.run_due()
    assert sorted(ani.names()) == [f"Orang {number}" for number in range(7)]
    assert (ani.calls, ani.row.page_token) == (3, None)
    assert ani.run_due() == []


def test_an_expired_token_is_answered_by_reading_all_and_doubles_nobody(ani: Book):
    there = [ani.add(f"Orang {number}", address("orang")) for number in range(3)]
    ani.sync()
    before = ani.here()
    ani.forget_tokens()
    ani.change(there[0], "Nama baru", before[0].details.addresses[0])
    ani.mailbox.later(6)
    assert ani.run_due() == [False]
    assert ani.row.sync_token is None
    ani.sync()
    assert [view.id for view in ani.here()] == [view.id for view in before]
    assert ani.names() == ["Nama baru", "Orang 1", "Orang 2"]


def test_one_whose_name_at_google_changed_is_the_same(ani: Book):
    """personMetadata.previousResourceNames; told to the store as Google's client would tell it."""
    budi = address("budi")
    ani.add("Budi", budi)
    ani.sync()
    link = ImportedPerson.get(ImportedPerson.location_id == ani.mailbox.location_id)
    ImportedPerson.update(resource="people/former").where(ImportedPerson.id == link.id).execute()
    told = people.people_page(
        {
            "connections": [
                {
                    "resourceName": link.resource,
                    "metadata": {"previousResourceNames": ["people/former"]},
                    "names": [{"displayName": "Budi S."}],
                    "emailAddresses": [{"value": address("baru")}],
                }
            ]
        }
    )

    class Remote:
        def page(self, _sync_token: str | None, _page_token: str | None) -> PeoplePage:
            return told

    assert ani.run_with(Remote()) == [True]
    (view,) = ani.here()
    assert view.details.name == "Budi S."
    assert ImportedPerson.get_by_id(link.id).resource == link.resource
