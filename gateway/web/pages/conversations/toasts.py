"""What was just done, in words, and the way back."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.web.pages.asking import Session
from gateway.web.pages.navigation import in_location
from gateway.web.pages.reader import say


@dataclass(frozen=True, slots=True)
class _Done:
    """undo: path of what undoes it, below the location's, with the id that the address has by that name; "" where
    nothing does. fields: hidden fields of the undo form, from the address."""

    sentence: str
    undo: str = ""
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Toast:
    sentence: str
    undo_action: str
    named: Mapping[str, str]


_DONE: Mapping[str, _Done] = {
    "removed": _Done(say("The mail is removed from the conversation."), "entries/{id}/restore"),
    "restored": _Done(say("The mail is back.")),
    "split": _Done(say("The mails are a thread of their own now."), "threads/{id}/merge", ("into",)),
    "merged": _Done(say("The two threads are one now.")),
    "moved": _Done(say("The thread is moved."), "threads/{id}/move", ("contact",)),
    "contact_saved": _Done(say("The contact is saved.")),
    "contact_added": _Done(say("The contact is made.")),
    "contact_deleted": _Done(say("The contact is deleted."), "contacts/{id}/restore"),
    "contact_restored": _Done(say("The contact is back.")),
    "contacts_merged": _Done(say("The two contacts are one now.")),
    "dismissed": _Done(say("They stay two contacts.")),
}


def toast_of(session: Session) -> Toast | None:
    """By ?done=word&id=…; None for a word that is none of ours. The address has ids, and never text."""
    assert session.location is not None, "the page is of a location"
    query = session.visit.query
    done = _DONE.get(query.get("done", ""))
    if done is None:
        return None
    ids = {name: query[name] for name in ("id", *done.fields) if _is_id(query.get(name, ""))}
    knows_the_way = bool(done.undo) and len(ids) == 1 + len(done.fields)
    return Toast(
        session.reader.gettext(done.sentence),
        in_location(session.location.id, done.undo.format(id=ids["id"])) if knows_the_way else "",
        {name: ids[name] for name in done.fields} if knows_the_way else {},
    )


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 19
