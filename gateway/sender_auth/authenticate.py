"""Who really sent these mails? One verdict for each, in bounded time, whatever they carry and whatever the DNS does."""

import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace

import structlog

from crm_store.mail.parsed_mail import ParsedMail
from crm_store.rules.verdict import Authenticity, Basis, Verdict
from crm_store.settings import Settings
from gateway.sender_auth.answers import Answer, Answers, NotAsked, Question
from gateway.sender_auth.checks import QUESTIONS, Envelope, PreparedChecks, prepare_checks, run_checks
from gateway.sender_auth.cpu_limit import TooMuchWork, cpu_limit
from gateway.sender_auth.dns_thread import DnsThread
from gateway.sender_auth.trusted_relay import is_trusted_relay, plain_address
from gateway.sender_auth.verdict import verdict_of

log = structlog.get_logger()

# How long the mails of one batch wait for the slowest of them; whose answers are not there then comes back later.
PATIENCE_S = 1.0
# Reading and hashing 35 MB takes some 0.3 s here, and a signature 0.1 ms.
CPU_LIMIT_S = 3.0


@dataclass(frozen=True, slots=True)
class Sent:
    """One mail as SMTP handed it over."""

    raw: bytes
    mail: ParsedMail
    envelope: Envelope


@dataclass(slots=True)
class _UnderWay:
    """A mail whose checks have begun. asked: what the DNS is being asked for it. verdict: None until they are done.

    broken: they ended with an error of our own."""

    prepared: PreparedChecks
    known: dict[Question, Answer] = field(default_factory=dict)
    asked: dict[Question, Future[Answer]] = field(default_factory=dict)
    verdict: Verdict | None = None
    broken: bool = False

    def waits_for(self) -> list[Future[Answer]]:
        return [answer for answer in self.asked.values() if not answer.done()]

    def outcome(self) -> Verdict | None:
        if self.broken or self.verdict is not None:
            return self.verdict
        return _without_result(self.prepared, Authenticity.UNDECIDED, Basis.DNS_SILENT)

    def take_answers(self) -> None:
        self.known.update({question: answer.result() for question, answer in self.asked.items()})
        self.asked = {}


class Authenticator:
    """Keeps what the DNS said for the next mails. close() ends its thread."""

    def __init__(self, settings: Settings) -> None:
        """Raises SettingsError."""
        self._relays = settings.trusted_relays
        self._sealers = frozenset(settings.trusted_sealers)
        self._authserv_id = settings.capture_domains[0]
        self._dns = DnsThread(settings.resolver or None)

    def close(self) -> None:
        self._dns.close()

    def verdicts(self, sent: Sequence[Sent]) -> list[Verdict | None]:
        """In the order given. Those that the DNS kept waiting are undecided; asking again goes on where it stopped.

        None: the checks ended with an error of our own."""
        begun = [self._begin(one) for one in sent]
        under_way = [one for one in begun if isinstance(one, _UnderWay)]
        deadline_s = time.monotonic() + PATIENCE_S
        while under_way:
            for mail in under_way:
                if not mail.waits_for():
                    self._go_on(mail)
            under_way = [mail for mail in under_way if mail.verdict is None and not mail.broken]
            left_s = deadline_s - time.monotonic()
            if left_s <= 0:
                break
            wait([answer for mail in under_way for answer in mail.waits_for()], left_s, FIRST_COMPLETED)
        return [one.outcome() if isinstance(one, _UnderWay) else one for one in begun]

    def _begin(self, sent: Sent) -> _UnderWay | Verdict | None:
        peer = str(plain_address(sent.envelope.peer) or "")
        if is_trusted_relay(peer, self._relays):
            return Verdict(Authenticity.AUTHENTICATED, Basis.TRUSTED_RELAY, peer=peer)
        if len(sent.mail.from_) > 1:
            # RFC 9989 §11.5: a forger adds his victim's address to one of his own.
            return Verdict(Authenticity.NOT_AUTHENTICATED, Basis.SEVERAL_SENDERS, peer=peer)
        envelope = replace(sent.envelope, peer=peer)
        try:
            with cpu_limit(CPU_LIMIT_S):
                return _UnderWay(prepare_checks(sent.raw, sent.mail, envelope, with_arc=bool(self._sealers)))
        except TooMuchWork:
            log.warning("authentication_took_too_much_work", size_bytes=len(sent.raw))
            return Verdict(Authenticity.NOT_AUTHENTICATED, Basis.TOO_MUCH_WORK, peer=peer)
        except Exception:  # our fault, and it holds up no other mail
            log.exception("authentication_failed", size_bytes=len(sent.raw))
            return None

    def _go_on(self, mail: _UnderWay) -> None:
        """To its verdict, or to the next questions, which are then being asked."""
        prepared = mail.prepared
        mail.take_answers()
        try:
            with cpu_limit(CPU_LIMIT_S):
                checked = run_checks(prepared, Answers(mail.known, QUESTIONS))
        except NotAsked as stopped:
            mail.asked = {question: self._dns.ask(question) for question in stopped.questions}
        except TooMuchWork:
            log.warning("authentication_took_too_much_work")
            mail.verdict = _without_result(prepared, Authenticity.NOT_AUTHENTICATED, Basis.TOO_MUCH_WORK)
        except Exception:  # as above
            log.exception("authentication_failed")
            mail.broken = True
        else:
            mail.verdict = verdict_of(prepared, checked, authserv_id=self._authserv_id, trusted_sealers=self._sealers)


def _without_result(prepared: PreparedChecks, authenticity: Authenticity, basis: Basis) -> Verdict:
    return Verdict(authenticity, basis, peer=prepared.envelope.peer, sender_domain=prepared.from_domain)
