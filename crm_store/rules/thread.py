"""B9, B2: which known thread a message belongs to."""

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass

from crm_store.mail.parsed_mail import ParsedMail
from crm_store.rules.parties import Parties
from crm_store.rules.sameness import message_id_key

MAX_ANCESTORS = 50  # the nearest ones; References of a long talk hold hundreds, and each is a look-up


@dataclass(frozen=True, slots=True)
class KnownThread:
    """A thread of the location that shares an id with the message.

    keys: which of the message's ids it knows. parties: normalised addresses seen in it. parted: half of what a person
    split; no message that names both halves makes them one again."""

    id: int
    conversation_id: int
    keys: Set[bytes]
    parties: Set[str]
    parted: bool = False


def ancestor_keys(mail: ParsedMail) -> list[bytes]:
    """What a message answers, nearest first: In-Reply-To, then References from the end."""
    ids = [*mail.in_reply_to, *reversed(mail.references)][:MAX_ANCESTORS]
    return [message_id_key(message_id) for message_id in dict.fromkeys(ids) if message_id != mail.message_id]


def reference_keys(mail: ParsedMail) -> list[bytes]:
    """The ids by which a message finds its thread, and by which others find it: its ancestors', nearest first, and its
    own, because an answer may have come before it and named it."""
    return ancestor_keys(mail) + sorted(own_keys(mail))


def own_keys(mail: ParsedMail) -> frozenset[bytes]:
    """The key of its own Message-ID; empty where it has none."""
    return frozenset({message_id_key(mail.message_id)} if mail.message_id else ())


def thread_index_key(mail: ParsedMail) -> bytes | None:
    """Of Outlook's name for the talk; None where the mail has none. B17 goes by it, and B9 does not: it is no id of a
    message, and who answers a mail of somebody else's may have copied it."""
    root = mail.thread_index.root
    return message_id_key(f"thread-index:{root.hex()}") if root else None


def mailbox_thread_key(user_id: int, thread_id: str) -> bytes:
    """Of a mailbox's own thread, by which B9 goes too. It is the mailbox's alone: others count theirs apart."""
    return message_id_key(f"mailbox-thread:{user_id}:{thread_id}")


def known_keys(mail: ParsedMail) -> frozenset[bytes]:
    """All by which the thread that has it may be found."""
    index_key = thread_index_key(mail)
    return frozenset(reference_keys(mail)) | (frozenset() if index_key is None else {index_key})


def answered_thread(
    keys: Sequence[bytes], known: Collection[KnownThread], parties: Parties, internal: Set[str], *, outbound: bool
) -> tuple[KnownThread, tuple[int, ...]] | None:
    """The thread that the message answers, and others of the same conversation that it shows to be the same one.

    B2: an outbound mail answers a thread only if an outside party of that thread is among its recipients; a forward
    to somebody else starts a thread of its own."""
    outside = {party.normal for party in parties.recipients() if party.folded not in internal}
    open_to_it = [thread for thread in known if not outbound or not outside.isdisjoint(thread.parties)]
    for key in keys:
        answered = sorted((thread for thread in open_to_it if key in thread.keys), key=lambda thread: thread.id)
        if answered:
            first = answered[0]
            same = {
                thread.id
                for thread in open_to_it
                if thread.conversation_id == first.conversation_id and not (thread.parted or first.parted)
            }
            return first, tuple(sorted(same - {first.id}))
    return None
