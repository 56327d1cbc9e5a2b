"""C7: what a bounce says of which mail, and on which recorded one that is shown: the same, whichever came first."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_store.mail.automatic.signs import Action, Report
from crm_store.rules.address import normalise
from crm_store.rules.decision import Bounce, Told, Undelivered
from crm_store.rules.states import DeliveryState

MOST_TOLD = 500  # recipients of one bounce; RFC 5321 §4.5.3.1.8 has hosts take 100 at once, and most stop at 1,000

_STATES = {Action.FAILED: DeliveryState.FAILED, Action.DELAYED: DeliveryState.DELAYED}


@dataclass(frozen=True, slots=True)
class SentMail:
    """A message that a location shows, of the Message-ID that a report names. recipients: normalised → as written."""

    entry_id: int
    recipients: Mapping[str, str]


def bounce_of(report: Report) -> Bounce | None:
    """None where it does not tell which mail did not arrive, or at whom."""
    if report.original_message_id is None:
        return None
    told = []
    for one in report.recipients[:MOST_TOLD]:
        state = _STATES.get(one.action)
        keys = [_key(report.original_message_id, normal) for normal in _names(one.original, one.address)]
        if state is not None and keys:
            told.append(Told(tuple(keys), state, one.status, one.cause))
    return Bounce(report.original_message_id, tuple(told)) if told else None


def undelivered(bounce: Bounce, sent: Sequence[SentMail]) -> tuple[Undelivered, ...]:
    """Where it is shown: on each of these messages that went to somebody of whom it tells.

    A bounce authenticates nobody and is easily forged: to be shown it must know the Message-ID, which the recipients
    know, and somebody to whom that message went."""
    found: dict[tuple[int, str], Undelivered] = {}
    for message in sent:
        by_key = {_key(bounce.message_id, normal): normal for normal in message.recipients}
        for one in bounce.told:
            normal = next((by_key[key] for key in one.keys if key in by_key), None)
            if normal is not None:
                shown = Undelivered(
                    message.entry_id, message.recipients[normal], normal, one.state, one.status, one.cause
                )
                found.setdefault((message.entry_id, normal), shown)
    return tuple(found.values())


def _names(*addresses: str) -> list[str]:
    return list(dict.fromkeys(filter(None, map(normalise, addresses))))


def _key(message_id: str, normal: str) -> bytes:
    """A recipient, to who knows the Message-ID; to others nothing (B4)."""
    return hashlib.sha256(f"{message_id}\0{normal}".encode("utf-8", "replace")).digest()[:16]
