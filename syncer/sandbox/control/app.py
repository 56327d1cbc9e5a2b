"""The control API as an application of its own; /sandbox/api/docs describes it."""

from fastapi import FastAPI

from syncer.sandbox.control.accounts import account_routes
from syncer.sandbox.control.contacts import contact_routes
from syncer.sandbox.control.order import order_routes
from syncer.sandbox.google import Google


def make_control(google: Google) -> FastAPI:
    app = FastAPI(
        title="Sandbox control",
        description="Orders what Google does by itself: accounts, mail, faults. For tests, benches and the demo.",
        version="1",
        docs_url=None,  # its page would fetch scripts from elsewhere; the document is at openapi.json
        redoc_url=None,
    )
    app.include_router(account_routes(google))
    app.include_router(contact_routes(google))
    app.include_router(order_routes(google))
    return app
