"""E-mails that the CRM is to send."""

import binascii
from base64 import b64decode
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StrictBool, WithJsonSchema

from crm_store.mail.compose.draft import DraftAttachment
from crm_store.mail.mailboxes import read_mailboxes
from crm_store.mail.parsed_mail import Mailbox
from crm_store.mail.problems import Problems
from crm_store.outbox import EmailView
from crm_store.outbox import Recipient as RecipientView
from crm_store.outbox_posting import NewEmail
from crm_store.outbox_wording import email_sentence
from crm_store.rules.outbox import EmailKind, OutboxState
from gateway.web.shapes.fields import (
    Body,
    Id,
    Line,
    PageQuery,
    Shape,
    Text,
    Time,
    shown_id,
    shown_time,
    shown_time_or_none,
)

State = Literal["waiting", "sending", "sent", "unknown", "failed", "cancelled"]


class EmailQuery(PageQuery):
    state: State | None = Field(None, description="only those in this state")

    def as_state(self) -> OutboxState | None:
        return None if self.state is None else OutboxState(self.state)


class NamedAddress(Body):
    address: Line
    name: Line = ""


def _mailbox_of(value: object) -> object:
    """An address may come alone, or as mail programs write it: Citra <citra@example.com>."""
    if not isinstance(value, str):
        return value
    found = read_mailboxes(value, Problems()) if "<" in value else ()
    return {"address": found[0].address, "name": found[0].name} if len(found) == 1 else {"address": value}


def _list_of(value: object) -> object:
    return [value] if isinstance(value, str) else value


_OneAddress = Annotated[NamedAddress, BeforeValidator(_mailbox_of)]
Addresses = Annotated[
    list[_OneAddress],
    BeforeValidator(_list_of),
    WithJsonSchema(
        {
            "type": "array",
            "items": {
                "anyOf": [
                    {"type": "string", "examples": ["citra@example.com", "Citra <citra@example.com>"]},
                    {
                        "type": "object",
                        "properties": {"address": {"type": "string"}, "name": {"type": "string"}},
                        "required": ["address"],
                        "additionalProperties": False,
                    },
                ]
            },
        }
    ),
]


def _decoded(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("is to be text in base64")
    try:
        return b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError) as error:  # ValueError: letters beyond ASCII
        raise ValueError("is not base64") from error


class NewAttachment(Body):
    """content_id: of an image that the HTML shows as cid:…"""

    name: Line = ""
    content_type: Line = ""
    base64: Annotated[bytes, BeforeValidator(_decoded), WithJsonSchema({"type": "string", "format": "byte"})]
    content_id: Line | None = None


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


class EmailToSend(Body):
    """kind individual: through the user's Gmail, one message to everybody. bulk, automated: through the location's
    provider, a message to each in `to`."""

    user_id: Id
    from_: Line | None = Field(None, alias="from", description="one of the user's addresses; null for the account's")
    to: Addresses
    cc: Addresses = Field(default=[])
    bcc: Addresses = Field(default=[])
    subject: Line = Field("", description='in an answer "" stands for the subject of the talk')
    text: Text = ""
    html: Text | None = None
    attachments: list[NewAttachment] = Field(default=[], description="26,214,400 bytes together, decoded")
    reply_to_entry_id: Id | None = None
    kind: Literal["individual", "bulk", "automated"] = "individual"
    send_at: Annotated[AwareDatetime, AfterValidator(_utc)] | None = None

    def as_new_email(self) -> NewEmail:
        return NewEmail(
            user_id=self.user_id,
            kind=EmailKind(self.kind),
            to=_mailboxes(self.to),
            cc=_mailboxes(self.cc),
            bcc=_mailboxes(self.bcc),
            subject=self.subject,
            text=self.text,
            html=self.html,
            attachments=[
                DraftAttachment(one.name, one.content_type, one.base64, one.content_id) for one in self.attachments
            ],
            from_address=self.from_,
            reply_to_entry_id=self.reply_to_entry_id,
            send_at_ms=None if self.send_at is None else int(self.send_at.timestamp() * 1000),
        )


def _mailboxes(addresses: list[NamedAddress]) -> list[Mailbox]:
    return [Mailbox(one.name, one.address) for one in addresses]


class Resolution(Body):
    sent: StrictBool = Field(description="false: it did not leave, and is sent again")


class Recipient(Shape):
    name: str
    address: str


class Email(Shape):
    id: str
    location_id: str
    user_id: str
    kind: Literal["individual", "bulk", "automated"]
    state: State
    reason: str | None = Field(description="what is so and what helps, in the reader's language; null for nothing")
    not_before: Time | None = Field(
        description="waiting: when it goes; unknown: when it is looked for next; null where nobody knows"
    )
    entry_id: str | None = Field(description="what shows it in a conversation, once it is sent")
    from_: Recipient = Field(serialization_alias="from")
    to: list[Recipient]
    cc: list[Recipient]
    bcc: list[Recipient]
    subject: str
    text: str = Field(description="as its sender wrote it; empty once it is sent, as its entry has it")
    html: str | None
    reply_to_entry_id: str | None
    created_at: Time


def email(view: EmailView, locale: str | None) -> Email:
    """locale: the reader's."""
    return Email.model_validate(
        {
            "id": str(view.id),
            "location_id": str(view.location_id),
            "user_id": str(view.user_id),
            "kind": view.kind.value,
            "state": view.state.value,
            "reason": email_sentence(view.state, view.counts, view.reason, view.detail, locale),
            "not_before": shown_time_or_none(view.not_before_ms),
            "entry_id": shown_id(view.entry_id),
            "from_": _recipient(view.sender),
            "to": [_recipient(one) for one in view.to],
            "cc": [_recipient(one) for one in view.cc],
            "bcc": [_recipient(one) for one in view.bcc],
            "subject": view.subject,
            "text": view.text,
            "html": view.html,
            "reply_to_entry_id": shown_id(view.reply_to_entry_id),
            "created_at": shown_time(view.created_at_ms),
        }
    )


def _recipient(view: RecipientView) -> Recipient:
    return Recipient(name=view.name, address=view.address)
