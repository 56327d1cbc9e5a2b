"""What a location knows about the people and ids of one mail: the values that rules decide by."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from peewee import ModelSelect, chunked, fn

from crm_store import contact_book, sender_lists, undelivered
from crm_store.database.prepared import Prepared, Statement
from crm_store.database.rows import tuples
from crm_store.mail.parsed_mail import ParsedMail
from crm_store.mail.problems import Problem
from crm_store.models.contacts import Conversation, Thread
from crm_store.models.messages import Entry, Message, MessageContent, ThreadParty, ThreadReference
from crm_store.models.people import Identity, Membership
from crm_store.printed_twin import twin_of
from crm_store.resuming import resumed_thread
from crm_store.rules.address import domain_of
from crm_store.rules.asked import Asked, FiledEntry
from crm_store.rules.automatic import automatic_kind
from crm_store.rules.original import Forwarded, Reading
from crm_store.rules.parties import Parties, Party
from crm_store.rules.rule import Rule
from crm_store.rules.sameness import identity_of, message_id_key, same_text
from crm_store.rules.sent_on import SentOn, sent_on
from crm_store.rules.states import Automatic, Path, Paths, SenderList
from crm_store.rules.thread import KnownThread, ancestor_keys, reference_keys
from crm_store.rules.verdict import Verdict

STAYS_INTERNAL_MS = 90 * 86_400_000  # G4
_IN_LIST = 500
# A hostile sender may give many texts one Message-ID; more than these are compared with the first ones only.
MAX_VARIANTS = 20
MAX_THREADS = 50
MAX_IDENTITIES = 500
MAX_THREAD_PARTIES = 5000


def internal_among(location_id: int, folded: Iterable[str], *, now_ms: int) -> frozenset[str]:
    """Which of these folded addresses belong to a member of the location, or to one who left it lately (G4)."""
    found: set[str] = set()
    for some in chunked(sorted(set(folded)), _IN_LIST):
        found.update(folded for (folded,) in _members_among.rows(location_id, some, now_ms - STAYS_INTERNAL_MS))
    return frozenset(found)


@Prepared
def _members_among(location_id: int, folded: list[str], left_after_ms: int) -> Statement:
    member = Membership.select(Membership.id).where(  # not joined: SQLite would begin with all members
        Membership.user_id == Identity.user_id,
        Membership.location_id == location_id,
        Membership.left_at_ms.is_null() | (Membership.left_at_ms > left_after_ms),
    )
    return Identity.select(Identity.folded).where(Identity.folded.in_(folded), fn.EXISTS(member))


@dataclass(frozen=True, slots=True)
class Sighted:
    """One copy as a path brought it. users: the owners of the BCC addresses it came to, or the mailbox's user.

    verdict: None on the Gmail path. null_sender: of the envelope (RFC 5321 §4.5.5). writer, forwarded: where mail and
    parties are those of an original inside (C6). sent_on: where others than its author may have sent it here (C6).
    thread_key: of the mailbox's own thread, which tells least (B9)."""

    path: Path
    mail: ParsedMail
    parties: Parties
    users: tuple[int, ...]
    verdict: Verdict | None = None
    null_sender: bool = False
    writer: Party | None = None
    forwarded: Forwarded | None = None
    sent_on: SentOn | None = None
    thread_key: bytes | None = None

    @property
    def sender(self) -> Party | None:
        return self.writer or self.parties.author

    def everybody(self) -> list[Party]:
        """With whoever forwarded it."""
        return [*self.parties.everybody(), *([self.writer] if self.writer else [])]


def sighted_by_bcc(reading: Reading, users: tuple[int, ...], verdict: Verdict | None, *, envelope_from: str) -> Sighted:
    """verdict: None where an operator stands in for it. envelope_from: "" for the null sender."""
    return Sighted(
        path=Path.BCC,
        mail=reading.mail,
        parties=reading.parties,
        users=users,
        verdict=verdict,
        null_sender=envelope_from == "",
        writer=reading.writer if reading.forwarded else None,
        forwarded=reading.forwarded,
        sent_on=sent_on(reading, envelope_from),
    )


def gather(location_id: int, sighted: Sighted, *, now_ms: int) -> Asked:
    """What rules.decide asks for this location.

    Call inside the transaction that files, under the location's lock: facts must not change before they are used."""
    mail, parties, sender = sighted.mail, sighted.parties, sighted.sender
    internal = internal_among(location_id, (party.folded for party in sighted.everybody()), now_ms=now_ms)
    outside = [party.normal for party in sighted.everybody() if party.folded not in internal]
    everybody = {party.normal for party in sighted.everybody()}
    forwarders = {party.normal for party in sighted.sent_on.by} if sighted.sent_on else set()
    lists = sender_lists.look_up(location_id, sighted.users, everybody | forwarders)
    own = _is_theirs(sighted.users, sender)
    keys = reference_keys(mail) + ([sighted.thread_key] if sighted.thread_key else [])
    automatic = automatic_kind(mail.automatic, null_sender=sighted.null_sender)
    report = mail.automatic.report if automatic is Automatic.BOUNCE else None
    contacts = contact_book.by_addresses(location_id, outside)
    asked = Asked(
        path=sighted.path,
        parties=parties,
        readable=Problem.UNREADABLE not in mail.problems,
        verdict=sighted.verdict,
        automatic=automatic,
        report=report,
        sent=() if report is None else undelivered.sent_mail(location_id, report.original_message_id),
        internal=internal,
        writer=sighted.writer,
        forwarded=sighted.forwarded,
        sent_on=sighted.sent_on,
        sender_is_owner=own,
        owner_domains=frozenset()
        if own
        else frozenset(domain_of(one) for (one,) in _identities.rows(list(sighted.users))),
        contacts=contacts,
        never_logged=bool(lists.on(SenderList.NEVER_LOG, everybody)),
        allowed=lists.on(SenderList.ALLOWED, everybody | forwarders),
        blocked=bool(lists.on(SenderList.BLOCKED, [sender.normal] if sender else [])),
        keys=keys,
        threads=_of_the_same_people(_known_threads(location_id, keys), sighted, internal),
        answers_elsewhere=sighted.path is Path.GMAIL and _answers_elsewhere(location_id, sighted, internal),
        entry=_filed_entry(location_id, sighted, contacts),
    )
    if asked.entry is not None:  # or it would be found to go on with itself
        return asked
    resumes = resumed_thread(location_id, asked, mail, sighted.users, now_ms=now_ms)
    return asked if resumes is None else replace(asked, resumes=resumes)


def never_logged(location_id: int, users: Sequence[int], reading: Reading) -> bool:
    """B13: whether a party, or who forwarded it, is on the location's list, or on one of these users'."""
    everybody = {party.normal for party in reading.parties.everybody()}
    if reading.writer is not None:
        everybody.add(reading.writer.normal)
    return bool(sender_lists.listed(location_id, users, SenderList.NEVER_LOG, everybody))


def find_message(mail: ParsedMail) -> int | None:
    """C9: the id of the message that this mail is another copy of."""
    for (message_id,) in _of_identity.rows(identity_of(mail)):
        if any(same_text(text, mail.text) for (text,) in _texts.rows(message_id)):
            return int(message_id)
    return None


def is_known_id(message_id: str) -> bool:
    """Whether a message with this Message-ID is recorded anywhere."""
    return _of_id.first(message_id_key(message_id)) is not None


@Prepared
def _of_id(key: bytes) -> Statement:
    return Message.select(Message.id).where(Message.message_id_key == key).limit(1)


@Prepared
def _of_identity(identity: bytes) -> Statement:
    variants = Message.select(Message.id).where(Message.identity == identity)
    return variants.order_by(Message.variant).limit(MAX_VARIANTS)


@Prepared
def _texts(message_id: int) -> Statement:
    texts = MessageContent.select(MessageContent.text).where(MessageContent.message_id == message_id)
    return texts.limit(MAX_VARIANTS)


def _filed_entry(location_id: int, sighted: Sighted, contacts: Mapping[str, int]) -> FiledEntry | None:
    message_id = find_message(sighted.mail)
    found = None if message_id is None else _filed.first(location_id, message_id)
    if found is None:
        printed = sighted.forwarded is not None and not sighted.forwarded.attached
        twin = twin_of(sighted.mail, set(contacts.values()), printed=printed)
        found = None if twin is None else _entry.first(twin)
    if found is None:
        return None
    entry_id, removed_at_ms, paths, rule, contact_id = found
    answers = rule in (Rule.B9, Rule.B17, Rule.C5)
    by_mailbox = paths == Paths.GMAIL and not answers
    return FiledEntry(entry_id, removed_at_ms is not None, contact_id, by_mailbox, answers)


@Prepared
def _filed(location_id: int, message_id: int) -> Statement:
    return _with_owner().where((Entry.location_id == location_id) & (Entry.message_id == message_id))


@Prepared
def _entry(entry_id: int) -> Statement:
    return _with_owner().where(Entry.id == entry_id)


def _with_owner() -> "ModelSelect[Entry]":
    return Entry.select(Entry.id, Entry.removed_at_ms, Entry.paths, Entry.rule, Conversation.contact_id).join(
        Conversation, on=(Conversation.id == Entry.conversation_id)
    )


def _answers_elsewhere(location_id: int, sighted: Sighted, internal: Set[str]) -> bool:
    """B10: of the locations where the mailbox's user is a member, those with an entry of the nearest recorded ancestor
    get the answer; whether there are such, and this location is none of them.

    What was un-logged (G3) or is hidden with its contact (G1) is not recorded there any more: it takes no answers, and
    keeps none from others."""
    keys = ancestor_keys(sighted.mail)
    if not keys:
        return False
    mine = Membership.select(Membership.location_id).where(
        Membership.user_id.in_(list(sighted.users)), Membership.left_at_ms.is_null()
    )
    recorded = (
        Message.select(Message.message_id_key, Entry.location_id, Entry.thread_id)
        .join(Entry, on=(Entry.message_id == Message.id))
        .join(Conversation, on=(Conversation.id == Entry.conversation_id))
        .where(
            Message.message_id_key.in_(keys),
            Entry.location_id.in_(mine),
            Entry.removed_at_ms.is_null(),
            Conversation.last_entry_at_ms.is_null(False),
        )
        .limit(MAX_THREADS * len(keys))
    )
    found = list(tuples(recorded))
    open_to_it = _open_to(sighted.parties, internal, {thread_id for _, _, thread_id in found})
    places: dict[bytes, set[int]] = {}
    for key, place, thread_id in found:
        if thread_id in open_to_it:
            places.setdefault(bytes(key), set()).add(place)
    nearest = next((places[key] for key in keys if key in places), None)
    return nearest is not None and location_id not in nearest


def _open_to(parties: Parties, internal: Set[str], thread_ids: Set[int]) -> Set[int]:
    """B2: an outbound mail answers only threads of which an outside party is among its recipients."""
    if not thread_ids or parties.author is None or parties.author.folded not in internal:
        return thread_ids
    outside = sorted({party.normal for party in parties.recipients() if party.folded not in internal})
    theirs = ThreadParty.select(ThreadParty.thread_id).where(
        ThreadParty.thread_id.in_(sorted(thread_ids)), ThreadParty.normal.in_(outside[:_IN_LIST])
    )
    return {thread_id for (thread_id,) in tuples(theirs)}


def _is_theirs(users: Sequence[int], sender: Party | None) -> bool:
    """Whether the address is one of these users'."""
    return sender is not None and _identity.first(list(users), sender.folded) is not None


@Prepared
def _identity(users: list[int], folded: str) -> Statement:
    return Identity.select(Identity.id).where(Identity.user_id.in_(users) & (Identity.folded == folded)).limit(1)


@Prepared
def _identities(users: list[int]) -> Statement:
    return Identity.select(Identity.folded).where(Identity.user_id.in_(users)).limit(MAX_IDENTITIES)


def _known_threads(location_id: int, keys: Sequence[bytes]) -> list[KnownThread]:
    known: dict[int, set[bytes]] = {}
    for thread_id, key in _references.rows(location_id, list(keys)) if keys else ():
        known.setdefault(thread_id, set()).add(bytes(key))
    if not known:
        return []
    return [
        KnownThread(thread_id, conversation_id, known[thread_id], _parties(thread_id), bool(parted))
        for thread_id, conversation_id, parted in _shown_threads.rows(list(known)[:MAX_THREADS])
    ]


@Prepared
def _references(location_id: int, keys: list[bytes]) -> Statement:
    return (
        ThreadReference.select(ThreadReference.thread_id, ThreadReference.message_id_key)
        .where(ThreadReference.location_id == location_id, ThreadReference.message_id_key.in_(keys))
        .order_by(ThreadReference.thread_id)
        .limit(MAX_THREADS * len(keys))
    )


@Prepared
def _shown_threads(ids: list[int]) -> Statement:
    # G1, G3: what was deleted or un-logged takes no answers.
    shown = Thread.last_entry_at_ms.is_null(False) & Conversation.last_entry_at_ms.is_null(False)
    return (
        Thread.select(Thread.id, Thread.conversation_id, Thread.parted)
        .join(Conversation, on=(Conversation.id == Thread.conversation_id))
        .where(Thread.id.in_(ids) & shown)
        .order_by(Thread.id)
    )


def _of_the_same_people(known: list[KnownThread], sighted: Sighted, internal: Set[str]) -> list[KnownThread]:
    """A mailbox puts what its user passed on to somebody else into the same thread as what it was about. So its thread
    alone joins no mail of somebody who is not in the talk."""
    author = sighted.parties.author
    if sighted.thread_key is None or author is None or author.folded in internal:
        return known
    by_mailbox = {sighted.thread_key}
    return [thread for thread in known if thread.keys != by_mailbox or author.normal in thread.parties]


def _parties(thread_id: int) -> frozenset[str]:
    return frozenset(normal for (normal,) in _parties_of.rows(thread_id))


@Prepared
def _parties_of(thread_id: int) -> Statement:
    return ThreadParty.select(ThreadParty.normal).where(ThreadParty.thread_id == thread_id).limit(MAX_THREAD_PARTIES)
