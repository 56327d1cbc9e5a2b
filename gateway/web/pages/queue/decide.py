"""What operators do with captures, one or many at a time (D2, D3); afterwards the next one is shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Response
from starlette.exceptions import HTTPException

from crm_store import capture_approval, capture_decisions
from crm_store.access import Access
from crm_store.capture_approval import Choice, MailSource
from crm_store.capture_decisions import Outcome
from crm_store.capture_steps import Step
from crm_store.capture_views import CaptureView
from crm_store.errors import Conflict, Invalid
from crm_store.rules.states import CaptureState, Role
from gateway.web.pages.asking import Session, signed_in
from gateway.web.pages.page_route import page_router, see_other
from gateway.web.pages.queue import notes
from gateway.web.pages.queue.asked import QUEUE, Asked, asked
from gateway.web.pages.queue.detail import detail
from gateway.web.pages.queue.show import LIST, ONE, one
from gateway.web.pages.rendering import page
from gateway.web.pages.visit import Visitor
from gateway.web.shapes.fields import Id

_OPEN = frozenset({CaptureState.HELD, CaptureState.FAILED})
Act = Callable[[Access, int, MailSource, int], CaptureView]


@dataclass(frozen=True, slots=True)
class Action:
    """What a button does. done: the word for it afterwards (notes.py)."""

    step: Step
    done: str
    act: Act


def _approve(access: Access, capture_id: int, source: MailSource, now_ms: int) -> CaptureView:
    return capture_approval.approve(access, capture_id, Choice(), source, now_ms=now_ms)


def _allow(access: Access, capture_id: int, source: MailSource, now_ms: int) -> CaptureView:
    return capture_approval.approve(access, capture_id, Choice(allow_sender=True), source, now_ms=now_ms)


def _reject(access: Access, capture_id: int, _source: MailSource, now_ms: int) -> CaptureView:
    return capture_decisions.reject(access, capture_id, now_ms=now_ms)


def _block(access: Access, capture_id: int, _source: MailSource, now_ms: int) -> CaptureView:
    return capture_decisions.reject(access, capture_id, block_sender=True, now_ms=now_ms)


def _retry(access: Access, capture_id: int, _source: MailSource, now_ms: int) -> CaptureView:
    return capture_decisions.retry(access, capture_id, now_ms=now_ms)


def _undo(access: Access, capture_id: int, _source: MailSource, now_ms: int) -> CaptureView:
    return capture_decisions.undo(access, capture_id, now_ms=now_ms)


# By the value of the button.
ACTIONS: Mapping[str, Action] = {
    "approve": Action(Step.APPROVE, "approved", _approve),
    "allow": Action(Step.APPROVE, "allowed", _allow),
    "reject": Action(Step.REJECT, "rejected", _reject),
    "block": Action(Step.REJECT, "blocked", _block),
    "retry": Action(Step.RETRY, "retried", _retry),
    "undo": Action(Step.UNDO, "undone", _undo),
}


def router(source: MailSource) -> APIRouter:
    pages = page_router()

    @pages.post(ONE)
    def decide(visit: Visitor, location_id: Id, capture_id: Id) -> Response:
        with signed_in(visit, location_id, at_least=Role.OPERATOR) as session:
            its = asked(visit.form, location_id, QUEUE)
            one(session, capture_id)  # whose it is comes before what is to be done
            action = _action(visit.form)
            try:
                action.act(session.here, capture_id, source, visit.now_ms)
            except (Conflict, Invalid) as error:
                return not_done(session, its, capture_id, error)
            return done(session, its, capture_id, action.done)

    @pages.post(LIST)
    def decide_many(visit: Visitor, location_id: Id) -> Response:
        with signed_in(visit, location_id, at_least=Role.OPERATOR) as session:
            its = asked(visit.form, location_id, QUEUE)
            action, ids = _action(visit.form), notes.picked(visit.form)
            if not ids:
                return see_other(its.path())
            outcomes = capture_decisions.each(
                session.here,
                location_id,
                ids,
                lambda capture_id: action.act(session.here, capture_id, source, visit.now_ms),
                action.step,
            )
            return see_other(its.path(**_said(action, ids, outcomes)))

    @pages.get(ONE + "/block")
    def ask_block(visit: Visitor, location_id: Id, capture_id: Id) -> Response:
        with signed_in(visit, location_id, at_least=Role.OPERATOR) as session:
            its, view = asked(visit.query, location_id, QUEUE), one(session, capture_id)
            if "block" not in view.actions:
                return see_other(its.path(capture_id))
            return page(session, "queue/block.html", its=its, opened=detail(view, (), session))

    return pages


def done(session: Session, its: Asked, capture_id: int, word: str) -> Response:
    """On to the next one, which says what was done with this one. What waits again is itself the next."""
    following = capture_id if word == "undone" else its.behind(session, capture_id)
    return see_other(its.path(*([] if following is None else [following]), done=word, of=str(capture_id)))


def not_done(session: Session, its: Asked, capture_id: int, error: Conflict | Invalid) -> Response:
    """D3: somebody else was first, and the next one is shown, which says so. Else the way to what is missing."""
    view = one(session, capture_id)
    if view.state not in _OPEN and isinstance(error, Conflict):
        following = its.behind(session, capture_id)
        return see_other(its.path(*([] if following is None else [following]), done="late", of=str(capture_id)))
    why = notes.why_not(error)
    if why == "contact":
        return see_other(its.path(capture_id, "contact", **{"not": f"{capture_id}:{why}"}))
    return see_other(its.path(capture_id, **{"not": f"{capture_id}:{why}"}))


def _action(form: Mapping[str, str]) -> Action:
    """Raises: HTTPException for a button that is none of ours."""
    if form.get("action") not in ACTIONS:
        raise HTTPException(400)
    return ACTIONS[form["action"]]


def _said(action: Action, ids: list[int], outcomes: list[Outcome]) -> dict[str, str]:
    """For the address: what was done with which, and which were left, and why."""
    of = [str(capture_id) for capture_id, outcome in zip(ids, outcomes, strict=True) if outcome.error is None]
    left = [
        f"{capture_id}:{notes.why_not(outcome.error)}"
        for capture_id, outcome in zip(ids, outcomes, strict=True)
        if outcome.error is not None
    ]
    said = {"done": action.done, "of": ",".join(of), "not": ",".join(left)}
    return {name: words for name, words in said.items() if words}
