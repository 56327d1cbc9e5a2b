"""What who runs the installation is told of whether the product can mail its people."""

import pytest
from noticed import with_provider
from store import Store

from crm_store import notice_status
from gateway.doctor.database import judge_notices
from gateway.doctor.finding import State


@pytest.mark.parametrize(
    ("count", "with_one", "named", "is_partial"),
    [
        pytest.param(2, 2, 0, False, id="each has one"),
        pytest.param(3, 1, 2, False, id="two have none"),
        pytest.param(9, 1, 5, True, id="more than are named"),
        pytest.param(0, 0, 0, False, id="there are none yet"),
    ],
)
def test_locations_without_a_provider_are_named(store: Store, count: int, with_one: int, named: int, is_partial: bool):
    ids = [store.location(f"Toko {number}") for number in range(count)]
    for location_id in ids[:with_one]:
        with_provider(location_id)
    found = notice_status.status()
    assert (found.without_provider, found.is_partial) == (ids[with_one:][:5], is_partial)
    told = judge_notices(found)
    assert told.state is (State.WARNING if named else State.OK)
    assert all(str(location_id) in told.found for location_id in found.without_provider)
    assert ("and others" in told.found) is is_partial


def test_no_more_locations_are_looked_at_than_cost_little(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(notice_status, "MOST_LOOKED_AT", 2)
    for location_id in [store.location() for _ in range(3)]:
        with_provider(location_id)
    assert notice_status.status() == notice_status.NoticeStatus([], is_partial=True)
