"""A running product for the tests of a module, on both databases; each test has a location for itself."""

from collections.abc import Callable

import pytest
from outside import Outside, User
from served_product import Product


@pytest.fixture(scope="module")
def outside(served_to_module: Callable[..., Product], database_environ_of_module: dict[str, str]) -> Outside:
    """A product that is up, with loopback as the submission host that vouches for its senders."""
    return Outside(served_to_module(SUNNYDAY_TRUSTED_RELAYS="127.0.0.1", **database_environ_of_module))


@pytest.fixture(scope="module")
def first_user(outside: Outside) -> User:
    return outside.add_user("ani@firma.example", outside.add_location("Toko Ani"))


@pytest.fixture
def ani(outside: Outside, first_user: User) -> User:
    """Ani, in a location where nothing has come yet."""
    return outside.in_new_location(first_user)


@pytest.fixture
def outside_of() -> type[Outside]:
    return Outside
