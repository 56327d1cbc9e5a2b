"""B15: what becomes of somebody whom a Google account has among its contacts.

What Google says of a field is taken while the field is here as it was imported; what was edited here stays. A field
that was here before counts as edited, and an empty one is filled."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Card:
    """ "" for what is not told. photo_url: https, or ""."""

    name: str = ""
    phone: str = ""
    organization: str = ""
    photo_url: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A contact as Google tells it: clean, of bounded length.

    resource: its name there; previous: those it had before. addresses: normalised → as shown, in Google's order."""

    resource: str
    previous: tuple[str, ...] = ()
    is_deleted: bool = False
    card: Card = field(default_factory=Card)
    addresses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ContactHere:
    """A contact of the location, and who stands for it if it was merged. addresses: normalised."""

    contact_id: int
    created_at_ms: int
    is_deleted: bool
    card: Card
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What a person last brought to the contact that is meant: for each address whether the import added it."""

    card: Card = field(default_factory=Card)
    addresses: Mapping[str, bool] = field(default_factory=dict)


class Step(StrEnum):
    SKIP = "skip"  # no contact, and nothing is kept of the person
    MAKE = "make"
    FOLLOW = "follow"  # the contact becomes as told, which may be what it is
    STAY_AWAY = "stay_away"  # the contact was deleted here, and is not brought back


@dataclass(frozen=True, slots=True)
class Plan:
    """contact_id: whom the person is linked with from now on; None for MAKE and SKIP. card: what the contact's becomes.

    add, remove: normalised addresses. imported: what to compare with next time. alike: other contacts of the location
    that have an address of the person, to be suggested for merging."""

    step: Step
    contact_id: int | None = None
    card: Card = field(default_factory=Card)
    add: tuple[str, ...] = ()
    remove: frozenset[str] = frozenset()
    imported: Imported = field(default_factory=Imported)
    alike: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """away: addresses that are never imported: internal, never-log, or ours. linked, before: the contact that the
    person is linked with, and what it brought. matches: contacts with an address of the person, deleted ones too.
    most_addresses: of one contact."""

    away: Set[str] = frozenset()
    linked: ContactHere | None = None
    before: Imported = field(default_factory=Imported)
    matches: Sequence[ContactHere] = ()
    most_addresses: int = 50


def plan(person: Person, facts: Facts) -> Plan:
    if person.is_deleted:
        return Plan(Step.SKIP)  # deleted in Google stays here
    wanted = tuple(address for address in person.addresses if address not in facts.away)
    # Whoever shares only an address that is kept away is no match.
    alike = [match for match in facts.matches if not set(wanted).isdisjoint(match.addresses)]
    living = sorted((one for one in alike if not one.is_deleted), key=_age)
    if facts.linked is not None and not facts.linked.is_deleted:
        return _follow(person, wanted, facts.linked, facts.before, living, facts.most_addresses)
    if living:
        return _follow(person, wanted, living[0], Imported(), living, facts.most_addresses)
    deleted = [one for one in (facts.linked, *sorted(alike, key=_age)) if one is not None]
    if deleted:
        return Plan(Step.STAY_AWAY, deleted[0].contact_id, deleted[0].card, imported=facts.before)
    if not wanted:
        return Plan(Step.SKIP)
    added = wanted[: facts.most_addresses]
    return Plan(Step.MAKE, card=person.card, add=added, imported=Imported(person.card, dict.fromkeys(added, True)))


def _age(contact: ContactHere) -> tuple[int, int]:
    return contact.created_at_ms, contact.contact_id


def _follow(
    person: Person,
    wanted: Sequence[str],
    contact: ContactHere,
    before: Imported,
    living: Sequence[ContactHere],
    most_addresses: int,
) -> Plan:
    others = [one for one in living if one.contact_id != contact.contact_id]
    card, brought = _followed(person.card, contact.card, before.card)
    # Another contact's mail does not move to this one's tab by itself (B11): the two are suggested for merging.
    elsewhere = {address for one in others for address in one.addresses}
    kept_here = set(contact.addresses)
    remove = {one for one, added in before.addresses.items() if added and one not in person.addresses} & kept_here
    new = [one for one in wanted if one not in before.addresses and one not in kept_here | elsewhere]
    if kept_here == remove and not new:  # whoever has no address is no contact
        remove -= set(contact.addresses[:1])
    add = tuple(new[: max(0, most_addresses - len(kept_here - remove))])
    imported = {one: before.addresses.get(one, False) for one in wanted if one in before.addresses or one in kept_here}
    return Plan(
        Step.FOLLOW,
        contact.contact_id,
        card,
        add,
        frozenset(remove),
        Imported(brought, imported | dict.fromkeys(add, True)),
        tuple(one.contact_id for one in others),
    )


def _followed(there: Card, here: Card, before: Card) -> tuple[Card, Card]:
    """What the contact's card becomes, and what of it the person brought."""
    untouched = {
        one.name: getattr(there, one.name)
        for one in fields(Card)
        if getattr(here, one.name) == getattr(before, one.name)
    }
    return replace(here, **untouched), replace(before, **untouched)
