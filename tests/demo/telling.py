"""What the demo says as it goes: each step, its outcome, and what is not as it should be."""

import itertools
import time
from collections.abc import Callable
from typing import TypeVar

WITHIN_S = 30
_STEPS = itertools.count(1)
T = TypeVar("T")


class OffError(Exception):
    """A step whose outcome is not as it should be."""


def step(text: str) -> None:
    print(f"\n{next(_STEPS)}. {text}", flush=True)


def done(outcome: str) -> None:
    print(f"  ✓ {outcome}", flush=True)


def check(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise OffError(f"{what}: {found!r}, and it should be {expected!r}")


def until(ask: Callable[[], T], what: str) -> T:
    """Ask until there is an answer. Raises: OffError when it takes too long."""
    deadline = time.monotonic() + WITHIN_S
    while not (answer := ask()):
        if time.monotonic() > deadline:
            raise OffError(f"after {WITHIN_S} s it is not so that {what}")
        time.sleep(0.05)
    return answer
