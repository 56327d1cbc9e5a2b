"""All pages of the capture queue."""

from fastapi import APIRouter

from crm_store.blobs.store import BlobStore
from crm_store.capture_approval import MailSource
from crm_store.settings import Settings
from gateway.web.pages.queue import contact, decide, show


def router(settings: Settings, blobs: BlobStore) -> APIRouter:
    source = MailSource(blobs, settings.capture_domains)
    pages = APIRouter()
    for part in (show.router(blobs), decide.router(source), contact.router(source)):
        pages.include_router(part)
    return pages
