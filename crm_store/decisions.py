"""What was done with each sighting, and by which rule (F2)."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm_store.access import Access
from crm_store.models.captures import DecisionRow
from crm_store.paging import Page, PageRequest, page
from crm_store.rules.rule import Reason, Rule
from crm_store.rules.sameness import message_id_key
from crm_store.rules.states import CaptureState, Path


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
    rule: Rule,
    reason: Reason,
    *,
    message_id: str | None,
    location_id: int | None,
    capture_id: int | None,
    entry_id: int | None,
    now_ms: int,
) -> None:
    """One decision a capture: one that is decided again changes it."""
    said = {
        DecisionRow.outcome: outcome,
        DecisionRow.rule: rule,
        DecisionRow.reason: reason,
        DecisionRow.entry_id: entry_id,
        DecisionRow.at_ms: now_ms,
    }
    DecisionRow.insert(
        {
            **said,
            DecisionRow.path: path,
            DecisionRow.message_id: message_id,
            DecisionRow.message_id_key: message_id_key(message_id) if message_id else None,
            DecisionRow.location_id: location_id,
            DecisionRow.capture_id: capture_id,
        }
    ).on_conflict(conflict_target=[DecisionRow.capture_id], update=said).execute()


def explain(access: Access, message_id: str, request: PageRequest) -> Page[DecisionView]:
    """What was done with a Message-ID (with or without angle brackets) in the asker's own locations, oldest first."""
    mine = DecisionRow.location_id.in_(access.location_ids()) | (
        DecisionRow.location_id.is_null() & (DecisionRow.user_id == access.user_id)
    )
    query = DecisionRow.select().where((DecisionRow.message_id_key == message_id_key(bare(message_id))) & mine)
    return page(query, [DecisionRow.id], request, _views)


def explain_everywhere(message_id: str, request: PageRequest) -> Page[DecisionView]:
    """The same for who runs the installation, at its command line."""
    query = DecisionRow.select().where(DecisionRow.message_id_key == message_id_key(bare(message_id)))
    return page(query, [DecisionRow.id], request, _views)


def bare(message_id: str) -> str:
    """Without angle brackets and blanks around it, as Message-IDs are kept."""
    return message_id.strip().removeprefix("<").removesuffix(">")


def _views(rows: Sequence[DecisionRow]) -> list[DecisionView]:
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
