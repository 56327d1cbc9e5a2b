"""Return addresses that prove themselves."""

import pytest

from crm_store.rules.return_path import local_part, token_of

DAY_MS = 86_400_000
NOW_MS = 1_795_000_000_000
TOKEN = "abcdefghijklmnopqrstuvwxyz234567"
OLD, NEW = b"old" * 11, b"new" * 11
LOCAL = local_part(TOKEN, [NEW, OLD], now_ms=NOW_MS)


def test_an_address_names_its_delivery_and_fits_where_addresses_go():
    assert token_of(LOCAL, [NEW], now_ms=NOW_MS) == TOKEN
    assert len(LOCAL) <= 64  # RFC 5321 §4.5.3.1.1
    assert LOCAL.lower() == LOCAL


def test_keys_rotate():
    by_old = local_part(TOKEN, [OLD], now_ms=NOW_MS)
    assert token_of(by_old, [NEW, OLD], now_ms=NOW_MS) == TOKEN
    assert token_of(by_old, [NEW], now_ms=NOW_MS) is None


def test_it_ends():
    assert token_of(LOCAL, [NEW], now_ms=NOW_MS + 30 * DAY_MS) == TOKEN
    assert token_of(LOCAL, [NEW], now_ms=NOW_MS + 31 * DAY_MS) is None


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param("", id="nothing"),
        pytest.param("ani", id="a name"),
        pytest.param(LOCAL[:-1] + ("a" if LOCAL[-1] != "a" else "b"), id="another proof"),
        pytest.param(LOCAL.replace("abc", "bbc"), id="another delivery"),
        pytest.param(LOCAL[:35] + "ffff" + LOCAL[39:], id="a later end"),
        pytest.param(LOCAL + "x", id="more"),
        pytest.param(f"x{LOCAL}", id="more in front"),
        pytest.param(LOCAL + "\n", id="a line end"),
        pytest.param(LOCAL.upper(), id="in capitals, which nobody asks"),
    ],
)
def test_what_is_forged_is_no_address(forged):
    assert token_of(forged, [NEW], now_ms=NOW_MS) is None
