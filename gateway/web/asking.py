"""Who is asking: the bearer token of a request, and what its holder may see."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from crm_store import access
from crm_store.access import Access
from crm_store.database.session import connected
from crm_store.errors import Unauthenticated

_SCHEME = HTTPBearer(
    scheme_name="token",
    description="A token of `sunnyday token create`.",
    auto_error=False,  # its own answer is no problem document
)


async def _bearer_token(credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_SCHEME)]) -> str:
    if credentials is None or not credentials.credentials:
        raise Unauthenticated("this takes a token, and none was sent")
    return credentials.credentials


# It only reads the header. The database is opened inside the endpoint: set-up, endpoint and tear-down of a dependency
# run on different threads, and a connection belongs to one (facts/libraries.md 0.6).
Token = Annotated[str, Security(_bearer_token)]


@contextmanager
def asked_by(token: str) -> Iterator[Access]:
    """A database connection for the block, and who asks. Raises: Unauthenticated, StoreUnavailable."""
    with connected():
        yield access.by_token(token)
