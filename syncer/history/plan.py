"""What a page of history asks for: one step for each message, decided from the page alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from syncer.remote import HistoryRecord, Named

# B12. CHAT is what Hangouts left behind; SCHEDULED is sent later, and seen again then.
NOT_FOLLOWED = frozenset({"DRAFT", "CHAT", "SPAM", "TRASH", "SCHEDULED"})
UNREAD = "UNREAD"


class Step(StrEnum):
    SEE = "see"  # it is new: decide about it
    SKIP = "skip"  # it is new, and a draft, chat, spam or trash: not recorded, and nothing is fetched (B12)
    SEE_AGAIN = "see_again"  # it is no draft, spam or trash any more: what was not recorded for that is to be decided
    GONE = "gone"  # it came and went: seen, and nothing can be fetched
    DROP = "drop"  # it went; if it still waits, nothing can be fetched


@dataclass(frozen=True, slots=True)
class Action:
    step: Step
    gmail_id: str
    thread_id: str | None


def plan(records: Iterable[HistoryRecord]) -> Sequence[Action]:
    """One action for each message that the records say anything of, in the order in which they first name it.

    The same message in several records is the rule, not the exception (facts/gmail.md 1.1). Labels as such ask for
    nothing (B14), but UNREAD: read_states."""
    steps: dict[str, Step] = {}
    threads: dict[str, str | None] = {}

    def note(message: Named, step: Step | None) -> None:
        if step is not None:
            steps[message.gmail_id] = step
            threads[message.gmail_id] = message.thread_id or threads.get(message.gmail_id)

    for record in records:
        for message in record.added:
            note(message, _added(steps.get(message.gmail_id), message))
        for change in record.labels_removed:
            if change.changed & NOT_FOLLOWED:
                note(change.message, _taken_out(steps.get(change.message.gmail_id), change.message))
        for change in record.labels_added:
            if "SENT" in change.changed:  # a draft that is sent under its old id
                note(change.message, _taken_out(steps.get(change.message.gmail_id), change.message))
        for message in record.deleted:
            known = steps.get(message.gmail_id)
            note(message, Step.GONE if known in (Step.SEE, Step.SKIP, Step.GONE) else Step.DROP)
    return [Action(step, gmail_id, threads[gmail_id]) for gmail_id, step in steps.items()]


def read_states(records: Iterable[HistoryRecord]) -> dict[str, bool]:
    """B14: the messages whose read state changed, and whether they are read by the last of these records."""
    is_read: dict[str, bool] = {}
    for record in records:
        for changes, now_read in ((record.labels_added, False), (record.labels_removed, True)):
            is_read |= {one.message.gmail_id: now_read for one in changes if UNREAD in one.changed}
    return is_read


def _added(known: Step | None, message: Named) -> Step:
    if known in (Step.SEE, Step.SEE_AGAIN):
        return Step.SEE
    return Step.SKIP if message.labels is not None and message.labels & NOT_FOLLOWED else Step.SEE


def _taken_out(known: Step | None, message: Named) -> Step | None:
    if message.labels is not None and message.labels & NOT_FOLLOWED:
        return None if known is None else known  # out of one, into another
    return Step.SEE if known in (Step.SEE, Step.SKIP) else Step.SEE_AGAIN
