"""What is to be done with one sighting in one location, and why."""

from dataclasses import dataclass

from crm_store.rules.rule import Reason, Rule
from crm_store.rules.states import CaptureState, DeliveryState, Direction


@dataclass(frozen=True, slots=True)
class NewContact:
    """Somebody the location does not know yet (C2)."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an entry goes. thread_id: None starts one in the owner's conversation.

    owner: a contact's id, or one to be made; None only with a thread_id, whose conversation it is then.
    merges: other threads of that conversation which this message shows to be the same one (B9)."""

    direction: Direction
    owner: int | NewContact | None
    thread_id: int | None = None
    merges: tuple[int, ...] = ()
    new_author: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What a bounce says of one recipient. keys: of the addresses that it has for them (rules/bounce.py), first of the
    one that the mail was written to. cause: a word of mail.automatic.cause.Cause, or of another version's."""

    keys: tuple[bytes, ...]
    state: DeliveryState
    status: str
    cause: str


@dataclass(frozen=True, slots=True)
class Bounce:
    """What is remembered of a bounce, without an address. message_id: of the mail that it is about, without brackets.

    told: of each recipient whom that did not reach, or not yet; never empty."""

    message_id: str
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Whom the message of an entry did not reach. address: as the message names them. normal: the same, as recipients
    are compared. cause: as Told's."""

    entry_id: int
    address: str
    normal: str
    state: DeliveryState
    status: str
    cause: str


@dataclass(frozen=True, slots=True)
class Decision:
    """outcome: recorded, held, ignored or rejected; received where it cannot be said yet.
    placement: of a recorded one; None where entry_id names the entry that it joins.
    moves_to: whose tab that entry and its thread go to (C2); None where they stay.
    suggestions: addresses that an operator may choose from, of a held one.
    bounce: what it says of another mail, where it is one (C7). undelivered: where that is shown; entry_id is the first
    of those entries."""

    outcome: CaptureState
    rule: Rule
    reason: Reason
    placement: Placement | None = None
    entry_id: int | None = None
    moves_to: int | NewContact | None = None
    suggestions: tuple[str, ...] = ()
    bounce: Bounce | None = None
    undelivered: tuple[Undelivered, ...] = ()


def record(rule: Rule, reason: Reason, placement: Placement) -> Decision:
    return Decision(CaptureState.RECORDED, rule, reason, placement=placement)


def join(rule: Rule, reason: Reason, entry_id: int, moves_to: int | NewContact | None = None) -> Decision:
    return Decision(CaptureState.RECORDED, rule, reason, entry_id=entry_id, moves_to=moves_to)


def hold(rule: Rule, reason: Reason, suggestions: tuple[str, ...] = ()) -> Decision:
    return Decision(CaptureState.HELD, rule, reason, suggestions=suggestions)


def wait(rule: Rule, reason: Reason) -> Decision:
    """It stays received, and is asked about again by itself."""
    return Decision(CaptureState.RECEIVED, rule, reason)


def ignore(rule: Rule, reason: Reason) -> Decision:
    return Decision(CaptureState.IGNORED, rule, reason)


def reject(rule: Rule, reason: Reason) -> Decision:
    return Decision(CaptureState.REJECTED, rule, reason)


def bounced(bounce: Bounce | None, undelivered: tuple[Undelivered, ...]) -> Decision:
    """C7: nothing of the bounce is recorded but what it says of a message that is, or will be.

    bounce: None where it does not say whom which mail did not reach."""
    if not undelivered:
        return Decision(CaptureState.IGNORED, Rule.C7, Reason.ABOUT_OTHER_MAIL, bounce=bounce)
    entry_id = min(one.entry_id for one in undelivered)
    return Decision(
        CaptureState.IGNORED, Rule.C7, Reason.BOUNCE_SHOWN, entry_id=entry_id, bounce=bounce, undelivered=undelivered
    )
