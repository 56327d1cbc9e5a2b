"""What was done with each sighting, and by which rule (F2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from peewee import Expression

from crm_store import mailbox_counts
from crm_store.access import Access
from crm_store.database.prepared import Prepared, Statement
from crm_store.database.rows import in_order, tuples
from crm_store.models.captures import DecisionRow
from crm_store.models.messages import Entry
from crm_store.models.people import Membership
from crm_store.paging import Order, Page, PageRequest, along, page, sieved
from crm_store.rules.rule import Reason, Rule
from crm_store.rules.sameness import message_id_key
from crm_store.rules.states import CaptureState, Path, Paths

MAX_COPIES_FOUND = 200
MAX_MAILBOXES = 500  # of one message; a hostile Message-ID may be everywhere


@dataclass(frozen=True, slots=True)
class DecisionView:
    """location_id: None for a sighting that no location recorded, which its mailbox's owner alone may see."""

    id: int
    path: Path
    rule: str
    reason: str
    outcome: CaptureState
    at_ms: int
    message_id: str | None
    location_id: int | None
    entry_id: int | None
    capture_id: int | None


def write(
    path: Path,
    outcome: CaptureState,
    rule: str,
    reason: str,
    *,
    message_id: str | None,
    location_id: int | None,
    capture_id: int | None,
    entry_id: int | None,
    now_ms: int,
) -> None:
    """One decision a capture: one that is decided again changes it."""
    key = message_id_key(message_id) if message_id else None
    _write.run(path, outcome, rule, reason, message_id, key, location_id, capture_id, entry_id, now_ms)


@Prepared
def _write(
    path: Path,
    outcome: CaptureState,
    rule: str,
    reason: str,
    message_id: str | None,
    key: bytes | None,
    location_id: int | None,
    capture_id: int | None,
    entry_id: int | None,
    now_ms: int,
) -> Statement:
    said = {
        DecisionRow.outcome: outcome,
        DecisionRow.rule: rule,
        DecisionRow.reason: reason,
        DecisionRow.entry_id: entry_id,
        DecisionRow.at_ms: now_ms,
    }
    seen = {
        DecisionRow.path: path,
        DecisionRow.message_id: message_id,
        DecisionRow.message_id_key: key,
        DecisionRow.location_id: location_id,
        DecisionRow.capture_id: capture_id,
    }
    return DecisionRow.insert({**said, **seen}).on_conflict(conflict_target=[DecisionRow.capture_id], update=said)


def write_mailbox(
    user_id: int,
    gmail_id: str,
    outcome: CaptureState,
    rule: Rule,
    reason: Reason,
    *,
    message_id: str | None,
    location_id: int | None,
    entry_id: int | None,
    now_ms: int,
) -> None:
    """One decision for each location that records a mailbox's message, or one without location where none does.

    Seen again, it is decided again: what it was before gives way."""
    mine = (DecisionRow.user_id == user_id) & (DecisionRow.gmail_id == gmail_id)
    here = DecisionRow.location_id.is_null() if location_id is None else DecisionRow.location_id == location_id
    nowhere = DecisionRow.location_id.is_null()
    DecisionRow.delete().where(mine & (here | nowhere)).execute()
    if location_id is None and DecisionRow.select(DecisionRow.id).where(mine).exists():
        return  # a location has recorded it before
    DecisionRow.create(
        path=Path.GMAIL,
        outcome=outcome,
        rule=rule,
        reason=reason,
        message_id=message_id,
        message_id_key=message_id_key(message_id) if message_id else None,
        gmail_id=gmail_id,
        user_id=user_id,
        location_id=location_id,
        entry_id=entry_id,
        at_ms=now_ms,
    )


def correct_mailbox(message_id: str | None, location_id: int, entry_id: int, *, now_ms: int) -> None:
    """C2, B10: what the Gmail path did not record here, and a BCC copy did: the mailbox's decision says so, and the
    entry names both paths. Of mailboxes whose users are members of the location."""
    if message_id is None:
        return
    told: dict[tuple[int, str], dict[int | None, str]] = {}
    for user_id, gmail_id, place, rule in _in_mailboxes.rows(message_id_key(message_id), location_id):
        told.setdefault((user_id, gmail_id), {})[place] = rule
    corrected = [
        mailbox
        for mailbox, rules in told.items()
        if location_id not in rules and rules.get(None, Rule.B4) in (Rule.B4, Rule.B10)
    ]
    for user_id, gmail_id in corrected:
        write_mailbox(
            user_id,
            gmail_id,
            CaptureState.RECORDED,
            Rule.C8,
            Reason.SAME_MESSAGE,
            message_id=message_id,
            location_id=location_id,
            entry_id=entry_id,
            now_ms=now_ms,
        )
        mailbox_counts.corrected(user_id, gmail_id)
    if corrected:
        Entry.update(paths=Entry.paths.bin_or(int(Paths.GMAIL))).where(Entry.id == entry_id).execute()


@Prepared
def _in_mailboxes(key: bytes, location_id: int) -> Statement:
    members = Membership.select(Membership.user_id).where(
        Membership.location_id == location_id, Membership.left_at_ms.is_null()
    )
    return (
        DecisionRow.select(DecisionRow.user_id, DecisionRow.gmail_id, DecisionRow.location_id, DecisionRow.rule)
        .where(DecisionRow.message_id_key == key, DecisionRow.path == Path.GMAIL, DecisionRow.user_id.in_(members))
        .limit(MAX_MAILBOXES)
    )


def explain(access: Access, message_id: str, request: PageRequest) -> Page[DecisionView]:
    """What was done with a Message-ID (with or without angle brackets) in the asker's own locations, oldest first.

    A page may have fewer than its limit and a `next` all the same (paging.sieved): anybody may send any Message-ID a
    thousand times, to other locations too."""
    return sieved(DecisionRow.select(), _of_message(message_id), _own(access), request, _views_of)


def explain_gmail(access: Access, gmail_id: str, request: PageRequest) -> Page[DecisionView]:
    """The same for a message by Gmail's own id, which a mailbox gives it."""
    return sieved(DecisionRow.select(), _of_gmail(gmail_id), _own(access), request, _views_of)


def explain_everywhere(message_id: str, request: PageRequest) -> Page[DecisionView]:
    """As explain, for who runs the installation, at its command line."""
    return page(DecisionRow.select(), _of_message(message_id), request, views)


def explain_gmail_everywhere(gmail_id: str, request: PageRequest) -> Page[DecisionView]:
    """As explain_gmail, likewise."""
    return page(DecisionRow.select(), _of_gmail(gmail_id), request, views)


def captures_of(message_id: str, location_id: int) -> list[int]:
    """Captures of the location that were decided and have this Message-ID, with or without angle brackets; the newest
    ones of a mail that came in a thousand times."""
    newest = replace(_of_message(message_id), newest_first=True)
    here = DecisionRow.select(DecisionRow.capture_id).where(
        DecisionRow.location_id == location_id, DecisionRow.capture_id.is_null(False)
    )
    return [capture_id for (capture_id,) in tuples(along(here, newest, limit=MAX_COPIES_FOUND))]


def _own(access: Access) -> Expression:
    """F2: what a location decided is for its members, what none decided for the mailbox's owner alone."""
    return DecisionRow.location_id.in_(access.location_ids()) | (
        DecisionRow.location_id.is_null() & (DecisionRow.user_id == access.user_id)
    )


def _of_message(message_id: str) -> Order:
    return Order([(DecisionRow.message_id_key, message_id_key(bare(message_id)))], [DecisionRow.id])


def _of_gmail(gmail_id: str) -> Order:
    return Order([(DecisionRow.gmail_id, gmail_id)], [DecisionRow.id])


def bare(message_id: str) -> str:
    """Without angle brackets and blanks around it, as Message-IDs are kept."""
    return message_id.strip().removeprefix("<").removesuffix(">")


def _views_of(ids: Sequence[int]) -> list[DecisionView]:
    return views(in_order(DecisionRow, ids))


def views(rows: Sequence[DecisionRow]) -> list[DecisionView]:
    return [
        DecisionView(
            id=row.id,
            path=Path(row.path),
            rule=row.rule,
            reason=row.reason or "",
            outcome=CaptureState(row.outcome),
            at_ms=row.at_ms,
            message_id=row.message_id,
            location_id=row.location_id,
            entry_id=row.entry_id,
            capture_id=row.capture_id,
        )
        for row in rows
    ]
