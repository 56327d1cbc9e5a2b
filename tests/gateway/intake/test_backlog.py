"""Mail that waits for the CRM is bounded, whichever acceptor took it."""

import asyncio

import pytest

from crm_store.errors import IntakeFull
from gateway.intake import segment


def test_nothing_there_is_nothing(tmp_path):
    assert segment.backlog_bytes(tmp_path / "none") == 0


def test_segments_and_spool_files_count(play):
    async def scene(desk):
        await desk.put(b"x" * 200_000)
        await desk.put(b"y" * 600_000)
        assert 800_000 < segment.backlog_bytes(desk.folder) < 1_000_000

    play(scene)


def test_with_too_much_waiting_no_mail_is_begun_until_it_is_moved(play):
    async def scene(desk):
        await desk.put(b"x" * 600_000)
        desk.intake.check_room()
        await desk.intake.measure_backlog()
        with pytest.raises(IntakeFull):
            desk.intake.check_room()
        (spooled,) = segment.spool_folder(desk.intake.acceptor_folder).iterdir()
        await asyncio.to_thread(spooled.unlink)
        await desk.intake.measure_backlog()
        desk.intake.check_room()

    play(scene, max_backlog_bytes=500_000)
