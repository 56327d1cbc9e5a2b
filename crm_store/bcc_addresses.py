"""BCC addresses: made, replaced, switched off; and the feed by which receivers keep their snapshot (C1)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from crm_store import audit, bcc_tests
from crm_store.bcc_tests import BccTestView
from crm_store.database.engine import database
from crm_store.database.prepared import Prepared, Statement
from crm_store.database.rows import tuples
from crm_store.database.session import lock_location, writing
from crm_store.errors import Invalid
from crm_store.models.bcc import AddressBookVersion, BccAddress
from crm_store.models.people import Location

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # without l, o, 0, 1: some people read addresses aloud
_LENGTH = 20  # 5 bits each: 100 random bits, more than anybody enumerates
DAY_MS = 86_400_000
YEAR_MS = 365 * DAY_MS
MAX_PREVIOUS = 50


@dataclass(frozen=True, slots=True)
class PreviousAddress:
    address: str
    until_ms: int


@dataclass(frozen=True, slots=True)
class BccAddressView:
    """address: the current one; None and inactive when it is switched off. previous: those whose grace goes on.

    test: of the last day, of the current one."""

    address: str | None
    active: bool
    last_capture_at_ms: int | None
    previous: list[PreviousAddress]
    test: BccTestView | None


class AddressRow(NamedTuple):
    """One line of a receiver's snapshot: answers 250 while now < answer_until_ms; None: no end."""

    address: str
    answer_until_ms: int | None


class BccTarget(NamedTuple):
    """Where mail to one BCC address goes. works: recorded; else its time is over and it is ignored."""

    id: int
    location_id: int
    user_id: int
    address: str
    works: bool


def ensure(location_id: int, user_id: int, domain: str, *, now_ms: int) -> None:
    """Give a member their first address. Call inside a transaction."""
    exists = BccAddress.select(BccAddress.id).where(
        BccAddress.location_id == location_id, BccAddress.user_id == user_id, BccAddress.works_until_ms.is_null()
    )
    if not exists.exists():
        _insert(location_id, user_id, domain, now_ms)


def show(location_id: int, user_id: int, *, now_ms: int) -> BccAddressView:
    rows = list(
        BccAddress.select()
        .where(BccAddress.location_id == location_id, BccAddress.user_id == user_id)
        .order_by(BccAddress.id.desc())
        .limit(MAX_PREVIOUS)
    )
    current = next((row for row in rows if row.works_until_ms is None), None)
    return BccAddressView(
        address=current.address if current else None,
        active=current is not None,
        last_capture_at_ms=max((row.last_capture_at_ms for row in rows if row.last_capture_at_ms), default=None),
        previous=[
            PreviousAddress(row.address, row.works_until_ms)
            for row in rows
            if row.works_until_ms is not None and row.works_until_ms > now_ms
        ],
        test=bcc_tests.of_address(current.id, now_ms=now_ms) if current else None,
    )


def replace(
    location_id: int, user_id: int, domain: str, *, grace_days: int | None, by: int | None, now_ms: int
) -> BccAddressView:
    """A new address; the old one works for a grace period more. Also switches on. Raises: Invalid.

    grace_days: None for the location's; 0 for one that leaked."""
    if grace_days is not None and not 0 <= grace_days <= 3650:
        raise Invalid("grace_days", "is 0 to 3650")
    with writing():
        lock_location(location_id)  # two replacements at once: one after the other
        if grace_days is None:
            grace_days = Location.get_by_id(location_id).bcc_grace_days
        _retire(location_id, user_id, now_ms + grace_days * DAY_MS)
        _insert(location_id, user_id, domain, now_ms)
        audit.write("bcc_address.replace", f"user {user_id}", by=by, now_ms=now_ms, location_id=location_id)
        return show(location_id, user_id, now_ms=now_ms)


def switch_off(location_id: int, user_id: int, *, by: int | None, now_ms: int) -> None:
    """At once, those in their grace too. Switching off what is off is harmless."""
    with writing():
        lock_location(location_id)
        _retire(location_id, user_id, now_ms)
        audit.write("bcc_address.switch_off", f"user {user_id}", by=by, now_ms=now_ms, location_id=location_id)


def version() -> int:
    """Counts up with every change of any address."""
    # Asked before the first RCPT of each mail: as text it costs 12 µs, of which building the query would add 180.
    return int(database.execute_sql('SELECT "version" FROM "address_book_version"').fetchone()[0])


def changes_since(seen: int, limit: int = 1000) -> tuple[list[AddressRow], int]:
    """Addresses changed after version `seen`, oldest change first, and the version reached.

    Ask again until fewer than limit come back."""
    rows = BccAddress.select().where(BccAddress.version > seen).order_by(BccAddress.version).limit(limit)
    feed = [(AddressRow(row.address, _answers_until_ms(row)), row.version) for row in rows]
    return [row for row, _ in feed], feed[-1][1] if feed else seen


def targets(addresses: list[str], *, now_ms: int) -> list[BccTarget]:
    """What these recipients of one mail are, in order of their making; others than BCC addresses are left out."""
    return [
        BccTarget(address_id, location_id, user_id, address, until_ms is None or now_ms < until_ms)
        for address_id, location_id, user_id, address, until_ms in _named.rows(addresses)
    ]


@Prepared
def _named(addresses: list[str]) -> Statement:
    columns = BccAddress.id, BccAddress.location_id, BccAddress.user_id, BccAddress.address, BccAddress.works_until_ms
    return BccAddress.select(*columns).where(BccAddress.address.in_(addresses)).order_by(BccAddress.id)


def note_captures(came_at_ms: Mapping[int, int], shown_at_ms: Mapping[int, int]) -> None:
    """When mail came in last for these, by id; and when those first stood in To or Cc.

    Call first in a transaction. The version, then addresses in the order of their ids, and both before any row that
    refers to one: two drainers, or one and who replaces an address, would else wait for each other."""
    unseen = BccAddress.id.in_(list(shown_at_ms)) & BccAddress.shown_at_ms.is_null()
    first_shown = (
        [row_id for (row_id,) in tuples(BccAddress.select(BccAddress.id).where(unseen))] if shown_at_ms else []
    )
    versions = {address_id: _next_version() for address_id in first_shown}
    for address_id in sorted(came_at_ms):
        _note_capture.run(address_id, came_at_ms[address_id])
        if address_id in versions:
            BccAddress.update(shown_at_ms=shown_at_ms[address_id], version=versions[address_id]).where(
                BccAddress.id == address_id, BccAddress.shown_at_ms.is_null()
            ).execute()


@Prepared
def _note_capture(address_id: int, at_ms: int) -> Statement:
    return BccAddress.update(last_capture_at_ms=at_ms).where(BccAddress.id == address_id)


def _answers_until_ms(row: BccAddress) -> int | None:
    if row.works_until_ms is None:
        return None
    # C1: one that ever stood in To or Cc answers 250 for a year more, so that no customer gets a bounce.
    return row.works_until_ms + (YEAR_MS if row.shown_at_ms is not None else 0)


def _retire(location_id: int, user_id: int, until_ms: int) -> None:
    mine = (BccAddress.location_id == location_id) & (BccAddress.user_id == user_id)
    still = BccAddress.works_until_ms.is_null() | (BccAddress.works_until_ms > until_ms)
    for row in list(BccAddress.select(BccAddress.id).where(mine & still)):
        BccAddress.update(works_until_ms=until_ms, version=_next_version()).where(BccAddress.id == row.id).execute()


def _insert(location_id: int, user_id: int, domain: str, now_ms: int) -> None:
    local = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    BccAddress.create(
        location_id=location_id,
        user_id=user_id,
        address=f"{local}@{domain}",
        created_at_ms=now_ms,
        version=_next_version(),
    )


def _next_version() -> int:
    """The row stays locked until the commit: versions become visible in the order in which they were given."""
    AddressBookVersion.update(version=AddressBookVersion.version + 1).execute()
    return version()
