"""The engine as this installation's settings ask for it."""

import hashlib
import socket
from collections.abc import Callable

from crm_store import clock
from crm_store.blobs.store import blob_store
from crm_store.connection_work import MailboxAccess
from crm_store.sealing import Sealer
from crm_store.settings import Settings
from syncer.contacts.remote import RemoteContacts
from syncer.engine import Engine
from syncer.gmail.quota import Budgets
from syncer.remote import RemoteMailbox


def engine_of(settings: Settings, *, role: str, stopping: Callable[[], bool] = lambda: False) -> Engine:
    """role: tells processes of one machine apart that may run side by side."""
    sealer, budgets = Sealer.of(settings), Budgets()

    # Google's client is imported by who needs it: without a Google account there is still a provider to send through.
    def open_remote(access: MailboxAccess) -> RemoteMailbox:
        from syncer.gmail.client import GmailMailbox

        return GmailMailbox(access, settings, sealer, budgets)

    def open_contacts(access: MailboxAccess) -> RemoteContacts:
        from syncer.gmail.people import GooglePeople

        return GooglePeople(access, settings, sealer)

    place = f"{socket.gethostname()}\n{settings.data.absolute()}\n{role}"
    return Engine(
        name=hashlib.sha256(place.encode()).hexdigest()[:8],
        settings=settings,
        blobs=blob_store(settings),
        sealer=sealer,
        open_remote=open_remote,
        open_contacts=open_contacts,
        clock=clock.now_ms,
        stopping=stopping,
    )
