"""The processes of the syncer. Constants only: the supervisor imports this module, and nothing heavy with it."""

from crm_store.process.service import Service

# Without a Google client there is nothing to follow, and no process for it.
SYNCER = Service(
    "syncer", part="worker", run="syncer.service:run", processes=lambda settings: int(settings.has_google_client)
)
