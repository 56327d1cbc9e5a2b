"""The processes of the syncer. Constants only: the supervisor imports this module, and nothing heavy with it."""

from crm_store.process.service import Service

# Also without a Google client: it sends what goes through a location's own provider (E2).
SYNCER = Service("syncer", part="worker", run="syncer.service:run", processes=lambda _: 1)
