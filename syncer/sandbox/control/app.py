"""The control API as an application of its own; /sandbox/api/docs describes it."""

from fastapi import FastAPI

from syncer.sandbox.control import accounts, contacts, mail, order
from syncer.sandbox.google import Google


def make_control(google: Google) -> FastAPI:
    app = FastAPI(
        title="Sandbox control",
        description="Orders what Google does by itself: accounts, mail, faults. For tests, benches and the demo.",
        version="1",
        docs_url=None,  # its page would fetch scripts from elsewhere; the document is at openapi.json
        redoc_url=None,
    )
    app.state.google = google
    # Contacts last: their paths end in a word that others' would match.
    for router in (accounts.router, mail.router, order.router, contacts.router):
        app.include_router(router)
    return app
