"""All pages of Settings › My profile that are about oneself and one's mail."""

from fastapi import APIRouter

from crm_store.settings import Settings
from gateway.google.consent import Consent
from gateway.web.pages.settings import bcc, email_sync, general


def router(settings: Settings, consent: Consent) -> APIRouter:
    pages = APIRouter()
    for part in (general.router, bcc.router(settings), email_sync.router(consent)):
        pages.include_router(part)
    return pages
