"""What is read of automatic mail, as values. Every text is clean, every list bounded."""

from dataclasses import dataclass
from enum import StrEnum

from crm_store.mail.automatic.cause import Cause


class ReportKind(StrEnum):
    DELIVERY = "delivery"  # RFC 3464, and what mail systems write instead
    FEEDBACK = "feedback"  # RFC 5965
    RECEIPT = "receipt"  # RFC 8098


class Action(StrEnum):
    """RFC 3464 §2.3.3, as far as it matters to whoever sent the mail."""

    FAILED = "failed"
    DELAYED = "delayed"
    DONE = "done"  # delivered, relayed, expanded


@dataclass(frozen=True, slots=True)
class ReportedRecipient:
    """address: as the report names it. original: what the sender had written, where that is another; else "".

    status: an enhanced status code (RFC 3463), "" where none is told. cause: what it comes to."""

    address: str
    original: str
    action: Action
    status: str
    cause: Cause


@dataclass(frozen=True, slots=True)
class Report:
    """A report about another mail.

    original_message_id: of that mail, without brackets; None where the report does not tell.
    recipients: whom it is about, each once; () where the report names nobody.
    doubtful: it reads like one, but only a null sender (RFC 5321 §4.5.5) makes it one: people forward such mail."""

    kind: ReportKind
    original_message_id: str | None
    recipients: tuple[ReportedRecipient, ...] = ()
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class AutomaticSigns:
    """Headers by which automatic mail tells (RFC 3834 §5, 2369, 2919): lower case, "" where absent; and its report.

    replies: a field of some vendor says that it answers by itself. subject_replies: only its subject does.
    suppresses: it asks for no automatic answer, which some people's mail does too.
    to_a_list: it has a field of a mailing list. method: of a calendar part (RFC 5546 §1.4).
    from_mail_system: its author is one, by name or by having none.
    answers: the Message-ID that it answers. report: None where it is no report.
    sent_on_by: addresses that say to have sent it on, nearest first. sent_on_by_rule: a rule of a mailbox did."""

    auto_submitted: str = ""
    precedence: str = ""
    list_id: str = ""
    content_type: str = ""  # of the whole mail, with report-type: "multipart/report; report-type=delivery-status"
    return_path_is_null: bool = False
    replies: bool = False
    subject_replies: bool = False
    suppresses: bool = False
    to_a_list: bool = False
    method: str = ""
    from_mail_system: bool = False
    answers: str | None = None
    looped: bool = False
    sent_on_by: tuple[str, ...] = ()
    sent_on_by_rule: bool = False
    report: Report | None = None
