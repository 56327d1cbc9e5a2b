"""The open pages of one web process, and the one look at the database that is taken for all of them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from crm_store.live_marks.place import Place

MAX_STREAMS = 400
MAX_OF_A_USER = 8  # tabs; a browser gives six to a server that speaks HTTP/1.1
LOOK_EVERY_S = 0.5
HEARTBEAT_S = 15.0  # proxies close what is silent for a minute, some for half of one
RETRY_MS = 2000  # how long a browser waits before it comes again

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look found. None instead of it: nothing in the database has moved since the look before.

    marks: of all that were asked for. living: sessions of those asked for that have not ended."""

    marks: Mapping[Place, str]
    living: Collection[int]


# Runs on a thread, one call at a time. Raises: StoreUnavailable. The last word: nothing may be left out this time.
Look = Callable[[Collection[Place], Collection[int], bool], Seen | None]


class TooMany(Exception):
    """More streams than one user, or this process, may have."""


class Stream:
    """One open page. mark: what it shows."""

    def __init__(self, place: Place, session_id: int, mark: str) -> None:
        self.place = place
        self.session_id = session_id
        self._shown = self._mark = mark
        self._ended = False
        self._moved = asyncio.Event()

    def tell(self, mark: str) -> None:
        self._mark = mark
        if mark != self._shown:
            self._moved.set()

    def end(self) -> None:
        self._ended = True
        self._moved.set()

    async def events(self, heartbeat_s: float = HEARTBEAT_S) -> AsyncIterator[bytes]:
        """What goes over the wire (WHATWG HTML §9.2). An event says that something changed, and never what."""
        yield f"retry: {RETRY_MS}\n\n".encode()
        while not self._ended:
            try:
                async with asyncio.timeout(heartbeat_s):
                    await self._moved.wait()
            except TimeoutError:
                yield b":\n\n"
                continue
            self._moved.clear()
            if self._mark != self._shown and not self._ended:
                self._shown = self._mark
                # The id comes back as Last-Event-ID when the browser connects again: nothing is missed meanwhile.
                yield f"id: {self._shown}\nevent: moved\ndata: moved\n\n".encode()


class Hub:
    """All but close() belongs to the event loop."""

    def __init__(self, look: Look, every_s: float = LOOK_EVERY_S) -> None:
        self._look = look
        self._every_s = every_s
        self._streams: set[Stream] = set()
        self._watching: asyncio.Task[None] | None = None
        self._missed = False  # somebody has not heard yet how things stand
        self._failing = False
        self._closed = False

    @contextmanager
    def stream(self, place: Place, session_id: int, mark: str) -> Iterator[Stream]:
        """Raises: TooMany."""
        of_users = Counter(stream.place.user_id for stream in self._streams)
        if self._closed or len(self._streams) >= MAX_STREAMS or of_users[place.user_id] >= MAX_OF_A_USER:
            raise TooMany
        stream = Stream(place, session_id, mark)
        self._streams.add(stream)
        self._missed = True
        if self._watching is None:
            self._watching = asyncio.get_running_loop().create_task(self._watch(CapacityLimiter(1)))
        try:
            yield stream
        finally:
            self._streams.discard(stream)

    @property
    def is_watching(self) -> bool:
        return self._watching is not None

    def close(self) -> None:
        """All streams end now, and no other begins. Call it from the event loop's thread."""
        self._closed = True
        for stream in self._streams:
            stream.end()

    async def _watch(self, own_thread: CapacityLimiter) -> None:
        """As long as there are streams. own_thread: so that looks do not queue behind requests."""
        looks_a_heartbeat = max(1, round(HEARTBEAT_S / self._every_s))
        looks = 0
        while self._streams and not self._closed:
            # What the clock alone moves is seen in none of the database's changes.
            thoroughly, self._missed = self._missed or looks % looks_a_heartbeat == 0, False
            looks += 1
            await self._look_once(thoroughly, own_thread)
            await asyncio.sleep(self._every_s)
        self._watching = None

    async def _look_once(self, thoroughly: bool, own_thread: CapacityLimiter) -> None:
        streams = list(self._streams)
        places, sessions = {stream.place for stream in streams}, {stream.session_id for stream in streams}
        try:
            # A database that hangs keeps no process from ending: then the look is left alone.
            seen = await run_sync(self._look, places, sessions, thoroughly, abandon_on_cancel=True, limiter=own_thread)
        except Exception:  # a page that is a little late is no reason to close it
            if not self._failing:
                log.warning("live_not_checkable", exc_info=True)
            self._failing = self._missed = True
            return
        self._failing = False
        if seen is None:
            return
        for stream in streams:
            if stream.session_id in seen.living:
                stream.tell(seen.marks[stream.place])
            else:
                stream.end()
