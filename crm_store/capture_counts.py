"""How many captures of a location are in a state: counted as far as anybody reads, at a cost that has an end."""

from collections.abc import Collection

from crm_store.database.rows import tuples
from crm_store.models.captures import Capture
from crm_store.paging import Order, along
from crm_store.rules.states import CaptureState

MOST_COUNTED = 100


def in_states(location_id: int, states: Collection[CaptureState]) -> dict[CaptureState, int]:
    """MOST_COUNTED for so many or more."""
    return {state: len(newest(location_id, state)) for state in states}


def newest(location_id: int, state: CaptureState) -> list[int]:
    """The ids of the newest ones, MOST_COUNTED at most."""
    order = Order([(Capture.location_id, location_id), (Capture.state, state)], [Capture.id], newest_first=True)
    return [row_id for (row_id,) in tuples(along(Capture.select(Capture.id), order, limit=MOST_COUNTED))]
