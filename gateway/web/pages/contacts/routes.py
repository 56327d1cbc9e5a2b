"""All pages of contacts."""

from fastapi import APIRouter

from gateway.web.pages.contacts import editing, listing, merging


def router() -> APIRouter:
    pages = APIRouter()
    for part in (listing.router, merging.router, editing.router):
        pages.include_router(part)
    return pages
