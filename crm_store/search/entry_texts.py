"""What entries say, by which they are found: in the copy that they show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from peewee import fn

from crm_store.database.rows import tuples
from crm_store.models.messages import Attachment, Entry, MessageContent, Sighting
from crm_store.search.documents import MAX_TEXT, entry_document
from crm_store.search.query import Searched

Named = tuple[str, str]  # a name and an address


@dataclass(frozen=True, slots=True)
class EntryText:
    """text: its beginning. files: names of attachments that are no part of the text."""

    subject: str
    author: Named
    recipients: list[Named]
    text: str
    files: list[str]

    @property
    def document(self) -> Searched:
        return entry_document(
            subject=self.subject,
            author=self.author,
            recipients=self.recipients,
            text=self.text,
            files=self.files,
        )


def of_entries(entry_ids: Sequence[int]) -> dict[int, EntryText]:
    """By entry, at the cost of two queries."""
    columns = (
        Sighting.bcc,
        MessageContent.subject,
        MessageContent.author_name,
        MessageContent.author_address,
        MessageContent.to,
        MessageContent.cc,
        fn.SUBSTR(MessageContent.text, 1, MAX_TEXT),
    )
    shown = (
        Entry.select(Entry.id, Entry.sighting_id, *columns)
        .join(Sighting, on=(Sighting.id == Entry.sighting_id))
        .join(MessageContent, on=(MessageContent.id == Sighting.content_id))
        .where(Entry.id.in_(list(entry_ids)))
    )
    rows = list(tuples(shown))
    files = _files([row[1] for row in rows])
    return {
        entry_id: EntryText(
            subject,
            (author_name, author_address),
            [(one["name"], one["address"]) for one in (*to, *cc, *bcc)],
            text,
            files.get(sighting_id, []),
        )
        for entry_id, sighting_id, bcc, subject, author_name, author_address, to, cc, text in rows
    }


def _files(sighting_ids: Sequence[int]) -> dict[int, list[str]]:
    listed = (
        Attachment.select(Attachment.sighting_id, Attachment.name)
        .where(Attachment.sighting_id.in_(list(sighting_ids)), ~Attachment.inline)
        .order_by(Attachment.sighting_id, Attachment.position)
    )
    found: dict[int, list[str]] = {}
    for sighting_id, name in tuples(listed):
        found.setdefault(sighting_id, []).append(name)
    return found
