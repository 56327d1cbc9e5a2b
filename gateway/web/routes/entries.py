"""/entries: taken out of a conversation, and put back"""

from crm_store import entry_removal
from crm_store.clock import now_ms
from gateway.web.asking import Token, asked_by
from gateway.web.json_route import api_router
from gateway.web.shapes.entry import Entry, entry
from gateway.web.shapes.fields import Id

router = api_router("entries")


@router.delete("/entries/{entry_id}", status_code=204, summary="Un-log an entry")
def remove_entry(token: Token, entry_id: Id) -> None:
    """Its message is recorded no more, whatever way it comes again. For 30 days there is a way back."""
    with asked_by(token) as access:
        entry_removal.remove(access, entry_id, now_ms=now_ms())


@router.post("/entries/{entry_id}/restore", summary="Bring an un-logged entry back, within 30 days")
def restore_entry(token: Token, entry_id: Id) -> Entry:
    with asked_by(token) as access:
        return entry(entry_removal.restore(access, entry_id, now_ms=now_ms()))
