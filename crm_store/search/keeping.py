"""Keeps the index in step with mail and contacts. Call all of it in the transaction that changes them, which holds the
location's lock. What is hidden keeps its words (finding.py sees to that); what is deleted loses them with its row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_store.database.rows import tuples
from crm_store.models.contacts import Contact, ContactAddress
from crm_store.models.messages import Entry
from crm_store.models.search import Searchable
from crm_store.rules.parties import Party
from crm_store.search import entry_texts, shelving
from crm_store.search.documents import contact_document, entry_document, marked_words

if TYPE_CHECKING:  # it imports who keeps contacts, who keep their words here
    from crm_store.copies import Copy


def entry_filed(entry_id: int, copy: Copy) -> None:
    """A new entry, which shows this copy."""
    mail = copy.mail
    document = entry_document(
        subject=mail.subject,
        author=(mail.author.name, mail.author.address),
        recipients=[_named(party) for party in copy.parties.recipients()],
        text=mail.text,
        files=[attachment.name for attachment in mail.attachments if not attachment.inline],
    )
    shelving.put_newest(Searchable.ENTRY, copy.location_id, entry_id, marked_words(document))


def sighting_changed(sighting_id: int) -> None:
    """What the entries say that show it may have changed, or how words are made of it."""
    ids = [entry_id for (entry_id,) in tuples(Entry.select(Entry.id).where(Entry.sighting_id == sighting_id))]
    for entry_id, text in entry_texts.of_entries(ids).items():
        shelving.renew(Searchable.ENTRY, entry_id, marked_words(text.document))


def contact_made(contact_id: int) -> None:
    location_id, words = contact_words([contact_id])[contact_id]
    shelving.put_newest(Searchable.CONTACT, location_id, contact_id, words)


def contact_changed(contact_id: int) -> None:
    _, words = contact_words([contact_id])[contact_id]
    shelving.renew(Searchable.CONTACT, contact_id, words)


def contact_words(contact_ids: list[int]) -> dict[int, tuple[int, set[str]]]:
    """The location and the words of each, in descending order of ids."""
    these = ContactAddress.contact_id.in_(contact_ids)
    listed = ContactAddress.select(ContactAddress.contact_id, ContactAddress.address).where(these)
    addresses: dict[int, list[str]] = {contact_id: [] for contact_id in contact_ids}
    for contact_id, address in tuples(listed):
        addresses[contact_id].append(address)
    card = Contact.select(Contact.id, Contact.location_id, Contact.name, Contact.organization, Contact.phone)
    rows = tuples(card.where(Contact.id.in_(contact_ids)))
    return {
        contact_id: (location_id, marked_words(contact_document(name, organization, phone, addresses[contact_id])))
        for contact_id, location_id, name, organization, phone in rows
    }


def _named(party: Party) -> tuple[str, str]:
    return party.name, party.address
