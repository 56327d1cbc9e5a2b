"""All pages of conversations."""

from fastapi import APIRouter

from crm_store.blobs.store import BlobStore
from crm_store.settings import Settings
from gateway.web.pages.conversations import arranging, entry_files, listing, one_entry, reading, removal


def router(settings: Settings, blobs: BlobStore) -> APIRouter:
    pages = APIRouter()
    parts = (
        listing.router(settings),
        reading.router,
        one_entry.router(blobs),
        entry_files.router(settings, blobs),
        removal.router,
        arranging.router(blobs),
    )
    for part in parts:
        pages.include_router(part)
    return pages
