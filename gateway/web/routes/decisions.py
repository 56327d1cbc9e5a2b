"""/decisions"""

from typing import Annotated

from fastapi import Query

from crm_store import decisions
from gateway.web.asking import Token, asked_by
from gateway.web.json_route import api_router
from gateway.web.shapes.decision import Decision, DecisionQuery, decision
from gateway.web.shapes.fields import Listing, listing

router = api_router("decisions")


@router.get("/decisions", summary="What was done with a message, and by which rule")
def list_decisions(token: Token, query: Annotated[DecisionQuery, Query()]) -> Listing[Decision]:
    """One for each sighting and location, in the asker's own locations."""
    with asked_by(token) as access:
        page = decisions.explain(access, query.message_id, query.page_request())
        return listing(page, map(decision, page.items))
