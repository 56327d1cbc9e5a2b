"""What `status` and the scrape tell of the outbox."""

from collections.abc import Callable

from outgoing import Outgoing

from crm_store import outbox_status
from crm_store.models.outbox import Delivery

SEND = "gmail.users.messages.send"


def test_the_outbox_is_counted_by_state_and_by_age(outgoing: Callable[..., Outgoing]):
    Delivery.delete().execute()
    ani = outgoing("ani")
    mails = [ani.post("budi@luar.example", after_s=seconds) for seconds in (-90, 0, 3600)]
    ani.sandbox.fault(SEND, account=ani.mailbox.email, drop=True)
    told = outbox_status.status(now_ms=ani.mailbox.now_ms())
    assert told.by_state == {"waiting": 3, "sending": 0, "unknown": 0}
    assert 89_000 < told.oldest_due_ms < 120_000
    ani.run()
    told = outbox_status.status(now_ms=ani.mailbox.now_ms())
    assert (told.by_state, told.oldest_due_ms) == ({"waiting": 1, "sending": 0, "unknown": 1}, 0)
    assert ani.told(*mails) == ["unknown", "sent", "waiting"]
    Delivery.update(state="sending", due_at_ms=None).where(Delivery.id == mails[2]).execute()
    assert outbox_status.status(now_ms=ani.mailbox.now_ms()).by_state["sending"] == 1
