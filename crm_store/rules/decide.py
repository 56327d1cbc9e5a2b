"""The order of asking (spec/rules.md): the first question that answers decides."""

from collections.abc import Callable, Sequence

from crm_store.rules.address import domain_of
from crm_store.rules.asked import Asked
from crm_store.rules.automatic import FROM_A_CONTACT
from crm_store.rules.bounce import bounce_of, undelivered
from crm_store.rules.confidential import is_confidential
from crm_store.rules.decision import (
    Decision,
    NewContact,
    Placement,
    bounced,
    hold,
    ignore,
    join,
    record,
    reject,
    wait,
)
from crm_store.rules.imitation import looks_like, names_another
from crm_store.rules.parties import Party
from crm_store.rules.rule import Reason, Rule
from crm_store.rules.sent_on import vouched
from crm_store.rules.states import Automatic, CaptureState, Direction, Path
from crm_store.rules.thread import KnownThread

Question = Callable[[Asked], Decision | None]


def decide(asked: Asked) -> Decision:
    """Always answers: the last question has an answer for everything."""
    for question, paths in ORDER_OF_ASKING:
        if asked.path in paths:
            decision = question(asked)
            if decision is not None:
                return decision
    raise AssertionError("the last question answers")


def let_in(asked: Asked, owner: int | NewContact | None) -> Decision | None:
    """D2: what is done with a held mail that an operator lets in; None where it names no contact to go to.

    owner: whom the operator chose; None for the guess: the thread that it answers, else whom C2 names, else the author
    where that is somebody outside, and of automatic mail (C7) a contact already."""
    if asked.entry is not None:
        # G3: what was un-logged comes back by restoring it, not by way of another copy.
        return None if asked.entry.removed else join(Rule.D2, Reason.SAME_MESSAGE, asked.entry.id)
    if owner is not None:
        return record(Rule.D2, Reason.APPROVED, Placement(asked.direction, owner))
    guess = _answers_a_thread(asked) or _is_forwarded(asked) or _has_an_owner(asked) or _goes_to_its_author(asked)
    if guess is None or guess.placement is None:
        return None
    return record(Rule.D2, Reason.APPROVED, guess.placement)


def _cannot_be_read(asked: Asked) -> Decision | None:
    """C10: held, never dropped."""
    return None if asked.readable else hold(Rule.C10, Reason.UNREADABLE)


def _is_filed_already(asked: Asked) -> Decision | None:
    """C8; G3: what was un-logged stays so. C2, C6: a BCC copy says whose it is, also where the Gmail path was first."""
    entry = asked.entry
    if entry is None:
        return None
    if entry.removed:
        return ignore(Rule.G3, Reason.UN_LOGGED)
    joined = join(Rule.C8, Reason.SAME_MESSAGE, entry.id)
    if asked.path is not Path.BCC or not entry.by_mailbox:
        return joined
    refused = _may_not_write_here(asked)
    if refused is not None:
        return refused if refused.outcome is CaptureState.RECEIVED else joined
    owned = _is_forwarded(asked) or _has_an_owner(asked)
    if owned is None or owned.placement is None:
        return joined
    owner = owned.placement.owner
    return join(owned.rule, Reason.SAME_MESSAGE, entry.id, moves_to=None if owner == entry.owner else owner)


def _is_confidential(asked: Asked) -> Decision | None:
    confidential = is_confidential(asked.parties, asked.internal, asked.automatic, asked.forwarded)
    return ignore(Rule.B5, Reason.INTERNAL_MAIL) if confidential else None


def _is_never_logged(asked: Asked) -> Decision | None:
    return ignore(Rule.B13, Reason.NEVER_LOGGED) if asked.never_logged else None


def _is_a_test(asked: Asked) -> Decision | None:
    """C1: the owner's mail that a self-test waited for. What C4 says to it is told: of mail like it C4 will say the
    same."""
    if not (asked.tested and asked.names_nobody and asked.sender_is_owner):
        return None
    refused = _may_not_write_here(asked)
    if refused is None:
        return ignore(Rule.C1, Reason.SELF_TEST)
    return refused if refused.outcome is CaptureState.RECEIVED else ignore(Rule.C1, Reason.SELF_TEST_UNPROVEN)


def _is_about_mail(asked: Asked) -> Decision | None:
    """C7: bounces and reports are not anybody's talk; list mail is only where a contact wrote it.

    A member's own mail is nobody's list mail: newsletters and offers that they send carry such fields, too."""
    if asked.automatic is None:
        return None
    if asked.automatic is Automatic.BOUNCE and asked.report is not None:
        bounce = bounce_of(asked.report)
        return bounced(bounce, () if bounce is None else undelivered(bounce, asked.sent))
    if asked.automatic not in FROM_A_CONTACT:
        loops = asked.automatic is Automatic.LOOP
        return ignore(Rule.C7, Reason.MAIL_LOOP if loops else Reason.ABOUT_OTHER_MAIL)
    author = asked.parties.author
    by_contact = author is not None and author.normal in asked.contacts
    if asked.automatic is Automatic.LIST and not (by_contact or asked.author_is_internal):
        return ignore(Rule.C7, Reason.LIST_MAIL)
    return None


def _is_blocked(asked: Asked) -> Decision | None:
    """D2: members are never blocked, also not by what was listed before they became members."""
    return reject(Rule.D2, Reason.SENDER_BLOCKED) if asked.blocked and not asked.author_is_internal else None


def _may_not_write_here(asked: Asked) -> Decision | None:
    """C4: the address's owner, or whom the location allows; authenticated. C5: on a shown address also the thread's
    other people."""
    sender = asked.sender
    suggestions = _suggested(asked.outside(asked.parties.to))
    if sender is None:
        return hold(Rule.C4, Reason.NO_AUTHOR, suggestions)
    if asked.verdict is not None and asked.verdict.undecided:
        return wait(Rule.C4, Reason.AUTHENTICATION_WAITS)
    if asked.forwarder is not None:
        return None  # C6
    if asked.verdict is None or not asked.verdict.authenticated:
        unproven = None if asked.sender_may_write else _imitation(asked, sender)
        return _hold_redirected(asked) or hold(Rule.C4, unproven or Reason.NOT_AUTHENTICATED, suggestions)
    if asked.sender_may_write:
        return None
    stranger = _imitation(asked, sender) or Reason.SENDER_NOT_ALLOWED
    shown = bool(asked.parties.capture_to_cc)
    answered = asked.answered() if shown else None
    if answered is not None and (asked.sender_is_internal or sender.normal in answered[0].parties):
        return _into_thread(asked, Rule.C5, *answered)
    return _hold_redirected(asked) or hold(Rule.C5 if shown else Rule.C4, stranger, suggestions)


def _hold_redirected(asked: Asked) -> Decision | None:
    """C6: redirected or auto-forwarded mail is held unless its forwarder is allowed; who that is must be proven."""
    if asked.sent_on is None or not asked.is_redirected:
        return None
    proven = asked.verdict is not None and vouched(asked.sent_on, asked.verdict)
    author = [asked.parties.author] if asked.parties.author else []
    suggestions = _suggested(asked.outside((*author, *asked.parties.to)))
    return hold(Rule.C6, Reason.FORWARDER_NOT_ALLOWED if proven else Reason.FORWARDER_NOT_PROVEN, suggestions)


def _imitation(asked: Asked, sender: Party) -> Reason | None:
    """Who looks like the owner, or shows another's address, is told apart from other strangers."""
    if asked.sender_is_internal or sender.normal in asked.contacts:
        return None
    if looks_like(domain_of(sender.normal), asked.owner_domains):
        return Reason.DOMAIN_IMITATES
    return Reason.NAME_IMITATES if names_another(sender) else None


def _is_forwarded_by_a_rule(asked: Asked) -> Decision | None:
    """C6: of a forward that nobody looked at its forwarder must be allowed, also where the BCC address is theirs."""
    unattended = asked.forwarded is not None and asked.forwarded.unattended
    if not unattended or asked.sender is None or asked.sender.normal in asked.allowed:
        return None
    author = [asked.parties.author] if asked.parties.author else []
    return hold(Rule.C6, Reason.FORWARDER_NOT_ALLOWED, _suggested(asked.outside((*author, *asked.parties.to))))


def _answers_elsewhere(asked: Asked) -> Decision | None:
    """B10: the talk goes on where it went on before."""
    return ignore(Rule.B10, Reason.ANSWERS_ELSEWHERE) if asked.answers_elsewhere else None


def _answers_a_thread(asked: Asked) -> Decision | None:
    answered = asked.answered()
    if answered is None:
        return None
    return _into_thread(asked, Rule.B17 if answered[0] is asked.resumes else Rule.B9, *answered)


def _is_a_guess(asked: Asked) -> Decision | None:
    """C6: where it is not sure what was forwarded, a person decides."""
    if asked.forwarded is None or asked.forwarded.sure:
        return None
    author = [asked.parties.author] if asked.parties.author else []
    return hold(Rule.C6, Reason.FORWARD_UNSURE, _suggested(asked.outside((*author, *asked.parties.to))))


def _is_forwarded(asked: Asked) -> Decision | None:
    """C6: inbound from the original's author who is outside, else outbound to its first outside To.

    Of automatic mail they have to be a contact (C7)."""
    if asked.forwarded is None and not asked.is_redirected:
        return None
    author = [asked.parties.author] if asked.parties.author else []
    people = asked.outside(author) or asked.outside(asked.parties.to)
    owner = asked.owner_among(people[:1])
    if owner is not None:
        return record(Rule.C6, Reason.FORWARDED, Placement(asked.direction, owner))
    if people:
        return hold(Rule.C7, Reason.AUTOMATIC, _suggested(people))
    suggestions = _suggested(asked.outside((*asked.parties.cc, *asked.parties.bcc)))
    return hold(Rule.C6, Reason.FORWARD_TO_NOBODY, suggestions)


def _has_an_owner(asked: Asked) -> Decision | None:
    """C2: the first outside To, made where nobody is there; else the first contact in Cc, then Bcc."""
    owner = asked.owner_among(asked.outside(asked.parties.to)[:1])
    if owner is None:
        owner = asked.contact_among((*asked.parties.cc, *asked.parties.bcc))
    if owner is None:
        return None
    reason = Reason.NEW_CONTACT if isinstance(owner, NewContact) else Reason.NEW_THREAD
    return record(Rule.C2, reason, Placement(asked.direction, owner))


def _has_a_contact(asked: Asked) -> Decision | None:
    """B0, B1, B2, B7, B8, B11: the author if a contact, else the first contact in To, Cc, Bcc."""
    author = asked.parties.author
    if author is not None and author.normal in asked.contacts:
        return record(Rule.B1, Reason.NEW_THREAD, Placement(asked.direction, asked.contacts[author.normal]))
    contact = asked.contact_among(tuple(asked.parties.recipients()))
    if contact is None:
        return None
    rule = Rule.B2 if asked.direction is Direction.OUTBOUND else Rule.B0
    return record(rule, Reason.NEW_THREAD, Placement(asked.direction, contact))


def _is_sent_from_here(asked: Asked) -> Decision:
    """B3, E9: the first contact in To, else the first outside To, who becomes one; else the first contact in Cc, Bcc.

    Each mail that the CRM sends has such a one when it is posted."""
    owner = asked.owner_among(asked.outside(asked.parties.to))
    if owner is None:
        owner = asked.contact_among((*asked.parties.cc, *asked.parties.bcc))
    if owner is None:
        return ignore(Rule.E9, Reason.NO_CONTACT)
    if isinstance(owner, NewContact):
        return record(Rule.E9, Reason.NEW_CONTACT, Placement(asked.direction, owner))
    return record(Rule.B3, Reason.NEW_THREAD, Placement(asked.direction, owner))


def _has_nobody_to_go_to(asked: Asked) -> Decision:
    if not any(True for _ in asked.parties.recipients()):
        return hold(Rule.C6, Reason.ONLY_TO_BCC_ADDRESS)
    suggestions = _suggested(asked.outside((*asked.parties.to, *asked.parties.cc, *asked.parties.bcc)))
    if asked.automatic is not None:
        return hold(Rule.C7, Reason.AUTOMATIC, suggestions)
    return hold(Rule.C2, Reason.NO_OUTSIDE_RECIPIENT, suggestions)


def _has_no_contact(_: Asked) -> Decision:
    return ignore(Rule.B4, Reason.NO_CONTACT)


def _goes_to_its_author(asked: Asked) -> Decision | None:
    owner = asked.owner_among(asked.outside([asked.parties.author] if asked.parties.author else []))
    return None if owner is None else record(Rule.D2, Reason.APPROVED, Placement(asked.direction, owner))


def _into_thread(asked: Asked, rule: Rule, thread: KnownThread, merges: tuple[int, ...]) -> Decision:
    author = asked.parties.author
    new_author = author is not None and not asked.author_is_internal and author.normal not in thread.parties
    placement = Placement(asked.direction, None, thread.id, merges, new_author)
    reason = Reason.RESUMES_THREAD if thread is asked.resumes else Reason.ANSWERS_THREAD
    return record(rule, reason, placement)


def _suggested(parties: Sequence[Party]) -> tuple[str, ...]:
    return tuple(party.normal for party in parties[:10])


_ANY = frozenset(Path)
_EITHER = frozenset({Path.BCC, Path.GMAIL})
_SMTP = frozenset({Path.BCC})
_GMAIL = frozenset({Path.GMAIL})
_CRM = frozenset({Path.CRM})

# Step 3 (disconnected, older than the connection, draft, spam) is the mailbox's and asked before anything is fetched.
ORDER_OF_ASKING: tuple[tuple[Question, frozenset[Path]], ...] = (
    (_cannot_be_read, _SMTP),  # C10: who is in it is not known
    (_is_filed_already, _ANY),  # 1  C8, C9, G3
    (_is_confidential, _ANY),  # 2  B5
    (_is_never_logged, _ANY),  # 2  B13
    (_is_a_test, _SMTP),  # 2  C1
    (_is_about_mail, _EITHER),  # 4  C7
    (_is_blocked, _SMTP),  # 5  D2
    (_may_not_write_here, _SMTP),  # 5  C4, C5, C6
    (_is_forwarded_by_a_rule, _SMTP),  # 5  C6
    (_answers_elsewhere, _GMAIL),  # 6  B10
    (_is_a_guess, _SMTP),  # 6  C6
    (_answers_a_thread, _ANY),  # 6  B9, B17, B2
    (_is_sent_from_here, _CRM),  # 7  B3, E9
    (_is_forwarded, _SMTP),  # 7  C6
    (_has_an_owner, _SMTP),  # 7  C2, B11
    (_has_a_contact, _GMAIL),  # 7  B0, B1, B2, B7, B8, B11
    (_has_nobody_to_go_to, _SMTP),  # 8  C2, C6
    (_has_no_contact, _GMAIL),  # 8  B4
)
