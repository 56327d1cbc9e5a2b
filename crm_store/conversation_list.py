"""Conversations as a list shows them: each with a line about its latest mail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from peewee import fn

from crm_store import undelivered
from crm_store.access import Access
from crm_store.conversations import ConversationView
from crm_store.database.rows import tuples
from crm_store.mail.reply import split_reply
from crm_store.models.contacts import Conversation
from crm_store.models.messages import Entry, MessageContent, Sighting
from crm_store.rules.states import Automatic, DeliveryState, Direction

PREVIEW_CHARACTERS = 140
_READ_CHARACTERS = 2_000  # of a mail's text, for its preview


@dataclass(frozen=True, slots=True)
class LatestMail:
    """preview: the beginning of what its author wrote, in one line. failed: it did not reach somebody (C7)."""

    subject: str
    preview: str
    direction: Direction
    automatic: Automatic | None
    failed: bool


def latest_mails(access: Access, listed: Sequence[ConversationView]) -> dict[int, LatestMail]:
    """By conversation, of conversations of one location that the asker sees. At the cost of three queries."""
    if not listed:
        return {}
    newest = Entry.alias()
    latest_id = (
        newest.select(newest.id)
        .where(
            newest.conversation_id == Conversation.id,
            newest.at_ms == Conversation.last_entry_at_ms,
            newest.removed_at_ms.is_null(),
        )
        .order_by(newest.conversation_id.desc(), newest.at_ms.desc(), newest.id.desc())
        .limit(1)
    )
    asked = Conversation.select(Conversation.id, latest_id).where(Conversation.id.in_([one.id for one in listed]))
    conversation_of = {entry_id: conversation_id for conversation_id, entry_id in tuples(asked) if entry_id is not None}
    deliveries = undelivered.of_entries(access, listed[0].location_id, list(conversation_of))
    failed = {entry_id for entry_id, told in deliveries.items() if told.state is DeliveryState.FAILED}
    return {
        conversation_of[entry_id]: LatestMail(
            subject=subject,
            preview=_preview(text),
            direction=Direction(direction),
            automatic=None if automatic is None else Automatic(automatic),
            failed=entry_id in failed,
        )
        for entry_id, direction, automatic, subject, text in _contents(conversation_of)
    }


def _contents(entry_ids: Iterable[int]) -> Iterable[tuple[int, str, str | None, str, str]]:
    rows = (
        Entry.select(
            Entry.id,
            Entry.direction,
            Entry.automatic,
            MessageContent.subject,
            fn.SUBSTR(MessageContent.text, 1, _READ_CHARACTERS),
        )
        .join(Sighting, on=(Sighting.id == Entry.sighting_id))
        .join(MessageContent, on=(MessageContent.id == Sighting.content_id))
        .where(Entry.id.in_(list(entry_ids)))
    )
    return tuples(rows)


def _preview(text: str) -> str:
    words = " ".join((split_reply(text).reply_text or text).split())
    return words if len(words) <= PREVIEW_CHARACTERS else f"{words[: PREVIEW_CHARACTERS - 1].rstrip()}…"
