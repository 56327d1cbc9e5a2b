"""Settings › My profile: one's own BCC address and connections."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from crm_store import bcc_tests
from crm_store.database.rows import tuples
from crm_store.live_marks.place import Facts, Place, View
from crm_store.models.bcc import BccAddress, BccTest
from crm_store.models.connections import Connection
from crm_store.models.mailboxes import Mailbox


def facts(places: list[Place], now_ms: int) -> Facts:
    yield from _addresses(places, now_ms)
    yield from _connections(places)


def _addresses(places: list[Place], now_ms: int) -> Facts:
    rows = BccAddress.select(
        BccAddress.location_id, BccAddress.user_id, BccAddress.id, BccAddress.last_capture_at_ms
    ).where(
        BccAddress.location_id.in_({place.location_id for place in places}),
        BccAddress.user_id.in_({place.user_id for place in places}),
        BccAddress.works_until_ms.is_null(),
    )
    found = list(tuples(rows))
    tested = _tested([address_id for _, _, address_id, _ in found])
    for location_id, user_id, address_id, last_capture_at_ms in found:
        test = bcc_tests.of_address(address_id, now_ms=now_ms) if address_id in tested else None
        yield Place(location_id, user_id, View.SETTINGS), (address_id, last_capture_at_ms, test)


def _tested(address_ids: list[int]) -> set[int]:
    return {
        row for (row,) in tuples(BccTest.select(BccTest.bcc_address_id).where(BccTest.bcc_address_id.in_(address_ids)))
    }


def _connections(places: list[Place]) -> Facts:
    """A user's connections are shown in each of their locations."""
    by_user: dict[int, list[Any]] = defaultdict(list)  # Any: columns' values
    for fact in _connection_facts({place.user_id for place in places}):
        by_user[fact[0]].append(fact)
    for place in places:
        yield place, by_user[place.user_id]


def _connection_facts(user_ids: Collection[int]) -> Iterator[tuple[Any, ...]]:
    shown = Connection.select(
        Connection.user_id,
        Connection.id,
        Connection.email,
        Connection.state,
        Connection.problem,
        Connection.paused_until_ms,
        Connection.last_synced_at_ms,
        Connection.daily_limit,
        Connection.import_contacts,
        Connection.backfill_days,
    ).where(Connection.user_id.in_(list(user_ids)), Connection.replaced_at_ms.is_null())
    found = list(tuples(shown.order_by(Connection.user_id, Connection.place_id)))
    counts = _counts([connection_id for _, connection_id, *_ in found])
    for fact in found:
        yield *fact, counts.get(fact[1])


def _counts(connection_ids: list[int]) -> dict[int, list[Any]]:
    rows = Mailbox.select(
        Mailbox.connection_id, Mailbox.recorded, Mailbox.not_recorded, Mailbox.failed, Mailbox.pending
    ).where(Mailbox.connection_id.in_(connection_ids))
    return {connection_id: counts for connection_id, *counts in tuples(rows)}
