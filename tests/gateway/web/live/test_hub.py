"""One look at the database for all open pages: who hears what, who is let in, and how it ends."""

import asyncio
from collections.abc import Awaitable, Callable, Collection

import pytest

from crm_store.errors import StoreUnavailable
from crm_store.live_marks.place import Place, View
from gateway.web.live.hub import MAX_OF_A_USER, MAX_STREAMS, Hub, Seen, Stream, TooMany

ANI, BUDI = Place(1, 11, View.SETTINGS), Place(1, 12, View.QUEUE)
MOVED = b"event: moved\ndata: moved\n\n"


def of_user(user_id: int) -> Place:
    return Place(1, user_id, View.SETTINGS)


class Desk:
    """What the look finds. down: the database does not answer."""

    def __init__(self) -> None:
        self.marks = {ANI: "a0", BUDI: "b0"}
        self.living: set[int] = {1, 2}
        self.down = False
        self.moved = True
        self.asked: list[tuple[set[Place], set[int], bool]] = []

    def look(self, places: Collection[Place], sessions: Collection[int], thoroughly: bool) -> Seen | None:
        self.asked.append((set(places), set(sessions), thoroughly))
        if self.down:
            raise StoreUnavailable("down")
        if not (self.moved or thoroughly):
            return None
        return Seen({place: self.marks[place] for place in places}, self.living & set(sessions))


def run(scene: Callable[[Hub, Desk], Awaitable[None]]) -> None:
    async def play() -> None:
        desk = Desk()
        hub = Hub(desk.look, every_s=0.002)
        try:
            async with asyncio.timeout(20):
                await scene(hub, desk)
        finally:
            hub.close()

    asyncio.run(play())


async def next_event(stream: Stream) -> bytes:
    """Of a stream whose events() is read from here on; its first line says how soon to come again."""
    events = stream.events()
    assert (await anext(events)).startswith(b"retry: ")
    return await anext(events)


def test_only_the_page_that_shows_something_else_hears_of_it():
    async def scene(hub: Hub, desk: Desk) -> None:
        with hub.stream(ANI, 1, "a0") as mine, hub.stream(BUDI, 2, "b0") as theirs:
            desk.marks[ANI] = "a1"
            assert await next_event(mine) == b"id: a1\n" + MOVED
            quiet = theirs.events(heartbeat_s=0.01)
            assert [await anext(quiet) for _ in range(3)][1:] == [b":\n\n", b":\n\n"]

    run(scene)


def test_what_moved_between_the_page_and_its_stream_is_told():
    async def scene(hub: Hub, desk: Desk) -> None:
        desk.moved = False
        with hub.stream(ANI, 1, "of yesterday") as stream:
            assert await next_event(stream) == b"id: a0\n" + MOVED

    run(scene)


def test_a_page_that_comes_later_is_looked_at_though_nothing_moves():
    async def scene(hub: Hub, desk: Desk) -> None:
        desk.moved = False
        with hub.stream(ANI, 1, "a0"):
            while len(desk.asked) < 3:
                await asyncio.sleep(0.001)
            with hub.stream(BUDI, 2, "of yesterday") as later:
                assert await next_event(later) == b"id: b0\n" + MOVED

    run(scene)


@pytest.mark.parametrize("how", ["signed out", "stopped"])
def test_a_stream_ends_with_its_session_and_with_the_server(how: str):
    async def scene(hub: Hub, desk: Desk) -> None:
        with hub.stream(ANI, 1, "a0") as stream:
            events = stream.events()
            await anext(events)
            if how == "signed out":
                desk.living.clear()
            else:
                hub.close()
            assert [event async for event in events] == []

    run(scene)


def test_a_database_that_is_away_costs_no_page_its_stream():
    async def scene(hub: Hub, desk: Desk) -> None:
        desk.down = True
        with hub.stream(ANI, 1, "a0") as stream:
            while len(desk.asked) < 3:
                await asyncio.sleep(0.001)
            desk.marks[ANI] = "a1"
            desk.down = desk.moved = False
            assert await next_event(stream) == b"id: a1\n" + MOVED

    run(scene)


def test_one_look_is_for_all_and_none_is_taken_for_nobody():
    async def scene(hub: Hub, desk: Desk) -> None:
        await asyncio.sleep(0.02)
        assert desk.asked == []
        with hub.stream(ANI, 1, "a0"), hub.stream(ANI, 1, "a0"), hub.stream(BUDI, 2, "b0"):
            while not desk.asked:
                await asyncio.sleep(0.001)
            assert desk.asked[0] == ({ANI, BUDI}, {1, 2}, True)
        while hub.is_watching:
            await asyncio.sleep(0.001)
        asked = len(desk.asked)
        await asyncio.sleep(0.02)
        assert len(desk.asked) == asked

    run(scene)


def test_streams_are_bounded_by_user_and_in_all():
    async def scene(hub: Hub, desk: Desk) -> None:
        desk.marks = {of_user(user_id): "m" for user_id in range(MAX_STREAMS + 1)}
        of_one = [hub.stream(of_user(0), 1, "m") for _ in range(MAX_OF_A_USER + 1)]
        for stream in of_one[:-1]:
            stream.__enter__()
        with pytest.raises(TooMany):
            of_one[-1].__enter__()
        of_one[0].__exit__(None, None, None)
        with hub.stream(of_user(0), 1, "m"):
            pass
        others = [hub.stream(of_user(user_id), 1, "m") for user_id in range(1, MAX_STREAMS - MAX_OF_A_USER + 2)]
        for stream in others:
            stream.__enter__()
        with pytest.raises(TooMany):
            hub.stream(of_user(MAX_STREAMS), 1, "m").__enter__()

    run(scene)


def test_none_begins_after_the_end():
    async def scene(hub: Hub, _: Desk) -> None:
        hub.close()
        with pytest.raises(TooMany):
            hub.stream(ANI, 1, "a0").__enter__()

    run(scene)
