"""/decisions"""

from typing import Annotated

from fastapi import Query

from crm_store import decisions
from crm_store.access import Access
from crm_store.decisions import DecisionView
from crm_store.errors import Invalid
from crm_store.paging import Page
from gateway.web.asking import Token, asked_by
from gateway.web.json_route import api_router
from gateway.web.shapes.decision import Decision, DecisionQuery, decision
from gateway.web.shapes.fields import Listing, listing

router = api_router("decisions")


@router.get("/decisions", summary="What was done with a message, and by which rule")
def list_decisions(token: Token, query: Annotated[DecisionQuery, Query()]) -> Listing[Decision]:
    """One for each sighting and location, in the asker's own locations."""
    with asked_by(token) as access:
        page = _asked_for(access, query)
        return listing(page, map(decision, page.items))


def _asked_for(access: Access, query: DecisionQuery) -> Page[DecisionView]:
    if query.message_id is not None and query.gmail_id is None:
        return decisions.explain(access, query.message_id, query.page_request())
    if query.gmail_id is not None and query.message_id is None:
        return decisions.explain_gmail(access, query.gmail_id, query.page_request())
    raise Invalid("message_id", "is to be given, or gmail_id; one of the two")
