"""G1 and G2: contacts that are deleted, brought back, and merged; on both databases."""

from functools import partial

import pytest
from at_once import at_once
from mails import a_mail
from store import Person, Store
from true_counts import assert_counts_are_true, assert_each_thread_knows_its_own_messages

from crm_store import contact_book, contact_changes, conversations
from crm_store.contact_book import ContactDetails, ContactView
from crm_store.errors import Conflict, Invalid, NotFound
from crm_store.models.captures import AuditRow
from crm_store.models.contacts import Contact
from crm_store.models.messages import Entry
from crm_store.paging import PageRequest

BUDI = "Budi Santoso <budi@pelanggan.example>"
CITRA = "Citra <citra@pelanggan.example>"
DAY_MS = 86_400_000


def contact_of(ani: Person, address: str) -> ContactView:
    (found,) = contact_book.list_for(ani.access, ani.location_id, PageRequest(), address=address).items
    return found


def contacts(ani: Person) -> list[ContactView]:
    return contact_book.list_for(ani.access, ani.location_id, PageRequest(), address=None).items


def audited(action: str) -> list[tuple[int | None, int | None, str]]:
    rows = AuditRow.select().where(AuditRow.action == action).order_by(AuditRow.id)
    return [(row.location_id, row.user_id, row.subject) for row in rows]


def test_a_deleted_contact_and_its_conversation_are_nowhere_to_be_seen(store: Store, ani: Person):
    store.capture(a_mail(to=BUDI, attachment=b"pdf"), ani.bcc)
    (entry,) = store.entries(ani)
    budi = contact_of(ani, "budi@pelanggan.example")
    contact_changes.delete(ani.access, budi.id, now_ms=store.now_ms)

    assert contacts(ani) == []
    assert store.conversations(ani) == []
    assert contact_book.by_addresses(ani.location_id, ["budi@pelanggan.example"]) == {}
    for ask in (
        lambda: contact_book.get(ani.access, budi.id),
        lambda: contact_book.change(ani.access, budi.id, {"name": "B"}, now_ms=store.now_ms),
        lambda: conversations.get(ani.access, entry.conversation_id),
        lambda: conversations.entries(ani.access, entry.conversation_id, PageRequest()),
        lambda: conversations.mark_read(ani.access, entry.conversation_id, now_ms=store.now_ms),
        lambda: conversations.entry(ani.access, entry.id),
        lambda: conversations.raw(ani.access, entry.id, store.blobs),
        lambda: conversations.attachment(ani.access, entry.message.attachments[0].id, store.blobs),
        lambda: contact_changes.delete(ani.access, budi.id, now_ms=store.now_ms),
    ):
        with pytest.raises(NotFound):
            ask()
    assert conversations.list_for(ani.access, ani.location_id, PageRequest(), contact_id=budi.id).items == []
    assert audited("contact.delete") == [(ani.location_id, ani.user_id, f"contact {budi.id}")]
    assert_counts_are_true()


def test_within_thirty_days_a_deleted_contact_comes_back_with_all_its_mail(store: Store, ani: Person):
    store.capture(a_mail(to=BUDI, attachment=b"pdf"), ani.bcc)
    before = store.conversations(ani), store.entries(ani)
    budi = contact_of(ani, "budi@pelanggan.example")
    contact_changes.delete(ani.access, budi.id, now_ms=store.now_ms)

    assert contact_changes.restore(ani.access, budi.id, now_ms=store.now_ms + 30 * DAY_MS) == budi
    assert (store.conversations(ani), store.entries(ani)) == before
    file = conversations.attachment(ani.access, before[1][0].message.attachments[0].id, store.blobs)
    assert file.content == b"pdf"
    assert contact_changes.restore(ani.access, budi.id, now_ms=store.now_ms) == budi, "twice is harmless"
    assert audited("contact.restore") == [(ani.location_id, ani.user_id, f"contact {budi.id}")]
    assert_counts_are_true()


def test_after_thirty_days_a_deleted_contact_stays_deleted(store: Store, ani: Person):
    store.capture(a_mail(to=BUDI), ani.bcc)
    budi = contact_of(ani, "budi@pelanggan.example")
    contact_changes.delete(ani.access, budi.id, now_ms=store.now_ms)
    with pytest.raises(Conflict, match="30 days"):
        contact_changes.restore(ani.access, budi.id, now_ms=store.now_ms + 30 * DAY_MS + 1)


def test_a_bcc_makes_a_deleted_contact_anew_and_its_answer_goes_to_the_new_one(store: Store, ani: Person):
    store.capture(a_mail(to=BUDI, message_id="<one@f>"), ani.bcc)
    old = contact_of(ani, "budi@pelanggan.example")
    contact_changes.delete(ani.access, old.id, now_ms=store.now_ms)
    store.capture(a_mail(to=BUDI, cc=ani.bcc, message_id="<two@f>", answers="<one@f>"), ani.bcc)
    store.capture(a_mail(BUDI, to="ani@firma.example", cc=ani.bcc, message_id="<three@p>", answers="<two@f>"), ani.bcc)

    new = contact_of(ani, "budi@pelanggan.example")
    assert new.id != old.id
    (conversation,) = store.conversations(ani)
    assert (conversation.contact.id, conversation.threads, conversation.unread) == (new.id, 1, 1)
    assert [entry.message.message_id for entry in store.entries(ani)] == ["two@f", "three@p"]
    assert_counts_are_true()


def test_answers_in_a_deleted_contacts_thread_stay_away(store: Store, ani: Person):
    """By B1; and what reaches a shown BCC address is held, for its author is no part of a talk any more (C5)."""
    store.capture(a_mail(to=BUDI, cc=ani.bcc, message_id="<one@f>"), ani.bcc)
    contact_changes.delete(ani.access, contact_of(ani, "budi@pelanggan.example").id, now_ms=store.now_ms)
    store.capture(a_mail(BUDI, to="ani@firma.example", cc=ani.bcc, answers="<one@f>"), ani.bcc)

    assert Entry.select().count() == 1
    assert store.conversations(ani) == []


def test_an_old_contact_that_comes_back_beside_a_new_one_owns_new_mail(store: Store, ani: Person):
    store.capture(a_mail(to=BUDI), ani.bcc)
    old = contact_of(ani, "budi@pelanggan.example")
    contact_changes.delete(ani.access, old.id, now_ms=store.now_ms)
    store.now_ms += 1
    store.capture(a_mail(to=BUDI, text="Dua"), ani.bcc)
    contact_changes.restore(ani.access, old.id, now_ms=store.now_ms)
    store.capture(a_mail(to=BUDI, text="Tiga"), ani.bcc)

    assert [c.threads for c in store.conversations(ani) if c.contact.id == old.id] == [2], "B11"
    assert_counts_are_true()


def merged_pair(store: Store, ani: Person) -> tuple[ContactView, ContactView]:
    """Budi, who came first and wrote back, and Citra."""
    store.capture(a_mail(to=BUDI, cc=ani.bcc, message_id="<one@f>"), ani.bcc)
    store.capture(a_mail(BUDI, to="ani@firma.example", cc=ani.bcc, message_id="<two@p>", answers="<one@f>"), ani.bcc)
    store.now_ms += 1000
    store.capture(a_mail(to=CITRA, message_id="<three@f>"), ani.bcc)
    return contact_of(ani, "budi@pelanggan.example"), contact_of(ani, "citra@pelanggan.example")


def test_merging_keeps_the_earlier_date_all_addresses_and_one_conversation(store: Store, ani: Person):
    budi, citra = merged_pair(store, ani)
    contact_book.change(ani.access, citra.id, {"name": "", "phone": "1"}, now_ms=store.now_ms)
    contact_book.change(ani.access, budi.id, {"phone": "2", "organization": "PT"}, now_ms=store.now_ms)
    both = contact_changes.merge(ani.access, budi.id, citra.id, now_ms=store.now_ms)

    assert both == ContactView(
        id=citra.id,
        location_id=ani.location_id,
        details=ContactDetails(
            ["citra@pelanggan.example", "budi@pelanggan.example"], name="Budi Santoso", phone="1", organization="PT"
        ),
        source=citra.source,
        created_at_ms=budi.created_at_ms,
    )
    assert contacts(ani) == [both]
    (conversation,) = store.conversations(ani)
    assert (conversation.contact, conversation.threads, conversation.unread) == (both, 2, 1)
    assert len(store.entries(ani)) == 3
    assert audited("contact.merge") == [(ani.location_id, ani.user_id, f"contact {budi.id} into contact {citra.id}")]
    assert_counts_are_true()


def test_mail_for_either_address_and_answers_to_either_thread_go_to_the_merged_one(store: Store, ani: Person):
    budi, citra = merged_pair(store, ani)
    contact_changes.merge(ani.access, budi.id, citra.id, now_ms=store.now_ms)
    store.capture(a_mail(to=BUDI, message_id="<four@f>"), ani.bcc)
    store.capture(a_mail(BUDI, to="ani@firma.example", cc=ani.bcc, message_id="<five@p>", answers="<one@f>"), ani.bcc)

    (conversation,) = store.conversations(ani)
    assert (conversation.contact.id, conversation.threads, conversation.unread) == (citra.id, 3, 2)
    assert Contact.select().count() == 2
    assert_counts_are_true()
    assert_each_thread_knows_its_own_messages()


def test_addresses_that_both_have_are_there_once(store: Store, ani: Person):
    one = contact_book.add(ani.access, ani.location_id, ContactDetails(["a@x.example", "b@x.example"]), now_ms=1)
    two = contact_book.add(ani.access, ani.location_id, ContactDetails(["B@x.example", "c@x.example"]), now_ms=2)
    both = contact_changes.merge(ani.access, one.id, two.id, now_ms=3)
    assert both.details.addresses == ["B@x.example", "c@x.example", "a@x.example"]
    assert store.conversations(ani) == []


def test_chains_of_merges_lead_to_whoever_stands_at_their_end(store: Store, ani: Person):
    a, b, c = (
        contact_book.add(ani.access, ani.location_id, ContactDetails([f"{n}@x.example"]), now_ms=n) for n in range(3)
    )
    contact_changes.merge(ani.access, a.id, b.id, now_ms=4)
    contact_changes.merge(ani.access, b.id, c.id, now_ms=5)

    assert [contact_changes.standing_for(one.id) for one in (a, b, c)] == [c.id] * 3
    d = contact_book.add(ani.access, ani.location_id, ContactDetails(["d@x.example"]), now_ms=6)
    assert contact_changes.merge(ani.access, d.id, a.id, now_ms=7).id == c.id, "into one that was merged itself"
    assert [one.id for one in contacts(ani)] == [c.id]
    assert contacts(ani)[0].created_at_ms == 0


def test_merging_twice_or_back_is_harmless_and_into_a_third_is_refused(store: Store, ani: Person):
    a, b, c = (
        contact_book.add(ani.access, ani.location_id, ContactDetails([f"{n}@x.example"]), now_ms=n) for n in range(3)
    )
    first = contact_changes.merge(ani.access, a.id, b.id, now_ms=4)
    assert contact_changes.merge(ani.access, a.id, b.id, now_ms=5) == first
    assert contact_changes.merge(ani.access, b.id, a.id, now_ms=6) == first
    with pytest.raises(Conflict, match=f"into contact {b.id}"):
        contact_changes.merge(ani.access, a.id, c.id, now_ms=7)
    with pytest.raises(Conflict, match="for good"):
        contact_changes.restore(ani.access, a.id, now_ms=8)
    assert len(audited("contact.merge")) == 1


def test_who_is_deleted_is_merged_with_nobody(store: Store, ani: Person):
    a, b = (contact_book.add(ani.access, ani.location_id, ContactDetails([f"{n}@x.example"]), now_ms=n) for n in "12")
    contact_changes.delete(ani.access, a.id, now_ms=3)
    for one, other in ((a, b), (b, a)):
        with pytest.raises(Conflict, match=f"contact {a.id} is deleted"):
            contact_changes.merge(ani.access, one.id, other.id, now_ms=4)


@pytest.mark.parametrize("into", ["itself", "a stranger's", "another location's", "nobody"])
def test_what_can_be_no_target_of_a_merge_is_named(store: Store, ani: Person, into: str):
    twin = store.user("ani@firma.example", store.location("Toko Dua"), user_id=ani.user_id)
    dewi = store.user("dewi@firma.example", store.location("Toko Dewi"))
    places = {"itself": ani, "a stranger's": dewi, "another location's": twin}
    made = {
        name: contact_book.add(who.access, who.location_id, ContactDetails(["x@x.example"]), now_ms=1).id
        for name, who in places.items()
    }
    access = ani.access
    with pytest.raises(Invalid) as refused:
        contact_changes.merge(access, made["itself"], made.get(into, 999), now_ms=2)
    assert refused.value.field == "into"
    assert Contact.select().where(Contact.deleted_at_ms.is_null(False)).count() == 0


def test_more_addresses_than_a_contact_may_have_are_refused(store: Store, ani: Person):
    one, two = (
        contact_book.add(
            ani.access, ani.location_id, ContactDetails([f"{name}{n}@x.example" for n in range(30)]), now_ms=1
        )
        for name in "ab"
    )
    with pytest.raises(Invalid, match="50"):
        contact_changes.merge(ani.access, one.id, two.id, now_ms=2)
    assert len(contacts(ani)) == 2


def test_a_stranger_changes_no_contact(store: Store, ani: Person):
    dewi = store.user("dewi@firma.example", store.location("Toko Dewi"))
    mine, other = (
        contact_book.add(ani.access, ani.location_id, ContactDetails([f"{n}@x.example"]), now_ms=1).id for n in "ab"
    )
    contact_changes.delete(ani.access, other, now_ms=2)
    for ask in (
        lambda: contact_changes.delete(dewi.access, mine, now_ms=3),
        lambda: contact_changes.restore(dewi.access, other, now_ms=3),
        lambda: contact_changes.merge(dewi.access, mine, other, now_ms=3),
    ):
        with pytest.raises(NotFound):
            ask()


def test_one_into_the_other_and_back_at_once_leaves_one(store: Store, ani: Person):
    for number in range(5):
        one, two = (
            contact_book.add(
                ani.access, ani.location_id, ContactDetails([f"{name}{number}@x.example"]), now_ms=number
            ).id
            for name in "ab"
        )
        merge = partial(contact_changes.merge, ani.access, now_ms=9)
        first, second = at_once(partial(merge, one, two), partial(merge, two, one))
        assert first == second, "both are told who is left"
        assert sorted(first.details.addresses) == [f"a{number}@x.example", f"b{number}@x.example"]
        assert contact_book.by_addresses(ani.location_id, first.details.addresses) == dict.fromkeys(
            first.details.addresses, first.id
        )


def test_merging_while_mail_is_filed_loses_no_entry(store: Store, ani: Person):
    budi, citra = merged_pair(store, ani)
    mails = [a_mail(to=to, text=f"surat {n}", message_id=f"<m{n}@f>") for n in range(12) for to in (BUDI, CITRA)]
    for number, mail in enumerate(mails):
        store.receive(mail.replace(b"<m", b"<%d-m" % number), ani.bcc)
    access = ani.access

    def file() -> None:
        while store.worker.work():
            pass

    at_once(file, lambda: contact_changes.merge(access, budi.id, citra.id, now_ms=store.now_ms))
    file()
    (conversation,) = store.conversations(ani)
    assert len(store.entries(ani)) == 3 + len(mails)
    assert Contact.select().where(Contact.deleted_at_ms.is_null()).count() == 1
    assert conversation.contact.id == citra.id
    assert_counts_are_true()
