"""Pub/Sub "might be delayed or dropped" (facts/gmail.md 1.5): polling goes on, and pushes count again when they come."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from followed_mailbox import Followed

from crm_store import mailboxes, push_notices
from crm_store.rules.connection import padded_cursor
from syncer.history.run import run

INTERVAL_S, POLLS = 300, 12  # an hour

# When it is due is the same on both databases.
pytestmark = pytest.mark.parametrize("followed_settings", ["sqlite"], indirect=True, scope="module")


def work_off_what_is_due(ani: Followed) -> int:
    """How many runs that took."""
    due = [ring for ring in mailboxes.hand_out(100, now_ms=ani.now_ms()) if ring.mailbox_id == ani.mailbox.id]
    for ring in due:
        assert run(ani.engine, ring)
    return len(due)


def test_an_hour_without_pushes_is_mended_by_polling_and_the_next_push_counts(followed: Callable[..., Followed]):
    ani = followed("ani")
    settings = ani.settings.model_copy(
        update={"google_pubsub_topic": "projects/crm/topics/gmail", "sync_interval_s": INTERVAL_S}
    )
    ani.engine = replace(ani.engine, settings=settings)
    ani.connect()
    ani.sync()
    budi, sent = ani.contact("budi"), list[str]()
    for poll in range(POLLS):
        if poll % 3:
            sent.append(f"surat {poll}")
            ani.deliver(budi, subject=sent[-1])
        ani.later(INTERVAL_S)
        while work_off_what_is_due(ani):
            pass
        assert ani.subjects() == sent
    assert ani.told() == (len(sent), len(sent), 0, 0, 0)

    ani.deliver(budi, subject="sesudah")
    assert not work_off_what_is_due(ani)  # its time has not come
    history_id = padded_cursor(int(ani.mailbox.cursor) + 1)
    assert push_notices.note(ani.email, history_id, now_ms=ani.now_ms()) == 1
    assert work_off_what_is_due(ani)
    assert ani.subjects() == [*sent, "sesudah"]
