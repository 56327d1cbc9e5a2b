"""What is to be done with one sighting in one location, and why."""

from dataclasses import dataclass

from crm_store.mail.automatic.cause import Cause
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
class Undelivered:
    """address: of a recipient, as the report names them. normal: the same, as the message's recipients are compared."""

    address: str
    normal: str
    state: DeliveryState
    status: str
    cause: Cause


@dataclass(frozen=True, slots=True)
class Decision:
    """outcome: recorded, held, ignored or rejected; received where it cannot be said yet.
    placement: of a recorded one; None where entry_id names the entry that it joins.
    moves_to: whose tab that entry and its thread go to (C2); None where they stay.
    suggestions: addresses that an operator may choose from, of a held one.
    undelivered: whom the message of entry_id did not reach, of a bounce that is shown there (C7)."""

    outcome: CaptureState
    rule: Rule
    reason: Reason
    placement: Placement | None = None
    entry_id: int | None = None
    moves_to: int | NewContact | None = None
    suggestions: tuple[str, ...] = ()
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


def show_bounce(entry_id: int, undelivered: tuple[Undelivered, ...]) -> Decision:
    """C7: nothing of the bounce is recorded but what it says of a message that is."""
    return Decision(CaptureState.IGNORED, Rule.C7, Reason.BOUNCE_SHOWN, entry_id=entry_id, undelivered=undelivered)
