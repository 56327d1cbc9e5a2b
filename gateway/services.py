"""The processes of the gateway. Constants only: the supervisor imports this module, and nothing heavy with it."""

from crm_store.process.service import Service, one

RECEIVER = Service(
    "receiver",
    part="smtp",
    run="gateway.smtp.service:run",
    processes=lambda settings: settings.smtp_processes,
    sockets=("smtp",),
)
# Intake segments are local files, so whoever receives also drains.
DRAINER = Service("drainer", part="smtp", run="gateway.intake.drainer_service:run", processes=one)
CAPTURE = Service("capture", part="worker", run="gateway.capture.service:run", processes=one)
WEB = Service("web", part="web", run="gateway.web.service:run", processes=one, sockets=("http",))
