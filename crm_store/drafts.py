"""Drafts: what a user writes is kept as it is typed, seen by nobody else, and erased when nobody will miss it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from crm_store import draft_files
from crm_store.access import Access
from crm_store.database.prepared import PreparedInsert
from crm_store.database.session import writing
from crm_store.draft_files import DraftFileView
from crm_store.errors import Conflict, Invalid, NotFound
from crm_store.models.drafts import OPEN, Draft
from crm_store.paging import Order, Page, PageRequest, page

DAY_MS = 86_400_000
KEPT_DAYS, DISCARDED_DAYS = 90, 1
MOST_CHARS = 1_000_000
_MOST_LINE_CHARS = 20_000
_KEY = re.compile(r"[A-Za-z0-9_-]{22,43}")

_DRAFTS = PreparedInsert(Draft)


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody typed, and nothing of it is checked yet. from_address: "" for the account's own."""

    from_address: str = ""
    to: str = ""
    cc: str = ""
    bcc: str = ""
    subject: str = ""
    text: str = ""
    with_quote: bool = True


@dataclass(frozen=True, slots=True)
class DraftView:
    """email_id: of what it was sent as; None of a draft that is open."""

    id: int
    location_id: int
    key: str
    reply_to_entry_id: int | None
    written: Written
    quote: str
    files: list[DraftFileView]
    changed_at_ms: int
    email_id: int | None
    is_discarded: bool


def save(
    access: Access,
    location_id: int,
    key: str,
    written: Written,
    *,
    reply_to_entry_id: int | None = None,
    quote: str = "",
    now_ms: int,
) -> DraftView:
    """The draft with this key as it is typed now; made where there is none, with what it answers.

    Raises: NotFound; Invalid, also for what is too long to keep; Conflict for one that is sent or discarded."""
    access.reader_of(location_id)
    _require_keepable(key, written, quote)
    with writing():
        _DRAFTS.insert_new(
            location_id=location_id,
            user_id=access.user_id,
            key=key,
            reply_to_entry_id=reply_to_entry_id,
            quote=quote,
            created_at_ms=now_ms,
            changed_at_ms=now_ms,
            erase_at_ms=now_ms + KEPT_DAYS * DAY_MS,
        )
        row = Draft.get((Draft.user_id == access.user_id) & (Draft.key == key))
        if row.location_id != location_id:
            raise NotFound("no such draft")
        changed = {"changed_at_ms": now_ms, "erase_at_ms": now_ms + KEPT_DAYS * DAY_MS}
        if not Draft.update(**asdict(written), **changed).where(Draft.id == row.id, OPEN).execute():
            raise Conflict("it is sent, or discarded")
    return get(access, location_id, row.id)


def get(access: Access, location_id: int, draft_id: int) -> DraftView:
    """One's own, sent and discarded ones too. Raises: NotFound."""
    return views([own_row(access, location_id, draft_id)])[0]


def of_key(access: Access, location_id: int, key: str) -> DraftView | None:
    """One's own, sent and discarded ones too. Raises: NotFound for a location that is not the asker's."""
    access.reader_of(location_id)
    mine = (Draft.user_id == access.user_id) & (Draft.key == key) & (Draft.location_id == location_id)
    return next(iter(views(list(Draft.select().where(mine)))), None)


def list_for(access: Access, location_id: int, request: PageRequest) -> Page[DraftView]:
    """One's own that are open, those begun last first. Raises: NotFound, Invalid."""
    access.reader_of(location_id)
    mine = Order([(Draft.location_id, location_id), (Draft.user_id, access.user_id)], [Draft.id], newest_first=True)
    return page(Draft.select().where(OPEN), mine, request, views)


def discard(access: Access, location_id: int, draft_id: int, *, now_ms: int) -> None:
    """For a day there is a way back. Raises: NotFound, Conflict for one that is sent."""
    row = own_row(access, location_id, draft_id)
    with writing():
        gone = {"discarded_at_ms": now_ms, "erase_at_ms": now_ms + DISCARDED_DAYS * DAY_MS}
        if not Draft.update(**gone).where(Draft.id == row.id, Draft.email_id.is_null()).execute():
            raise Conflict("it is sent")


def restore(access: Access, location_id: int, draft_id: int, *, now_ms: int) -> None:
    """Raises: NotFound."""
    row = own_row(access, location_id, draft_id)
    with writing():
        back = {"discarded_at_ms": None, "erase_at_ms": now_ms + KEPT_DAYS * DAY_MS}
        Draft.update(**back).where(Draft.id == row.id).execute()


def own_row(access: Access, location_id: int, draft_id: int) -> Draft:
    """Raises: NotFound."""
    access.reader_of(location_id)
    mine = (Draft.id == draft_id) & (Draft.location_id == location_id) & (Draft.user_id == access.user_id)
    row: Draft | None = Draft.get_or_none(mine)
    if row is None:
        raise NotFound("no such draft")
    return row


def sweep(*, now_ms: int, limit: int = 100) -> int:
    """Erase what is over; how many, at most limit."""
    rows = Draft.select(Draft.id).where(Draft.erase_at_ms <= now_ms).order_by(Draft.erase_at_ms, Draft.id).limit(limit)
    ids = [row.id for row in rows]
    if ids:
        with writing():
            draft_files.forget(ids)
            Draft.delete().where(Draft.id.in_(ids)).execute()
    return len(ids)


def views(rows: Sequence[Draft]) -> list[DraftView]:
    files = draft_files.of_drafts([row.id for row in rows])
    return [
        DraftView(
            id=row.id,
            location_id=row.location_id,
            key=row.key,
            reply_to_entry_id=row.reply_to_entry_id,
            written=Written(row.from_address, row.to, row.cc, row.bcc, row.subject, row.text, row.with_quote),
            quote=row.quote,
            files=files.get(row.id, []),
            changed_at_ms=row.changed_at_ms,
            email_id=row.email_id,
            is_discarded=row.discarded_at_ms is not None,
        )
        for row in rows
    ]


def _require_keepable(key: str, written: Written, quote: str) -> None:
    if not _KEY.fullmatch(key):
        raise Invalid("key", "is none of ours")
    if len(written.text) + len(quote) > MOST_CHARS:
        raise Invalid("text", f"has at most {MOST_CHARS} characters")
    for field in ("from_address", "to", "cc", "bcc", "subject"):
        if len(getattr(written, field)) > _MOST_LINE_CHARS:
            raise Invalid(field, f"has at most {_MOST_LINE_CHARS} characters")
