"""A Person resource: only the fields that were asked for (facts/gmail.md 1.10)."""

import hashlib
from collections.abc import Callable, Collection, Sequence

from syncer.sandbox.api.discovery import document
from syncer.sandbox.api.errors import bad_request
from syncer.sandbox.json_value import Json, JsonObject, inner
from syncer.sandbox.mailbox.accounts import Account
from syncer.sandbox.mailbox.contacts import OTHER_CONTACT, Card, Contact
from syncer.sandbox.rfc3339 import rfc3339


def wanted_fields(mask: str, parameter: str) -> frozenset[str]:
    """Raises: ApiError 400 for no mask, or one that names no field of a Person."""
    names = frozenset(name.strip() for name in mask.split(",") if name.strip())
    if not names:
        raise bad_request(f"{parameter} mask is required. Please specify one or more valid paths.")
    known = inner(inner(inner(document("people.v1"), "schemas"), "Person"), "properties")
    if unknown := sorted(names - known.keys()):
        raise bad_request(f'Invalid {parameter} mask path: "{unknown[0][:100]}".')
    return names


def resource_name(contact: Contact) -> str:
    return f"{'otherContacts' if contact.source == OTHER_CONTACT else 'people'}/{contact.id}"


def person(contact: Contact, fields: Collection[str]) -> JsonObject:
    """A deleted one is a name and metadata.deleted."""
    etag = hashlib.sha256(f"{contact.id} {contact.version}".encode()).hexdigest()[:20]
    shown: JsonObject = {"resourceName": resource_name(contact), "etag": f"%{etag}"}
    source: JsonObject = {"type": contact.source, "id": contact.id, "etag": f"#{etag}"}
    if contact.is_deleted:
        return shown | {"metadata": {"sources": [source], "deleted": True, "objectType": "PERSON"}}
    if "metadata" in fields:
        dated = source | {"updateTime": rfc3339(contact.updated_at_ms)}
        shown["metadata"] = {"sources": [dated], "objectType": "PERSON"}
    return shown | _values(contact.card, {"type": contact.source, "id": contact.id}, fields)


def profile(account: Account, fields: Collection[str]) -> JsonObject:
    """people/me."""
    source: JsonObject = {"type": "PROFILE", "id": account.sub}
    shown: JsonObject = {"resourceName": f"people/{account.sub}", "etag": f"%{account.sub}"}
    if "metadata" in fields:
        shown["metadata"] = {"sources": [source], "objectType": "PERSON"}
    return shown | _values(Card(account.name, [account.email]), source, fields)


def _values(card: Card, source: JsonObject, fields: Collection[str]) -> JsonObject:
    """Each list with its first value as the primary one; what has no value is absent."""
    shown: JsonObject = {}
    for name, read in _FIELDS.items():
        values: list[Json] = []
        for value in read(card):
            metadata: JsonObject = {"source": dict(source)} | ({} if values else {"primary": True})
            values.append({"metadata": metadata, **value})
        if name in fields and values:
            shown[name] = values
    return shown


def _names(card: Card) -> list[JsonObject]:
    if not card.name:
        return []
    given, _, family = card.name.rpartition(" ")
    name: JsonObject = {"displayName": card.name, "unstructuredName": card.name, "givenName": given or family}
    return [name | {"familyName": family}] if given else [name]


def _addresses(card: Card) -> list[JsonObject]:
    return [{"value": address, "type": "work", "formattedType": "Work"} for address in card.addresses]


def _phones(card: Card) -> list[JsonObject]:
    return [{"value": phone, "type": "mobile", "formattedType": "Mobile"} for phone in card.phones]


def _organizations(card: Card) -> list[JsonObject]:
    return [{"name": card.organization}] if card.organization else []


_FIELDS: dict[str, Callable[[Card], Sequence[JsonObject]]] = {
    "names": _names,
    "emailAddresses": _addresses,
    "phoneNumbers": _phones,
    "organizations": _organizations,
}
