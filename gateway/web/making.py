"""POSTs that make something: a repetition under the same Idempotency-Key gets the same answer."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from crm_store import idempotency
from crm_store.access import Access
from gateway.web.asking import Token
from gateway.web.json_route import json_answer
from gateway.web.shapes.fields import Shape

_REPLAYED = {"Idempotent-Replayed": "true"}


@dataclass(frozen=True, slots=True)
class Making:
    """One POST. request: what tells it from another one under the same key."""

    key: str | None
    request: bytes

    def answered(self, access: Access) -> Response | None:
        """What was answered to this before; None where nothing was. For what is prepared outside of the transaction.

        Raises: as once()."""
        known = idempotency.known(access, self.key, self.request)
        return None if known is None else json_answer(known[1], known[0], _REPLAYED)

    def once(self, access: Access, make: Callable[[], Shape], *, now_ms: int, status: int = 201) -> Response:
        """Answer with what make() gives; or as before, byte for byte, where this was answered already.

        With a key make() runs inside the transaction that keeps its answer. Ask before what the asker may do: a
        repeated answer is not made, and so not asked for again. Raises: Conflict, Invalid, and what make() raises."""
        made = False

        def reply() -> tuple[int, str]:
            nonlocal made
            made = True
            return status, make().model_dump_json()  # as text: PostgreSQL's jsonb would forget the order of its fields

        kept_status, text = idempotency.once(access, self.key, self.request, reply, now_ms=now_ms)
        return json_answer(text, kept_status, None if made else _REPLAYED)


async def _making(
    request: Request,
    token: Token,
    idempotency_key: Annotated[
        str | None,
        Header(alias="Idempotency-Key", description="any 1 to 255 characters; the answer is kept for 24 hours"),
    ] = None,
) -> Making:
    # What is kept of a body must not help to guess a password in it, so it is keyed with what we don't keep.
    said = hmac.new(token.encode("utf-8", "replace"), digestmod="sha256")
    for part in (request.method.encode(), b"\n", request.scope["path"].encode(), b"\n", await request.body()):
        said.update(part)
    return Making(idempotency_key, said.digest())


Once = Annotated[Making, Depends(_making)]
