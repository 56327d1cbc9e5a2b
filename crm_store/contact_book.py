"""A location's contacts: made, found by address, read and changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import chunked

from crm_store import audit, typed_address
from crm_store.access import Access
from crm_store.database.prepared import Prepared, PreparedInsert, Statement
from crm_store.database.session import lock_location, writing
from crm_store.errors import Invalid, NotFound
from crm_store.models.contacts import Contact, ContactAddress
from crm_store.paging import Order, Page, PageRequest, page
from crm_store.rules.address import normalise
from crm_store.rules.states import ContactSource
from crm_store.search import keeping

_CONTACTS = PreparedInsert(Contact)
_ADDRESSES = PreparedInsert(ContactAddress)

MAX_ADDRESSES = 50
_IN_LIST = 500  # parameters of one statement; SQLite takes 32,766, a plan is still quick with these


@dataclass(frozen=True, slots=True)
class ContactDetails:
    """What people may say of a contact."""

    addresses: list[str]
    name: str = ""
    phone: str = ""
    organization: str = ""


@dataclass(frozen=True, slots=True)
class ContactView:
    """photo_url: as Google tells it, "" where there is none."""

    id: int
    location_id: int
    details: ContactDetails
    source: ContactSource
    created_at_ms: int
    photo_url: str = ""


def add(
    access: Access,
    location_id: int,
    details: ContactDetails,
    *,
    now_ms: int,
    source: ContactSource = ContactSource.CRM,
) -> ContactView:
    """Raises: NotFound, Invalid."""
    access.reader_of(location_id)
    typed = _checked(details)
    with writing():
        lock_location(location_id)
        contact = _insert(location_id, typed.details, source, now_ms)
        set_addresses(contact, typed.addresses)
        keeping.contact_made(contact.id)
        subject = f"contact {contact.id}"
        audit.write("contact.add", subject, by=access.user_id, now_ms=now_ms, location_id=location_id)
    return views([contact])[0]


def get(access: Access, contact_id: int) -> ContactView:
    """Raises: NotFound."""
    return views([living_row(access, contact_id)])[0]


def change(access: Access, contact_id: int, changes: dict[str, Any], *, now_ms: int) -> ContactView:
    """changes: fields of ContactDetails. Raises: NotFound, Invalid."""
    location_id = living_row(access, contact_id).location_id
    with writing():
        lock_location(location_id)
        contact = living_row(access, contact_id)
        before = views([contact])[0].details
        typed = _checked(ContactDetails(**{**_as_dict(before), **changes}))
        for field in ("name", "phone", "organization"):
            setattr(contact, field, getattr(typed.details, field))
        contact.save()
        set_addresses(contact, typed.addresses)
        keeping.contact_changed(contact_id)
        subject = f"contact {contact_id}"
        audit.write("contact.change", subject, by=access.user_id, now_ms=now_ms, location_id=location_id)
    return views([contact])[0]


def list_for(
    access: Access, location_id: int, request: PageRequest, *, address: str | None, newest_first: bool = False
) -> Page[ContactView]:
    """In the order in which they were made; with address only those who have it. Raises: NotFound."""
    access.reader_of(location_id)
    living = Contact.select().where(Contact.deleted_at_ms.is_null())
    if address is None:
        order = Order([(Contact.location_id, location_id)], [Contact.id], newest_first=newest_first)
        return page(living, order, request, views)
    return page(
        living.select_extend(ContactAddress.contact_id)
        .join(ContactAddress, on=(ContactAddress.contact_id == Contact.id))
        .objects(),  # the key of the page is a column of the row
        Order(
            [(ContactAddress.location_id, location_id), (ContactAddress.normal, normalise(address))],
            [ContactAddress.contact_id],
            newest_first=newest_first,
        ),
        request,
        views,
    )


def by_addresses(location_id: int, normals: Iterable[str]) -> dict[str, int]:
    """For each of these normalised addresses that a contact has, the contact created first (B11)."""
    found: dict[str, tuple[int, int]] = {}
    for some in chunked(sorted(set(normals)), _IN_LIST):
        for normal, created_at_ms, contact_id in _living_at.rows(location_id, some):
            found[normal] = min(found.get(normal, (created_at_ms, contact_id)), (created_at_ms, contact_id))
    return {normal: contact_id for normal, (_, contact_id) in found.items()}


@Prepared
def _living_at(location_id: int, normals: list[str]) -> Statement:
    return (
        ContactAddress.select(ContactAddress.normal, Contact.created_at_ms, Contact.id)
        .join(Contact, on=(Contact.id == ContactAddress.contact_id))
        .where(
            ContactAddress.location_id == location_id,
            ContactAddress.normal.in_(normals),
            Contact.deleted_at_ms.is_null(),
        )
    )


def make(location_id: int, name: str, address: str, source: ContactSource, *, now_ms: int) -> int:
    """A contact for somebody whom mail named. Call inside a transaction that holds the location's lock."""
    contact_id = _CONTACTS.insert(location_id=location_id, name=name[:200], source=source, created_at_ms=now_ms)
    _ADDRESSES.insert(contact_id=contact_id, location_id=location_id, address=address, normal=normalise(address))
    keeping.contact_made(contact_id)
    return contact_id


def names(contact_ids: Collection[int]) -> dict[int, ContactView]:
    """What is shown of these contacts."""
    rows = list(Contact.select().where(Contact.id.in_(list(contact_ids))))
    return {view.id: view for view in views(rows)}


@dataclass(frozen=True, slots=True)
class _Typed:
    details: ContactDetails
    addresses: dict[str, str]  # normal → as shown


def _checked(details: ContactDetails) -> _Typed:
    if not 1 <= len(details.addresses) <= MAX_ADDRESSES:
        raise Invalid("addresses", f"lists 1 to {MAX_ADDRESSES} addresses")
    addresses: dict[str, str] = {}
    for number, address in enumerate(details.addresses):
        shown, normal = typed_address.check(address, f"addresses.{number}")
        addresses.setdefault(normal, shown)
    for field in ("name", "phone", "organization"):
        if len(getattr(details, field)) > 200:
            raise Invalid(field, "has at most 200 characters")
    stripped = ContactDetails(
        list(addresses.values()), details.name.strip(), details.phone.strip(), details.organization.strip()
    )
    return _Typed(stripped, addresses)


def _as_dict(details: ContactDetails) -> dict[str, Any]:
    return {field: getattr(details, field) for field in ContactDetails.__dataclass_fields__}


def _insert(location_id: int, details: ContactDetails, source: ContactSource, now_ms: int) -> Contact:
    contact: Contact = Contact.create(
        location_id=location_id,
        name=details.name,
        phone=details.phone,
        organization=details.organization,
        source=source,
        created_at_ms=now_ms,
    )
    return contact


def set_addresses(contact: Contact, addresses: dict[str, str]) -> None:
    """Make these (normal → as shown) the contact's, in this order; the first is where mail is sent."""
    ContactAddress.delete().where(ContactAddress.contact_id == contact.id).execute()
    for normal, shown in addresses.items():
        ContactAddress.create(contact_id=contact.id, location_id=contact.location_id, address=shown, normal=normal)


def living_row(access: Access, contact_id: int) -> Contact:
    """Raises: NotFound, also for one that is deleted or merged."""
    contact: Contact | None = Contact.get_or_none(
        (Contact.id == contact_id) & Contact.location_id.in_(access.location_ids()) & Contact.deleted_at_ms.is_null()
    )
    if contact is None:
        raise NotFound("no such contact")
    return contact


def views(rows: Sequence[Contact]) -> list[ContactView]:
    """What is shown of them, at the cost of one query."""
    addresses: dict[int, list[str]] = {row.id: [] for row in rows}
    listed = ContactAddress.select().where(ContactAddress.contact_id.in_(list(addresses))).order_by(ContactAddress.id)
    for address in listed:
        addresses[address.contact_id].append(address.address)
    return [
        ContactView(
            id=row.id,
            location_id=row.location_id,
            details=ContactDetails(addresses[row.id], row.name, row.phone, row.organization),
            source=ContactSource(row.source),
            created_at_ms=row.created_at_ms,
            photo_url=row.photo_url,
        )
        for row in rows
    ]
