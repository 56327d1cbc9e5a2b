"""/locations/{location_id}/audit"""

from typing import Annotated

from fastapi import Query

from crm_store import audit
from gateway.web.asking import Token, asked_by
from gateway.web.json_route import api_router
from gateway.web.shapes.audit import AuditEntry, audit_entry
from gateway.web.shapes.fields import Id, Listing, PageQuery, listing

router = api_router("audit")


@router.get("/locations/{location_id}/audit", summary="List who changed what, the latest first")
def list_audit(token: Token, location_id: Id, query: Annotated[PageQuery, Query()]) -> Listing[AuditEntry]:
    """Takes the role admin in the location."""
    with asked_by(token) as access:
        page = audit.list_for(access, location_id, query.page_request())
        return listing(page, map(audit_entry, page.items))
