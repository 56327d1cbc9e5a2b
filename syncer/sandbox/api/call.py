"""One call of a method, as the method sees it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from syncer.sandbox.api.parameters import Parameters
from syncer.sandbox.json_value import Json, JsonObject
from syncer.sandbox.mailbox.accounts import Account
from syncer.sandbox.mailbox.messages import Messages
from syncer.sandbox.store import Store

if TYPE_CHECKING:
    from syncer.sandbox.google import Google


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """headers: names in lower case. path: unquoted. body: whole."""

    verb: str
    path: str
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class ApiReply:
    """body: None for an empty one (204 or 308)."""

    status: int
    body: Json | bytes = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """body: {} where none came. media: the uploaded message; None where it came in `raw`, or none is taken."""

    google: "Google"
    account: Account
    scopes: frozenset[str]
    parameters: Parameters
    body: JsonObject
    media: bytes | None
    now_ms: int

    @property
    def store(self) -> Store:
        return self.google.store

    @property
    def messages(self) -> Messages:
        return Messages(self.store, self.account.id, self.now_ms)


@dataclass(frozen=True, slots=True)
class Implementation:
    """units: what one call costs (facts/gmail.md 1.6). run: the reply's JSON; None where the method has no reply.

    It runs inside a transaction and never waits. Raises ApiError."""

    units: int
    run: Callable[[Call], JsonObject | None]
