"""C6: of a mail that was forwarded to the BCC address alone, what counts is the original inside."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from crm_store.mail.automatic.signs import AutomaticSigns
from crm_store.mail.forward import CONFIDENT, Forward
from crm_store.mail.forwarded import forwarded
from crm_store.mail.parsed_mail import ParsedMail, ThreadIndex
from crm_store.rules.automatic import is_told_automatic
from crm_store.rules.parties import Parties, Party, named_parties, parties_of


@dataclass(frozen=True, slots=True)
class Forwarded:
    """sure: enough to file by it; else it is a guess. attached: it came whole, so its Message-ID is known.
    unattended: a rule of the forwarder's mailbox did it."""

    sure: bool
    attached: bool
    unattended: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What a mail is asked about: its forwarded original where there is one, else itself.

    mail, parties: what is decided by and shown. writer: who sent it to us. forwarded: None for a mail that is itself.
    sent_on_by: who its header says to have sent it on, nearest first.
    Attachments are those of the mail as it came, so that they are found in its bytes."""

    mail: ParsedMail
    parties: Parties
    writer: Party | None
    forwarded: Forwarded | None = None
    sent_on_by: tuple[Party, ...] = ()


def reading_of(mail: ParsedMail, capture_domains: Collection[str]) -> Reading:
    """capture_domains: lower case, as A-labels."""
    parties = parties_of(mail, capture_domains)
    named = any(True for _ in parties.recipients())
    forward = None if named or _is_a_report(mail) else forwarded(mail)
    if forward is None:
        resenders = named_parties(mail.automatic.sent_on_by, capture_domains)
        return Reading(mail, parties, parties.author, sent_on_by=resenders)
    inner = _original(mail, forward)
    told = parties_of(inner, capture_domains)
    sure = forward.confidence >= CONFIDENT and told.author is not None
    shown = replace(told, capture_to_cc=parties.capture_to_cc)
    return Reading(inner, shown, parties.author, Forwarded(sure, forward.attached, _is_unattended(mail)))


def _is_a_report(mail: ParsedMail) -> bool:
    """C7: a mail system attaches what it tells of, and forwards nothing by that."""
    report = mail.automatic.report
    return report is not None and not report.doubtful


def _is_unattended(mail: ParsedMail) -> bool:
    return mail.automatic.sent_on_by_rule or is_told_automatic(mail.automatic.auto_submitted)


def _signs_of_original(mail: ParsedMail) -> AutomaticSigns:
    """What says that a program sent it is said of the forward; but an answer is one, whatever it has attached."""
    answers = mail.automatic.auto_submitted.startswith("auto-replied")
    return mail.automatic if answers else replace(mail.automatic, auto_submitted="")


def _original(mail: ParsedMail, forward: Forward) -> ParsedMail:
    """As a mail. One that is printed names no ids, and what it answered is not known."""
    known = mail.embedded if forward.attached else None
    return replace(
        known or mail,
        message_id=known.message_id if known else None,
        in_reply_to=known.in_reply_to if known else (),
        references=known.references if known else (),
        from_=forward.from_,
        sender=(),
        reply_to=(),
        to=forward.to,
        cc=forward.cc,
        bcc=known.bcc if known else (),
        subject=forward.subject,
        sent_at_ms=forward.sent_at_ms,
        text=forward.text,
        has_html=False,
        attachments=mail.attachments,
        automatic=_signs_of_original(mail),
        thread_index=known.thread_index if known else ThreadIndex(),
        embedded=None,
    )
