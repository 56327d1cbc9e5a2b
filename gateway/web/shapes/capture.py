"""Captures: what came in at BCC addresses, and what operators do with it."""

from typing import Literal

from pydantic import Field

from crm_store.capture_approval import Choice
from crm_store.capture_views import AttachedView, CaptureView, MailboxView, OriginalView, WouldView
from crm_store.contact_book import ContactDetails
from crm_store.rules.states import CaptureState
from gateway.web.shapes.contact import NewContact
from gateway.web.shapes.fields import (
    Body,
    Id,
    Line,
    PageQuery,
    Shape,
    Time,
    shown_id,
    shown_message_id,
    shown_time,
    shown_time_or_none,
)
from gateway.web.shapes.problem import Problem

StateWord = Literal["received", "recorded", "held", "rejected", "ignored", "failed"]


class InstallationCaptureQuery(PageQuery):
    state: StateWord = Field("held", description="only those in this state")

    def as_state(self) -> CaptureState:
        return CaptureState(self.state)


class CaptureQuery(PageQuery):
    state: StateWord | None = Field(None, description="only those in this state")
    q: str | None = Field(
        None, description="an author's address, @ and an author's domain, a Message-ID in angle brackets; or words"
    )

    def as_state(self) -> CaptureState | None:
        return None if self.state is None else CaptureState(self.state)


class Approval(Body):
    allow_sender: bool = Field(False, description="let this author write here from now on")
    contact_id: Id | None = Field(None, description="to this contact's conversation, in place of the guess")
    new_contact: NewContact | None = Field(None, description="to a contact that is made for it")

    def as_choice(self) -> Choice:
        new = None if self.new_contact is None else ContactDetails(**self.new_contact)
        return Choice(self.contact_id, new, self.allow_sender)


class Rejection(Body):
    block_sender: bool = Field(False, description="reject what this author sends from now on")


class Bulk(Body):
    """What goes with another action than the one named is told, not passed over."""

    ids: list[Line] = Field(description="1 to 200 captures of the location")
    action: Literal["approve", "reject", "retry", "undo"]
    allow_sender: bool | None = None
    contact_id: Id | None = None
    block_sender: bool | None = None


class Mailbox(Shape):
    name: str
    address: str


class CaptureAttachment(Shape):
    name: str
    content_type: str
    size_bytes: int
    inline: bool


class Authentication(Shape):
    """Result words of RFC 8601, and the verdict in words."""

    spf: str
    dkim: str
    dmarc: str
    verdict: str = Field(description="in the language of the token's user")
    header: str | None = Field(description="the same as an Authentication-Results field (RFC 8601)")


class WouldContact(Shape):
    id: str | None = Field(description="null: they are no contact yet")
    name: str
    addresses: list[str]


class Original(Shape):
    from_: Mailbox = Field(serialization_alias="from")
    to: list[Mailbox]
    cc: list[Mailbox]
    subject: str
    sent_at: Time | None


class Would(Shape):
    contact: WouldContact | None = Field(description="null: there is nobody to go to; choose a contact, or make one")
    creates_contact: bool
    direction: Literal["inbound", "outbound"]
    suggestions: list[str] = Field(description="addresses to choose from")
    entry_id: str | None = Field(description="the entry that shows the same message already, and gets this copy too")
    original: Original | None = Field(description="what it forwards, by which it would be filed; null for other mail")
    forwarder: str | None = Field(description="who redirected it, as is proven, else as it says; null for other mail")


class Capture(Shape):
    """Fields of the mail are null where its content may not be kept."""

    id: str
    location_id: str | None = Field(description="null: mail to postmaster or abuse, which is the installation's")
    receipt_id: str = Field(description="what SMTP answered with the 250")
    state: StateWord
    rule: str | None
    reason: str | None = Field(description="one sentence, in the language of the token's user")
    reason_code: str | None = Field(description="the same as a constant word")
    message_id: str | None = Field(description="with angle brackets; null where the mail has none")
    envelope_from: str | None
    recipients: list[str] = Field(description="BCC addresses of the location that it was sent to; others see own ones")
    from_: Mailbox | None = Field(serialization_alias="from")
    to: list[Mailbox] | None
    cc: list[Mailbox] | None
    subject: str | None
    text_preview: str | None
    attachments: list[CaptureAttachment] | None
    received_at: Time
    decided_at: Time | None
    next_try_at: Time | None
    authentication: Authentication | None
    would: Would | None = Field(description="what approving would do; null where it is not held")
    actions: list[str] = Field(description="open to this token: approve, assign, allow, reject, block, retry, undo")
    entry_id: str | None


class BulkResult(Shape):
    id: str
    status: int = Field(description="as an HTTP status")
    capture: Capture | None
    problem: Problem | None


class BulkResults(Shape):
    results: list[BulkResult] = Field(description="one for each of ids, in their order")


def capture(view: CaptureView) -> Capture:
    authentication = view.authentication
    return Capture(
        id=str(view.id),
        location_id=shown_id(view.location_id),
        receipt_id=view.receipt_id,
        state=view.state.value,
        rule=view.rule,
        reason=view.reason,
        reason_code=view.reason_code,
        message_id=shown_message_id(view.message_id),
        envelope_from=view.envelope_from,
        recipients=view.recipients,
        from_=None if view.author is None else _mailbox(view.author),
        to=_mailboxes(view.to),
        cc=_mailboxes(view.cc),
        subject=view.subject,
        text_preview=view.text_preview,
        attachments=None if view.attachments is None else [_attachment(one) for one in view.attachments],
        received_at=shown_time(view.received_at_ms),
        decided_at=shown_time_or_none(view.decided_at_ms),
        next_try_at=shown_time_or_none(view.next_try_at_ms),
        authentication=None
        if authentication is None
        else Authentication(
            spf=authentication.spf,
            dkim=authentication.dkim,
            dmarc=authentication.dmarc,
            verdict=authentication.verdict,
            header=authentication.header or None,
        ),
        would=None if view.would is None else _would(view.would),
        actions=view.actions,
        entry_id=shown_id(view.entry_id),
    )


def _would(view: WouldView) -> Would:
    contact = None
    if view.contact is not None:
        details = view.contact.details
        contact = WouldContact(id=str(view.contact.id), name=details.name, addresses=details.addresses)
    elif view.new is not None:
        contact = WouldContact(id=None, name=view.new.name, addresses=[view.new.address])
    return Would(
        contact=contact,
        creates_contact=view.new is not None,
        direction=view.direction.value,
        suggestions=view.suggestions,
        entry_id=shown_id(view.entry_id),
        original=None if view.original is None else _original(view.original),
        forwarder=view.forwarder,
    )


def _original(view: OriginalView) -> Original:
    return Original(
        from_=_mailbox(view.author),
        to=[_mailbox(one) for one in view.to],
        cc=[_mailbox(one) for one in view.cc],
        subject=view.subject,
        sent_at=shown_time_or_none(view.sent_at_ms),
    )


def _mailbox(view: MailboxView) -> Mailbox:
    return Mailbox(name=view.name, address=view.address)


def _mailboxes(views: list[MailboxView] | None) -> list[Mailbox] | None:
    return None if views is None else [_mailbox(view) for view in views]


def _attachment(view: AttachedView) -> CaptureAttachment:
    return CaptureAttachment(
        name=view.name, content_type=view.content_type, size_bytes=view.size_bytes, inline=view.inline
    )
