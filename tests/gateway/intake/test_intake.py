import asyncio
import hashlib
import shutil
import sqlite3
import threading
import time

import pytest

from crm_store.bell import Bell
from crm_store.errors import IntakeFull, Temporary
from gateway.intake import segment
from gateway.intake.envelope import Envelope
from gateway.intake.intake import Intake

LARGE = bytes(range(256)) * 2000  # 512,000 octets


async def until(condition, seconds=30):
    end_s = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end_s, "it did not happen"
        await asyncio.sleep(0.01)


def test_a_mail_that_put_returned_is_in_a_segment(play):
    async def scene(desk):
        receipt_id = await desk.put(b"hello")
        (row,) = desk.rows()
        assert row.envelope == Envelope(
            "ana@sender.test", ("x@capture.test", "ü@capture.test"), "192.0.2.1", "client", True, 1_700_000_000_000
        )
        assert (row.seq, row.receipt_id, row.size_bytes) == (1, receipt_id, 5)
        assert (row.body, row.spool, row.sha256) == (b"hello", None, hashlib.sha256(b"hello").digest())

    play(scene)


def test_a_large_mail_is_in_a_spool_file(play):
    async def scene(desk):
        receipt_id = await desk.put(LARGE)
        (row,) = desk.rows()
        assert (row.body, row.spool, row.size_bytes) == (None, receipt_id, len(LARGE))
        assert row.sha256 == hashlib.sha256(LARGE).digest()
        assert segment.spool_path(desk.intake.acceptor_folder, row.spool).read_bytes() == LARGE

    play(scene)


@pytest.mark.parametrize("block_bytes", [1, 65_536, 300_000, 600_000])
def test_blocks_of_any_size_make_the_same_mail(play, block_bytes):
    text = LARGE[:300_001]

    async def scene(desk):
        receipt_id = await desk.put(text, block_bytes)
        assert segment.spool_path(desk.intake.acceptor_folder, receipt_id).read_bytes() == text

    play(scene)


def test_mails_that_wait_share_a_commit(play, monkeypatch):
    batches = []
    append = segment.append

    def slow(writer, mails):
        batches.append(len(mails))
        time.sleep(0.05)  # a slow disk
        append(writer, mails)

    monkeypatch.setattr(segment, "append", slow)

    async def scene(desk):
        receipt_ids = await asyncio.gather(*(desk.put(b"%d" % n) for n in range(100)))
        assert {row.receipt_id for row in desk.rows()} == set(receipt_ids)
        assert len(batches) <= 4

    play(scene)


def test_each_commit_rings(play):
    async def scene(desk):
        with Bell(segment.bell_path(desk.folder)) as bell:
            await desk.put(b"one")
            assert await asyncio.to_thread(bell.wait, 10)
            await desk.put(b"two")
            assert await asyncio.to_thread(bell.wait, 10)

    play(scene)


def test_a_quiet_segment_is_closed_when_its_time_is_over_and_an_empty_one_is_kept(play):
    async def scene(desk):
        await desk.put(b"one")
        await until(lambda: len(desk.segments()) == 2)
        await asyncio.sleep(0.5)
        assert [len(segment.read_rows(path, 0, 10)) for path in desk.segments()] == [1, 0]
        await desk.put(b"two")
        assert [len(segment.read_rows(path, 0, 10)) for path in desk.segments()] == [1, 1]

    play(scene, segment_age_s=0.15)


def test_a_segment_ends_when_it_is_large(play):
    async def scene(desk):
        for _ in range(7):
            await desk.put(b"x" * 40_000)
        assert [len(segment.read_rows(path, 0, 10)) for path in desk.segments()][:3] == [3, 3, 1]

    play(scene, segment_bytes=100_000)


def test_a_closed_segment_needs_its_log_no_more(play):
    async def scene(desk):
        await desk.put(b"x" * 40_000)
        (one, *_) = desk.segments()
        await until(lambda: not one.with_name(one.name + "-wal").exists())
        assert len(segment.read_rows(one, 0, 10)) == 1

    play(scene, segment_bytes=1000)


def test_rows_are_read_in_pages(play):
    async def scene(desk):
        for n in range(5):
            await desk.put(b"%d" % n)
        (path,) = desk.segments()
        assert [row.body for row in segment.read_rows(path, 0, 2)] == [b"0", b"1"]
        assert [row.body for row in segment.read_rows(path, 2, 2)] == [b"2", b"3"]
        assert [row.body for row in segment.read_rows(path, 4, 2)] == [b"4"]
        assert segment.read_rows(path, 5, 2) == []

    play(scene)


def test_reading_all_the_while_disturbs_nothing(play):
    stop, seen = threading.Event(), set()

    async def scene(desk):
        def read():
            while not stop.is_set():
                for path in desk.segments():
                    seen.update(row.receipt_id for row in segment.read_rows(path, 0, 10_000))

        reading = asyncio.create_task(asyncio.to_thread(read))
        ids = {
            receipt_id for _ in range(30) for receipt_id in await asyncio.gather(*(desk.put(b"x") for _ in range(10)))
        }
        stop.set()
        await reading  # raises what read() raised
        assert {row.receipt_id for row in desk.rows()} == ids
        assert seen <= ids

    play(scene, segment_bytes=10_000)


@pytest.mark.parametrize("size_bytes", [1000, len(LARGE)])
def test_an_error_while_the_mail_comes_keeps_nothing(play, size_bytes):
    async def broken():
        yield LARGE[:size_bytes]
        raise ValueError

    async def scene(desk):
        desk.intake.prepare()
        with pytest.raises(ValueError):
            await desk.intake.put(Envelope("", (), "", "", False, 0), broken())
        await until(lambda: not desk.spool_files())
        assert desk.rows() == []

    play(scene)


def test_a_cancelled_large_mail_leaves_no_file(play):
    async def endless():
        while True:
            await asyncio.sleep(0)
            yield LARGE

    async def scene(desk):
        await desk.put(b"one")
        tasks = [asyncio.create_task(desk.intake.put(Envelope("", (), "", "", False, 0), endless())) for _ in range(5)]
        await until(lambda: len(desk.spool_files()) == 5)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await until(lambda: not desk.spool_files())

    play(scene)


@pytest.mark.parametrize(
    "error", [sqlite3.OperationalError("disk I/O error"), OSError(28, "full"), MemoryError()], ids=repr
)
def test_a_commit_that_fails_is_temporary_and_the_next_mail_goes_to_a_new_segment(play, monkeypatch, error):
    def failing(*_):
        raise error

    async def scene(desk):
        await desk.put(b"before")
        with monkeypatch.context() as broken:
            broken.setattr(segment, "append", failing)
            results = await asyncio.gather(desk.put(b"lost"), desk.put(LARGE), return_exceptions=True)
        assert [type(result) for result in results] == [Temporary, Temporary]
        assert desk.spool_files() == []
        await desk.put(b"after")
        assert [row.body for row in desk.rows()] == [b"before", b"after"]
        assert len(desk.segments()) > 1

    play(scene)


def test_a_full_disk_is_temporary_until_there_is_room(play, monkeypatch):
    """No segment can be made; the one before must not take rows again."""

    def full(path):
        raise OSError(28, "No space left on device")

    async def scene(desk):
        await desk.put(b"x" * 2000)
        with monkeypatch.context() as broken:
            broken.setattr(segment, "create", full)
            await until(lambda: desk.intake._writer._segment is None)  # it tried to rotate
            with pytest.raises(Temporary):
                await desk.put(b"lost")
        await until(lambda: len(desk.segments()) == 2)  # by itself, without a mail
        await desk.put(b"after")
        assert [len(segment.read_rows(path, 0, 10)) for path in desk.segments()] == [1, 1]

    play(scene, segment_age_s=0.1)


def test_a_segment_replaced_by_another_file_takes_no_mail(play):
    async def scene(desk):
        await desk.put(b"one")
        (path,) = desk.segments()
        copy = path.with_suffix(".copy")
        shutil.copy(path, copy)
        copy.rename(path)
        await desk.put(b"two")
        assert [row.body for row in segment.read_rows(desk.segments()[-1], 0, 10)] == [b"two"]

    play(scene)


def test_a_spool_file_that_vanished_is_not_acknowledged(play, monkeypatch):
    append, lost = segment.append, []

    async def scene(desk):
        def lose(writer, mails):
            lost.append(1)
            if len(lost) == 1:  # the second attempt finds a new segment, but no spool file
                shutil.rmtree(desk.intake.acceptor_folder)
            append(writer, mails)

        await desk.put(b"one")
        with monkeypatch.context() as broken:
            broken.setattr(segment, "append", lose)
            with pytest.raises(Temporary):
                await desk.put(LARGE)
        await desk.put(LARGE)
        assert [row.size_bytes for row in desk.rows()] == [len(LARGE)]

    play(scene)


def test_the_lock_lasts_as_long_as_the_intake(tmp_path):
    async def main():
        intake = Intake(tmp_path, 1000)
        assert segment.acceptors(tmp_path) == []  # nothing before the first mail

        async def one():
            yield b"x"

        await intake.put(Envelope("", (), "", "", False, 0), one())
        assert segment.acceptors(tmp_path) == [intake.acceptor_folder]
        assert not segment.is_dead(intake.acceptor_folder)
        await intake.close()
        assert segment.is_dead(intake.acceptor_folder)

    asyncio.run(main())


def test_closing_commits_what_waits(tmp_path):
    async def main():
        intake = Intake(tmp_path, 1000)

        async def one():
            yield b"x"

        puts = [asyncio.create_task(intake.put(Envelope("", (), "", "", False, 0), one())) for _ in range(50)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await intake.close()
        ids = await asyncio.gather(*puts)
        (path,) = segment.segments(intake.acceptor_folder)
        assert {row.receipt_id for row in segment.read_rows(path, 0, 100)} == set(ids)

    asyncio.run(main())


def test_a_disk_nearly_full_is_said_before_a_mail_comes(tmp_path):
    async def main():
        intake = Intake(tmp_path / "not" / "there", 1 << 62)
        with pytest.raises(IntakeFull):
            intake.check_room()
        await intake.close()

    asyncio.run(main())


def test_only_one_of_body_and_spool_can_be_stored(tmp_path):
    path = segment.segment_path(tmp_path, 1)
    segment.create(path)
    writer = segment.open_for_append(path)
    for body, spool in ((None, None), (b"x", "y")):
        mail = segment.IntakeMail("id", Envelope("", (), "", "", False, 0), 1, b"", body, spool)
        with pytest.raises(sqlite3.IntegrityError):
            segment.append(writer, [mail])
    assert not writer.in_transaction
    writer.close()


def test_segments_are_flushed_at_each_commit(tmp_path):
    path = segment.segment_path(tmp_path, 1)
    segment.create(path)
    writer = segment.open_for_append(path)
    assert writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert writer.execute("PRAGMA synchronous").fetchone() == (2,)
    writer.close()
