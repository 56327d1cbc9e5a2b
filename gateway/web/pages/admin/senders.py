"""/l/{location_id}/admin/senders: who may write to a location's BCC addresses, who is blocked, who is never logged."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Query, Response

from crm_store import sender_list_changes
from crm_store.errors import Invalid, NotFound
from crm_store.paging import PageRequest
from crm_store.rules.states import Role, SenderList
from crm_store.sender_list_changes import ShutsOutMember
from gateway.web.pages.asking import Session, signed_in
from gateway.web.pages.navigation import in_location
from gateway.web.pages.page_route import page_router, see_other
from gateway.web.pages.reader import say
from gateway.web.pages.rendering import page
from gateway.web.pages.visit import Visitor
from gateway.web.shapes.fields import Id

_PATH = "/l/{location_id}/admin/senders"
_SHOWN = 50
LISTS: Mapping[str, SenderList] = {
    "allowed": SenderList.ALLOWED,
    "blocked": SenderList.BLOCKED,
    "never-log": SenderList.NEVER_LOG,
}
_NO_PATTERN = say("Enter an e-mail address, or a domain such as @company.com.")
_SHUTS_OUT = say("This is an address of a member of this location, and members are never blocked.")
router = page_router()


@router.get(_PATH)
def begin_in_senders(visit: Visitor, location_id: Id) -> Response:
    with signed_in(visit, location_id, Role.OPERATOR):
        return see_other(in_location(location_id, "admin/senders/allowed"))


@router.get(_PATH + "/{word}")
def show_senders(
    visit: Visitor, location_id: Id, word: str, after: Annotated[str | None, Query(max_length=200)] = None
) -> Response:
    with signed_in(visit, location_id, Role.OPERATOR) as session:
        return _page(session, word, after)


@router.post(_PATH + "/{word}")
def add_sender(visit: Visitor, location_id: Id, word: str) -> Response:
    with signed_in(visit, location_id, Role.OPERATOR) as session:
        try:
            added = sender_list_changes.add(
                session.access, location_id, _kind(word), visit.line("pattern"), now_ms=visit.now_ms
            )
        except Invalid as error:
            return _refused(session, word, visit.line("pattern"), error)
    return see_other(in_location(location_id, f"admin/senders/{word}?done=added&of={added.id}"))


@router.post(_PATH + "/{word}/remove")
def remove_sender(visit: Visitor, location_id: Id, word: str) -> Response:
    """Somebody else may have removed it meanwhile: then it is as was wished."""
    pattern = visit.line("pattern")
    with signed_in(visit, location_id, Role.OPERATOR) as session:
        kind = _kind(word)
        sender_list_changes.require_keeper(session.access, location_id, kind)
        try:
            sender_list_changes.remove(session.access, location_id, kind, pattern, now_ms=visit.now_ms)
        except Invalid as error:
            raise NotFound("this is no pattern") from error
        except NotFound:
            return see_other(in_location(location_id, f"admin/senders/{word}"))
        return _page(session, word, None, removed=pattern)


def _kind(word: str) -> SenderList:
    """Raises: NotFound."""
    if word not in LISTS:
        raise NotFound("no such list")
    return LISTS[word]


def _refused(session: Session, word: str, typed: str, error: Invalid) -> Response:
    problem = session.reader.gettext(_SHUTS_OUT if isinstance(error, ShutsOutMember) else _NO_PATTERN)
    return _page(session, word, None, status=422, typed=typed, problem=problem)


def _page(
    session: Session,
    word: str,
    after: str | None,
    *,
    status: int = 200,
    typed: str = "",
    problem: str = "",
    removed: str = "",
) -> Response:
    """typed: what could not be taken. removed: what was just taken off the list, and can be put back."""
    assert session.location is not None
    kind = _kind(word)
    shown = sender_list_changes.list_for(session.access, session.location.id, kind, PageRequest(_SHOWN, after))
    return page(
        session,
        "admin/senders.html",
        status=status,
        word=word,
        patterns=shown.items,
        next=shown.next,
        may_change=sender_list_changes.may_keep(session.access, session.location.id, kind),
        typed=typed,
        problem=problem,
        removed=removed,
        done=session.visit.query.get("done", ""),
        added=next((one for one in shown.items if str(one.id) == session.visit.query.get("of")), None),
    )
