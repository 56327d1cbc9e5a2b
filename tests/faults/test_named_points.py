"""kill -9 at each named point of a mail's way, from the first block on disk to the erasure of what may not be kept."""

import pytest
from conditions import until
from kills import Points, send_until_all_have_struck
from outside import Outside

from crm_store.fault_point import POINTS


@pytest.fixture
def points(tmp_path, database_environ):
    """Every other point on each database; `make soak` strikes all of them on both."""
    return Points(tmp_path / "struck", POINTS[1::2] if database_environ else POINTS[::2])


def test_dying_at_any_named_point_loses_and_doubles_nothing(served, database_environ, traffic_for, points):
    product = served(SUNNYDAY_TRUSTED_RELAYS="127.0.0.1", **database_environ, **points.environ)
    outside = Outside(product)
    traffic = traffic_for(outside)
    confidential = send_until_all_have_struck(traffic, points, range(150))

    print(dict(points.hits))
    assert not points.missing
    settled = traffic.until_settled()
    assert settled.nothing_wrong, settled
    assert settled.acknowledged <= settled.filed <= settled.sent

    traffic.send_what_was_not_taken()
    traffic.send_once_each(range(0, len(traffic.attempts), 7))  # again, though they were taken
    traffic.send_what_was_not_taken()
    product.until_up()
    settled = traffic.until_settled()
    print(settled, dict(traffic.answers))
    assert settled.nothing_wrong, settled
    assert settled.filed == settled.sent == len(traffic.attempts)
    assert {decision["rule"] for decision in outside.decisions(traffic.user, confidential)} == {"B5"}
    # Half a blob, that of a mail which may not be kept too, outlives nobody.
    until(lambda: not list((product.data / "blobs" / "unfinished").iterdir()))
