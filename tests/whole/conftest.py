"""A running product for each test, on both databases."""

from collections.abc import Callable

import pytest
from outside import Outside
from served_product import Product


@pytest.fixture
def outside(served: Callable[..., Product], database_environ: dict[str, str]) -> Outside:
    """A product that is up, with loopback as the submission host that vouches for its senders."""
    return Outside(served(SUNNYDAY_TRUSTED_RELAYS="127.0.0.1", **database_environ))


@pytest.fixture
def outside_of() -> type[Outside]:
    return Outside
