"""/l/{location_id}/settings/general: oneself, the BCC address, and the way to connect Gmail."""

from typing import Any

from fastapi import Response
from pydantic import TypeAdapter, ValidationError

from crm_store import bcc_addresses, identities, users
from crm_store.errors import Invalid
from crm_store.live_marks.place import View
from gateway.web.pages import following, form_numbers, form_problems, time_zones
from gateway.web.pages.asking import Session, signed_in
from gateway.web.pages.navigation import in_location
from gateway.web.pages.page_route import page_router, see_other
from gateway.web.pages.reader import Reader, say
from gateway.web.pages.rendering import page
from gateway.web.pages.settings import connected_accounts
from gateway.web.pages.visit import Visitor
from gateway.web.shapes.bcc_address import reason_of_test
from gateway.web.shapes.fields import Id
from gateway.web.shapes.user import UserChanges

PATH = "/l/{location_id}/settings/general"
_CHANGES: TypeAdapter[UserChanges] = TypeAdapter(UserChanges)
_OFF = "off"
_PROBLEMS = {
    "signature": say("A signature has at most 10,000 characters."),
    "undo_s": say("Enter a number of seconds from 0 to 120."),
}


router = page_router()


@router.get(PATH)
def show_general(visit: Visitor, location_id: Id) -> Response:
    with signed_in(visit, location_id) as session:
        return page_of(session)


@router.post(PATH)
def change_profile(visit: Visitor, location_id: Id) -> Response:
    with signed_in(visit, location_id) as session:
        try:
            changes = _changes(visit.form)
            users.change(session.access, session.access.user_id, changes, now_ms=visit.now_ms)
        except Invalid as error:
            return page_of(session, status=422, typed=visit.form, problems=_problems(session.reader, error))
    return see_other(in_location(location_id, "settings/general?done=saved"))


# Any: fields of UserSettings.
def _changes(form: Any) -> dict[str, Any]:
    """What the form says, checked as the API checks it. Raises: Invalid."""
    said = {
        "name": form.get("name", ""),
        "locale": form.get("locale") or None,
        "time_zone": form.get("time_zone") or None,
        "signature": form.get("signature", "").replace("\r\n", "\n"),
        "undo_s": form_numbers.whole(form, "undo_s"),
        **({"queue_digest": form["queue_digest"] != _OFF} if "queue_digest" in form else {}),
    }
    try:
        return dict(_CHANGES.validate_python(said))
    except ValidationError as error:
        raise Invalid(str(error.errors()[0]["loc"][0]), "has control characters") from error


def _problems(reader: Reader, error: Invalid) -> dict[str, str]:
    if error.field in _PROBLEMS:
        return {error.field: reader.gettext(_PROBLEMS[error.field])}
    return form_problems.of(reader, error)


def page_of(
    session: Session, *, status: int = 200, typed: Any = None, problems: dict[str, str] | None = None
) -> Response:
    """typed: a form that could not be taken; None: what is stored."""
    assert session.location is not None
    live = following.address(session, View.SETTINGS)
    bcc = bcc_addresses.show(session.location.id, session.access.user_id, now_ms=session.reader.now_ms)
    own = session.user.settings
    stored = {
        "name": own.name,
        "locale": own.locale or "",
        "time_zone": own.time_zone or "",
        "signature": own.signature,
        "undo_s": own.undo_s,
        "queue_digest": "on" if own.queue_digest else _OFF,
        "address": "",
    }
    return page(
        session,
        "settings/general.html",
        status=status,
        typed={**stored, **(typed or {})},
        problems=problems or {},
        done=session.visit.query.get("done", ""),
        zones=[(name, name) for name in time_zones.all_names()],
        bcc=bcc,
        addresses=identities.of_user(session.access, session.access.user_id),
        pending_addresses=identities.pending(session.access, session.access.user_id, now_ms=session.reader.now_ms),
        test_reason=reason_of_test(bcc.test, session.reader.language) if bcc.test else None,
        accounts=connected_accounts.cards(session),
        **connected_accounts.set_up(session),
        live=live,
        forms_end_at=connected_accounts.forms_end_at(session),
    )
