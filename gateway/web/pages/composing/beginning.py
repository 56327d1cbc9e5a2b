"""What a form for a new e-mail begins with: nothing, a contact, or the mail that it answers or passes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from crm_store import contact_book, conversations
from crm_store.drafts import Written
from crm_store.entry_views import EntryView, RecipientView
from crm_store.errors import NotFound
from crm_store.mail.compose.reply_subject import reply_subject
from crm_store.rules.address import fold_identity
from crm_store.rules.answer_recipients import Party, answer_recipients
from gateway.web.pages.asking import Session
from gateway.web.pages.composing import quoting


class How(StrEnum):
    NEW = "new"
    REPLY = "reply"
    ALL = "all"
    FORWARD = "forward"


@dataclass(frozen=True, slots=True)
class Beginning:
    """entry: what is answered or passed on; None of a new one."""

    how: How
    written: Written
    quote: str
    entry: EntryView | None

    @property
    def answers_entry_id(self) -> int | None:
        """What is passed on goes to somebody else: it answers nothing (B2)."""
        return self.entry.id if self.entry is not None and self.how in (How.REPLY, How.ALL) else None


def beginning(session: Session, how: How, entry_id: int | None, contact_id: int | None) -> Beginning:
    """Raises: NotFound."""
    assert session.location is not None
    if how is How.NEW:
        to = ""
        if contact_id is not None:
            contact = contact_book.get(session.access, contact_id)
            if contact.location_id != session.location.id:
                raise NotFound("no such contact")
            to = typed([Party(contact.details.name, contact.details.addresses[0])])
        return Beginning(how, Written(to=to), "", None)
    if entry_id is None:
        raise NotFound("no entry is named")
    entry = conversations.entry(session.access, entry_id)
    if conversations.get(session.access, entry.conversation_id).location_id != session.location.id:
        raise NotFound("no such entry")
    if how is How.FORWARD:
        subject = f"Fwd: {entry.message.subject}"
        return Beginning(how, Written(subject=subject), quoting.passed_on(session.reader, entry.message), entry)
    return Beginning(how, _answer(session, how, entry), quoting.answered(session.reader, entry.message), entry)


def typed(people: Sequence[Party]) -> str:
    """As people type them; read again by draft_sending.mailboxes()."""
    return ", ".join(_typed_one(one) for one in people)


def _answer(session: Session, how: How, entry: EntryView) -> Written:
    message = entry.message
    people = answer_recipients(
        entry.direction,
        Party(message.author_name, message.author_address),
        _parties(message.to),
        _parties(message.cc),
        own={fold_identity(one.address) for one in session.user.identities},
        all_=how is How.ALL,
    )
    return Written(to=typed(people.to), cc=typed(people.cc), subject=reply_subject(message.subject))


def _parties(people: list[RecipientView]) -> list[Party]:
    return [Party(one.name, one.address) for one in people]


def _typed_one(one: Party) -> str:
    name = one.name.replace("\\", "").replace('"', "")
    return f'"{name}" <{one.address}>' if name else one.address
