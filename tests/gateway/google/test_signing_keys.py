"""Google's keys: fetched seldom, when they change, and never so that somebody waits without end."""

import asyncio
import json
import threading

import pytest
from conditions import until
from key_server import signer

from gateway.google.signing_keys import AGAIN_S, KeysUnavailable, SigningKeys, keys_of, max_age_s

DAY_S = 86_400


class Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(key_server, clock) -> SigningKeys:
    return SigningKeys(key_server.url, clock)


def of(keys: SigningKeys, kid: str) -> set[str]:
    return set(asyncio.run(keys.keys(kid)))


@pytest.mark.parametrize("as_jwks", [False, True], ids=["certificates", "JWK set"])
def test_fifty_at_once_fetch_them_once(keys, key_server, as_jwks):
    key_server.as_jwks = as_jwks

    async def all_at_once():
        return await asyncio.gather(*(keys.keys("one") for _ in range(50)))

    assert all(set(found) == {"one"} for found in asyncio.run(all_at_once()))
    assert key_server.fetches == 1


def test_a_new_key_is_found_when_it_is_first_used(keys, key_server, clock):
    of(keys, "one")
    key_server.published = ["one", "two"]
    clock.now_s += AGAIN_S + 1
    assert of(keys, "two") == {"one", "two"}
    assert key_server.fetches == 2


def test_made_up_keys_do_not_have_us_ask_all_the_time(keys, key_server, clock):
    for number in range(100):
        of(keys, f"made up {number}")
    assert key_server.fetches == 1
    clock.now_s += AGAIN_S + 1
    of(keys, "made up")
    assert key_server.fetches == 2


def test_a_key_that_was_taken_back_is_taken_no_more_after_its_time(keys, key_server, clock):
    """The first who comes later gets what was kept; it is renewed beside them."""
    of(keys, "one")
    key_server.published = ["two"]
    clock.now_s += 599
    assert of(keys, "one") == {"one"}
    assert key_server.fetches == 1
    clock.now_s += 2
    assert of(keys, "one") == {"one"}
    until(lambda: of(keys, "two") == {"two"})


def test_while_they_are_not_to_be_had_the_kept_ones_serve_for_a_day(keys, key_server, clock):
    of(keys, "one")
    key_server.status = 503
    clock.now_s += DAY_S / 2
    assert of(keys, "one") == {"one"}
    clock.now_s += DAY_S
    with pytest.raises(KeysUnavailable):
        of(keys, "one")


def test_where_nobody_answers_who_asks_is_told_so_and_soon_asks_anew(keys, key_server, clock):
    key_server.status = 500
    with pytest.raises(KeysUnavailable):
        of(keys, "one")
    key_server.status = 200
    with pytest.raises(KeysUnavailable):
        of(keys, "one")
    assert key_server.fetches == 1
    clock.now_s += AGAIN_S + 1
    assert of(keys, "one") == {"one"}


def test_a_fetch_that_never_ends_is_waited_for_by_nobody_for_long_and_given_up(key_server, clock, monkeypatch):
    import gateway.google.signing_keys as module

    begun, ends = [], threading.Event()
    real = module._fetched

    def hanging(url):
        begun.append(url)
        ends.wait(30)
        return real(url)

    monkeypatch.setattr(module, "WAIT_S", 0.01)
    monkeypatch.setattr(module, "_fetched", hanging)
    keys = SigningKeys(key_server.url, clock)
    for _ in range(3):
        with pytest.raises(KeysUnavailable):
            of(keys, "one")
    assert len(begun) == 1
    clock.now_s += 31
    monkeypatch.setattr(module, "_fetched", real)
    monkeypatch.setattr(module, "WAIT_S", 10)
    assert of(keys, "one") == {"one"}
    ends.set()


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Cache-Control": "public, max-age=19302, must-revalidate, no-transform"}, 19302),
        ({"Cache-Control": "public, max-age=19302", "Age": "302"}, 19000),
        ({"Cache-Control": "max-age=100", "Age": "9999"}, 60),
        ({"Cache-Control": "max-age=999999999"}, DAY_S),
        ({"Cache-Control": "no-cache"}, 3600),
        ({}, 3600),
        ({"Cache-Control": "max-age=7200", "Age": "soon"}, 7200),
    ],
)
def test_how_long_they_are_kept(headers, expected):
    assert max_age_s(headers) == expected


@pytest.mark.parametrize(
    "document",
    [[], {}, {"keys": []}, {"keys": ["x"]}, {"keys": [{"kty": "EC", "kid": "one"}]}, {"one": 1}],
    ids=repr,
)
def test_what_has_no_keys(document):
    with pytest.raises(ValueError, match="no "):
        keys_of(json.dumps(document).encode())


def test_keys_of_other_kinds_are_passed_over():
    listed = [*signer("one").jwks()["keys"], {"kty": "EC", "kid": "curve"}]
    assert set(keys_of(json.dumps({"keys": listed}).encode())) == {"one"}
