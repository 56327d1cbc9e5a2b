"""Carrying out a decision: the one place that writes messages, sightings and entries. Twice is the same as once."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from peewee import BigIntegerField, Case

from crm_store import contact_book
from crm_store.errors import Temporary
from crm_store.facts import MAX_VARIANTS, find_message
from crm_store.mail.parsed_mail import ParsedMail
from crm_store.models.contacts import Conversation, Thread
from crm_store.models.messages import (
    Attachment,
    Entry,
    Message,
    MessageContent,
    Sighting,
    ThreadParty,
    ThreadReference,
)
from crm_store.rules.decision import Decision, NewContact, Placement
from crm_store.rules.parties import Parties, Party
from crm_store.rules.rule import Rule
from crm_store.rules.sameness import content_digest, identity_of, message_id_key
from crm_store.rules.states import AttachmentState, CaptureState, ContactSource, Direction, Path, Paths
from crm_store.rules.thread import reference_keys

# E4: in a received message parts count in order; from the one that passes the limit on they are listed only.
MAX_ATTACHMENT_BYTES = 26_214_400


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a message for one location, as one path brought it.

    blob_sha256: of its raw bytes, which the blob store holds. capture_id: None but on the BCC path."""

    location_id: int
    path: Path
    mail: ParsedMail
    parties: Parties
    blob_sha256: bytes
    seen_at_ms: int
    capture_id: int | None = None


def carry_out(copy: Copy, decision: Decision, *, now_ms: int) -> int | None:
    """Do what was decided with this copy; the entry that shows it, None where none does.

    Call in a transaction that holds the location's lock, in which the decision was taken."""
    if decision.outcome is not CaptureState.RECORDED:
        return None
    if decision.placement is not None:
        return _file(copy, decision.rule, decision.placement, now_ms)
    assert decision.entry_id is not None, "a recorded message has a place, or an entry to join"
    _sighting(copy, _message(copy.mail, now_ms))
    _add_path(decision.entry_id, copy.path)
    return decision.entry_id


def _file(copy: Copy, rule: Rule, placement: Placement, now_ms: int) -> int:
    """Show the copy's message where placement says; the entry's id.

    Where the location has an entry of this message already, the copy is added to it instead (C8)."""
    message = _message(copy.mail, now_ms)
    sighting = _sighting(copy, message)
    entry = Entry.get_or_none((Entry.location_id == copy.location_id) & (Entry.message_id == message.id))
    if entry is not None:
        _add_path(entry.id, copy.path)
        return int(entry.id)
    at_ms = _time_shown(copy)
    thread = _thread(copy, placement, at_ms, now_ms)
    inbound = placement.direction is Direction.INBOUND
    entry = Entry.create(
        location_id=copy.location_id,
        message_id=message.id,
        conversation_id=thread.conversation_id,
        thread_id=thread.id,
        sighting_id=sighting.id,
        direction=placement.direction,
        paths=Paths.of(copy.path),
        rule=rule,
        at_ms=at_ms,
        recorded_at_ms=now_ms,
        unread=inbound,
        new_author=placement.new_author,
        duplicate_id=_mark_duplicates(copy, message),
    )
    _touch(thread, at_ms, unread=inbound)
    _know(thread, copy)
    return int(entry.id)


def _message(mail: ParsedMail, now_ms: int) -> Message:
    """C9: the message that this is a copy of, or a new one. The unique index decides between two who come at once."""
    identity = identity_of(mail)
    for variant in range(MAX_VARIANTS * 2):
        known = find_message(mail)
        if known is not None:
            return known
        # Beyond the first, `variant` is taken by another text; on PostgreSQL this waits for whoever inserts it now.
        Message.insert(
            identity=identity,
            variant=variant,
            message_id=mail.message_id,
            message_id_key=message_id_key(mail.message_id) if mail.message_id else None,
            sent_at_ms=mail.sent_at_ms,
            created_at_ms=now_ms,
        ).on_conflict(action="NOTHING").execute()
        made = Message.get_or_none((Message.identity == identity) & (Message.variant == variant))
        if made is not None and not _has_content(made):
            return made
    raise Temporary("too many messages of one identity at once")


def _has_content(message: Message) -> bool:
    return MessageContent.select(MessageContent.id).where(MessageContent.message_id == message.id).exists()


def _sighting(copy: Copy, message: Message) -> Sighting:
    if copy.capture_id is not None:
        known: Sighting | None = Sighting.get_or_none(Sighting.capture_id == copy.capture_id)
        if known is not None:
            return known
    sighting: Sighting = Sighting.create(
        message_id=message.id,
        content_id=_content_id(copy, message),
        location_id=copy.location_id,
        path=copy.path,
        capture_id=copy.capture_id,
        blob_sha256=copy.blob_sha256,
        bcc=_shown(copy.parties.bcc),
        seen_at_ms=copy.seen_at_ms,
    )
    _attachments(copy, sighting)
    return sighting


def _content_id(copy: Copy, message: Message) -> int:
    mail, parties = copy.mail, copy.parties
    to, cc = _shown(parties.to), _shown(parties.cc)
    digest = content_digest(
        [
            mail.subject,
            mail.author.name,
            mail.author.address,
            json.dumps([to, cc, mail.has_html, mail.problems]),
            mail.text,
        ]
    )
    MessageContent.insert(
        message_id=message.id,
        digest=digest,
        subject=mail.subject,
        author_name=mail.author.name,
        author_address=mail.author.address,
        to=to,
        cc=cc,
        text=mail.text,
        has_html=mail.has_html,
        problems=list(mail.problems),
    ).on_conflict(action="NOTHING").execute()
    content = MessageContent.get((MessageContent.message_id == message.id) & (MessageContent.digest == digest))
    return int(content.id)


def _attachments(copy: Copy, sighting: Sighting) -> None:
    total = 0
    for attachment in copy.mail.attachments:
        total += attachment.size_bytes
        Attachment.create(
            sighting_id=sighting.id,
            location_id=copy.location_id,
            position=attachment.position,
            name=attachment.name,
            content_type=attachment.content_type,
            size_bytes=attachment.size_bytes,
            content_id=attachment.content_id,
            inline=attachment.inline,
            state=AttachmentState.STORED if total <= MAX_ATTACHMENT_BYTES else AttachmentState.TOO_LARGE,
        )


def _shown(parties: Iterable[Party]) -> list[dict[str, str]]:
    return [{"name": party.name, "address": party.address} for party in parties]


def _time_shown(copy: Copy) -> int:
    """When it was sent, by its own word; but a Date in the future may not keep it on top for ever."""
    sent_at_ms = copy.mail.sent_at_ms
    return copy.seen_at_ms if sent_at_ms is None else min(sent_at_ms, copy.seen_at_ms)


def _thread(copy: Copy, placement: Placement, at_ms: int, now_ms: int) -> Thread:
    if placement.thread_id is not None:
        thread: Thread = Thread.get_by_id(placement.thread_id)
        for other in placement.merges:
            _merge(thread, other)
        return thread
    conversation_id = _conversation_id(copy, placement.owner, at_ms, now_ms)
    Conversation.update(thread_count=Conversation.thread_count + 1).where(Conversation.id == conversation_id).execute()
    started: Thread = Thread.create(
        location_id=copy.location_id,
        conversation_id=conversation_id,
        subject=copy.mail.subject,
        created_at_ms=now_ms,
        last_entry_at_ms=at_ms,
    )
    return started


def _conversation_id(copy: Copy, owner: int | NewContact | None, at_ms: int, now_ms: int) -> int:
    assert owner is not None, "a placement without a thread names an owner"
    if isinstance(owner, NewContact):
        owner = contact_book.make(copy.location_id, owner.name, owner.address, ContactSource.BCC, now_ms=now_ms)
    Conversation.insert(location_id=copy.location_id, contact_id=owner, last_entry_at_ms=at_ms).on_conflict(
        action="NOTHING"
    ).execute()
    return int(Conversation.get(Conversation.contact_id == owner).id)


def _merge(thread: Thread, other_id: int) -> None:
    """B9: two threads of one conversation turn out to be one. The earlier of the two takes the other's entries."""
    Entry.update(thread_id=thread.id).where(Entry.thread_id == other_id).execute()
    for table, own in ((ThreadReference, ThreadReference.message_id_key), (ThreadParty, ThreadParty.normal)):
        known = table.select(own).where(table.thread_id == thread.id)
        table.update(thread_id=thread.id).where((table.thread_id == other_id) & own.not_in(known)).execute()
    Conversation.update(thread_count=Conversation.thread_count - 1).where(
        Conversation.id == thread.conversation_id
    ).execute()
    Thread.delete().where(Thread.id == other_id).execute()


def _touch(thread: Thread, at_ms: int, *, unread: bool) -> None:
    Thread.update(last_entry_at_ms=_later(Thread.last_entry_at_ms, at_ms)).where(Thread.id == thread.id).execute()
    Conversation.update(
        last_entry_at_ms=_later(Conversation.last_entry_at_ms, at_ms),
        unread_count=Conversation.unread_count + int(unread),
    ).where(Conversation.id == thread.conversation_id).execute()


def _later(column: BigIntegerField[int], at_ms: int) -> Case:
    """The later of the two. SQLite says MAX(a, b) for it and PostgreSQL GREATEST(a, b)."""
    return Case(None, [(column > at_ms, column)], at_ms)


def _know(thread: Thread, copy: Copy) -> None:
    """What the thread knows from this message: the ids it names, and its people."""
    references = [
        {"location_id": copy.location_id, "message_id_key": key, "thread_id": thread.id}
        for key in reference_keys(copy.mail)
    ]
    if references:
        ThreadReference.insert_many(references).on_conflict(action="NOTHING").execute()
    people = [{"thread_id": thread.id, "normal": normal} for normal in {p.normal for p in copy.parties.everybody()}]
    if people:
        ThreadParty.insert_many(people).on_conflict(action="NOTHING").execute()


def _add_path(entry_id: int, path: Path) -> None:
    Entry.update(paths=Entry.paths.bin_or(int(Paths.of(path)))).where(Entry.id == entry_id).execute()


def _mark_duplicates(copy: Copy, message: Message) -> bool:
    """C9: another message of the location with the same Message-ID: both are marked."""
    if message.message_id_key is None:
        return False
    others = (
        Message.select(Message.id)
        .where((Message.message_id_key == message.message_id_key) & (Message.id != message.id))
        .limit(MAX_VARIANTS)
    )
    return bool(
        Entry.update(duplicate_id=True)
        .where((Entry.location_id == copy.location_id) & Entry.message_id.in_([other.id for other in others]))
        .execute()
    )
