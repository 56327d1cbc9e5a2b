"""What the import needs of an account's contacts, in words that are not Google's client's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from crm_store.rules.contact_import import Person


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """next_page: None on the last page, whose sync_token tells what to ask for the changes since; None where Google
    gave none."""

    people: Sequence[Person]
    next_page: str | None
    sync_token: str | None


class RemoteContacts(Protocol):
    """One account's contacts, signed in. A call is answered in bounded time, or raises what syncer/errors.py lists."""

    def page(self, sync_token: str | None, page_token: str | None) -> PeoplePage:
        """sync_token: the same for all pages of one reading; None for everybody.

        Raises: CursorExpired where the sync token is good no more; Rejected for a page that is known no more."""
