"""Why an entry is where it is: what was decided about each copy of its message here (F2)."""

from crm_store import conversations, decisions
from crm_store.access import Access
from crm_store.decisions import DecisionView
from crm_store.models.captures import DecisionRow
from crm_store.models.messages import Message, Sighting
from crm_store.paging import MAX_LIMIT, PageRequest

_COPIES = 50


def decisions_of(access: Access, entry_id: int) -> list[DecisionView]:
    """Those that led to this entry, oldest first; of a message that came a hundred times the first ones.

    Raises: NotFound."""
    entry = conversations.entry_row(access, entry_id)
    message_id = Message.get_by_id(entry.message_id).message_id
    if message_id is not None:
        told = decisions.explain(access, message_id, PageRequest(MAX_LIMIT)).items
        return [one for one in told if one.entry_id == entry_id]
    return _of_copies(entry.message_id, entry.location_id)


def _of_copies(message_id: int, location_id: int) -> list[DecisionView]:
    """Of a message that no id names: by what came of it into this location."""
    copies = list(
        Sighting.select()
        .where((Sighting.message_id == message_id) & (Sighting.location_id == location_id))
        .limit(_COPIES)
    )
    by_capture = DecisionRow.capture_id.in_([one.capture_id for one in copies if one.capture_id is not None])
    found = list(DecisionRow.select().where(by_capture))
    for one in copies:
        if one.gmail_id is not None:
            seen = (DecisionRow.user_id == one.user_id) & (DecisionRow.gmail_id == one.gmail_id)
            found += DecisionRow.select().where(seen & (DecisionRow.location_id == location_id))
    return decisions.views(sorted(found, key=lambda row: row.id))
