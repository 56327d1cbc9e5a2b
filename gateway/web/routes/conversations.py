"""/locations/{location_id}/conversations and /conversations"""

from typing import Annotated

from fastapi import Query

from crm_store import conversations
from crm_store.clock import now_ms
from crm_store.search import finding
from gateway.web.asking import Token, asked_by
from gateway.web.json_route import api_router
from gateway.web.shapes.conversation import Conversation, ConversationQuery, conversation, found_conversation
from gateway.web.shapes.entry import Entry, entry
from gateway.web.shapes.fields import Id, Listing, PageQuery, listing

router = api_router("conversations")


@router.get("/locations/{location_id}/conversations", summary="List conversations, the newest mail first")
def list_conversations(
    token: Token, location_id: Id, query: Annotated[ConversationQuery, Query()]
) -> Listing[Conversation]:
    """With `q` those in which it is found, the mail recorded last first; also "a phrase", -without, from:, to:,
    subject:, has:attachment. Each is listed once a page; on a later page it may come again, with an older mail."""
    request = query.page_request()
    with asked_by(token) as access:
        if query.sought is not None:
            found = finding.find_conversations(access, location_id, query.sought, request, contact_id=query.contact_id)
            return listing(found, map(found_conversation, found.items))
        page = conversations.list_for(access, location_id, request, contact_id=query.contact_id)
        return listing(page, map(conversation, page.items))


@router.get("/conversations/{conversation_id}", summary="Read a conversation")
def get_conversation(token: Token, conversation_id: Id) -> Conversation:
    with asked_by(token) as access:
        return conversation(conversations.get(access, conversation_id))


@router.post("/conversations/{conversation_id}/read", summary="Say that all of a conversation has been read")
def mark_conversation_read(token: Token, conversation_id: Id) -> Conversation:
    with asked_by(token) as access:
        return conversation(conversations.mark_read(access, conversation_id, now_ms=now_ms()))


@router.get("/conversations/{conversation_id}/entries", summary="List what is in a conversation, newest first")
def list_entries(token: Token, conversation_id: Id, query: Annotated[PageQuery, Query()]) -> Listing[Entry]:
    with asked_by(token) as access:
        page = conversations.entries(access, conversation_id, query.page_request())
        return listing(page, map(entry, page.items))
