"""All pages of writing and sending."""

from fastapi import APIRouter

from crm_store.blobs.store import BlobStore
from crm_store.settings import Settings
from gateway.web.pages.composing import compose, drafts_page, outbox_page


def router(settings: Settings, blobs: BlobStore) -> APIRouter:
    pages = APIRouter()
    for part in (compose.router(blobs), drafts_page.router, outbox_page.router(settings, blobs)):
        pages.include_router(part)
    return pages
