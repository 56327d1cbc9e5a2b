"""How often signing in may fail, for one account and from one network."""

import pytest
from at_once import at_once
from store import NOW_MS, Store

from crm_store import sign_in_limits
from crm_store.errors import Conflict
from crm_store.models.web import SignInCount
from crm_store.sign_in_limits import OF_ACCOUNT, OF_NETWORK, TooManyFailures, account, count_as_failed, network

HERE = network("192.0.2.1")
DAY_MS = 86_400_000


def wait_ms(*counted, now_ms: int = NOW_MS) -> int:
    """One failure more; 0, or how long is to be waited instead."""
    try:
        count_as_failed(counted, now_ms=now_ms)
    except TooManyFailures as error:
        return error.until_ms - now_ms
    return 0


def waits(allowance, failures: int) -> list[int]:
    """What each failure costs, if each comes as soon as it may."""
    return [allowance.wait_ms(number) for number in range(1, failures + 1)]


def test_the_wait_begins_after_some_failures_doubles_and_has_an_end():
    assert waits(OF_ACCOUNT, 12) == [0, 0, 0, 0, *(s * 1000 for s in (15, 30, 60, 120, 240, 480, 900, 900))]
    assert OF_ACCOUNT.wait_ms(10_000_000) == 15 * 60_000
    assert waits(OF_NETWORK, 21)[18:] == [0, 15_000, 30_000]
    assert OF_NETWORK.wait_ms(10_000_000) == 3_600_000


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param(
            account("Ani@Firma.example"), account(" ani@firma.EXAMPLE "), True, id="one account, two spellings"
        ),
        pytest.param(account("ani@firma.example"), account("budi@firma.example"), False, id="two accounts"),
        pytest.param(account("no address"), account("no address"), True, id="what is no address"),
        pytest.param(network("192.0.2.1"), network("192.0.2.2"), False, id="two IPv4 hosts"),
        pytest.param(network("2001:db8::1"), network("2001:db8::ffff:1"), True, id="one IPv6 network"),
        pytest.param(network("2001:db8::1"), network("2001:db8:0:1::1"), False, id="two IPv6 networks"),
        pytest.param(network("::ffff:192.0.2.1"), network("192.0.2.1"), True, id="IPv4 in IPv6"),
        pytest.param(network("forged, nonsense"), network(""), True, id="what is no address comes from one place"),
        pytest.param(account("192.0.2.1"), network("192.0.2.1"), False, id="an account is no network"),
    ],
)
def test_what_counts_as_the_same(one, other, same):
    assert (one.key_hash == other.key_hash) is same


def test_after_five_failures_an_account_waits_and_others_do_not(store: Store):
    ani = account("ani@firma.example")
    assert [wait_ms(ani) for _ in range(5)] == [0] * 5
    assert wait_ms(ani) == 15_000
    assert wait_ms(ani) == 15_000, "who asks meanwhile waits no longer for that"
    assert wait_ms(account("budi@firma.example")) == 0
    assert wait_ms(ani, now_ms=NOW_MS + 15_000) == 0
    assert wait_ms(ani, now_ms=NOW_MS + 15_001) == 29_999


def test_a_network_waits_whichever_accounts_it_tries(store: Store):
    assert [wait_ms(account(f"{n}@firma.example"), HERE) for n in range(20)] == [0] * 20
    assert wait_ms(account("other@firma.example"), HERE) == 15_000
    assert wait_ms(account("other@firma.example"), network("192.0.2.2")) == 0, "what was refused was not counted"


def test_signing_in_forgives_the_account_and_changes_nothing_for_the_network(store: Store):
    ani = account("ani@firma.example")
    for _ in range(4):
        wait_ms(ani, HERE)
    before = SignInCount.get(SignInCount.key_hash == HERE.key_hash).failures
    wait_ms(ani, HERE)
    sign_in_limits.succeeded(ani, HERE)
    assert wait_ms(ani) == 0
    assert SignInCount.get(SignInCount.key_hash == HERE.key_hash).failures == before


def test_what_is_a_day_old_is_forgotten_and_cleared_away(store: Store):
    ani = account("ani@firma.example")
    for _ in range(5):
        wait_ms(ani)
    assert wait_ms(account("budi@firma.example"), now_ms=NOW_MS + DAY_MS + 1) == 0
    assert SignInCount.select().count() == 1


def test_however_many_names_are_tried_the_table_has_an_end(store: Store, monkeypatch):
    monkeypatch.setattr(sign_in_limits, "MAX_ROWS", 10)
    for n in range(30):
        wait_ms(account(f"{n}@firma.example"))
    assert SignInCount.select().count() <= 10


def test_many_attempts_at_the_same_moment_are_all_counted(store: Store):
    ani = account("ani@firma.example")

    def attempt() -> None:
        try:
            count_as_failed([ani, HERE], now_ms=NOW_MS)
        except TooManyFailures as error:
            raise Conflict("has to wait") from error

    done = at_once(*[attempt] * 9)
    assert sum(isinstance(one, Conflict) for one in done) == 4
