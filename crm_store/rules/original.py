"""C6: of a mail that was forwarded to the BCC address alone, what counts is the original inside."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from crm_store.mail.parsed_mail import ParsedMail
from crm_store.rules.parties import Parties, Party, parties_of


@dataclass(frozen=True, slots=True)
class Forwarded:
    """sure: enough to file by it; else it is a guess. attached: it came whole, so its Message-ID is known."""

    sure: bool
    attached: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What a mail is asked about: its forwarded original where there is one, else itself.

    mail, parties: what is decided by and shown. writer: who sent it to us. forwarded: None for a mail that is itself.
    Attachments are those of the mail as it came, so that they are found in its bytes."""

    mail: ParsedMail
    parties: Parties
    writer: Party | None
    forwarded: Forwarded | None = None


def reading_of(mail: ParsedMail, capture_domains: Collection[str]) -> Reading:
    """capture_domains: lower case, as A-labels."""
    parties = parties_of(mail, capture_domains)
    if any(True for _ in parties.recipients()):
        return Reading(mail, parties, parties.author)
    original = _attached(mail)
    if original is None:
        return Reading(mail, parties, parties.author)
    inner, forwarded = original
    told = parties_of(inner, capture_domains)
    return Reading(inner, replace(told, capture_to_cc=parties.capture_to_cc), parties.author, forwarded)


def _attached(mail: ParsedMail) -> tuple[ParsedMail, Forwarded] | None:
    inner = mail.embedded
    if inner is None or not inner.author.address:
        return None
    return replace(inner, attachments=mail.attachments, has_html=False), Forwarded(sure=True, attached=True)
