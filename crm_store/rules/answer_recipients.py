"""To whom an answer goes (E5). Pure. BCC addresses are no party, so none is ever among them (Words)."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from crm_store.rules.address import fold_identity
from crm_store.rules.states import Direction


class Party(NamedTuple):
    name: str
    address: str


class AnswerRecipients(NamedTuple):
    to: list[Party]
    cc: list[Party]


def answer_recipients(
    direction: Direction, author: Party, to: Sequence[Party], cc: Sequence[Party], *, own: Collection[str], all_: bool
) -> AnswerRecipients:
    """An inbound mail is answered to its author; of an outbound one the talk goes on with who got it.

    own: folded identities of who answers, who is never written to. all_: those in Cc and the other recipients too."""
    seen = set(own)

    def each_once(parties: Sequence[Party]) -> list[Party]:
        found = []
        for one in parties:
            folded = fold_identity(one.address)
            if folded and folded not in seen:
                seen.add(folded)
                found.append(one)
        return found

    first = each_once([author] if direction is Direction.INBOUND else to)
    return AnswerRecipients(first, each_once([*to, *cc]) if all_ else [])
