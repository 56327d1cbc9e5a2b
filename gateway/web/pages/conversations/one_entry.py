"""/l/{location_id}/entries/{entry_id}: one mail whole; as its sender designed it; and why it is here (F2)."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response

from crm_store import conversations, entry_decisions
from crm_store.blobs.store import BlobStore
from crm_store.decisions import DecisionView
from crm_store.entry_views import EntryView
from crm_store.rules.rule import Rule
from crm_store.rules.states import CaptureState
from crm_store.wording import sentence
from gateway.web.pages.asking import Session, signed_in
from gateway.web.pages.conversations.cards import card
from gateway.web.pages.conversations.entry_words import PATHS
from gateway.web.pages.conversations.rule_words import RULES
from gateway.web.pages.page_route import page_router
from gateway.web.pages.reader import Reader, say
from gateway.web.pages.rendering import page
from gateway.web.pages.visit import Visitor
from gateway.web.shapes.fields import Id

PATH = "/l/{location_id}/entries/{entry_id}"
_WHOLE_OCTETS = 400_000  # beyond it the .eml is what is to be read
_OUTCOMES: Mapping[CaptureState, str] = {
    CaptureState.RECEIVED: say("Not decided yet"),
    CaptureState.RECORDED: say("Recorded"),
    CaptureState.HELD: say("Held for a decision"),
    CaptureState.REJECTED: say("Rejected"),
    CaptureState.IGNORED: say("Not recorded"),
    CaptureState.FAILED: say("Failed on our side"),
}


def router(blobs: BlobStore) -> APIRouter:
    pages = page_router()

    @pages.get(PATH)
    def show_entry(visit: Visitor, location_id: Id, entry_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            view = conversations.entry(session.here, entry_id)
            return _page(session, view, "text")

    @pages.get(PATH + "/designed")
    def show_as_designed(visit: Visitor, location_id: Id, entry_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            view = conversations.entry(session.here, entry_id)
            shown = conversations.html(session.here, entry_id, blobs)
            with_images = visit.query.get("images") == "yes"
            return _page(session, view, "designed", remote=shown, with_images=with_images)

    @pages.get(PATH + "/why")
    def show_why(visit: Visitor, location_id: Id, entry_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            view = conversations.entry(session.here, entry_id)
            decided = entry_decisions.decisions_of(session.here, entry_id)
            return _page(session, view, "why", decided=[_told(session.reader, one) for one in decided])

    return pages


# Any: what a template shows.
def _page(session: Session, view: EntryView, tab: str, **shown: Any) -> Response:
    told = card(session.reader, view, _WHOLE_OCTETS, _WHOLE_OCTETS, "")
    rule = rule_sentence(session.reader, view.rule)
    return page(session, "conversations/entry.html", card=told, tab=tab, rule_says=rule, **shown)


def rule_sentence(reader: Reader, rule: str) -> str:
    """What a rule says; "" for one of a newer version."""
    return reader.gettext(RULES[Rule(rule)]) if rule in set(Rule) else ""


def _told(reader: Reader, one: DecisionView) -> dict[str, object]:
    return {
        "at_ms": one.at_ms,
        "path": PATHS[one.path],
        "outcome": reader.gettext(_OUTCOMES[one.outcome]),
        "reason": sentence(one.reason, one.rule, reader.language),
        "rule": one.rule,
        "rule_says": rule_sentence(reader, one.rule),
        "is_recorded": one.outcome is CaptureState.RECORDED,
    }
