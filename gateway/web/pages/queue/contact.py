"""/l/{location_id}/queue/{capture_id}/contact: whose conversation it belongs to, chosen or made (D2)."""

from fastapi import APIRouter, Response

from crm_store import capture_approval, contact_book
from crm_store.capture_approval import Choice, MailSource
from crm_store.capture_views import CaptureView
from crm_store.contact_book import ContactDetails, ContactView
from crm_store.errors import Conflict, Invalid
from crm_store.paging import PageRequest
from crm_store.rules.address import normalise
from crm_store.rules.states import Role
from gateway.web.pages.asking import Session, signed_in
from gateway.web.pages.contacts.finding import found_contacts
from gateway.web.pages.page_route import page_router, see_other
from gateway.web.pages.queue import notes
from gateway.web.pages.queue.asked import QUEUE, Asked, asked
from gateway.web.pages.queue.decide import done, not_done
from gateway.web.pages.queue.detail import detail
from gateway.web.pages.queue.show import ONE, one
from gateway.web.pages.reader import Reader, say
from gateway.web.pages.rendering import page
from gateway.web.pages.visit import Visit, Visitor
from gateway.web.shapes.fields import Id, id_or_none

_PATH = ONE + "/contact"
_FOUND = 20
_NOT_THERE = say(
    "It can't go there. Mail of members among themselves, or with somebody on a never-log list, is not recorded."
)
_NOT_OUTSIDE = say("Enter an e-mail address of somebody outside: members, and who may write here, are never contacts.")


def router(source: MailSource) -> APIRouter:
    pages = page_router()

    @pages.get(_PATH)
    def ask_contact(visit: Visitor, location_id: Id, capture_id: Id) -> Response:
        with signed_in(visit, location_id, at_least=Role.OPERATOR) as session:
            its, view = asked(visit.query, location_id, QUEUE), one(session, capture_id)
            if "assign" not in view.actions:
                return see_other(its.path(capture_id))
            return _page(session, its, view)

    @pages.post(_PATH)
    def choose_contact(visit: Visitor, location_id: Id, capture_id: Id) -> Response:
        """contact_id: one that there is; without it, the new one that name and address say."""
        with signed_in(visit, location_id, at_least=Role.OPERATOR) as session:
            its, view = asked(visit.form, location_id, QUEUE), one(session, capture_id)
            choice = _choice(visit)
            try:
                capture_approval.approve(session.here, capture_id, choice, source, now_ms=visit.now_ms)
            except Invalid as error:
                return _page(session, its, view, _problem(error, choice, session.reader))
            except Conflict as error:
                return not_done(session, its, capture_id, error)
            return done(session, its, capture_id, "allowed" if choice.allow_sender else "approved")

    return pages


def _choice(visit: Visit) -> Choice:
    allow = visit.form.get("allow") == "yes"
    if visit.form.get("contact_id"):
        return Choice(contact_id=id_or_none(visit.form["contact_id"]) or 0, allow_sender=allow)
    return Choice(new_contact=ContactDetails([visit.line("address")], visit.line("name")), allow_sender=allow)


def _page(session: Session, its: Asked, view: CaptureView, problems: dict[str, str] | None = None) -> Response:
    """problems: of what was sent, by field; None for the question."""
    visit, would = session.visit, view.would
    found = _found(session, its, view)
    new = None if would is None else would.new
    suggested = would.suggestions[0] if would and would.suggestions and not found else ""
    return page(
        session,
        "queue/contact.html",
        status=200 if problems is None else 422,
        its=its,
        opened=detail(view, (), session),
        found=found,
        find=visit.query.get("find", ""),
        typed={
            "name": visit.line("name") or (new.name if new else ""),
            "address": visit.line("address") or (new.address if new else suggested),
            "allow": visit.form.get("allow") == "yes",
        },
        problems=problems or {},
        told=notes.told(session, its),
    )


def _found(session: Session, its: Asked, view: CaptureView) -> list[ContactView]:
    """Who is searched for; without a search whom the mail would go to, and those whom it names."""
    words = " ".join(session.visit.query.get("find", "").split())
    if words:
        return found_contacts(session, words, PageRequest(_FOUND)).items
    by_address = contact_book.by_addresses(its.location_id, map(normalise, _named(view)))
    known = contact_book.names(list(by_address.values()))
    guessed = [view.would.contact] if view.would and view.would.contact else []
    named = [known[by_address[normal]] for normal in map(normalise, _named(view)) if normal in by_address]
    return list({contact.id: contact for contact in (*guessed, *named)}.values())[:_FOUND]


def _named(view: CaptureView) -> list[str]:
    """The addresses in the mail, the likeliest first."""
    would = view.would
    listed = [*(would.suggestions if would else []), *(box.address for box in (*(view.to or ()), *(view.cc or ())))]
    if would is not None and would.original is not None:
        listed += [would.original.author.address, *(box.address for box in would.original.to)]
    if view.author is not None:
        listed.append(view.author.address)
    return list(dict.fromkeys(address for address in listed if address))


def _problem(error: Invalid, choice: Choice, reader: Reader) -> dict[str, str]:
    """By the field of our form."""
    if choice.new_contact is not None and error.field.startswith("new_contact.addresses"):
        return {"address": reader.gettext(_NOT_OUTSIDE)}
    if choice.new_contact is not None and error.field.startswith("new_contact"):
        return {"name": reader.gettext("A name has at most 200 characters.")}
    if error.field == "allow_sender":
        return {"allow": reader.gettext("This sender can't be allowed: nothing proves who it is.")}
    return {"contact_id": reader.gettext(_NOT_THERE)}
