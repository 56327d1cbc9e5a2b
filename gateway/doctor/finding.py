"""What a check found, and how to mend it."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"  # mail is taken and filed, but something is to be looked at
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """check: a constant word. found, mend: for people, without content of mails and secrets; mend "" where it is OK."""

    check: str
    state: State
    found: str
    mend: str = ""


def ok(check: str, found: str) -> Finding:
    return Finding(check, State.OK, found)


def warning(check: str, found: str, mend: str) -> Finding:
    return Finding(check, State.WARNING, found, mend)


def wrong(check: str, found: str, mend: str) -> Finding:
    return Finding(check, State.WRONG, found, mend)
