"""Which e-mail an entry shows."""

from collections.abc import Sequence

from crm_store.database.rows import tuples
from crm_store.models.outbox import Delivery


def of_entries(entry_ids: Sequence[int]) -> dict[int, int]:
    """The e-mail of each entry that the CRM has sent."""
    rows = Delivery.select(Delivery.entry_id, Delivery.email_id).where(Delivery.entry_id.in_(list(entry_ids)))
    return dict(tuples(rows))
