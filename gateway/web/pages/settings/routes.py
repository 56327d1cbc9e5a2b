"""All pages of Settings › My profile that are about oneself and one's mail."""

from fastapi import APIRouter

from crm_store.blobs.store import BlobStore
from crm_store.settings import Settings
from gateway.google.consent import Consent
from gateway.web.pages.settings import addresses, bcc, email_sync, general


def router(settings: Settings, consent: Consent, blobs: BlobStore) -> APIRouter:
    pages = APIRouter()
    for part in (general.router, addresses.router(settings, blobs), bcc.router(settings), email_sync.router(consent)):
        pages.include_router(part)
    return pages
