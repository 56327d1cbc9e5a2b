"""An account that sends."""

from collections.abc import Callable

import pytest
from outgoing import Outgoing


@pytest.fixture
def ani(outgoing: Callable[..., Outgoing]) -> Outgoing:
    return outgoing("ani")
