"""What is behind an entry: /entries/{entry_id}/raw and /html, and /attachments"""

from typing import Any

from fastapi import APIRouter, Response

from crm_store import conversations
from crm_store.blobs.store import BlobStore
from gateway.web import downloads
from gateway.web.asking import Token, asked_by
from gateway.web.json_route import api_router
from gateway.web.shapes.fields import Id


def _bytes_as(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media_type: {"schema": {"type": "string", "format": "binary"}}}}}


def router(blobs: BlobStore) -> APIRouter:
    api = api_router("files")

    @api.get(
        "/entries/{entry_id}/raw",
        response_class=Response,
        responses=_bytes_as("message/rfc822"),
        summary="Download the mail behind an entry, byte for byte",
    )
    def get_raw_mail(token: Token, entry_id: Id) -> Response:
        with asked_by(token) as access:
            content = conversations.raw(access, entry_id, blobs)
        return downloads.raw_mail(content, f"entry-{entry_id}.eml")

    @api.get(
        "/entries/{entry_id}/html",
        response_class=Response,
        responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
        summary="Show the HTML of the mail behind an entry, made safe",
    )
    def get_html(token: Token, entry_id: Id) -> Response:
        """For a sandboxed frame: nothing in it runs or is fetched. X-Remote-Content counts what was taken out."""
        with asked_by(token) as access:
            shown = conversations.html(access, entry_id, blobs)
        return downloads.page_of_mail(shown.source, shown.remote)

    @api.get(
        "/attachments/{attachment_id}",
        response_class=Response,
        responses=_bytes_as("application/octet-stream"),
        summary="Download an attachment",
    )
    def get_attachment(token: Token, attachment_id: Id) -> Response:
        with asked_by(token) as access:
            file = conversations.attachment(access, attachment_id, blobs)
        return downloads.attachment(file.content, file.name, file.content_type)

    return api
