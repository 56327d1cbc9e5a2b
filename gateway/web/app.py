"""The web application, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version

import anyio
import anyio.to_thread
from fastapi import FastAPI

from crm_store.blobs.store import BlobStore, blob_store
from crm_store.database.engine import MAX_CONNECTIONS
from crm_store.process.tree import read_tree as tree_of_this_process
from crm_store.settings import Settings
from gateway.google.consent import Consent
from gateway.google.sign_in import GoogleSignIn
from gateway.web import openapi, problems
from gateway.web.guards import BodyLimit, OwnErrors, SecurityHeaders
from gateway.web.large_body import AT_ONCE
from gateway.web.live.hub import Hub
from gateway.web.live.looking import Looking
from gateway.web.metrics import Measured, WebMetrics
from gateway.web.pages import assets, digest, first_run, following, front, google_sign_in, identity, security, sign_in
from gateway.web.pages.admin import routes as admin
from gateway.web.pages.composing import routes as composing
from gateway.web.pages.contacts import routes as contact_pages
from gateway.web.pages.conversations import routes as conversation_pages
from gateway.web.pages.queue import routes as queue
from gateway.web.pages.settings import routes as profile
from gateway.web.pages.site import site
from gateway.web.remote_images import route as remote_images
from gateway.web.routes import (
    audit,
    bcc_address,
    captures,
    connections,
    contacts,
    conversations,
    decisions,
    digest_one_click,
    emails,
    entries,
    files,
    google_callback,
    health,
    identities,
    locations,
    members,
    provider,
    push,
    sender_lists,
    threads,
    users,
)
from gateway.web.routes.health import ReadTree

# Each endpoint's thread may hold a connection; the rest of the pool is for whoever works beside the requests.
THREADS = MAX_CONNECTIONS - 8


def make_app(
    settings: Settings, *, blobs: BlobStore | None = None, read_tree: ReadTree = tree_of_this_process
) -> FastAPI:
    """The application over the database that crm_store.database.engine is configured for."""
    app = FastAPI(
        title="SunnyDay Mail",
        version=_version(),
        openapi_url=openapi.URL,
        docs_url=None,  # it takes its scripts from somebody else's server
        redoc_url=None,
        redirect_slashes=False,  # a redirect would repeat the Host header, which anybody can forge
        lifespan=_lifespan,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.site = site(settings)
    app.state.large_bodies = anyio.Semaphore(AT_ONCE)
    app.state.live = live = Hub(Looking().look)
    metrics = WebMetrics(settings.intake_folder)
    kept = blobs or blob_store(settings)
    consent, signing_in = Consent(settings), GoogleSignIn(settings)
    # The one added last is the outermost.
    app.add_middleware(BodyLimit)
    app.add_middleware(OwnErrors)
    app.add_middleware(Measured, metrics=metrics)
    app.add_middleware(SecurityHeaders)
    problems.add_to(app)
    for router in (
        locations.router,
        users.router,
        identities.router(settings, kept),
        members.router(settings),
        bcc_address.router(settings),
        contacts.router,
        conversations.router,
        entries.router,
        files.router(kept),
        threads.router(kept),
        captures.router(settings, kept),
        sender_lists.router,
        decisions.router,
        connections.router(consent),
        emails.router(settings, kept),
        google_callback.router(consent, signing_in),
        google_sign_in.router(signing_in),
        provider.router(settings, kept),
        push.router(settings),
        digest_one_click.router(settings),
        audit.router,
        health.router(read_tree, metrics),
        assets.router,
        sign_in.router,
        first_run.router,
        front.router,
        security.router,
        profile.router(settings, consent, kept),
        identity.router,
        digest.router(settings),
        admin.router(settings, kept),
        following.router(live),
        conversation_pages.router(settings, kept),
        contact_pages.router(),
        remote_images.router(settings),
        queue.router(settings, kept),
        composing.router(settings, kept),
    ):
        app.include_router(router)
    app.openapi = lambda: openapi.document(app)  # type: ignore[method-assign]  # FastAPI's documented way
    return app


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield


def _version() -> str:
    try:
        return version("sunnyday-mail")
    except PackageNotFoundError:  # run from a checkout
        return "0"
