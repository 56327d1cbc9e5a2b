"""/l/{location_id}/admin/location: what holds for everybody in a location."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fastapi import Response

from crm_store import locations
from crm_store.errors import Invalid
from crm_store.locations import LocationSettings
from crm_store.rules.states import Role
from gateway.web.pages import form_numbers, form_problems, time_zones
from gateway.web.pages.asking import Session, signed_in
from gateway.web.pages.navigation import in_location
from gateway.web.pages.page_route import page_router, see_other
from gateway.web.pages.reader import Reader, say
from gateway.web.pages.rendering import page
from gateway.web.pages.visit import Visit, Visitor
from gateway.web.shapes.fields import Id

_PATH = "/l/{location_id}/admin/location"
_PROBLEMS = {
    "retention_days": say("Enter a number of days from 1 to 3,650."),
    "bcc_grace_days": say("Enter a number of days from 0 to 3,650."),
    "own_domains": say("Enter at most 100 domain names, such as company.com, one a line."),
}
router = page_router()


@router.get(_PATH)
def show_location(visit: Visitor, location_id: Id) -> Response:
    with signed_in(visit, location_id, Role.ADMIN) as session:
        return _page(session)


@router.post(_PATH)
def change_location(visit: Visitor, location_id: Id) -> Response:
    with signed_in(visit, location_id, Role.ADMIN) as session:
        try:
            locations.change(session.access, location_id, _said(visit), now_ms=visit.now_ms)
        except Invalid as error:
            return _page(session, status=422, typed=visit.form, problems=_problems(session.reader, error))
    return see_other(in_location(location_id, "admin/location?done=saved"))


def _said(visit: Visit) -> dict[str, Any]:  # fields of LocationSettings
    """Raises: Invalid."""
    form = visit.form
    return {
        "name": visit.line("name"),
        "locale": visit.line("locale"),
        "time_zone": visit.line("time_zone"),
        "retention_days": form_numbers.whole(form, "retention_days"),
        "bcc_grace_days": form_numbers.whole(form, "bcc_grace_days"),
        "own_domains": form.get("own_domains", "").split(),
        "read_state_sync": "read_state_sync" in form,
        "own_provider_for_individual": "own_provider_for_individual" in form,
    }


def _problems(reader: Reader, error: Invalid) -> dict[str, str]:
    if error.field in _PROBLEMS:
        return {error.field: reader.gettext(_PROBLEMS[error.field])}
    return form_problems.of(reader, error)


def _page(
    session: Session,
    *,
    status: int = 200,
    typed: Mapping[str, str] | None = None,
    problems: dict[str, str] | None = None,
) -> Response:
    """typed: a form that could not be taken; None: what is stored."""
    assert session.location is not None
    return page(
        session,
        "admin/location.html",
        status=status,
        typed=_stored(session.location.settings) if typed is None else _filled(typed),
        problems=problems or {},
        done=session.visit.query.get("done", ""),
        zones=[(name, name) for name in time_zones.all_names()],
    )


def _stored(settings: LocationSettings) -> dict[str, object]:
    return {**asdict(settings), "own_domains": "\n".join(settings.own_domains)}


def _filled(typed: Mapping[str, str]) -> dict[str, object]:
    """A box that is not ticked is not sent."""
    empty: dict[str, object] = dict.fromkeys(_stored(LocationSettings("")), "")
    return {**empty, **typed}
