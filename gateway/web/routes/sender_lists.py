"""/locations/{location_id}/allowed-senders, /blocked-senders, /never-log; and /users/{user_id}/never-log"""

from typing import Annotated

from fastapi import Query, Response

from crm_store import sender_list_changes
from crm_store.clock import now_ms
from crm_store.errors import Invalid
from crm_store.rules.states import SenderList
from gateway.web.asking import Token, asked_by
from gateway.web.json_route import api_router
from gateway.web.making import Once
from gateway.web.shapes.fields import Id, Line, Listing, PageQuery, listing
from gateway.web.shapes.sender_list import NewPattern, Pattern, pattern

router = api_router("lists of senders")

_Named = Annotated[Line | None, Query(description="the pattern, where no body says it")]
_USER_PATH = "/users/{user_id}/never-log"


def _add_list(word: str, kind: SenderList, meaning: str) -> None:
    """The three calls of one list of a location."""
    path, name = f"/locations/{{location_id}}/{word}", word.replace("-", "_")

    @router.get(path, name=f"list_{name}", summary=f"List {meaning}")
    def list_patterns(token: Token, location_id: Id, query: Annotated[PageQuery, Query()]) -> Listing[Pattern]:
        """Takes the role operator in the location."""
        with asked_by(token) as access:
            page = sender_list_changes.list_for(access, location_id, kind, query.page_request())
            return listing(page, map(pattern, page.items))

    @router.post(path, name=f"add_{name}", status_code=201, response_model=Pattern, summary=f"Add to {meaning}")
    def add_pattern(token: Token, once: Once, location_id: Id, body: NewPattern) -> Response:
        """What is on the list already stays as it is, and is answered."""
        now = now_ms()
        with asked_by(token) as access:
            sender_list_changes.require_keeper(access, location_id, kind)
            return once.once(
                access,
                lambda: pattern(sender_list_changes.add(access, location_id, kind, body.pattern, now_ms=now)),
                now_ms=now,
            )

    @router.delete(path, name=f"remove_{name}", status_code=204, summary=f"Remove from {meaning}")
    def remove_pattern(token: Token, location_id: Id, body: NewPattern | None = None, pattern: _Named = None) -> None:
        with asked_by(token) as access:
            sender_list_changes.require_keeper(access, location_id, kind)
            sender_list_changes.remove(access, location_id, kind, _said(body, pattern), now_ms=now_ms())


_add_list("allowed-senders", SenderList.ALLOWED, "who may write to a location's BCC addresses")
_add_list("blocked-senders", SenderList.BLOCKED, "whose mail to a location's BCC addresses is rejected")
_add_list("never-log", SenderList.NEVER_LOG, "whose mail a location never records")


@router.get(_USER_PATH, summary="List whose mail is never recorded by a user's own paths")
def list_own_never_log(token: Token, user_id: Id, query: Annotated[PageQuery, Query()]) -> Listing[Pattern]:
    """Oneself, anybody for an --admin token."""
    with asked_by(token) as access:
        page = sender_list_changes.list_own(access, user_id, query.page_request())
        return listing(page, map(pattern, page.items))


@router.post(
    _USER_PATH,
    status_code=201,
    response_model=Pattern,
    summary="Add to whose mail is never recorded by a user's own paths",
)
def add_own_never_log(token: Token, once: Once, user_id: Id, body: NewPattern) -> Response:
    now = now_ms()
    with asked_by(token) as access:
        sender_list_changes.require_own(access, user_id)
        return once.once(
            access,
            lambda: pattern(sender_list_changes.add_own(access, user_id, body.pattern, now_ms=now)),
            now_ms=now,
        )


@router.delete(_USER_PATH, status_code=204, summary="Remove from whose mail is never recorded by a user's own paths")
def remove_own_never_log(token: Token, user_id: Id, body: NewPattern | None = None, pattern: _Named = None) -> None:
    with asked_by(token) as access:
        sender_list_changes.require_own(access, user_id)
        sender_list_changes.remove_own(access, user_id, _said(body, pattern), now_ms=now_ms())


def _said(body: NewPattern | None, named: str | None) -> str:
    """Many programs send no body with DELETE."""
    if (body is None) == (named is None):
        raise Invalid("pattern", "is said once: in the body, or as ?pattern=")
    return body.pattern if body is not None else named or ""
