"""What every run of the engine is given."""

from collections.abc import Callable
from dataclasses import dataclass

from crm_store.blobs.store import BlobStore
from crm_store.connection_work import MailboxAccess
from crm_store.sealing import Sealer
from crm_store.settings import Settings
from syncer.contacts.remote import RemoteContacts
from syncer.remote import RemoteMailbox


@dataclass(frozen=True)
class Engine:
    """name: of this process, 8 characters; its successor on this machine has the same. open_remote, open_contacts:
    sign in to an account. clock: UTC, milliseconds. stopping: runs are to come to their end."""

    name: str

    settings: Settings
    blobs: BlobStore
    sealer: Sealer
    open_remote: Callable[[MailboxAccess], RemoteMailbox]
    open_contacts: Callable[[MailboxAccess], RemoteContacts]
    clock: Callable[[], int]
    stopping: Callable[[], bool] = lambda: False
