"""The doorbell, in each storage that needs no server of its own."""

from collections.abc import Callable

import pytest
from followed_mailbox import Followed
from postgres_server import PostgresServer

from crm_store import bell
from crm_store.errors import SettingsError
from crm_store.mailboxes import Ring
from crm_store.settings import load
from syncer.composition import engine_of
from syncer.queue import queue_of
from syncer.tasks import follow_mailbox


@pytest.mark.parametrize("storage", ["sqlite", "postgresql"])
def test_a_ring_is_a_task_of_ids(request, tmp_path, storage):
    environ = {"SUNNYDAY_DATA": str(tmp_path)}
    if storage == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        environ["SUNNYDAY_QUEUE_URL"] = server.create_database()
    settings = load(environ)
    queue = queue_of(settings)
    ring = follow_mailbox(queue, engine_of(settings, role="test"))
    for number in (1, 2):
        ring(Ring(number, 7))
    assert queue.pending_count() == 2
    assert [queue.dequeue().args for _ in range(2)] == [(1, 7), (2, 7)]
    queue.storage.close()
    if storage == "postgresql":
        server.drop_database(environ["SUNNYDAY_QUEUE_URL"])


def test_who_did_a_mailbox_wakes_the_dispatcher(followed: Callable[..., Followed], tmp_path):
    """It may be due again, and is not looked for while somebody has it."""
    ani = followed("ani")
    ani.connect()
    queue = queue_of(load({"SUNNYDAY_DATA": str(tmp_path)}))
    ring = follow_mailbox(queue, ani.engine)
    with bell.Bell(bell.of_syncer(ani.settings.data)) as dispatcher:
        ring(ani.ring())
        assert not dispatcher.wait(0)
        queue.execute(queue.dequeue())
        assert dispatcher.wait(0)
    assert ani.row.last_synced_at_ms is not None
    queue.storage.close()


def test_a_storage_that_is_not_installed_is_named():
    with pytest.raises(SettingsError, match="the package redis"):
        queue_of(load({"SUNNYDAY_QUEUE_URL": "redis://127.0.0.1:1/0"}))
