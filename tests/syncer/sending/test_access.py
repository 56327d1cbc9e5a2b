"""Mail that waits while its user's account can't be used, or is used no more (A4, A5, E8)."""

from dataclasses import replace

import pytest
from outgoing import Outgoing

from crm_store import connection_endings
from crm_store.models.connections import Connection
from crm_store.models.outbox import Delivery

SEND, TOKEN = "gmail.users.messages.send", "oauth.token"

pytestmark = pytest.mark.parametrize("followed_settings", ["sqlite"], indirect=True, scope="module")


def post_three(ani: Outgoing) -> list[int]:
    return [ani.post("budi@luar.example", subject=subject) for subject in ("satu", "dua", "tiga")]


def test_without_access_mail_waits_and_goes_after_signing_in(ani: Outgoing):
    """A5: nothing fails, nothing is lost."""
    mails = post_three(ani)
    ani.sandbox.fault(SEND, account=ani.mailbox.email, nth=2, status=401, reason="authError", times=0)
    ani.sandbox.fault(TOKEN, status=400, times=0, body={"error": "invalid_grant"})
    ani.run()
    assert ani.told(*mails) == ["sent", "waiting", "waiting"]
    assert (ani.mailbox.row.state, ani.lane.reason) == ("needs_reauth", "needs_reauth")
    assert ani.lane.next_run_at_ms is None
    ani.sandbox.as_ever()
    ani.run()
    assert ani.told(*mails) == ["sent", "waiting", "waiting"]
    ani.mailbox.connect(update=ani.mailbox.place_id)
    ani.run()
    assert ani.in_sent() == ["satu", "dua", "tiga"]


def test_access_that_was_lost_elsewhere_puts_the_lane_to_sleep(ani: Outgoing):
    mail = ani.post("budi@luar.example")
    Connection.update(state="needs_reauth").where(Connection.id == ani.mailbox.row.id).execute()
    ani.run()
    assert (ani.told(mail), ani.lane.next_run_at_ms) == (["waiting"], None)
    ani.mailbox.connect(update=ani.mailbox.place_id)
    assert ani.lane.next_run_at_ms is not None
    ani.run()
    assert ani.told(mail) == ["sent"]


class Meanwhile:
    """A mailbox that something happens to right before a mail is handed over."""

    def __init__(self, remote, happens) -> None:
        self._remote, self._happens = remote, happens

    def __getattr__(self, name):
        return getattr(self._remote, name)

    def send(self, raw, thread_id, going_on):
        self._happens()
        return self._remote.send(raw, thread_id, going_on)


def meanwhile(ani: Outgoing, happens) -> None:
    opened = ani.mailbox.engine.open_remote
    ani.mailbox.engine = replace(ani.mailbox.engine, open_remote=lambda access: Meanwhile(opened(access), happens))


@pytest.mark.parametrize("takes_effect", [True, False], ids=["and the mail leaves", "and Google refuses the mail"])
def test_disconnect_in_the_middle_leaves_nothing_waiting(ani: Outgoing, takes_effect):
    """A4, E8: its text is kept, and it can be sent again."""
    mails = post_three(ani)

    def disconnect() -> None:
        connection_endings.end(ani.mailbox.row.id, ani.mailbox.engine.sealer, now_ms=ani.mailbox.now_ms())
        if not takes_effect:
            ani.sandbox.ask("DELETE", f"/accounts/{ani.mailbox.email}/grants")

    meanwhile(ani, disconnect)
    ani.run()
    ani.run()
    assert ani.told(*mails) == ["sent" if takes_effect else "failed", "failed", "failed"]
    assert ani.in_sent() == (["satu"] if takes_effect else [])
    kept = Delivery.select().where(Delivery.id.in_(mails), Delivery.state == "failed")
    assert {row.reason for row in kept} == {"disconnected"}
    assert all(row.blob_sha256 is not None for row in kept)


def test_what_is_cancelled_in_time_never_leaves(ani: Outgoing):
    """Whoever is first."""
    mails = post_three(ani)

    def cancel_next() -> None:
        Delivery.update(state="cancelled", due_at_ms=None).where(
            Delivery.id == mails[1], Delivery.state == "waiting"
        ).execute()

    meanwhile(ani, cancel_next)
    ani.run()
    assert ani.told(*mails) == ["sent", "cancelled", "sent"]
    assert ani.in_sent() == ["satu", "tiga"]
