"""The order of asking (spec/rules.md): the first question that answers decides."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass

from crm_store.rules.confidential import is_internal_mail
from crm_store.rules.decision import Decision, NewContact, Placement, hold, ignore, join, record
from crm_store.rules.parties import Parties, Party
from crm_store.rules.rule import Reason, Rule
from crm_store.rules.states import Direction
from crm_store.rules.thread import KnownThread, answered_thread
from crm_store.rules.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Asked:
    """One message, asked about for one location, with all that the location knows of it.

    internal: folded identities among the parties that belong to members. owner_identities: those of the owners of the
    BCC addresses it came to. contacts: normalised address → the contact created first that has it (B11), nobody
    internal among them. keys: Message-IDs that it names, nearest first. entry_id: where it is filed here already."""

    parties: Parties
    readable: bool
    verdict: Verdict
    internal: Set[str]
    owner_identities: Set[str]
    contacts: Mapping[str, int]
    keys: Sequence[bytes]
    threads: Sequence[KnownThread]
    entry_id: int | None

    @property
    def author_is_internal(self) -> bool:
        return self.parties.author is not None and self.parties.author.folded in self.internal

    @property
    def direction(self) -> Direction:
        """B0: outbound if the author is internal to the location, else inbound."""
        return Direction.OUTBOUND if self.author_is_internal else Direction.INBOUND

    def answered(self) -> tuple[KnownThread, tuple[int, ...]] | None:
        outbound = self.direction is Direction.OUTBOUND
        return answered_thread(self.keys, self.threads, self.parties, self.internal, outbound=outbound)

    def outside(self, parties: Sequence[Party]) -> list[Party]:
        return [party for party in parties if party.folded not in self.internal]


def decide(asked: Asked) -> Decision:
    """Always answers: the last question has an answer for everything."""
    for question in _QUESTIONS:
        decision = question(asked)
        if decision is not None:
            return decision
    raise AssertionError("the last question answers")


def let_in(asked: Asked, owner: int | NewContact | None) -> Decision | None:
    """D2: what is done with a held mail that an operator lets in; None where it names no contact to go to.

    owner: whom the operator chose; None for the guess: the thread that it answers, else whom C2 names, else the author
    where that is somebody outside."""
    if asked.entry_id is not None:
        return join(Rule.D2, Reason.SAME_MESSAGE, asked.entry_id)
    if owner is not None:
        return record(Rule.D2, Reason.APPROVED, Placement(asked.direction, owner))
    guess = _answers_a_thread(asked) or _has_an_owner(asked) or _goes_to_its_author(asked)
    if guess is None or guess.placement is None:
        return None
    return record(Rule.D2, Reason.APPROVED, guess.placement)


def _goes_to_its_author(asked: Asked) -> Decision | None:
    author = asked.parties.author
    if author is None or asked.author_is_internal:
        return None
    owner = asked.contacts.get(author.normal) or NewContact(author.name, author.address)
    return record(Rule.D2, Reason.APPROVED, Placement(asked.direction, owner))


def _is_filed_already(asked: Asked) -> Decision | None:
    return None if asked.entry_id is None else join(Rule.C8, Reason.SAME_MESSAGE, asked.entry_id)


def _cannot_be_read(asked: Asked) -> Decision | None:
    """C10: held, never dropped."""
    return None if asked.readable else hold(Rule.C10, Reason.UNREADABLE)


def _is_confidential(asked: Asked) -> Decision | None:
    return ignore(Rule.B5, Reason.INTERNAL_MAIL) if is_internal_mail(asked.parties, asked.internal) else None


def _may_not_write_here(asked: Asked) -> Decision | None:
    """C4: an identity of the address's owner, authenticated. C5: on a shown address also the thread's other people."""
    author = asked.parties.author
    suggestions = tuple(party.normal for party in asked.outside(asked.parties.to)[:10])
    if author is None:
        return hold(Rule.C4, Reason.NO_AUTHOR, suggestions)
    if not asked.verdict.authenticated:
        return hold(Rule.C4, Reason.NOT_AUTHENTICATED, suggestions)
    if author.folded in asked.owner_identities:
        return None
    if asked.parties.capture_to_cc:
        answered = asked.answered()
        if answered is not None and (asked.author_is_internal or author.normal in answered[0].parties):
            return _into_thread(asked, Rule.C5, *answered)
        return hold(Rule.C5, Reason.SENDER_NOT_ALLOWED, suggestions)
    return hold(Rule.C4, Reason.SENDER_NOT_ALLOWED, suggestions)


def _answers_a_thread(asked: Asked) -> Decision | None:
    answered = asked.answered()
    return None if answered is None else _into_thread(asked, Rule.B9, *answered)


def _has_an_owner(asked: Asked) -> Decision | None:
    """C2: the first outside To, made where nobody is there; else the first contact in Cc, then Bcc."""
    for party in asked.outside(asked.parties.to)[:1]:
        contact = asked.contacts.get(party.normal)
        if contact is None:
            new = NewContact(party.name, party.address)
            return record(Rule.C2, Reason.NEW_CONTACT, Placement(asked.direction, new))
        return record(Rule.C2, Reason.NEW_THREAD, Placement(asked.direction, contact))
    for party in (*asked.parties.cc, *asked.parties.bcc):
        contact = asked.contacts.get(party.normal)
        if contact is not None:
            return record(Rule.C2, Reason.NEW_THREAD, Placement(asked.direction, contact))
    return None


def _has_nobody(asked: Asked) -> Decision:
    if not any(True for _ in asked.parties.recipients()):
        return hold(Rule.C6, Reason.ONLY_TO_BCC_ADDRESS)
    suggested = asked.outside((*asked.parties.cc, *asked.parties.bcc))
    return hold(Rule.C2, Reason.NO_OUTSIDE_RECIPIENT, tuple(party.normal for party in suggested[:10]))


def _into_thread(asked: Asked, rule: Rule, thread: KnownThread, merges: tuple[int, ...]) -> Decision:
    author = asked.parties.author
    new_author = author is not None and not asked.author_is_internal and author.normal not in thread.parties
    placement = Placement(asked.direction, None, thread.id, merges, new_author)
    return record(rule, Reason.ANSWERS_THREAD, placement)


_QUESTIONS: tuple[Callable[[Asked], Decision | None], ...] = (
    _cannot_be_read,  # before all others: who is in it is not known  C10
    _is_filed_already,  # 1  C8, C9
    _is_confidential,  # 2  B5
    _may_not_write_here,  # 5  C4, C5
    _answers_a_thread,  # 6  B9, B2
    _has_an_owner,  # 7  C2, B7, B11
    _has_nobody,  # 8  C2, C6
)
