"""An operator lets a held capture in: to the guessed, a chosen or a new contact (D2)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from crm_store import audit, capture_undo, contact_book, decisions, facts, filing, sender_list_changes, sender_lists
from crm_store.access import Access
from crm_store.blobs.store import BlobStore
from crm_store.capture_queue import for_decision, get
from crm_store.capture_steps import Step, refused
from crm_store.capture_undo import Note
from crm_store.capture_views import WHO_IS_NOT_PROVEN, CaptureView, open_step
from crm_store.contact_book import ContactDetails, ContactView
from crm_store.copies import Copy
from crm_store.database.rows import tuples
from crm_store.database.session import lock_location, writing
from crm_store.errors import Conflict, Invalid, NotFound
from crm_store.mail.read import read
from crm_store.models.captures import Capture, CaptureRecipient
from crm_store.models.contacts import Contact, ContactAddress, Conversation, Thread
from crm_store.rules.address import fold_identity, normalise
from crm_store.rules.asked import Asked
from crm_store.rules.confidential import is_internal_mail
from crm_store.rules.decide import let_in
from crm_store.rules.decision import Decision, NewContact
from crm_store.rules.original import Reading, reading_of
from crm_store.rules.parties import Party
from crm_store.rules.rule import Reason, Rule
from crm_store.rules.sent_on import sent_on, vouched
from crm_store.rules.states import CaptureState, ContactSource, Path, SenderList
from crm_store.rules.verdict import from_kept
from crm_store.sender_list_changes import Pattern


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom the operator names: a contact, a new one, or neither for the guess.

    allow_sender: the author, or who redirected it, may write here from now on."""

    contact_id: int | None = None
    new_contact: ContactDetails | None = None
    allow_sender: bool = False


@dataclass(frozen=True, slots=True)
class MailSource:
    """Where the mail of captures is read. capture_domains: lower case, as A-labels."""

    blobs: BlobStore
    capture_domains: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Approval:
    """One approval on its way. location_id: the capture's."""

    access: Access
    row: Capture
    location_id: int
    reading: Reading
    choice: Choice
    now_ms: int


def approve(access: Access, capture_id: int, choice: Choice, source: MailSource, *, now_ms: int) -> CaptureView:
    """Record a held capture.

    Raises: NotFound, Forbidden; Conflict where somebody else was first, or the message is here already in another
    place; Invalid where there is no contact to go to, or the choice can't be taken; StoreUnavailable."""
    if choice.contact_id is not None and choice.new_contact is not None:
        raise Invalid("new_contact", "is for when no contact_id is given")
    row = for_decision(access, capture_id)
    if not open_step(Step.APPROVE, row, now_ms=now_ms):
        raise refused(Step.APPROVE, CaptureState(row.state))
    if row.location_id is None:
        raise Conflict("mail to postmaster and abuse belongs to no location, so it can't be recorded")
    reading = _read(row, source)  # before anybody waits for us
    with writing():
        lock_location(row.location_id)
        fresh = Capture.get_by_id(capture_id)
        if not open_step(Step.APPROVE, fresh, now_ms=now_ms):
            raise refused(Step.APPROVE, CaptureState(fresh.state))
        _record(_Approval(access, fresh, row.location_id, reading, choice, now_ms))
    return get(access, capture_id, now_ms=now_ms)


def _read(row: Capture, source: MailSource) -> Reading:
    assert row.blob_sha256 is not None, "approving is open only to what has its content"
    try:
        return reading_of(read(source.blobs.read(bytes(row.blob_sha256))), source.capture_domains)
    except NotFound as error:
        raise Conflict("the content of this capture is not kept any more") from error


def _record(approval: _Approval) -> None:
    row, now_ms = approval.row, approval.now_ms
    mail, parties = approval.reading.mail, approval.reading.parties
    listed_id = _allow(approval) if approval.choice.allow_sender else None
    # After allowing: whoever may write here is nobody's contact (C4).
    asked = _ask(approval)
    decision, made = _decide(approval, asked)
    thread_id = decision.placement.thread_id if decision.placement else None
    known = capture_undo.known_before(thread_id, mail, parties)
    entry_id = filing.carry_out(_copy(approval, asked), decision, now_ms=now_ms)
    assert entry_id is not None, "what is let in is recorded"
    decisions.correct_mailbox(mail.message_id, approval.location_id, entry_id, now_ms=now_ms)
    merged = decision.placement is not None and bool(decision.placement.merges)
    note = Note(
        rule=str(row.rule),
        reason=str(row.reason),
        decided_at_ms=row.decided_at_ms or now_ms,
        listed_id=listed_id,
        filed=None
        if decision.placement is None
        else capture_undo.filed_since(known, entry_id, mail, parties, merged=merged, contact=made),
    )
    _settle(approval, decision, entry_id, note)


def _allow(approval: _Approval) -> int | None:
    """The pattern's id if it is new. Allowing answers who writes, never whether it is really they (C4)."""
    sender = _forwarder(approval) or approval.reading.writer
    if sender is None or approval.row.reason in WHO_IS_NOT_PROVEN:
        raise Invalid("allow_sender", "is not offered where nothing proves who the sender is: approve without it")
    pattern = Pattern(sender.address, sender.normal)
    row, is_new = sender_list_changes.put(
        approval.location_id, SenderList.ALLOWED, pattern, by=approval.access.user_id, now_ms=approval.now_ms
    )
    return row.id if is_new else None


def _forwarder(approval: _Approval) -> Party | None:
    """C6: of a redirected mail that is held for its forwarder, it is they who may be allowed, not its author."""
    row = approval.row
    told = sent_on(approval.reading, row.envelope_from or "")
    if told is None or row.authentication is None or row.reason != Reason.FORWARDER_NOT_ALLOWED:
        return None
    return next(iter(vouched(told, from_kept(row.authentication))), None)


def _ask(approval: _Approval) -> Asked:
    owners = CaptureRecipient.select(CaptureRecipient.user_id).where(CaptureRecipient.capture_id == approval.row.id)
    users = tuple(user_id for (user_id,) in tuples(owners))
    envelope_from = approval.row.envelope_from or ""
    sighted = facts.sighted_by_bcc(approval.reading, users, None, envelope_from=envelope_from)
    asked = facts.gather(approval.location_id, sighted, now_ms=approval.now_ms)
    # What may have changed since it was held, and no operator may overrule.
    if is_internal_mail(approval.reading.parties, asked.internal):
        raise Invalid(
            "contact_id", "can't be given: all in this mail are members now, which makes it confidential (B5)"
        )
    if asked.never_logged:
        raise Invalid("contact_id", "can't be given: somebody in this mail is on a never-log list (B13)")
    if asked.entry is not None and asked.entry.removed:
        raise Conflict("this message was removed from its conversation: restore that entry instead (G3)")
    return asked


def _decide(approval: _Approval, asked: Asked) -> tuple[Decision, ContactView | None]:
    """What is done, and the contact who was made for it."""
    guess = let_in(asked, None)
    choice = approval.choice
    if choice.contact_id is None and choice.new_contact is None:
        if guess is None:
            raise Invalid("contact_id", "is needed: there is no contact to go to. Choose one, or give a new_contact")
        return _with_contact_made(approval, guess)
    if asked.entry is not None and choice.contact_id != asked.entry.owner:
        raise Conflict(f"this message is recorded already, in the conversation of contact {asked.entry.owner}")
    if choice.new_contact is not None:
        made = _make(approval, choice.new_contact)
        return _let_in(asked, made.id), made
    assert choice.contact_id is not None
    _check_contact(approval, choice.contact_id)
    if guess is not None and guess.placement is not None and _owner_of(guess) == choice.contact_id:
        return guess, None  # it answers a thread of that contact
    return _let_in(asked, choice.contact_id), None


def _let_in(asked: Asked, owner: int) -> Decision:
    decision = let_in(asked, owner)
    assert decision is not None, "with an owner there is somebody to go to"
    return decision


def _with_contact_made(approval: _Approval, decision: Decision) -> tuple[Decision, ContactView | None]:
    placement = decision.placement
    if placement is None or not isinstance(placement.owner, NewContact):
        return decision, None
    new = placement.owner
    contact_id = contact_book.make(
        approval.location_id, new.name, new.address, ContactSource.CAPTURE, now_ms=approval.now_ms
    )
    made = contact_book.names([contact_id])[contact_id]
    return replace(decision, placement=replace(placement, owner=contact_id)), made


def _make(approval: _Approval, details: ContactDetails) -> ContactView:
    """Raises: Invalid, also for a member or somebody who may write here: neither is ever a contact (B5, C4)."""
    try:
        made = contact_book.add(
            approval.access,
            approval.location_id,
            details,
            now_ms=approval.now_ms,
            source=ContactSource.CAPTURE,
        )
    except Invalid as error:
        raise Invalid(f"new_contact.{error.field}", str(error)) from error
    normals = [normalise(address) for address in made.details.addresses]
    folded = [fold_identity(address) for address in made.details.addresses]
    if facts.internal_among(approval.location_id, folded, now_ms=approval.now_ms):
        raise Invalid("new_contact.addresses", "has an address of a member, and members are never contacts")
    if sender_lists.listed(approval.location_id, (), SenderList.ALLOWED, normals):
        raise Invalid("new_contact.addresses", "has an address that is allowed to write here, which is never a contact")
    return made


def _check_contact(approval: _Approval, contact_id: int) -> None:
    addresses = (
        ContactAddress.select(ContactAddress.normal)
        .join(Contact, on=(Contact.id == ContactAddress.contact_id))
        .where(
            ContactAddress.contact_id == contact_id,
            Contact.location_id == approval.location_id,
            Contact.deleted_at_ms.is_null(),
        )
    )
    folded = {fold_identity(normal) for (normal,) in tuples(addresses)}
    if not folded:
        raise Invalid("contact_id", "is no contact of this location")
    if facts.internal_among(approval.location_id, folded, now_ms=approval.now_ms) == folded:
        raise Invalid("contact_id", "is a member of this location, and members are never contacts (B5)")


def _owner_of(decision: Decision) -> int | NewContact | None:
    placement = decision.placement
    if placement is None or placement.thread_id is None:
        return None if placement is None else placement.owner
    owner = Conversation.select(Conversation.contact_id).join(Thread, on=(Thread.conversation_id == Conversation.id))
    return next((contact_id for (contact_id,) in tuples(owner.where(Thread.id == placement.thread_id))), None)


def _copy(approval: _Approval, asked: Asked) -> Copy:
    assert approval.row.blob_sha256 is not None
    return Copy(
        location_id=approval.location_id,
        path=Path.BCC,
        mail=approval.reading.mail,
        parties=approval.reading.parties,
        blob_sha256=bytes(approval.row.blob_sha256),
        seen_at_ms=approval.row.received_at_ms,
        automatic=asked.automatic,
        capture_id=approval.row.id,
    )


def _settle(approval: _Approval, decision: Decision, entry_id: int, note: Note) -> None:
    row, by, now_ms = approval.row, approval.access.user_id, approval.now_ms
    changed = Capture.update(
        state=CaptureState.RECORDED,
        rule=Rule.D2,
        reason=decision.reason,
        decided_at_ms=now_ms,
        decided_by=by,
        entry_id=entry_id,
        undo=note.as_json(),
    ).where((Capture.id == row.id) & (Capture.state == CaptureState.HELD))
    if not changed.execute():  # the end of its retention came between
        raise refused(Step.APPROVE, CaptureState.REJECTED)
    decisions.write(
        Path.BCC,
        CaptureState.RECORDED,
        Rule.D2,
        decision.reason,
        message_id=row.message_id,
        location_id=approval.location_id,
        capture_id=row.id,
        entry_id=entry_id,
        now_ms=now_ms,
    )
    why = "and allow its sender" if approval.choice.allow_sender else ""
    subject = f"capture {row.id}"
    audit.write("capture.approve", subject, by=by, now_ms=now_ms, location_id=approval.location_id, why=why)
