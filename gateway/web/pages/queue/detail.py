"""One capture as its page explains it (D1)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crm_store import capture_history
from crm_store.capture_views import WHO_IS_NOT_PROVEN, CaptureView, MailboxView
from crm_store.rules.address import domain_of, normalise
from crm_store.rules.rule import Reason
from crm_store.rules.states import CaptureState
from gateway.web.pages.asking import Session
from gateway.web.pages.queue import wording
from gateway.web.pages.queue.rows import sender_of, subject_of
from gateway.web.pages.reader import Reader, say

_DAY_MS = 86_400_000
_PASSED, _FAILED = frozenset({"pass"}), frozenset({"fail", "softfail", "permerror", "policy"})
_SOMEBODY = say("The command line")


@dataclass(frozen=True, slots=True)
class Fact:
    """sign: good, bad, or "" for what speaks neither for it nor against it."""

    sign: str
    words: str


@dataclass(frozen=True, slots=True)
class Happened:
    """who: "" for what no person did."""

    who: str
    what: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Detail:
    """owner: whose BCC address it came to; "" for one's own. checks: SPF, DKIM and DMARC, where one of them found
    something. kept_until_ms: None where its time does not end it. not_offered: why a button is not there."""

    view: CaptureView
    subject: str
    sender: str
    initials: str
    owner: str
    state: str
    sender_differs: bool
    facts: list[Fact]
    checks: list[Fact]
    history: list[Happened]
    kept_until_ms: int | None
    not_offered: list[str]

    def can(self, action: str) -> bool:
        return action in self.view.actions


def detail(view: CaptureView, owners: Sequence[str], session: Session) -> Detail:
    reader = session.reader
    sender = sender_of(view) or reader.gettext("Sender unknown")
    return Detail(
        view=view,
        subject=subject_of(view, reader),
        sender=sender,
        initials="".join(word[0] for word in sender.split()[:2] if word[0].isalnum()).upper() or "?",
        owner=", ".join(owners),
        state=reader.gettext(wording.STATES[view.state]),
        sender_differs=sender_differs(view),
        facts=list(_facts(view, reader)),
        checks=list(_checks(view, reader)),
        history=_history(view, reader),
        kept_until_ms=_kept_until_ms(view, session),
        not_offered=list(_not_offered(view, reader)),
    )


def sender_differs(view: CaptureView) -> bool:
    """The envelope names somebody of another domain than the mail does. Bounces have no sender, and are told apart."""
    if view.author is None or not view.envelope_from:
        return False
    author, envelope = (domain_of(normalise(one)) for one in (view.author.address, view.envelope_from))
    return author != envelope and not envelope.endswith(f".{author}")


def _facts(view: CaptureView, reader: Reader) -> Iterator[Fact]:
    if view.authentication is not None:
        is_proven = view.reason_code not in WHO_IS_NOT_PROVEN and view.reason_code != Reason.AUTHENTICATION_WAITS
        yield Fact("good" if is_proven else "bad", view.authentication.verdict)
    if sender_differs(view):
        yield Fact("bad", reader.gettext("The address that sent it is of another domain than its author"))
    elif view.envelope_from == "":
        yield Fact("", reader.gettext("It names no address to which it could come back, as automatic mail does"))
    if view.state is CaptureState.HELD and view.would is not None:
        yield _whose(view, reader)


def _checks(view: CaptureView, reader: Reader) -> Iterator[Fact]:
    told = view.authentication
    if told is None or {told.spf, told.dkim, told.dmarc} == {"none"}:  # a relay that is trusted vouches
        return
    for check, result in (("SPF", told.spf), ("DKIM", told.dkim), ("DMARC", told.dmarc)):
        words = reader.gettext(wording.RESULTS.get(result, wording.RESULTS["neutral"]))
        yield Fact("good" if result in _PASSED else "bad" if result in _FAILED else "", f"{check} {words}")


def _whose(view: CaptureView, reader: Reader) -> Fact:
    assert view.would is not None, "it is held"
    if view.would.contact is not None:
        name = named(view.would.contact.details.name, view.would.contact.details.addresses[0])
        return Fact("good", reader.gettext("%(name)s, whom it would go to, is a contact", name=name))
    if view.would.new is not None:
        return Fact("", reader.gettext("%(name)s is no contact yet", name=shown(view.would.new)))
    return Fact("bad", reader.gettext("Nobody in it is a contact, and whom to make one is not clear"))


def _history(view: CaptureView, reader: Reader) -> list[Happened]:
    """The latest first."""
    steps = [
        Happened(
            who=reader.gettext(_SOMEBODY) if one.who is None else one.who.name,
            what=reader.gettext(wording.STEPS[one.what]) if one.what in wording.STEPS else one.what,
            at_ms=one.at_ms,
        )
        for one in capture_history.steps(view)
    ]
    return [*steps, Happened("", reader.gettext("It came in"), view.received_at_ms)]


def _kept_until_ms(view: CaptureView, session: Session) -> int | None:
    """D4: what waits is ended with the location's retention."""
    if view.state is not CaptureState.HELD or session.location is None:
        return None
    return view.received_at_ms + session.location.settings.retention_days * _DAY_MS


def _not_offered(view: CaptureView, reader: Reader) -> Iterator[str]:
    """Why a button that one looks for is not there."""
    actions = view.actions
    if view.state is not CaptureState.HELD or "reject" not in actions:
        return
    if "allow" not in actions and "assign" in actions:
        yield reader.gettext("“Always allow” is not offered, because nothing proves who the sender is.")
    if "approve" not in actions and "assign" in actions:
        yield reader.gettext("There is no contact to approve it to: choose one.")
    if "block" not in actions:
        yield reader.gettext("The sender can't be blocked: it is a member, or is not named.")


def shown(mailbox: MailboxView) -> str:
    """Budi Santoso <budi@pelanggan.example>"""
    return f"{mailbox.name} <{mailbox.address}>" if mailbox.name else mailbox.address


def named(name: str, address: str) -> str:
    return name or address
