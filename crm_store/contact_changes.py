"""Contacts over time: deleted and brought back (G1), and two that turn out to be one person (G2)."""

from crm_store import audit, contact_book, imported_people, tabs
from crm_store.access import Access
from crm_store.contact_book import MAX_ADDRESSES, ContactView
from crm_store.database.session import lock_location, writing
from crm_store.errors import Conflict, Invalid, NotFound
from crm_store.models.contacts import Contact, ContactAddress, Conversation
from crm_store.search import keeping

RESTORABLE_MS = 30 * 86_400_000
_MAX_MERGES = 10_000  # of one person; a longer chain is a ring, which no merge makes


def delete(access: Access, contact_id: int, *, now_ms: int) -> None:
    """G1: the contact and its conversation are nowhere to be seen; mail from it stays away. Raises: NotFound."""
    location_id = contact_book.living_row(access, contact_id).location_id
    with writing():
        lock_location(location_id)  # nobody files into its conversation meanwhile
        contact = contact_book.living_row(access, contact_id)
        contact.deleted_at_ms = now_ms
        contact.save()
        _recount_tab(contact_id)
        _note("contact.delete", f"contact {contact_id}", access, location_id, now_ms)


def restore(access: Access, contact_id: int, *, now_ms: int) -> ContactView:
    """Undo a deletion, within 30 days. Harmless to one that was not deleted. Raises: NotFound, Conflict."""
    location_id = _any_row(access, contact_id).location_id
    with writing():
        lock_location(location_id)
        contact = _any_row(access, contact_id)
        if contact.deleted_at_ms is not None:
            _check_restorable(contact, contact.deleted_at_ms, now_ms)
            contact.deleted_at_ms = None
            contact.save()
            _recount_tab(contact_id)
            _note("contact.restore", f"contact {contact_id}", access, location_id, now_ms)
    return contact_book.views([contact])[0]


def merge(access: Access, contact_id: int, into: int, *, now_ms: int) -> ContactView:
    """G2: `into` gets the addresses, the mail and the earlier created_at of both, and what it lacks of name, phone and
    organization; where it was merged itself, whoever took its place gets them. Twice is the same as once.

    Raises: NotFound, Invalid, Conflict for who is deleted or went into somebody else."""
    location_id = _any_row(access, contact_id).location_id
    if contact_id == into:
        raise Invalid("into", "is the contact itself")
    with writing():
        lock_location(location_id)  # A into B and B into A at once; and mail that is filed for either
        gone, stays = _any_row(access, contact_id), _standing_for(_target(access, location_id, into))
        if stays.deleted_at_ms is not None:
            raise Conflict(f"contact {stays.id} is deleted: restore it first")
        if _standing_for(gone).id != stays.id:
            if gone.merged_into_id is not None:
                raise Conflict(f"contact {gone.id} was merged into contact {gone.merged_into_id} already")
            if gone.deleted_at_ms is not None:
                raise Conflict(f"contact {gone.id} is deleted: restore it first")
            _merge(gone, stays, now_ms)
            _note("contact.merge", f"contact {gone.id} into contact {stays.id}", access, location_id, now_ms)
    return contact_book.views([stays])[0]


def standing_for(contact_id: int) -> int:
    """Who has taken a merged contact's place; the contact itself where nobody has. Imports follow it (G2)."""
    return int(_standing_for(Contact.get_by_id(contact_id)).id)


def _merge(gone: Contact, stays: Contact, now_ms: int) -> None:
    _merge_addresses(gone, stays)
    for field in ("name", "phone", "organization", "photo_url"):
        setattr(stays, field, getattr(stays, field) or getattr(gone, field))
    stays.created_at_ms = min(stays.created_at_ms, gone.created_at_ms)
    stays.save()
    keeping.contact_changed(stays.id)
    gone.deleted_at_ms, gone.merged_into_id = now_ms, stays.id
    gone.save()
    _move_tab(gone, stays)
    imported_people.follow_merge(gone.id, stays.id)


def _merge_addresses(gone: Contact, stays: Contact) -> None:
    listed = ContactAddress.select().where(ContactAddress.contact_id.in_([gone.id, stays.id]))
    in_order = sorted(listed, key=lambda row: (row.contact_id != stays.id, row.id))
    addresses: dict[str, str] = {}
    for row in in_order:
        addresses.setdefault(row.normal, row.address)
    if len(addresses) > MAX_ADDRESSES:
        raise Invalid("into", f"both together have more than {MAX_ADDRESSES} addresses")
    contact_book.set_addresses(stays, addresses)
    contact_book.set_addresses(gone, {})


def _move_tab(gone: Contact, stays: Contact) -> None:
    tab = Conversation.get_or_none(Conversation.contact_id == gone.id)
    if tab is None:
        return
    tabs.empty_into(tab.id, tabs.open_tab(stays.location_id, stays.id, 0))


def _recount_tab(contact_id: int) -> None:
    for tab in list(Conversation.select(Conversation.id).where(Conversation.contact_id == contact_id)):
        tabs.recount(tab.id)


def _check_restorable(contact: Contact, deleted_at_ms: int, now_ms: int) -> None:
    if contact.merged_into_id is not None:
        raise Conflict(f"it was merged into contact {contact.merged_into_id}, for good")
    if now_ms - deleted_at_ms > RESTORABLE_MS:
        raise Conflict("it was deleted more than 30 days ago")


def _any_row(access: Access, contact_id: int) -> Contact:
    """A contact of the asker's locations, living or not. Raises: NotFound."""
    mine = Contact.location_id.in_(access.location_ids())
    contact: Contact | None = Contact.get_or_none((Contact.id == contact_id) & mine)
    if contact is None:
        raise NotFound("no such contact")
    return contact


def _target(access: Access, location_id: int, into: int) -> Contact:
    try:
        contact = _any_row(access, into)
    except NotFound as error:
        raise Invalid("into", "there is no such contact") from error
    if contact.location_id != location_id:
        raise Invalid("into", "is a contact of another location")
    return contact


def _standing_for(contact: Contact) -> Contact:
    for _ in range(_MAX_MERGES):
        if contact.merged_into_id is None:
            return contact
        contact = Contact.get_by_id(contact.merged_into_id)
    raise AssertionError("contacts were merged in a ring")


def _note(action: str, subject: str, access: Access, location_id: int, now_ms: int) -> None:
    audit.write(action, subject, by=access.user_id, now_ms=now_ms, location_id=location_id)
