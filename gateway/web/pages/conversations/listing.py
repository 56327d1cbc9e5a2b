"""/l/{location_id}/conversations"""

from fastapi import APIRouter, Response

from crm_store import bcc_addresses
from crm_store.live_marks.place import View
from crm_store.paging import PageRequest
from crm_store.settings import Settings
from gateway.web.pages import following
from gateway.web.pages.asking import signed_in
from gateway.web.pages.conversations.shown_list import shown_list
from gateway.web.pages.conversations.toasts import toast_of
from gateway.web.pages.page_route import page_router
from gateway.web.pages.rendering import page
from gateway.web.pages.visit import Visitor
from gateway.web.shapes.fields import Id

PATH = "/l/{location_id}/conversations"
_AT_ONCE = 30


def router(_settings: Settings) -> APIRouter:
    pages = page_router()

    @pages.get(PATH)
    def list_conversations(visit: Visitor, location_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            live = following.address(session, View.CONVERSATIONS)
            request = PageRequest(_AT_ONCE, visit.query.get("after"))
            words = visit.query.get("q", "").strip()
            listed = shown_list(session, request, unread_only=visit.query.get("show") == "unread", words=words)
            bcc = bcc_addresses.show(location_id, session.access.user_id, now_ms=visit.now_ms)
            return page(
                session,
                "conversations/list.html",
                listed=listed,
                words=words,
                is_first="after" not in visit.query,
                open_id=None,
                bcc=bcc,
                live=live,
                toast=toast_of(session),
            )

    return pages
