"""To whom an e-mail goes, as its sender wrote it: checked, each once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm_store import contact_book, facts, typed_address
from crm_store.errors import Invalid
from crm_store.mail.parsed_mail import Mailbox
from crm_store.rules.address import fold_identity, normalise
from crm_store.rules.outbox import EmailKind

# facts/gmail.md 1.7: Google's pages differ for mail by its API, and 100 is what all of them allow.
MOST_INDIVIDUAL = 100
MOST_BULK = 1000  # each is a message of its own


@dataclass(frozen=True, slots=True)
class Recipients:
    """As SMTP carries them; nobody twice: To comes before Cc, Cc before Bcc."""

    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    bcc: tuple[Mailbox, ...]

    def everybody(self) -> tuple[Mailbox, ...]:
        return (*self.to, *self.cc, *self.bcc)


def checked(to: Sequence[Mailbox], cc: Sequence[Mailbox], bcc: Sequence[Mailbox], kind: EmailKind) -> Recipients:
    """Raises: Invalid, with the field's name."""
    alone = kind is not EmailKind.INDIVIDUAL
    for field, given in (("cc", cc), ("bcc", bcc)):
        if alone and given:
            raise Invalid(
                field, f"is for individual e-mails: of kind {kind} each recipient gets a message of their own"
            )
    most = MOST_BULK if alone else MOST_INDIVIDUAL
    if len(to) + len(cc) + len(bcc) > most:
        raise Invalid("to", f"has at most {most} recipients, those in cc and bcc included")
    if not to:
        raise Invalid("to", "names nobody")
    seen: set[str] = set()
    return Recipients(*(_each_once(given, field, seen) for field, given in (("to", to), ("cc", cc), ("bcc", bcc))))


def _each_once(given: Sequence[Mailbox], field: str, seen: set[str]) -> tuple[Mailbox, ...]:
    found = []
    for number, one in enumerate(given):
        address = typed_address.wire_form(one.address, f"{field}.{number}")
        if normalise(address) not in seen:
            seen.add(normalise(address))
            found.append(Mailbox(one.name, address))
    return tuple(found)


def require_outside(location_id: int, recipients: Recipients, kind: EmailKind, *, now_ms: int) -> None:
    """E9: somebody outside whose conversation it goes to: in To, or a contact in Cc or Bcc. Of bulk mail everybody is
    outside, as mail of members among themselves is not recorded (B5). Raises: Invalid."""
    everybody = recipients.everybody()
    internal = facts.internal_among(location_id, (fold_identity(one.address) for one in everybody), now_ms=now_ms)
    outside = [fold_identity(one.address) not in internal for one in recipients.to]
    if kind is not EmailKind.INDIVIDUAL and not all(outside):
        raise Invalid(f"to.{outside.index(False)}", "is a member of the location, whose mail is not recorded")
    hidden = [normalise(one.address) for one in (*recipients.cc, *recipients.bcc)]
    if not any(outside) and not contact_book.by_addresses(location_id, hidden):
        raise Invalid("to", "names nobody outside the location")
