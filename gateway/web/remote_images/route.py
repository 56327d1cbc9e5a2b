"""/remote-image/…: a picture from elsewhere, by way of us."""

import asyncio
from weakref import WeakValueDictionary

import structlog
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Response

from crm_store.clock import now_ms
from crm_store.errors import NotFound
from crm_store.settings import Settings
from gateway.web.remote_images import fetch
from gateway.web.remote_images.address import ROOT, Asked, ImageOf, Signer
from gateway.web.remote_images.fetch import NoPicture, Way

AT_ONCE, AT_ONCE_OF_A_USER = 16, 6
_WAITS_S = 20.0  # for a place, and for the picture
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",  # the frame of a mail is a stranger to everybody
    "Cache-Control": "private, max-age=86400",
}

log = structlog.get_logger()


class Places:
    """So many fetches at once, of one user and of all. It belongs to the event loop."""

    def __init__(self) -> None:
        self._threads: CapacityLimiter | None = None
        self._of_users: WeakValueDictionary[int, asyncio.Semaphore] = WeakValueDictionary()

    async def fetch(self, user_id: int, url: str, way: Way) -> fetch.Picture:
        """Raises: NoPicture, TimeoutError."""
        self._threads = self._threads or CapacityLimiter(AT_ONCE)
        own = self._of_users.setdefault(user_id, asyncio.Semaphore(AT_ONCE_OF_A_USER))
        async with asyncio.timeout(_WAITS_S), own:
            # A name server that does not answer keeps a thread, and its place, for a while; nobody waits for it.
            return await run_sync(fetch.fetch, url, way, abandon_on_cancel=True, limiter=self._threads)


def router(settings: Settings) -> APIRouter:
    api = APIRouter(include_in_schema=False)
    signer, places = Signer.of(settings), Places()
    way = Way(private_allowed=settings.image_private_hosts)

    @api.get(ROOT + "/{location_id}/{entry_id}/{user_id}/{day}/{mac}/{url}")
    async def remote_image(location_id: int, entry_id: int, user_id: int, day: int, mac: str, url: str) -> Response:
        asked = Asked(ImageOf(location_id, entry_id, user_id), day, mac, url)
        try:
            picture = await places.fetch(user_id, signer.url_of(asked, now_ms=now_ms()), way)
        except (NoPicture, TimeoutError) as error:
            log.info("remote_image_refused", location_id=location_id, entry_id=entry_id, error=type(error).__name__)
            raise NotFound("this picture can't be shown") from error
        return Response(picture.content, headers=_HEADERS, media_type=picture.content_type)

    return api
