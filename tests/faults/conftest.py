"""Products that are to die, and mail for them."""

import os
from collections.abc import Callable

import pytest
from mail_traffic import Traffic
from outside import Outside


@pytest.fixture
def seed() -> int:
    """What chance begins with; FAULT_SEED of the environment, where one that failed is to be had again."""
    chosen = int(os.environ.get("FAULT_SEED", "20261123"))
    print(f"FAULT_SEED={chosen}")
    return chosen


@pytest.fixture
def traffic_for(seed: int) -> Callable[..., Traffic]:
    """traffic_for(outside): mail of a new user in a new location. sizes_bytes: the smallest and the largest."""

    def make(outside: Outside, sizes_bytes: tuple[int, int] = (1_000, 600_000)) -> Traffic:
        user = outside.add_user("ani@firma.example", outside.add_location("Toko Ani"))
        return Traffic(outside, user, seed, sizes_bytes)

    return make
