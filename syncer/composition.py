"""The engine as this installation's settings ask for it."""

import hashlib
import socket
from collections.abc import Callable

from crm_store import clock
from crm_store.blobs.store import blob_store
from crm_store.connection_work import MailboxAccess
from crm_store.sealing import Sealer
from crm_store.settings import Settings
from syncer.engine import Engine
from syncer.gmail.client import GmailMailbox
from syncer.gmail.people import GooglePeople
from syncer.gmail.quota import Budgets


def engine_of(settings: Settings, *, role: str, stopping: Callable[[], bool] = lambda: False) -> Engine:
    """role: tells processes of one machine apart that may run side by side."""
    sealer, budgets = Sealer.of(settings), Budgets()

    def open_remote(access: MailboxAccess) -> GmailMailbox:
        return GmailMailbox(access, settings, sealer, budgets)

    place = f"{socket.gethostname()}\n{settings.data.absolute()}\n{role}"
    return Engine(
        name=hashlib.sha256(place.encode()).hexdigest()[:8],
        settings=settings,
        blobs=blob_store(settings),
        sealer=sealer,
        open_remote=open_remote,
        open_contacts=lambda access: GooglePeople(access, settings, sealer),
        clock=clock.now_ms,
        stopping=stopping,
    )
