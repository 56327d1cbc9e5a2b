"""B17: the thread that a mail goes on with which names no ids to go by.

Never on its subject alone: the thread is the same contact's, and the same user has seen it within thirty days."""

from collections.abc import Sequence

from crm_store.database.rows import tuples
from crm_store.mail.parsed_mail import ParsedMail
from crm_store.models.captures import CaptureRecipient
from crm_store.models.contacts import Conversation, Thread
from crm_store.models.messages import Entry, Sighting, ThreadParty, ThreadReference
from crm_store.rules.asked import Asked
from crm_store.rules.resumed import WITHIN_MS, RecentThread, UnnamedReply, likely_threads, unnamed_reply
from crm_store.rules.thread import KnownThread

# Of somebody with whom much is talked, the latest threads; of those that fit, some; of each, its latest mails.
MAX_RECENT = 200
MAX_LIKELY = 5
MAX_LATEST = 20


def resumed_thread(
    location_id: int, asked: Asked, mail: ParsedMail, users: Sequence[int], *, now_ms: int
) -> KnownThread | None:
    """users: the owners of the BCC addresses that it came to, or the mailbox's user. Most mails cost no query."""
    reply = unnamed_reply(mail)
    contact_id = None if reply is None else asked.counterpart
    if reply is None or contact_id is None:
        return None
    shown = (Conversation.contact_id == contact_id) & Conversation.last_entry_at_ms.is_null(False)
    for (conversation_id,) in tuples(Conversation.select(Conversation.id).where(shown)):
        at_ms = now_ms if mail.sent_at_ms is None else min(mail.sent_at_ms, now_ms)
        recent = _recent(location_id, conversation_id, reply, at_ms)
        for thread in likely_threads(reply, at_ms, recent)[:MAX_LIKELY]:
            if _was_seen_by(location_id, thread.id, users):
                people = _people(thread.id, asked)
                return KnownThread(thread.id, conversation_id, frozenset(), people, thread.parted)
    return None


def _recent(location_id: int, conversation_id: int, reply: UnnamedReply, at_ms: int) -> list[RecentThread]:
    threads = (
        Thread.select(Thread.id, Thread.subject, Thread.last_entry_at_ms, Thread.parted)
        .where(
            Thread.conversation_id == conversation_id,
            Thread.last_entry_at_ms.between(at_ms - WITHIN_MS, at_ms + WITHIN_MS),
        )
        .order_by(Thread.last_entry_at_ms.desc(), Thread.id.desc())
        .limit(MAX_RECENT)
    )
    rows = list(tuples(threads))
    same_talk = set() if reply.index_key is None else _that_know(location_id, reply.index_key, [row[0] for row in rows])
    return [
        RecentThread(thread_id, subject, last_entry_at_ms, bool(parted), shares_index=thread_id in same_talk)
        for thread_id, subject, last_entry_at_ms, parted in rows
    ]


def _that_know(location_id: int, key: bytes, thread_ids: Sequence[int]) -> set[int]:
    known = ThreadReference.select(ThreadReference.thread_id).where(
        ThreadReference.location_id == location_id,
        ThreadReference.message_id_key == key,
        ThreadReference.thread_id.in_(list(thread_ids)),
    )
    return {thread_id for (thread_id,) in tuples(known)}


def _was_seen_by(location_id: int, thread_id: int, users: Sequence[int]) -> bool:
    """Whether one of its latest mails came by one of these users' BCC addresses, or was in their mailbox."""
    visible = (Entry.thread_id == thread_id) & Entry.removed_at_ms.is_null()
    latest = Entry.select(Entry.message_id).where(visible).order_by(Entry.at_ms.desc(), Entry.id.desc())
    messages = [message_id for (message_id,) in tuples(latest.limit(MAX_LATEST))]
    copies = (Sighting.message_id.in_(messages)) & (Sighting.location_id == location_id)
    in_mailbox = Sighting.select(Sighting.id).where(copies, Sighting.user_id.in_(list(users)))
    by_bcc = (
        Sighting.select(Sighting.id)
        .join(CaptureRecipient, on=(CaptureRecipient.capture_id == Sighting.capture_id))
        .where(copies, CaptureRecipient.user_id.in_(list(users)))
    )
    return in_mailbox.exists() or by_bcc.exists()


def _people(thread_id: int, asked: Asked) -> frozenset[str]:
    """Those of the mail who are in the thread: nobody else is asked for."""
    names = [party.normal for party in asked.parties.everybody()][:MAX_RECENT]
    people = ThreadParty.select(ThreadParty.normal).where(
        ThreadParty.thread_id == thread_id, ThreadParty.normal.in_(names)
    )
    return frozenset(normal for (normal,) in tuples(people))
