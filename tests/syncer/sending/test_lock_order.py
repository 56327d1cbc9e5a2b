"""Who posts, sends, cancels, sends again and hears of bounces at the same moment waits for the others, and never in a
ring: locations, lane, e-mails, deliveries (crm_store/models/outbox.py)."""

from dataclasses import replace
from itertools import count

import pytest
from at_once import at_once
from bounces import a_bounce
from providers_outbox import ProvidersOutbox

from crm_store import outbox, receiving
from crm_store.errors import Conflict
from crm_store.models.outbox import Delivery

ROUNDS = 6


@pytest.mark.soak
@pytest.mark.parametrize("store_settings", ["postgresql"], indirect=True)
def test_nobody_waits_for_somebody_who_waits_for_them(providers_outbox: ProvidersOutbox):
    place = providers_outbox
    emails = [place.post(*(f"p{number}-{one}@x.test" for one in range(12))) for number in range(4)]
    tokens = [(row.token, row.message_id, row.recipients[0]) for row in Delivery.select().order_by(Delivery.id)]

    numbers = count()

    def post() -> None:
        for _ in range(ROUNDS):
            place.post(f"n{next(numbers)}@x.test", f"n{next(numbers)}@x.test")

    def take_back_and_send_again() -> None:
        for _ in range(ROUNDS):
            for act in (outbox.cancel, outbox.retry):
                for email in emails:
                    try:
                        act(place.adi.access, email, now_ms=place.now_ms)
                    except Conflict:  # all of it is under way, or over
                        continue

    def send() -> None:
        for _ in range(ROUNDS):
            place.run()

    def come_back() -> None:
        for number in range(ROUNDS):
            mails = []
            for token, message_id, recipient in tokens[number::ROUNDS][::-1]:
                raw = a_bounce(f"<{message_id}>", (recipient, "failed", "5.1.1"))
                received = place.store.received(raw, "b-x@capture.localhost", mail_from="")
                mails.append(replace(received, returned_to=(token,)))
            receiving.receive(mails, place.store.blobs, now_ms=place.now_ms)

    at_once(post, post, take_back_and_send_again, take_back_and_send_again, send, come_back)  # raises what any raises
    assert set(place.states()) <= {"sent", "waiting", "cancelled"}
    arrived = place.arrived()
    assert len(arrived) == len(set(arrived))
