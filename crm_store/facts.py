"""What a location knows about the people and ids of one mail: the values that rules decide by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from peewee import chunked, fn

from crm_store import contact_book, sender_lists
from crm_store.database.rows import tuples
from crm_store.mail.parsed_mail import ParsedMail
from crm_store.mail.problems import Problem
from crm_store.models.contacts import Conversation, Thread
from crm_store.models.messages import Entry, Message, MessageContent, ThreadParty, ThreadReference
from crm_store.models.people import Identity, Membership
from crm_store.rules.automatic import automatic_kind
from crm_store.rules.decide import Asked, FiledEntry
from crm_store.rules.parties import Parties
from crm_store.rules.rule import Rule
from crm_store.rules.sameness import identity_of, same_text
from crm_store.rules.states import Path, Paths, SenderList
from crm_store.rules.thread import KnownThread, ancestor_keys, reference_keys
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
        member = Membership.select(Membership.id).where(  # not joined: SQLite would begin with all members
            Membership.user_id == Identity.user_id,
            Membership.location_id == location_id,
            Membership.left_at_ms.is_null() | (Membership.left_at_ms > now_ms - STAYS_INTERNAL_MS),
        )
        rows = Identity.select(Identity.folded).where(Identity.folded.in_(some), fn.EXISTS(member))
        found.update(folded for (folded,) in tuples(rows))
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Sighted:
    """One copy as a path brought it. users: the owners of the BCC addresses it came to, or the mailbox's user.

    verdict: None on the Gmail path. null_sender: of the envelope (RFC 5321 §4.5.5)."""

    path: Path
    mail: ParsedMail
    parties: Parties
    users: tuple[int, ...]
    verdict: Verdict | None = None
    null_sender: bool = False


def gather(location_id: int, sighted: Sighted, *, now_ms: int) -> Asked:
    """What rules.decide asks for this location.

    Call inside the transaction that files, under the location's lock: facts must not change before they are used."""
    mail, parties = sighted.mail, sighted.parties
    internal = internal_among(location_id, (party.folded for party in parties.everybody()), now_ms=now_ms)
    outside = [party.normal for party in parties.everybody() if party.folded not in internal]
    keys = reference_keys(mail)
    return Asked(
        path=sighted.path,
        parties=parties,
        readable=Problem.UNREADABLE not in mail.problems,
        verdict=sighted.verdict,
        automatic=automatic_kind(mail.automatic, null_sender=sighted.null_sender),
        internal=internal,
        owner_identities=_identities(sighted.users, parties),
        contacts=contact_book.by_addresses(location_id, outside),
        never_logged=never_logged(location_id, sighted.users, parties),
        allowed=sender_lists.listed(location_id, (), SenderList.ALLOWED, [one.normal for one in parties.everybody()]),
        blocked=_is_blocked(location_id, parties),
        keys=keys,
        threads=_known_threads(location_id, keys),
        answers_elsewhere=sighted.path is Path.GMAIL and _answers_elsewhere(location_id, mail, sighted.users),
        entry=_filed_entry(location_id, mail),
    )


def never_logged(location_id: int, users: Sequence[int], parties: Parties) -> bool:
    """B13: whether a party is on the location's list, or on that of one of the users whose path this is."""
    everybody = {party.normal for party in parties.everybody()}
    return bool(sender_lists.listed(location_id, users, SenderList.NEVER_LOG, everybody))


def find_message(mail: ParsedMail) -> Message | None:
    """C9: the message that this mail is another copy of."""
    candidates = Message.select().where(Message.identity == identity_of(mail)).order_by(Message.variant)
    for message in candidates.limit(MAX_VARIANTS):
        texts = MessageContent.select(MessageContent.text).where(MessageContent.message_id == message.id)
        if any(same_text(text, mail.text) for (text,) in tuples(texts.limit(MAX_VARIANTS))):
            return message
    return None


def _filed_entry(location_id: int, mail: ParsedMail) -> FiledEntry | None:
    message = find_message(mail)
    if message is None:
        return None
    found = (
        Entry.select(Entry.id, Entry.removed_at_ms, Entry.paths, Entry.rule, Conversation.contact_id)
        .join(Conversation, on=(Conversation.id == Entry.conversation_id))
        .where((Entry.location_id == location_id) & (Entry.message_id == message.id))
    )
    for entry_id, removed_at_ms, paths, rule, contact_id in tuples(found):
        by_mailbox = paths == Paths.GMAIL and rule != Rule.B9
        return FiledEntry(entry_id, removed_at_ms is not None, contact_id, by_mailbox)
    return None


def _is_blocked(location_id: int, parties: Parties) -> bool:
    author = [parties.author.normal] if parties.author else []
    return bool(sender_lists.listed(location_id, (), SenderList.BLOCKED, author))


def _answers_elsewhere(location_id: int, mail: ParsedMail, users: Sequence[int]) -> bool:
    """B10: of the locations where the mailbox's user is a member, those with an entry of the nearest recorded ancestor
    get the answer; whether there are such, and this location is none of them."""
    keys = ancestor_keys(mail)
    if not keys:
        return False
    mine = Membership.select(Membership.location_id).where(
        Membership.user_id.in_(list(users)), Membership.left_at_ms.is_null()
    )
    recorded = (
        Message.select(Message.message_id_key, Entry.location_id)
        .join(Entry, on=(Entry.message_id == Message.id))
        .where(Message.message_id_key.in_(keys), Entry.location_id.in_(mine))
        .limit(MAX_THREADS * len(keys))
    )
    places: dict[bytes, set[int]] = {}
    for key, place in tuples(recorded):
        places.setdefault(bytes(key), set()).add(place)
    nearest = next((places[key] for key in keys if key in places), None)
    return nearest is not None and location_id not in nearest


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
    # G1, G3: what was deleted or un-logged takes no answers.
    shown = Thread.last_entry_at_ms.is_null(False) & Conversation.last_entry_at_ms.is_null(False)
    threads = (
        Thread.select()
        .join(Conversation, on=(Conversation.id == Thread.conversation_id))
        .where(Thread.id.in_(list(known)[:MAX_THREADS]) & shown)
        .order_by(Thread.id)
    )
    return [
        KnownThread(thread.id, thread.conversation_id, known[thread.id], _parties(thread.id), thread.parted)
        for thread in threads
    ]


def _parties(thread_id: int) -> frozenset[str]:
    rows = ThreadParty.select(ThreadParty.normal).where(ThreadParty.thread_id == thread_id).limit(MAX_THREAD_PARTIES)
    return frozenset(normal for (normal,) in tuples(rows))
