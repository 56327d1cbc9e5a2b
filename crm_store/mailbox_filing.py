"""Mail seen in a user's mailbox: asked about in each location where the user is a member, and filed where that says so.

The same rules as for captures, the same filing; only the path differs, and that a mailbox makes no contacts (B4)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crm_store import contact_book, decisions, facts, filing, held_copies, outbox_copies, outbox_filing, read_states
from crm_store.access import roles_of
from crm_store.blobs import erasure
from crm_store.blobs.keeping import keep
from crm_store.blobs.store import BlobStore, NewBlob
from crm_store.copies import Copy
from crm_store.database.session import lock_location, writing
from crm_store.mail.parsed_mail import ParsedMail
from crm_store.outbox_copies import SentCopy
from crm_store.rules.asked import Asked
from crm_store.rules.decide import decide
from crm_store.rules.decision import Decision, ignore
from crm_store.rules.parties import Parties
from crm_store.rules.resumed import unnamed_reply
from crm_store.rules.rule import Reason, Rule
from crm_store.rules.states import CaptureState, Path
from crm_store.rules.thread import mailbox_thread_key

# Of several locations that do not record it, the rule that says most is told; B4 says least.
_TELLING = (Rule.G3, Rule.B5, Rule.B13, Rule.C7, Rule.B10, Rule.E9, Rule.B4)
_BY_HEADER = frozenset({Rule.B4, Rule.B5, Rule.B13, Rule.B10, Rule.C7})


@dataclass(frozen=True, slots=True)
class MailboxMail:
    """One message of a mailbox, read. gmail_id: which of its messages; seen again, it changes nothing.

    thread_id: what the mailbox itself takes for one talk (B9). is_read: its user has read it there (B14). sent_by: the
    connection whose account sent it; None where it did not."""

    user_id: int
    gmail_id: str
    raw: bytes = field(repr=False)
    sha256: bytes
    mail: ParsedMail
    parties: Parties
    seen_at_ms: int
    thread_id: str | None = None
    is_read: bool = False
    sent_by: int | None = None

    @property
    def thread_key(self) -> bytes | None:
        return None if self.thread_id is None else mailbox_thread_key(self.user_id, self.thread_id)

    @property
    def sighted(self) -> facts.Sighted:
        return facts.Sighted(Path.GMAIL, self.mail, self.parties, (self.user_id,), thread_key=self.thread_key)


# Called with what was decided, in the transaction that carries it out: what it raises rolls that back.
Settle = Callable[[Mapping[int, Decision]], None]


def _settled(_: Mapping[int, Decision]) -> None:
    """For who keeps no ledger."""


def file_from_mailbox(
    seen: MailboxMail, blobs: BlobStore, *, now_ms: int, settle: Settle = _settled
) -> dict[int, Decision]:
    """What was decided in each location of the mailbox's user. Safe to run twice.

    Raises: StoreUnavailable, and what settle raises; then nothing has changed."""
    own = outbox_copies.known(seen.raw, seen.sent_by)
    if own is not None:  # B10: it is recorded where it was sent from
        filed = outbox_filing.file_sent(own, _sent_copy(seen), blobs, settle=settle, now_ms=now_ms)
        return {own.location_id: filed.decision}
    blob = NewBlob(seen.sha256, seen.raw)
    stored = False
    while True:
        with writing():
            asked = _ask(seen, now_ms)
            decided = {location_id: decide(question) for location_id, question in asked.items()}
            recorded = [place for place, one in decided.items() if one.outcome is CaptureState.RECORDED]
            if not recorded or stored:
                if recorded:
                    keep([(blob, len(seen.raw))], blobs, now_ms=now_ms)
                else:
                    erasure.mark_left_behind([seen.sha256], blobs)
                _carry_out(seen, asked, decided, recorded, now_ms)
                settle(decided)
                return decided
        # B4, B5: bytes are stored only of what is recorded, and before any row points to them.
        blobs.put([blob])
        stored = True


def settled_by_header(
    seen: MailboxMail, addresses: Iterable[str], *, now_ms: int, settle: Settle = _settled
) -> dict[int, Decision] | None:
    """What was decided, where its header says all that the rules ask for: nobody records it, and its body need not be
    fetched (B4). None where it does not, and nothing has changed.

    seen.raw, seen.mail: of the header alone. addresses: whatever looks like one in it, normalised: a name that came
    decoded may hide where an address begins, and nobody is to be missed for that."""
    message_id = seen.mail.message_id
    if _may_report(seen.mail) or outbox_copies.known(seen.raw, seen.sent_by) is not None:
        return None
    hidden = set(addresses) - {party.normal for party in seen.parties.everybody()}
    with writing():
        asked = _ask(seen, now_ms)
        decided = {location_id: decide(question) for location_id, question in asked.items()}
        is_known = message_id is not None and facts.is_known_id(message_id)
        if is_known or not all(map(_is_sure, decided.values())):
            return None
        if hidden and any(contact_book.by_addresses(location_id, sorted(hidden)) for location_id in asked):
            return None
        _carry_out(seen, asked, decided, [], now_ms)
        settle(decided)
        return decided


def _is_sure(decision: Decision) -> bool:
    """Whether its body could change nothing. C8, C9 and G3 compare texts, and a bounce is told by its report."""
    return decision.outcome is CaptureState.IGNORED and decision.rule in _BY_HEADER and not decision.undelivered


def _may_report(mail: ParsedMail) -> bool:
    """C7: what a bounce says of a message that we know is in its body; so its header does not settle it."""
    signs = mail.automatic
    return signs.return_path_is_null or signs.from_mail_system or signs.content_type.startswith("multipart/report")


def _ask(seen: MailboxMail, now_ms: int) -> dict[int, Asked]:
    locations = sorted(roles_of(seen.user_id))
    for location_id in locations:  # always in this order, so that two mailboxes never wait for each other
        lock_location(location_id)
    asked = {location_id: facts.gather(location_id, seen.sighted, now_ms=now_ms) for location_id in locations}
    if unnamed_reply(seen.mail) is None or not any(map(_goes_on, asked.values())):
        return asked
    # B10, B17: it names no ids, but where its talk goes on is known: there, and not where it would begin a new one.
    return {place: replace(one, answers_elsewhere=one.answered() is None) for place, one in asked.items()}


def _goes_on(asked: Asked) -> bool:
    """Whether it joins a talk here, or a copy that came before it did."""
    entry = asked.entry
    return asked.resumes is not None or (entry is not None and entry.answers and not entry.removed)


def _carry_out(
    seen: MailboxMail, asked: dict[int, Asked], decided: dict[int, Decision], recorded: Sequence[int], now_ms: int
) -> None:
    shown = [place for place, one in decided.items() if one.undelivered]  # C7: each where its message is
    for location_id in (place for place, one in decided.items() if one.bounce is not None):
        filing.carry_out(_copy(seen, asked[location_id], location_id), decided[location_id], now_ms=now_ms)
    for location_id in shown:
        _decided(seen, decided[location_id], location_id, decided[location_id].entry_id, now_ms)
    for location_id in recorded:
        decision = decided[location_id]
        entry_id = filing.carry_out(_copy(seen, asked[location_id], location_id), decision, now_ms=now_ms)
        _decided(seen, decision, location_id, entry_id, now_ms)
        held_copies.wake(seen.mail.message_id, seen.user_id, location_id, now_ms=now_ms)
    if seen.is_read and recorded:
        read_states.was_read(seen.user_id, seen.gmail_id, recorded)
    if not (recorded or shown):
        _decided(seen, told_of(decided), None, None, now_ms)


def told_of(decided: Mapping[int, Decision]) -> Decision:
    """Of several locations that do not record it, what is told; also for a user who is a member of none."""
    nowhere = ignore(Rule.B4, Reason.NO_CONTACT)
    return min(decided.values(), key=lambda decision: _TELLING.index(decision.rule), default=nowhere)


def _copy(seen: MailboxMail, asked: Asked, location_id: int) -> Copy:
    return Copy(
        location_id=location_id,
        path=Path.GMAIL,
        mail=seen.mail,
        parties=seen.parties,
        blob_sha256=seen.sha256,
        seen_at_ms=seen.seen_at_ms,
        automatic=asked.automatic,
        user_id=seen.user_id,
        gmail_id=seen.gmail_id,
        thread_key=seen.thread_key,
    )


def _sent_copy(seen: MailboxMail) -> SentCopy:
    return SentCopy(
        path=Path.GMAIL,
        raw=seen.raw,
        sha256=seen.sha256,
        mail=seen.mail,
        parties=seen.parties,
        seen_at_ms=seen.seen_at_ms,
        gmail_id=seen.gmail_id,
        gmail_thread_id=seen.thread_id,
    )


def _decided(seen: MailboxMail, decision: Decision, location_id: int | None, entry_id: int | None, now_ms: int) -> None:
    decisions.write_mailbox(
        seen.user_id,
        seen.gmail_id,
        decision.outcome,
        decision.rule,
        decision.reason,
        message_id=seen.mail.message_id,
        location_id=location_id,
        entry_id=entry_id,
        now_ms=now_ms,
    )
