"""A stream of server-sent events as an answer."""

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from crm_store.live_marks.place import Place
from gateway.web.live.hub import Hub, TooMany

_HEADERS = {
    "Cache-Control": "no-store, no-transform",  # a proxy that compresses would wait for more
    "X-Accel-Buffering": "no",
}
_COME_AGAIN_S = 30


class EventStream(Response):
    """Begins when it is sent, so that an answer that is never sent holds no place; 429 where there are too many.

    mark: of what the page shows."""

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, place: Place, session_id: int, mark: str) -> None:
        super().__init__()
        self._hub = hub
        self._place = place
        self._session_id = session_id
        self._mark = mark

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with self._hub.stream(self._place, self._session_id, self._mark) as stream:
                answer = StreamingResponse(stream.events(), headers=_HEADERS, media_type=self.media_type)
                await answer(scope, receive, send)
        except TooMany:
            refusal = Response(status_code=429, headers={"Retry-After": str(_COME_AGAIN_S)})
            await refusal(scope, receive, send)
