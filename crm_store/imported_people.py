"""Who among an account's contacts is which contact here, and which contacts look like one person (B15, G2)."""

from dataclasses import dataclass
from typing import Any

from peewee import Case, Expression

from crm_store import audit
from crm_store.access import Access
from crm_store.contact_book import ContactView, views
from crm_store.database.prepared import PreparedInsert
from crm_store.database.rows import in_order, tuples
from crm_store.database.session import writing
from crm_store.errors import NotFound
from crm_store.models.contact_import import ImportedPerson, MergeSuggestion
from crm_store.models.contacts import Contact
from crm_store.paging import Order, Page, PageRequest, page

_SUGGESTIONS = PreparedInsert(MergeSuggestion)


@dataclass(frozen=True, slots=True)
class SuggestionView:
    """Two contacts that seem to be one person; the one that was created first is first."""

    id: int
    contacts: tuple[ContactView, ContactView]


def suggest(location_id: int, contact_id: int, other_id: int, *, now_ms: int) -> None:
    """That these two be merged; twice is once, and dismissed stays dismissed. Call inside a transaction."""
    low, high = sorted((contact_id, other_id))
    _SUGGESTIONS.insert_new(location_id=location_id, contact_id=low, other_id=high, created_at_ms=now_ms)


def dismiss(access: Access, suggestion_id: int, *, now_ms: int) -> None:
    """These are two people; twice is once. There is no way back but merging them. Raises: NotFound."""
    mine = MergeSuggestion.location_id.in_(access.location_ids())
    row: MergeSuggestion | None = MergeSuggestion.get_or_none((MergeSuggestion.id == suggestion_id) & mine)
    if row is None:
        raise NotFound("no such suggestion")
    with writing():
        here = (MergeSuggestion.id == row.id) & MergeSuggestion.dismissed_at_ms.is_null()
        if not MergeSuggestion.update(dismissed_at_ms=now_ms).where(here).execute():
            return
        audit.write(
            "merge_suggestion.dismiss",
            f"contact {row.contact_id} and contact {row.other_id}",
            by=access.user_id,
            now_ms=now_ms,
            location_id=row.location_id,
        )


def follow_merge(gone_id: int, stays_id: int) -> None:
    """G2: what was known of the one holds for the other. Call in the transaction that merges."""
    ImportedPerson.update(contact_id=stays_id).where(ImportedPerson.contact_id == gone_id).execute()
    named = (MergeSuggestion.contact_id == gone_id) | (MergeSuggestion.other_id == gone_id)
    other = Case(None, [(MergeSuggestion.contact_id == gone_id, MergeSuggestion.other_id)], MergeSuggestion.contact_id)
    columns = (MergeSuggestion.location_id, other, MergeSuggestion.created_at_ms, MergeSuggestion.dismissed_at_ms)
    for location_id, other_id, created_at_ms, dismissed_at_ms in list(
        tuples(MergeSuggestion.select(*columns).where(named))
    ):
        if other_id == stays_id:
            continue
        suggest(location_id, other_id, stays_id, now_ms=created_at_ms)
        if dismissed_at_ms is not None:  # who is not the one is not the other, who is the same person
            MergeSuggestion.update(dismissed_at_ms=dismissed_at_ms).where(_of_pair(other_id, stays_id)).execute()
    MergeSuggestion.delete().where(named).execute()


def _of_pair(contact_id: int, other_id: int) -> Expression:
    low, high = sorted((contact_id, other_id))
    pair: Expression = (MergeSuggestion.contact_id == low) & (MergeSuggestion.other_id == high)
    return pair


def suggestions(access: Access, location_id: int, request: PageRequest) -> Page[SuggestionView]:
    """Oldest first; of contacts that both live, and not what was dismissed. Raises: NotFound."""
    access.reader_of(location_id)
    order = Order([(MergeSuggestion.location_id, location_id)], [MergeSuggestion.id])
    one, other = Contact.alias(), Contact.alias()
    living = (
        MergeSuggestion.select()
        .where(MergeSuggestion.dismissed_at_ms.is_null())
        .join(one, on=((one.id == MergeSuggestion.contact_id) & one.deleted_at_ms.is_null()))
        .switch(MergeSuggestion)
        .join(other, on=((other.id == MergeSuggestion.other_id) & other.deleted_at_ms.is_null()))
    )
    return page(living, order, request, _views)


def _views(rows: Any) -> list[SuggestionView]:  # Any: rows of MergeSuggestion
    ids = sorted({one for row in rows for one in (row.contact_id, row.other_id)})
    by_id = {view.id: view for view in views(in_order(Contact, ids))}

    def pair(row: MergeSuggestion) -> tuple[ContactView, ContactView]:
        first, second = sorted(
            (by_id[row.contact_id], by_id[row.other_id]), key=lambda view: (view.created_at_ms, view.id)
        )
        return first, second

    return [SuggestionView(row.id, pair(row)) for row in rows]
