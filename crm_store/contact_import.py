"""Files what Google tells of an account's contacts: plans, contacts, and who is who, in one transaction (B15)."""

import hashlib
import json
from collections.abc import Collection, Sequence, Set
from dataclasses import asdict, dataclass
from typing import Any

from crm_store import contact_import_work, imported_people, sender_lists
from crm_store.contact_book import MAX_ADDRESSES
from crm_store.contact_import_work import HeldImport
from crm_store.database.prepared import Prepared, PreparedInsert, Statement
from crm_store.database.session import lock_location
from crm_store.facts import internal_among
from crm_store.models.contact_import import ImportedPerson
from crm_store.models.contacts import Contact, ContactAddress
from crm_store.rules.address import domain_of, fold_identity
from crm_store.rules.contact_import import Card, ContactHere, Facts, Imported, Person, Plan, Step, plan
from crm_store.rules.states import ContactSource, SenderList
from crm_store.search import keeping

_MOST_MATCHES = 20  # of one person; more contacts than that share an address only where somebody plays
_CONTACTS = PreparedInsert(Contact)
_ADDRESSES = PreparedInsert(ContactAddress)
_PEOPLE = PreparedInsert(ImportedPerson)
_CARD = ("name", "phone", "organization", "photo_url")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reading goes on; both None: at the beginning, with everybody."""

    sync_token: str | None
    page_token: str | None


def file(
    held: HeldImport,
    people: Sequence[Person],
    then: Place | None,
    *,
    capture_domains: Collection[str],
    now_ms: int,
) -> None:
    """then: what is read next, where these are the last of a page. Filing people twice is harmless.

    Call inside a transaction that does nothing before. Raises: ImportLost."""
    lock_location(held.location_id)  # two accounts with the same person; and mail that makes the same contact
    changes: dict[str, Any] = {} if then is None else asdict(then)  # Any: columns' values
    contact_import_work.write(held, now_ms=now_ms, **changes)
    filing = _Filing(held, people, frozenset(capture_domains), now_ms)
    for person in people:
        filing.file(person)


@dataclass(frozen=True, slots=True)
class _Link:
    """How a person is known here. digest: of what Google told last."""

    id: int
    contact_id: int
    digest: bytes
    imported: Imported


class _Filing:
    """Some people of one page. What is true of all of them is asked once."""

    def __init__(self, held: HeldImport, people: Sequence[Person], capture_domains: Set[str], now_ms: int) -> None:
        self._held, self._now_ms = held, now_ms
        self._away = _kept_away(held, people, capture_domains, now_ms)
        self._links = _links(held, [name for person in people for name in (person.resource, *person.previous)])

    def file(self, person: Person) -> None:
        link = next((self._links[one] for one in (person.resource, *person.previous) if one in self._links), None)
        digest = _digest(person)
        if link is not None and link.digest == digest:
            return
        decided = plan(person, self._facts(person, link))
        match decided.step:
            case Step.SKIP:
                return
            case Step.MAKE:
                contact_id = _make(self._held.location_id, decided, person, self._now_ms)
            case _:
                assert decided.contact_id is not None, "only who is made has no contact yet"
                contact_id = decided.contact_id
                _change(self._held.location_id, contact_id, decided, person)
        for other_id in decided.alike:
            imported_people.suggest(self._held.location_id, contact_id, other_id, now_ms=self._now_ms)
        self._remember(person, link, contact_id, digest, decided.imported)

    def _facts(self, person: Person, link: _Link | None) -> Facts:
        matched = [row[0] for row in _with_address.rows(self._held.location_id, list(person.addresses))]
        ids = sorted({*matched, *([] if link is None else [link.contact_id])})
        here = _contacts(ids)
        return Facts(
            away=self._away,
            linked=None if link is None else here[link.contact_id],
            before=Imported() if link is None else link.imported,
            matches=[here[contact_id] for contact_id in matched],
            most_addresses=MAX_ADDRESSES,
        )

    def _remember(self, person: Person, link: _Link | None, contact_id: int, digest: bytes, imported: Imported) -> None:
        values: dict[str, Any] = {  # Any: columns' values
            "resource": person.resource,
            "contact_id": contact_id,
            "digest": digest,
            "addresses": dict(imported.addresses),
            **asdict(imported.card),
        }
        link_id = None if link is None else link.id
        if link_id is None:
            link_id = _PEOPLE.insert(location_id=self._held.location_id, google_sub=self._held.google_sub, **values)
        else:
            ImportedPerson.update(**values).where(ImportedPerson.id == link_id).execute()
        # A page may name somebody twice.
        self._links[person.resource] = _Link(link_id, contact_id, digest, imported)


def _kept_away(held: HeldImport, people: Sequence[Person], capture_domains: Set[str], now_ms: int) -> frozenset[str]:
    """B5, B13; and capture addresses, which are no party."""
    normals = {normal for person in people for normal in person.addresses}
    folded = {normal: fold_identity(normal) for normal in normals}
    internal = internal_among(held.location_id, folded.values(), now_ms=now_ms)
    never_log = sender_lists.listed(held.location_id, [held.user_id], SenderList.NEVER_LOG, normals)
    inside = {one for one in normals if folded[one] in internal or domain_of(one) in capture_domains}
    return never_log | inside


def _links(held: HeldImport, resources: list[str]) -> dict[str, _Link]:
    mine = (ImportedPerson.location_id == held.location_id) & (ImportedPerson.google_sub == held.google_sub)
    rows = ImportedPerson.select().where(mine, ImportedPerson.resource.in_(resources))
    return {
        row.resource: _Link(
            row.id,
            row.contact_id,
            bytes(row.digest),
            Imported(Card(*(getattr(row, name) for name in _CARD)), row.addresses),
        )
        for row in rows
    }


def _contacts(ids: list[int]) -> dict[int, ContactHere]:
    if not ids:
        return {}
    addresses: dict[int, list[str]] = {contact_id: [] for contact_id in ids}
    for contact_id, normal in _addresses_of.rows(ids):
        addresses[contact_id].append(normal)
    return {
        contact_id: ContactHere(
            contact_id, created_at_ms, deleted_at_ms is not None, Card(*card), tuple(addresses[contact_id])
        )
        for contact_id, created_at_ms, deleted_at_ms, *card in _cards_of.rows(ids)
    }


def _make(location_id: int, made: Plan, person: Person, now_ms: int) -> int:
    contact_id = _CONTACTS.insert(
        location_id=location_id, source=ContactSource.GOOGLE, created_at_ms=now_ms, **asdict(made.card)
    )
    _add_addresses(location_id, contact_id, made, person)
    keeping.contact_made(contact_id)
    return contact_id


def _change(location_id: int, contact_id: int, changed: Plan, person: Person) -> None:
    ((_, _, _, *card),) = _cards_of.rows([contact_id])
    if Card(*card) != changed.card:
        Contact.update(**asdict(changed.card)).where(Contact.id == contact_id).execute()
    if changed.remove:
        removed = ContactAddress.normal.in_(sorted(changed.remove))
        ContactAddress.delete().where(ContactAddress.contact_id == contact_id, removed).execute()
    _add_addresses(location_id, contact_id, changed, person)
    keeping.contact_changed(contact_id)


def _add_addresses(location_id: int, contact_id: int, decided: Plan, person: Person) -> None:
    for normal in decided.add:
        _ADDRESSES.insert(
            contact_id=contact_id, location_id=location_id, address=person.addresses[normal], normal=normal
        )


def _digest(person: Person) -> bytes:
    told = [asdict(person.card), person.is_deleted, list(person.addresses.items())]
    return hashlib.sha256(json.dumps(told).encode()).digest()


@Prepared
def _with_address(location_id: int, normals: list[str]) -> Statement:
    """Contacts, the deleted ones too; those that live first, the oldest first."""
    return (
        Contact.select(Contact.id)
        .join(ContactAddress, on=(ContactAddress.contact_id == Contact.id))
        .where(ContactAddress.location_id == location_id, ContactAddress.normal.in_(normals))
        .group_by(Contact.id, Contact.deleted_at_ms, Contact.created_at_ms)
        .order_by(Contact.deleted_at_ms.is_null().desc(), Contact.created_at_ms, Contact.id)
        .limit(_MOST_MATCHES)
    )


@Prepared
def _cards_of(ids: list[int]) -> Statement:
    card = [getattr(Contact, name) for name in _CARD]
    return Contact.select(Contact.id, Contact.created_at_ms, Contact.deleted_at_ms, *card).where(Contact.id.in_(ids))


@Prepared
def _addresses_of(ids: list[int]) -> Statement:
    listed = ContactAddress.select(ContactAddress.contact_id, ContactAddress.normal)
    return listed.where(ContactAddress.contact_id.in_(ids)).order_by(ContactAddress.id)
