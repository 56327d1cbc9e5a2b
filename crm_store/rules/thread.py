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

    keys: which of the message's ids it knows. parties: normalised addresses seen in it."""

    id: int
    conversation_id: int
    keys: Set[bytes]
    parties: Set[str]


def ancestor_keys(mail: ParsedMail) -> list[bytes]:
    """The ids by which a message finds its thread, nearest first: In-Reply-To, References from the end, its own.

    Its own because an answer may have come before it, and named it."""
    ids = [*mail.in_reply_to, *reversed(mail.references)][:MAX_ANCESTORS]
    if mail.message_id:
        ids.append(mail.message_id)
    return [message_id_key(message_id) for message_id in dict.fromkeys(ids)]


def reference_keys(mail: ParsedMail) -> list[bytes]:
    """The ids that a thread knows from this message: those it names, and its own."""
    return ancestor_keys(mail)


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
            same = {thread.id for thread in open_to_it if thread.conversation_id == first.conversation_id}
            return first, tuple(sorted(same - {first.id}))
    return None
