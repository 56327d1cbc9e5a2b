"""The list of conversations, as its own page and beside an open one show it."""

from dataclasses import dataclass

from crm_store import conversation_list, conversations
from crm_store.conversation_list import LatestMail
from crm_store.conversations import ConversationView
from crm_store.paging import Page, PageRequest
from crm_store.search import finding
from gateway.web.pages.asking import Session
from gateway.web.pages.conversations.people import Who, who_is


@dataclass(frozen=True, slots=True)
class Listed:
    """One line. latest: None where it went meanwhile."""

    conversation: ConversationView
    who: Who
    latest: LatestMail | None


@dataclass(frozen=True, slots=True)
class ShownList:
    """before, behind: ids of the open conversation's neighbours; None where there is none, or none is open."""

    items: list[Listed]
    next: str | None
    unread_only: bool
    before: int | None = None
    behind: int | None = None


def shown_list(
    session: Session, request: PageRequest, *, unread_only: bool, open_id: int | None = None, words: str = ""
) -> ShownList:
    """words: what is looked for in mails; "" for nothing. Raises: Invalid for a cursor that is none of ours."""
    assert session.location is not None, "the page is of a location"
    page = _asked(session, request, unread_only=unread_only, words=words)
    latest = conversation_list.latest_mails(session.here, page.items)
    ids = [one.id for one in page.items]
    at = ids.index(open_id) if open_id in ids else None
    return ShownList(
        [Listed(one, who_is(one.contact), latest.get(one.id)) for one in page.items],
        page.next,
        unread_only,
        before=ids[at - 1] if at else None,
        behind=ids[at + 1] if at is not None and at + 1 < len(ids) else (ids[0] if at is None and ids else None),
    )


def _asked(session: Session, request: PageRequest, *, unread_only: bool, words: str) -> Page[ConversationView]:
    assert session.location is not None, "the page is of a location"
    here, location_id = session.here, session.location.id
    if not words:
        return conversations.list_for(here, location_id, request, contact_id=None, unread_only=unread_only)
    found = finding.find_conversations(here, location_id, words, request)
    return Page([one.conversation for one in found.items], found.next)
