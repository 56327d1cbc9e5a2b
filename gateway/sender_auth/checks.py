"""All checks of one mail's sender together: what each found, or what has to be asked of the DNS before that."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from crm_store.mail.parsed_mail import ParsedMail
from crm_store.rules.address import domain_of
from gateway.sender_auth.answers import Answers, NotAsked, Question
from gateway.sender_auth.arc import ARC_QUESTIONS, PreparedArc, check_arc, prepare_arc
from gateway.sender_auth.dkim import DKIM_QUESTIONS, PreparedDkim, check_dkim, prepare_dkim
from gateway.sender_auth.dmarc import DMARC_QUESTIONS, DmarcResult, check_dmarc
from gateway.sender_auth.dmarc_tree import walk_tree
from gateway.sender_auth.domain_names import ascii_domain
from gateway.sender_auth.header_fields import split
from gateway.sender_auth.signature_results import ArcResult, DkimResult
from gateway.sender_auth.spf import SPF_QUESTIONS, SpfResult, check_spf

T = TypeVar("T")

# More than this no mail may ask of the DNS, whatever it carries.
QUESTIONS: Final = SPF_QUESTIONS + DMARC_QUESTIONS + DKIM_QUESTIONS + ARC_QUESTIONS


@dataclass(frozen=True, slots=True)
class Envelope:
    """How SMTP brought the mail. peer: the host's IP address, after any trusted proxy. mail_from: "" for <>."""

    peer: str
    helo: str
    mail_from: str
    received_at_ms: int


@dataclass(frozen=True, slots=True)
class PreparedChecks:
    """All that does not depend on the DNS. from_domain: A-labels, "" where From names none. arc: None if not wanted."""

    envelope: Envelope
    from_domain: str
    dkim: PreparedDkim
    arc: PreparedArc | None


@dataclass(frozen=True, slots=True)
class Checked:
    spf: SpfResult
    dkim: DkimResult
    dmarc: DmarcResult
    arc: ArcResult | None


def prepare_checks(raw: bytes, mail: ParsedMail, envelope: Envelope, *, with_arc: bool) -> PreparedChecks:
    """with_arc: whether anybody's seals are trusted; else ARC is no evidence, and not looked at. Never raises."""
    from_domain = ascii_domain(domain_of(mail.author.address))
    message = split(raw)
    now_s = envelope.received_at_ms // 1000  # a signature that expires while we wait for the DNS was right
    return PreparedChecks(
        envelope,
        from_domain,
        prepare_dkim(message, now_s=now_s, from_domain=from_domain),
        prepare_arc(message, now_s=now_s) if with_arc else None,
    )


def run_checks(prepared: PreparedChecks, answers: Answers) -> Checked:
    """Raises NotAsked, with all that any of the checks needs next; and nothing else."""
    told = _Together()
    envelope, sealed = prepared.envelope, prepared.arc
    told.by(lambda: walk_tree(prepared.from_domain, answers))  # what DMARC begins with
    arc = told.by(lambda: check_arc(sealed, answers)) if sealed else None
    dkim = told.by(lambda: check_dkim(prepared.dkim, answers))
    spf = told.by(
        lambda: check_spf(ip=envelope.peer, helo=envelope.helo, mail_from=envelope.mail_from, answers=answers)
    )
    if dkim is None or spf is None or told.missing:
        raise NotAsked(*told.missing)
    dmarc = check_dmarc(
        from_domains=[prepared.from_domain],
        spf=spf,
        dkim_passes=dkim.passed_domains,
        dkim_temporary=dkim.undecided_domains,
        answers=answers,
    )
    return Checked(spf, dkim, dmarc, arc)


class _Together:
    """Checks that stop for want of an answer do not stop the ones beside them: all questions go out at once."""

    def __init__(self) -> None:
        self.missing: dict[Question, None] = {}

    def by(self, check: Callable[[], T]) -> T | None:
        try:
            return check()
        except NotAsked as stopped:
            self.missing.update(dict.fromkeys(stopped.questions))
            return None
