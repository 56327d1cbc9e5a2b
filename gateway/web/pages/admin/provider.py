"""/l/{location_id}/admin/provider: by what a location sends bulk and automated mail (E2)."""

from collections.abc import Mapping

from fastapi import APIRouter, Response

from crm_store import provider_tests, providers
from crm_store.blobs.store import BlobStore
from crm_store.errors import Invalid, NotFound, TooOften
from crm_store.outbox_wording import reason_sentence
from crm_store.provider_tests import ProviderTestView
from crm_store.providers import ProviderSettings, ProviderView
from crm_store.rules.outbox import OutboxState
from crm_store.rules.provider import ProviderTls
from crm_store.rules.states import Role
from crm_store.sealing import Sealer
from crm_store.settings import Settings
from gateway.web.pages import form_numbers, form_problems
from gateway.web.pages.asking import Session, signed_in
from gateway.web.pages.navigation import in_location
from gateway.web.pages.page_route import page_router, see_other
from gateway.web.pages.reader import Reader, say
from gateway.web.pages.rendering import page
from gateway.web.pages.visit import Visit, Visitor
from gateway.web.shapes.fields import Id

_PATH = "/l/{location_id}/admin/provider"
_PROBLEMS: Mapping[str, str] = {
    "host": say(
        "Enter the name of your provider's mail server, such as smtp.provider.com; not one in a private network."
    ),
    "port": say("Enter a port from 1 to 65535; 587 is usual."),
    "user": say("Enter the login that belongs to the password."),
    "password": say("Enter the password again: the server or the login has changed."),
    "per_minute": say("Enter a number of mails, or nothing for no limit."),
    "from": say("Enter an e-mail address without letters that other hosts can't read."),
}

# What became of a test mail: its tone, and its words.
_TEST_STATES: Mapping[OutboxState, tuple[str, str]] = {
    OutboxState.WAITING: ("warn", say("It has not left yet")),
    OutboxState.SENDING: ("warn", say("It is being sent")),
    OutboxState.SENT: ("good", say("The provider has taken it")),
    OutboxState.UNKNOWN: ("warn", say("The provider's answer got lost")),
    OutboxState.FAILED: ("bad", say("The provider refused it")),
    OutboxState.CANCELLED: ("", say("It was not sent")),
}


def router(settings: Settings, blobs: BlobStore) -> APIRouter:
    pages = page_router()
    sealer = Sealer.of(settings)

    @pages.get(_PATH)
    def show_provider(visit: Visitor, location_id: Id) -> Response:
        with signed_in(visit, location_id, Role.ADMIN) as session:
            return _page(session)

    @pages.post(_PATH)
    def put_provider(visit: Visitor, location_id: Id) -> Response:
        """An empty password keeps the one that is stored."""
        with signed_in(visit, location_id, Role.ADMIN) as session:
            try:
                providers.put(
                    session.access,
                    location_id,
                    _said(visit),
                    visit.form.get("password") or None,
                    sealer,
                    private_allowed=settings.provider_private_hosts,
                    now_ms=visit.now_ms,
                )
            except Invalid as error:
                return _page(session, status=422, typed=visit.form, problems=_problems(session.reader, error))
        return see_other(in_location(location_id, "admin/provider?done=saved"))

    @pages.get(_PATH + "/remove")
    def ask_remove(visit: Visitor, location_id: Id) -> Response:
        with signed_in(visit, location_id, Role.ADMIN) as session:
            return page(session, "admin/provider_remove.html", view=providers.get(session.access, location_id))

    @pages.post(_PATH + "/remove")
    def remove(visit: Visitor, location_id: Id) -> Response:
        with signed_in(visit, location_id, Role.ADMIN) as session:
            providers.remove(session.access, location_id, now_ms=visit.now_ms)
        return see_other(in_location(location_id, "admin/provider?done=removed"))

    _add_test(pages, blobs)
    return pages


def _add_test(pages: APIRouter, blobs: BlobStore) -> None:
    @pages.post(_PATH + "/test")
    def send_test(visit: Visitor, location_id: Id) -> Response:
        with signed_in(visit, location_id, Role.ADMIN) as session:
            access, to = session.access, visit.line("to")
            try:
                prepared = provider_tests.prepare(access, location_id, to, blobs, now_ms=visit.now_ms)
                provider_tests.start(access, prepared, blobs, now_ms=visit.now_ms)
            except Invalid:
                problems = form_problems.of(session.reader, Invalid("email", to))
                return _page(session, status=422, typed={"to": to}, problems={"to": problems["email"]})
            except TooOften as error:
                words = session.reader.gettext(
                    "Too many e-mails were asked for. Try again %(when)s.", when=session.reader.ago(error.until_ms)
                )
                return _page(session, status=429, typed={"to": to}, problems={"to": words})
        return see_other(in_location(location_id, "admin/provider#test"))


def _said(visit: Visit) -> ProviderSettings:
    """Raises: Invalid; NotFound for what no form of ours sends."""
    tls = visit.form.get("tls", "")
    if tls not in set(ProviderTls):
        raise NotFound("no such way")
    return ProviderSettings(
        host=visit.line("host"),
        port=form_numbers.whole(visit.form, "port"),
        tls=ProviderTls(tls),
        user=visit.line("user") or None,
        per_minute=form_numbers.whole_or_none(visit.form, "per_minute"),
        from_address=visit.line("from") or None,
    )


def _problems(reader: Reader, error: Invalid) -> dict[str, str]:
    if error.field in _PROBLEMS:
        return {error.field: reader.gettext(_PROBLEMS[error.field])}
    return form_problems.of(reader, error)


def _page(
    session: Session,
    *,
    status: int = 200,
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> Response:
    """typed: a form that could not be taken; None: what is stored."""
    assert session.location is not None
    view = _stored(session, session.location.id)
    return page(
        session,
        "admin/provider.html",
        status=status,
        view=view,
        typed={"to": session.user.email, **_shown(view if typed is None or "to" in typed else None), **(typed or {})},
        test=None if view is None else _latest_test(session, session.location.id),
        test_states=_TEST_STATES,
        reason_of=reason_sentence,
        problems=problems or {},
        done=session.visit.query.get("done", ""),
        problem=None if view is None else _problem(view, session.reader.language),
    )


def _problem(view: ProviderView, language: str) -> str | None:
    """Why its mail waits, in words."""
    return None if view.problem is None else reason_sentence(view.problem, view.detail, language)


def _latest_test(session: Session, location_id: int) -> ProviderTestView | None:
    try:
        return provider_tests.latest(session.access, location_id)
    except NotFound:
        return None


def _stored(session: Session, location_id: int) -> ProviderView | None:
    try:
        return providers.get(session.access, location_id)
    except NotFound:
        return None


def _shown(view: ProviderView | None) -> dict[str, object]:
    """What the form begins with. Its password is shown to nobody."""
    if view is None:
        return {"host": "", "port": 587, "tls": ProviderTls.STARTTLS, "user": "", "per_minute": "", "from": ""}
    said = view.settings
    return {
        "host": said.host,
        "port": said.port,
        "tls": said.tls,
        "user": said.user or "",
        "per_minute": "" if said.per_minute is None else said.per_minute,
        "from": said.from_address or "",
    }
