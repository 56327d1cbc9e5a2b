import pytest
from cpu_cost import assert_grows_with_length, cpu_s
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

    def cost_s(length: int) -> float:
        text = piece * (length // len(piece))
        arguments = (f"FROM:<{text}", f"FROM:<{text}>", f"FROM:<a@b> {text}", f'FROM:<"{text}')
        return cpu_s(lambda: [read_path("FROM:", argument) for argument in arguments])

    assert_grows_with_length(cost_s, 200_000)
