"""The snapshot of recipients and when it is compared with the database."""

import asyncio
import sys
import threading

import pytest

from gateway.smtp.arguments import read_path
from gateway.smtp.handler import CaptureHandler
from gateway.smtp.limits import Limits
from gateway.smtp.recipients import Answer, RecipientBook

DOMAIN = "capture.test"


def run(addresses, play, **settings):
    async def main():
        book = RecipientBook(addresses, **settings)
        try:
            return await asyncio.wait_for(play(book), 60)
        finally:
            book.close()

    return asyncio.run(main())


@pytest.fixture
def addresses(receiver):
    return type(receiver.addresses)()


def look_up(book, local, now_ms=1000, checked=True):
    return book.look_up(f"{local}@capture.test", now_ms, checked)


def test_every_change_is_seen_by_the_next_check(addresses):
    async def play(book):
        for n in range(50):
            addresses.add(f"a{n}")
            assert await book.check()
            assert look_up(book, f"a{n}") is Answer.KNOWN
        addresses.add("a7", answer_until_ms=0)
        assert await book.check()
        assert look_up(book, "a7") is Answer.UNKNOWN

    run(addresses, play)


@pytest.mark.parametrize("count", [999, 1000, 1001, 2500])
def test_all_pages_are_read(addresses, count):
    for n in range(count):
        addresses.add(f"a{n}")

    async def play(book):
        await book.check()
        assert all(look_up(book, f"a{n}") is Answer.KNOWN for n in range(count))

    run(addresses, play)


def test_an_end_counts_from_its_millisecond_on(addresses):
    addresses.add("old", answer_until_ms=1000)

    async def play(book):
        await book.check()
        assert [look_up(book, "old", now_ms) for now_ms in (999, 1000)] == [Answer.KNOWN, Answer.UNKNOWN]

    run(addresses, play)


def test_sessions_share_looks_and_who_comes_late_gets_the_next_one(addresses):
    addresses.hangs = threading.Event()

    async def play(book):
        first = asyncio.create_task(book.check())
        while addresses.looks == 0:  # the first look has begun
            await asyncio.sleep(0.001)
        later = [asyncio.create_task(book.check()) for _ in range(100)]
        await asyncio.sleep(0)
        addresses.add("new")  # behind the first look's back, perhaps
        addresses.hangs.set()
        assert await asyncio.gather(first, *later) == [True] * 101
        assert addresses.looks == 2
        assert look_up(book, "new") is Answer.KNOWN

    run(addresses, play)


def test_a_database_set_back_to_an_earlier_state_is_read_anew(addresses):
    for name in ("ana", "budi", "citra"):
        addresses.add(name)

    async def play(book):
        await book.check()
        del addresses.changes[1:]
        await book.check()
        assert [look_up(book, name) for name in ("ana", "budi")] == [Answer.KNOWN, Answer.UNKNOWN]

    run(addresses, play)


def test_a_check_that_does_not_end_is_not_waited_for_again_until_one_has_ended(addresses):
    addresses.hangs = threading.Event()

    async def play(book):
        loop = asyncio.get_running_loop()
        assert await book.check() is False
        before_s = loop.time()
        assert [await book.check() for _ in range(100)] == [False] * 100
        assert loop.time() - before_s < 5  # where each waited for its limit they would take 20 s
        addresses.hangs.set()
        while not await book.check():
            await asyncio.sleep(0.001)

    run(addresses, play, check_limit_s=0.2)


def test_an_address_that_proves_itself_needs_no_database(addresses):
    async def play(book):
        assert look_up(book, "b-proven", checked=False) is Answer.KNOWN
        assert look_up(book, "b-forged", checked=True) is Answer.UNKNOWN
        assert look_up(book, "b-proven", now_ms=2000) is Answer.UNKNOWN  # it ends

    run(addresses, play, proves_itself=lambda address, now_ms: address == "b-proven@capture.test" and now_ms < 2000)


def lines_of(play) -> int:
    """How many lines of Python it takes."""
    count = 0

    def trace(_frame, event, _argument):
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        play()
    finally:
        sys.settrace(before)
    return count


def test_live_and_dead_addresses_take_the_same_steps(addresses):
    """What differs is the answer, where it may: the time before it tells nothing."""
    addresses.add("live")
    addresses.add("oven", answer_until_ms=999)
    addresses.add("offd", answer_until_ms=0)

    async def play(book):
        await book.check()
        handler = CaptureHandler([DOMAIN], book, None, Limits(1000))
        paths = [read_path("TO:", f"TO:<{name}@{DOMAIN}>") for name in ("live", "oven", "offd", "none")]
        told = [handler.recipient(path, True)[0][:3] for path in paths]
        assert told == ["250", "550", "550", "550"]
        assert len({lines_of(lambda path=path: handler.recipient(path, True)) for path in paths[1:]}) == 1
        looked = [lambda path=path: book.look_up(path.address, 1000, True) for path in paths]
        assert len({lines_of(look) for look in looked}) == 1
        assert lines_of(looked[0]) > 1

    run(addresses, play)
