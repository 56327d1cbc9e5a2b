"""What a user reads in Gmail is read here too, in their locations that switch it on (B14). What they read here goes the
other way by read_wishes.py."""

from collections.abc import Collection, Mapping

from peewee import chunked

from crm_store import tabs
from crm_store.database.rows import tuples
from crm_store.database.session import lock_location
from crm_store.mailboxes import Held
from crm_store.models.mailboxes import GmailMessage, ReadWish
from crm_store.models.messages import Entry, Sighting
from crm_store.models.people import Location, Membership
from crm_store.rules.mailbox import LedgerState

_IN_LIST = 500


def places(user_id: int) -> list[int]:
    """The user's locations in which read state goes both ways."""
    own = (
        Membership.select(Membership.location_id)
        .join(Location, on=(Location.id == Membership.location_id))
        .where(Membership.user_id == user_id, Membership.left_at_ms.is_null(), Location.read_state_sync)
    )
    return sorted(location_id for (location_id,) in tuples(own))


def follow(held: Held, is_read: Mapping[str, bool]) -> None:
    """What the mailbox's history says of messages, by Gmail id: those that it recorded are read, or wait to be read
    again. What waited to be told to Gmail of them is old: it has spoken since, and its last word is here.

    Call first in a transaction, as it takes locks of locations, and write with the lease there."""
    recorded = _recorded(held.mailbox_id, is_read)
    shown_in = places(held.user_id) if recorded else []
    for location_id in shown_in:
        lock_location(location_id)
    for location_id in shown_in:
        for read in (True, False):
            told = [gmail_id for gmail_id in recorded if is_read[gmail_id] is read]
            tabs.set_read(_entries(location_id, held.user_id, told), read=read)
    for some in chunked(recorded, _IN_LIST):
        mine = ReadWish.mailbox_id == held.mailbox_id
        ReadWish.delete().where(mine, ReadWish.gmail_id.in_(list(some))).execute()


def was_read(user_id: int, gmail_id: str, locations: Collection[int]) -> None:
    """A message that is recorded in these had been read by then. Call in its transaction, which holds their locks."""
    for location_id in places(user_id):
        if location_id in locations:
            tabs.set_read(_entries(location_id, user_id, [gmail_id]), read=True)


def _recorded(mailbox_id: int, gmail_ids: Collection[str]) -> list[str]:
    found: list[str] = []
    for some in chunked(sorted(gmail_ids), _IN_LIST):
        rows = GmailMessage.select(GmailMessage.gmail_id).where(
            GmailMessage.mailbox_id == mailbox_id,
            GmailMessage.gmail_id.in_(list(some)),
            GmailMessage.state == LedgerState.RECORDED,
        )
        found += [gmail_id for (gmail_id,) in tuples(rows)]
    return found


def _entries(location_id: int, user_id: int, gmail_ids: Collection[str]) -> list[int]:
    found: list[int] = []
    same = (Entry.location_id == Sighting.location_id) & (Entry.message_id == Sighting.message_id)
    for some in chunked(gmail_ids, _IN_LIST):
        seen = Sighting.select(Entry.id).join(Entry, on=same)
        seen = seen.where(
            Sighting.location_id == location_id, Sighting.user_id == user_id, Sighting.gmail_id.in_(list(some))
        )
        found += [entry_id for (entry_id,) in tuples(seen)]
    return found
