import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smtp.arguments import read_path

MATTER = st.lists(
    st.sampled_from(["FROM:", "<", ">", "@", '"', "\\", " ", "a", ".", ":", ",", "[", "]", "é", "\x00", "="])
)


@given(st.text() | MATTER.map("".join))
def test_no_argument_breaks_the_parser(text):
    for argument in (text, f"FROM:{text}", f"FROM:<{text}>"):
        path = read_path("FROM:", argument)
        assert path is None or "@" not in path.address or path.has_domain or path.address.startswith('"')


@pytest.mark.parametrize("piece", ["@", "a", "<", '"', "\\", "\\\\", '"@', "@a:", "a@", ". ", " ", "\t=", "@a,"])
def test_time_grows_with_the_length_alone(piece):
    """A pattern that backtracks needs hours for these."""
    text = piece * (100_000 // len(piece))
    before_s = time.monotonic()
    for argument in (f"FROM:<{text}", f"FROM:<{text}>", f"FROM:<a@b> {text}", f'FROM:<"{text}'):
        read_path("FROM:", argument)
    assert time.monotonic() - before_s < 2
