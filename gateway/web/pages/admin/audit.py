"""/l/{location_id}/admin/audit: who changed what in a location (F4)."""

from typing import Annotated

from fastapi import Query, Response

from crm_store import audit
from crm_store.paging import PageRequest
from crm_store.rules.states import Role
from gateway.web.pages.admin import audit_words
from gateway.web.pages.asking import signed_in
from gateway.web.pages.page_route import page_router
from gateway.web.pages.rendering import page
from gateway.web.pages.visit import Visitor
from gateway.web.shapes.fields import Id

_SHOWN = 50
router = page_router()


@router.get("/l/{location_id}/admin/audit")
def show_audit(visit: Visitor, location_id: Id, after: Annotated[str | None, Query(max_length=200)] = None) -> Response:
    with signed_in(visit, location_id, Role.ADMIN) as session:
        shown = audit.list_for(session.access, location_id, PageRequest(_SHOWN, after))
        return page(
            session,
            "admin/audit.html",
            rows=shown.items,
            next=shown.next,
            is_first=after is None,
            sentence=lambda action: audit_words.sentence(session.reader, action),
        )
