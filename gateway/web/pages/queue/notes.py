"""What a page of the queue tells after a form: what was done, with the way back; what was not, and why; who was first.

An address carries words and ids alone: ?done=approved&of=17,18&not=19:decided"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from crm_store import capture_history, capture_queue
from crm_store.capture_views import CaptureView
from crm_store.errors import Conflict, Invalid, NotFound, ProductError
from gateway.web.pages.asking import Session
from gateway.web.pages.queue import wording
from gateway.web.pages.queue.asked import Asked
from gateway.web.pages.queue.rows import subject_of
from gateway.web.pages.reader import Reader, say
from gateway.web.shapes.fields import id_or_none

PICK = "pick-"
MOST_PICKED = 50  # ticks of one page; each is a field of a form (visit.MAX_FIELDS)
_TROUBLES_TOLD = 10

_ONE: Mapping[str, str] = {
    "approved": say("Approved: %(subject)s"),
    "allowed": say("Approved, and its sender may write here from now on: %(subject)s"),
    "rejected": say("Rejected: %(subject)s"),
    "blocked": say("Rejected, and its sender is blocked: %(subject)s"),
    "retried": say("The rules are asked again: %(subject)s"),
    "undone": say("It waits again: %(subject)s"),
}
_TAKES_BACK = frozenset({"approved", "allowed", "rejected", "blocked"})
_REFUSED: Mapping[str, str] = {
    "decided": say("somebody else was first, or what was made of it is in use"),
    "contact": say("there is no contact to go to: choose one; mail of members among themselves is never recorded"),
    "sender": say("its sender can't be put on that list: it is not proven, or a member"),
    "gone": say("it is not there any more"),
    "fault": say("something went wrong on our side: try it again"),
}


@dataclass(frozen=True, slots=True)
class Note:
    """undo: the hidden fields of its form; none where there is no way back."""

    sentence: str
    undo_action: str
    undo: dict[str, str]


@dataclass(frozen=True, slots=True)
class Trouble:
    subject: str
    address: str
    why: str


@dataclass(frozen=True, slots=True)
class Told:
    """late: who was first, and what they decided; "" where nobody was."""

    note: Note | None
    late: str
    late_address: str
    troubles: list[Trouble]


def why_not(error: ProductError) -> str:
    """A word of _REFUSED."""
    match error:
        case Invalid(field=field) if field in ("allow_sender", "block_sender"):
            return "sender"
        case Invalid():
            return "contact"
        case Conflict():
            return "decided"
        case NotFound():
            return "gone"
        case _:
            return "fault"


def told(session: Session, asked: Asked) -> Told:
    """By the page's own address."""
    query = session.visit.query
    done, ids = query.get("done", ""), list(_ids(query.get("of", "").split(",")))
    views = [view for capture_id in ids[:1] for view in _seen(session, capture_id)]
    late = views[0] if done == "late" and views else None
    return Told(
        note=_note(session.reader, asked, done, ids, views),
        late="" if late is None else _late(late, session.reader),
        late_address="" if late is None else asked.path(late.id),
        troubles=list(_troubles(session, asked, query.get("not", "").split(","))),
    )


def picked(form: Mapping[str, str]) -> list[int]:
    """The captures whose boxes are ticked."""
    return list(_ids(name.removeprefix(PICK) for name in form if name.startswith(PICK)))


def _ids(words: Iterable[str]) -> Iterator[int]:
    found = [capture_id for word in words if (capture_id := id_or_none(word)) is not None]
    yield from found[:MOST_PICKED]


def _seen(session: Session, capture_id: int) -> Iterator[CaptureView]:
    """One, or none."""
    with suppress(NotFound):
        yield capture_queue.get(session.here, capture_id, now_ms=session.reader.now_ms)


def _note(reader: Reader, asked: Asked, done: str, ids: Sequence[int], views: Sequence[CaptureView]) -> Note | None:
    if done not in _ONE or not views:
        return None
    if len(ids) > 1:
        sentence = _many(reader, done, len(ids))
        back = {"action": "undo", **{f"{PICK}{capture_id}": "yes" for capture_id in ids}, **asked.as_fields()}
        return Note(sentence, asked.where() if done in _TAKES_BACK else "", back)
    (view,) = views
    can_undo = done in _TAKES_BACK and "undo" in view.actions
    sentence = reader.gettext(_ONE[done], subject=subject_of(view, reader))
    return Note(sentence, asked.where(view.id) if can_undo else "", {"action": "undo", **asked.as_fields()})


def _many(reader: Reader, done: str, count: int) -> str:
    match done:
        case "approved" | "allowed":
            return reader.ngettext("%(count)s e-mail approved", "%(count)s e-mails approved", count)
        case "rejected" | "blocked":
            return reader.ngettext("%(count)s e-mail rejected", "%(count)s e-mails rejected", count)
        case "retried":
            return reader.ngettext("%(count)s e-mail is checked again", "%(count)s e-mails are checked again", count)
        case _:
            return reader.ngettext("%(count)s e-mail waits again", "%(count)s e-mails wait again", count)


def _late(view: CaptureView, reader: Reader) -> str:
    """D3: who was first, what they did, and when."""
    subject, state = subject_of(view, reader), reader.gettext(wording.STATES[view.state])
    step = next(iter(capture_history.steps(view)), None)
    if step is None or step.who is None:
        return reader.gettext("“%(subject)s” was decided meanwhile: %(state)s", subject=subject, state=state)
    return reader.gettext(
        "%(name)s was first with “%(subject)s”, %(ago)s: %(state)s",
        name=step.who.name,
        subject=subject,
        ago=reader.ago(step.at_ms),
        state=state,
    )


def _troubles(session: Session, asked: Asked, words: Sequence[str]) -> Iterator[Trouble]:
    """words: 19:decided"""
    for word in words[:_TROUBLES_TOLD]:
        number, _, why = word.partition(":")
        capture_id = id_or_none(number)
        if capture_id is None or why not in _REFUSED:
            continue
        for view in _seen(session, capture_id):
            subject = subject_of(view, session.reader)
            yield Trouble(subject, asked.path(view.id), session.reader.gettext(_REFUSED[why]))
