"""How much of each text a page ships."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.web.pages.conversations.folding import LEAST_OCTETS, fold, shares


@pytest.mark.parametrize(
    ("sizes", "given_"),
    [
        pytest.param([100, 200], [LEAST_OCTETS, LEAST_OCTETS], id="short ones are whole"),
        pytest.param([9_000, 9_000], [4_000, 4_000], id="none has more than the most"),
        pytest.param([4_000, 4_000, 4_000, 4_000], [4_000, 4_000, 1_720, 280], id="the first ones are served first"),
        pytest.param([], [], id="none"),
    ],
)
def test_who_gets_how_much(sizes, given_):
    assert shares(sizes, 10_000, 4_000) == given_


@given(st.lists(st.integers(0, 100_000), max_size=40))
def test_all_together_are_bounded(sizes):
    shown = [min(size, share) for size, share in zip(sizes, shares(sizes, 14_000, 4_000), strict=True)]
    assert sum(shown) <= 14_000 + LEAST_OCTETS * len(sizes)


@pytest.mark.parametrize(
    ("text", "octets", "shown"),
    [
        pytest.param("Halo", 10, "Halo", id="it fits"),
        pytest.param("Selamat pagi semua", 15, "Selamat pagi…", id="behind a word"),
        pytest.param("x" * 20, 5, "xxxxx…", id="one long word"),
        pytest.param("ééééé", 5, "éé…", id="never inside of a character"),
        pytest.param(" " * 20, 5, "     …", id="blanks alone"),
    ],
)
def test_where_a_text_is_cut(text, octets, shown):
    assert fold(text, octets).text == shown
    assert fold(text, octets).is_cut is (shown != text)
