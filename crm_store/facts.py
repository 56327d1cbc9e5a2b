"""What a location knows about the people and ids of one mail: the values that rules decide by."""

from collections.abc import Iterable, Sequence

from peewee import chunked

from crm_store import contact_book
from crm_store.database.rows import tuples
from crm_store.mail.parsed_mail import ParsedMail
from crm_store.mail.problems import Problem
from crm_store.models.contacts import Thread
from crm_store.models.messages import Entry, Message, MessageContent, ThreadParty, ThreadReference
from crm_store.models.people import Identity, Membership
from crm_store.rules.decide import Asked
from crm_store.rules.parties import Parties
from crm_store.rules.sameness import identity_of, same_text
from crm_store.rules.thread import KnownThread, ancestor_keys
from crm_store.rules.verdict import Verdict

STAYS_INTERNAL_MS = 90 * 86_400_000  # G4
_IN_LIST = 500
# A hostile sender may give many texts one Message-ID; more than these are compared with the first ones only.
MAX_VARIANTS = 20
MAX_THREADS = 50
MAX_THREAD_PARTIES = 5000


def internal_among(location_id: int, folded: Iterable[str], *, now_ms: int) -> frozenset[str]:
    """Which of these folded addresses belong to a member of the location, or to one who left it lately (G4)."""
    found: set[str] = set()
    for some in chunked(sorted(set(folded)), _IN_LIST):
        rows = (
            Identity.select(Identity.folded)
            .join(Membership, on=(Membership.user_id == Identity.user_id))
            .where(
                Identity.folded.in_(some),
                Membership.location_id == location_id,
                Membership.left_at_ms.is_null() | (Membership.left_at_ms > now_ms - STAYS_INTERNAL_MS),
            )
        )
        found.update(folded for (folded,) in tuples(rows))
    return frozenset(found)


def gather(
    location_id: int, mail: ParsedMail, parties: Parties, owners: Sequence[int], verdict: Verdict, *, now_ms: int
) -> Asked:
    """What rules.decide asks for this location. owners: users whose BCC addresses it came to.

    Call inside the transaction that files, under the location's lock: facts must not change before they are used."""
    internal = internal_among(location_id, (party.folded for party in parties.everybody()), now_ms=now_ms)
    outside = [party.normal for party in parties.everybody() if party.folded not in internal]
    keys = ancestor_keys(mail)
    message = find_message(mail)
    entry = (
        None
        if message is None
        else Entry.get_or_none((Entry.location_id == location_id) & (Entry.message_id == message.id))
    )
    return Asked(
        parties=parties,
        readable=Problem.UNREADABLE not in mail.problems,
        verdict=verdict,
        internal=internal,
        owner_identities=_identities(owners, parties),
        contacts=contact_book.by_addresses(location_id, outside),
        keys=keys,
        threads=_known_threads(location_id, keys),
        entry_id=None if entry is None else entry.id,
    )


def find_message(mail: ParsedMail) -> Message | None:
    """C9: the message that this mail is another copy of."""
    candidates = Message.select().where(Message.identity == identity_of(mail)).order_by(Message.variant)
    for message in candidates.limit(MAX_VARIANTS):
        texts = MessageContent.select(MessageContent.text).where(MessageContent.message_id == message.id)
        if any(same_text(text, mail.text) for (text,) in tuples(texts.limit(MAX_VARIANTS))):
            return message
    return None


def _identities(users: Sequence[int], parties: Parties) -> frozenset[str]:
    """Of the author's address, whether it is one of these users'."""
    if parties.author is None:
        return frozenset()
    mine = Identity.user_id.in_(list(users)) & (Identity.folded == parties.author.folded)
    return frozenset(folded for (folded,) in tuples(Identity.select(Identity.folded).where(mine)))


def _known_threads(location_id: int, keys: Sequence[bytes]) -> list[KnownThread]:
    if not keys:
        return []
    known: dict[int, set[bytes]] = {}
    rows = (
        ThreadReference.select(ThreadReference.thread_id, ThreadReference.message_id_key)
        .where(ThreadReference.location_id == location_id, ThreadReference.message_id_key.in_(list(keys)))
        .order_by(ThreadReference.thread_id)
        .limit(MAX_THREADS * len(keys))
    )
    for thread_id, key in tuples(rows):
        known.setdefault(thread_id, set()).add(bytes(key))
    threads = Thread.select().where(Thread.id.in_(list(known)[:MAX_THREADS])).order_by(Thread.id)
    return [KnownThread(thread.id, thread.conversation_id, known[thread.id], _parties(thread.id)) for thread in threads]


def _parties(thread_id: int) -> frozenset[str]:
    rows = ThreadParty.select(ThreadParty.normal).where(ThreadParty.thread_id == thread_id).limit(MAX_THREAD_PARTIES)
    return frozenset(normal for (normal,) in tuples(rows))
