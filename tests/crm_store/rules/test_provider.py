"""What a provider may be, how fast it is written to, and when it is tried again."""

from ipaddress import ip_address

import pytest

from crm_store.rules.provider import all_reachable, is_reachable, next_slot_ms, try_again_at_ms

HOUR_MS = 3_600_000


@pytest.mark.parametrize(
    ("address", "allowed", "refused_else"),
    [
        pytest.param("8.8.8.8", True, False, id="public"),
        pytest.param("127.0.0.1", True, True, id="loopback"),
        pytest.param("::1", True, True, id="loopback 6"),
        pytest.param("10.1.2.3", True, True, id="private"),
        pytest.param("fd00::1", True, True, id="unique local"),
        pytest.param("100.64.0.1", True, True, id="shared by a carrier's customers"),
        pytest.param("::ffff:127.0.0.1", True, True, id="loopback, mapped"),
        pytest.param("169.254.169.254", False, True, id="where clouds tell secrets"),
        pytest.param("::ffff:169.254.169.254", False, True, id="the same, mapped"),
        pytest.param("fe80::1", False, True, id="link-local 6"),
        pytest.param("0.0.0.0", False, True, id="this host"),
        pytest.param("224.0.0.1", False, True, id="multicast"),
    ],
)
def test_where_a_provider_may_be(address, allowed, refused_else):
    assert is_reachable(ip_address(address), private_allowed=True) is allowed
    assert is_reachable(ip_address(address), private_allowed=False) is not refused_else


def test_a_name_with_one_forbidden_address_is_forbidden():
    both = [ip_address("8.8.8.8"), ip_address("127.0.0.1")]
    assert all_reachable(both, private_allowed=True)
    assert not all_reachable(both, private_allowed=False)


@pytest.mark.parametrize("per_minute", [1, 7, 60, 6000])
def test_never_more_go_in_a_minute_than_the_rate_and_a_seconds_worth(per_minute):
    now_ms = free_from_ms = 1_000_000
    gone = 0
    while now_ms < 1_060_000:
        gone += 1
        free_from_ms = next_slot_ms(free_from_ms, per_minute, now_ms=now_ms)
        now_ms = max(now_ms, free_from_ms)
    assert per_minute <= gone <= per_minute + per_minute // 60 + 1


def test_a_rate_that_was_not_used_is_not_saved_up():
    assert next_slot_ms(0, 60, now_ms=10 * HOUR_MS) == 10 * HOUR_MS


def test_pauses_grow_and_end_after_five_days():
    now_ms, pauses = 0, []
    for attempt in range(1, 100):
        again_ms = try_again_at_ms(attempt, now_ms=now_ms)
        if again_ms is None:
            break
        pauses.append(again_ms - now_ms)
        now_ms = again_ms
    assert pauses[:3] == [60_000, 120_000, 240_000]
    assert pauses == sorted(pauses)
    assert max(pauses) == 4 * HOUR_MS
    assert 4 * 24 * HOUR_MS <= now_ms <= 5 * 24 * HOUR_MS
