"""What is behind an entry: its HTML for a frame, the mail as it came, and its attachments."""

from fastapi import APIRouter, Response

from crm_store import conversations
from crm_store.blobs.store import BlobStore
from crm_store.settings import Settings
from gateway.web import downloads
from gateway.web.pages.asking import signed_in
from gateway.web.pages.page_route import page_router
from gateway.web.pages.visit import Visitor
from gateway.web.remote_images.address import ImageOf, Signer
from gateway.web.shapes.fields import Id

_ENTRY = "/l/{location_id}/entries/{entry_id}"


def router(settings: Settings, blobs: BlobStore) -> APIRouter:
    pages = page_router()
    signer = Signer.of(settings)

    @pages.get(_ENTRY + "/body")
    def show_body(visit: Visitor, location_id: Id, entry_id: Id) -> Response:
        """?images=yes: pictures from elsewhere are shown, by way of us."""
        with signed_in(visit, location_id) as session:
            if visit.query.get("images") != "yes":
                shown = conversations.html(session.here, entry_id, blobs)
                return downloads.page_of_mail(shown.source, shown.remote)
            whose = ImageOf(location_id, entry_id, session.access.user_id)
            shown = conversations.html(
                session.here, entry_id, blobs, image_by=lambda url: signer.address(whose, url, now_ms=visit.now_ms)
            )
            return downloads.page_of_mail(shown.source, shown.remote, own_images=True)

    @pages.get(_ENTRY + "/raw")
    def download_raw(visit: Visitor, location_id: Id, entry_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            content = conversations.raw(session.here, entry_id, blobs)
        return downloads.raw_mail(content, f"entry-{entry_id}.eml")

    @pages.get("/l/{location_id}/attachments/{attachment_id}")
    def download_attachment(visit: Visitor, location_id: Id, attachment_id: Id) -> Response:
        with signed_in(visit, location_id) as session:
            file = conversations.attachment(session.here, attachment_id, blobs)
        return downloads.attachment(file.content, file.name, file.content_type)

    return pages
