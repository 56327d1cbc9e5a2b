"""/l/{location_id}/admin/members: who works in a location, as what, and each one's BCC address."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Response

from crm_store import bcc_addresses, members, users
from crm_store.errors import Conflict, Invalid, NotFound
from crm_store.paging import PageRequest
from crm_store.rules.states import Role
from crm_store.settings import Settings
from crm_store.users import UserSettings
from gateway.web.pages import form_problems
from gateway.web.pages.asking import Session, signed_in
from gateway.web.pages.navigation import in_location
from gateway.web.pages.page_route import page_router, see_other
from gateway.web.pages.reader import say
from gateway.web.pages.rendering import page
from gateway.web.pages.role_names import role_names
from gateway.web.pages.visit import Visit, Visitor
from gateway.web.shapes.fields import Id

_PATH = "/l/{location_id}/admin/members"
_ONE = _PATH + "/{user_id}"
_SHOWN = 50
_NOBODY = say("Nobody whom you may add signs in with this address. Whoever runs this installation makes new users.")
_LAST_ADMIN = say("A location keeps at least one admin: make somebody else admin first.")


def router(settings: Settings) -> APIRouter:
    pages = page_router()
    domain = settings.capture_domains[0]

    @pages.get(_PATH)
    def show_members(
        visit: Visitor, location_id: Id, after: Annotated[str | None, Query(max_length=200)] = None
    ) -> Response:
        with signed_in(visit, location_id, Role.ADMIN) as session:
            return _page(session, after)

    @pages.post(_PATH)
    def add_member(visit: Visitor, location_id: Id) -> Response:
        password_hash, error = _hashed(visit)  # slow on purpose: before the database is opened
        with signed_in(visit, location_id, Role.ADMIN) as session:
            problems = form_problems.of(session.reader, error)
            if not problems:
                user_id, problems = _found_or_made(session, password_hash)
            if not problems:
                problems = _put(session, user_id, domain)
            if problems:
                return _page(session, None, status=422, typed=visit.form, problems=problems)
        return see_other(in_location(location_id, f"admin/members/{user_id}?done=added"))

    @pages.get(_ONE)
    def show_member(visit: Visitor, location_id: Id, user_id: Id) -> Response:
        with signed_in(visit, location_id, Role.ADMIN) as session:
            return _one(session, user_id)

    @pages.post(_ONE)
    def change_role(visit: Visitor, location_id: Id, user_id: Id) -> Response:
        with signed_in(visit, location_id, Role.ADMIN) as session:
            members.get(session.access, location_id, user_id)
            problems = _put(session, user_id, domain)
            if problems:
                return _one(session, user_id, status=409, problem=problems["role"])
        return see_other(in_location(location_id, f"admin/members/{user_id}?done=role"))

    @pages.get(_ONE + "/remove")
    def ask_remove(visit: Visitor, location_id: Id, user_id: Id) -> Response:
        with signed_in(visit, location_id, Role.ADMIN) as session:
            member = members.get(session.access, location_id, user_id)
            return page(session, "admin/member_remove.html", member=member)

    @pages.post(_ONE + "/remove")
    def remove(visit: Visitor, location_id: Id, user_id: Id) -> Response:
        with signed_in(visit, location_id, Role.ADMIN) as session:
            try:
                members.remove(session.access, location_id, user_id, now_ms=visit.now_ms)
            except Conflict:
                return _one(session, user_id, status=409, problem=session.reader.gettext(_LAST_ADMIN))
            is_oneself = user_id == session.access.user_id
        return see_other("/locations" if is_oneself else in_location(location_id, "admin/members?done=removed"))

    @pages.post(_ONE + "/bcc/replace")
    def replace_bcc(visit: Visitor, location_id: Id, user_id: Id) -> Response:
        """grace: "none" for an address that leaked, else the location's days. Switches on what is off."""
        grace_days = 0 if visit.form.get("grace") == "none" else None
        with signed_in(visit, location_id, Role.ADMIN) as session:
            members.get(session.access, location_id, user_id)
            by = session.access.user_id
            bcc_addresses.replace(location_id, user_id, domain, grace_days=grace_days, by=by, now_ms=visit.now_ms)
        return see_other(in_location(location_id, f"admin/members/{user_id}?done=replaced"))

    @pages.post(_ONE + "/bcc/off")
    def switch_bcc_off(visit: Visitor, location_id: Id, user_id: Id) -> Response:
        with signed_in(visit, location_id, Role.ADMIN) as session:
            members.get(session.access, location_id, user_id)
            bcc_addresses.switch_off(location_id, user_id, by=session.access.user_id, now_ms=visit.now_ms)
        return see_other(in_location(location_id, f"admin/members/{user_id}?done=off"))

    return pages


def _role(visit: Visit) -> Role:
    """Raises: NotFound for what no form of ours sends."""
    word = visit.form.get("role", "")
    if word not in set(Role):
        raise NotFound("no such role")
    return Role(word)


def _hashed(visit: Visit) -> tuple[str | None, Invalid | None]:
    """None where no password was typed."""
    password = visit.form.get("password", "")
    try:
        return (users.hash_password(password) if password else None), None
    except Invalid as error:
        return None, error


def _found_or_made(session: Session, password_hash: str | None) -> tuple[int, dict[str, str]]:
    """The user with the form's address, made where whoever runs the installation asks for a new one; and what is wrong
    with the form. Somebody whom this admin may not know of is nobody: else they would learn who works here (F3)."""
    visit, access = session.visit, session.access
    try:
        found = users.known(visit.line("email"))
        if found is not None:
            return users.get(access, found.id).id, {}
        if not access.installation_admin:
            raise NotFound("no such user")
        about = UserSettings(visit.line("name"))
        made = users.add(
            visit.line("email"), about, password_hash=password_hash, by=access.user_id, now_ms=visit.now_ms
        )
        return made.id, {}
    except NotFound:
        return 0, {"email": session.reader.gettext(_NOBODY)}
    except Invalid as error:
        return 0, form_problems.of(session.reader, error)


def _put(session: Session, user_id: int, domain: str) -> dict[str, str]:
    """Make the user a member with the form's role; what is wrong with that."""
    assert session.location is not None
    visit, by = session.visit, session.access.user_id
    try:
        members.put(session.location.id, user_id, _role(visit), domain=domain, by=by, now_ms=visit.now_ms)
    except Conflict:
        return {"role": session.reader.gettext(_LAST_ADMIN)}
    return {}


def _page(
    session: Session,
    after: str | None,
    *,
    status: int = 200,
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> Response:
    assert session.location is not None
    shown = members.list_for(session.access, session.location.id, PageRequest(_SHOWN, after))
    return page(
        session,
        "admin/members.html",
        status=status,
        members=shown.items,
        next=shown.next,
        role_names=role_names(session.reader),
        typed=typed or {},
        problems=problems or {},
        done=session.visit.query.get("done", ""),
        shortest_password=users.MIN_PASSWORD_LENGTH,
    )


def _one(session: Session, user_id: int, *, status: int = 200, problem: str = "") -> Response:
    """Raises: NotFound."""
    assert session.location is not None
    location_id = session.location.id
    return page(
        session,
        "admin/member.html",
        status=status,
        member=members.get(session.access, location_id, user_id),
        bcc=bcc_addresses.show(location_id, user_id, now_ms=session.reader.now_ms),
        role_names=role_names(session.reader),
        problem=problem,
        done=session.visit.query.get("done", ""),
    )
