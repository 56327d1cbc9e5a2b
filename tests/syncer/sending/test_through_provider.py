"""Bulk and automated mail through the location's own relay: at most once each, none lost, and its entries (E2, E6)."""

import socket

import pytest
from providers_outbox import ProvidersOutbox
from real_relay import RealRelay, scripted, serving, talk

from crm_store import outbox, providers
from crm_store.mail.read import read
from crm_store.models.outbox import Delivery
from crm_store.return_paths import ReturnPaths
from crm_store.rules.outbox import EmailKind, OutboxReason, OutboxState
from crm_store.rules.states import Path

HOUR_S = 3600


@pytest.fixture
def place(providers_outbox: ProvidersOutbox) -> ProvidersOutbox:
    return providers_outbox


def test_each_recipient_gets_a_mail_that_names_nobody_else_and_an_entry(place: ProvidersOutbox):
    email = place.post("budi@x.test", "citra@y.test", kind=EmailKind.AUTOMATED)
    assert place.run()
    assert place.arrived() == ["budi@x.test", "citra@y.test"]
    assert place.told(email).state == OutboxState.SENT
    for mail, other in zip(place.relay.taken, ("citra", "budi"), strict=True):
        assert other not in mail.content.decode()
        header = read(mail.content)
        assert header.message_id is not None
        assert b"Auto-Submitted: auto-generated\r\n" in mail.content
        assert mail.content.count(b"\r\nDate: ") + mail.content.startswith(b"Date: ") == 1
        returns = ReturnPaths.of(place.store.settings)
        token = returns.token_of(mail.mail_from, now_ms=place.now_ms)
        assert Delivery.get(Delivery.token == token).message_id == header.message_id
    entries = place.store.entries(place.adi)
    assert [[one.address for one in entry.message.to] for entry in entries] == [["budi@x.test"], ["citra@y.test"]]
    assert [entry.paths for entry in entries] == [[Path.CRM], [Path.CRM]]
    place.run()
    assert len(place.relay.taken) == 2


def test_who_is_refused_fails_with_the_relays_words_and_the_others_go(place: ProvidersOutbox):
    place.relay.answers = {"RCPT budi@x.test": "550 5.1.1 \x1b[31mnobody"}
    email = place.post("budi@x.test", "citra@y.test")
    place.run()
    told = place.told(email)
    assert (told.state, told.reason) == (OutboxState.FAILED, OutboxReason.RECIPIENTS_REFUSED)
    assert place.states() == ["failed", "sent"]
    assert Delivery.get(Delivery.state == "failed").detail == "5.1.1 [31mnobody"
    place.relay.answers = {}
    outbox.retry(place.adi.access, email, now_ms=place.now_ms)
    place.run()
    assert place.arrived() == ["citra@y.test", "budi@x.test"]
    assert place.states() == ["sent", "sent"]


def test_who_is_put_off_is_tried_again_in_growing_pauses(place: ProvidersOutbox):
    place.relay.answers = {"RCPT budi@x.test": ["450 later", "450 later"], "DATA": ["250 OK", "451 later"]}
    place.post("budi@x.test", "citra@y.test")
    place.run()
    assert place.states() == ["waiting", "sent"]
    place.later(59)
    place.run()
    assert place.relay.answers["RCPT budi@x.test"] == ["450 later"]
    for pause_s in (1, 120, 240):  # RCPT again, then the content, then it is taken
        place.later(pause_s)
        place.run()
    assert place.states() == ["sent", "sent"]
    assert place.arrived() == ["citra@y.test", "budi@x.test"]


def test_who_is_put_off_for_five_days_fails(place: ProvidersOutbox):
    place.relay.answers = {"RCPT budi@x.test": "450 later"}
    email = place.post("budi@x.test")
    Delivery.update(attempt=34).execute()
    place.run()
    assert place.told(email).state == OutboxState.WAITING
    place.later(4 * HOUR_S)
    place.run()
    told = place.told(email)
    assert (told.state, told.detail) == (OutboxState.FAILED, "later")


def test_a_relay_that_is_down_for_an_hour_loses_nothing_and_keeps_the_order(place: ProvidersOutbox):
    real_port = place.relay.port
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        down = nobody.getsockname()[1]
    place.set_up(port=down)
    for number in range(4):
        place.post(f"p{number}@x.test")
    for _ in range(6):
        place.run()
        place.later(600)
    assert place.states() == ["waiting"] * 4
    view = providers.get(place.adi.access, place.adi.location_id)
    assert view.problem == OutboxReason.UNREACHABLE
    with serving(RealRelay(port=down), decode_data=False) as back:
        place.later(1)
        place.run()
        place.relay = back
        assert place.arrived() == [f"p{number}@x.test" for number in range(4)]
    assert place.states() == ["sent"] * 4
    assert real_port != down
    assert providers.get(place.adi.access, place.adi.location_id).problem is None


def test_no_answer_after_the_dot_is_unknown_until_its_user_says(place: ProvidersOutbox):
    with scripted(lambda session: talk(session, ".") and None) as port:
        place.set_up(port=port)
        kept, again = place.post("budi@x.test"), place.post("citra@x.test")
        place.run()
    place.set_up(port=place.relay.port)
    place.later(HOUR_S)
    place.run()
    assert place.arrived() == []
    for email in (kept, again):
        told = place.told(email)
        assert (told.state, told.reason, told.not_before_ms) == (OutboxState.UNKNOWN, OutboxReason.NO_ANSWER, None)
    domains = place.store.settings.capture_domains
    for email, sent in ((kept, True), (again, False)):
        outbox.resolve(place.adi.access, email, place.store.blobs, domains, was_sent=sent, now_ms=place.now_ms)
    place.run()
    assert place.arrived() == ["citra@x.test"]
    assert place.states() == ["sent", "sent"]
    assert len(place.store.entries(place.adi)) == 2


def test_without_a_provider_it_fails_and_can_be_sent_again(place: ProvidersOutbox):
    email = place.post("budi@x.test")
    providers.remove(place.adi.access, place.adi.location_id, now_ms=place.now_ms)
    place.run()
    assert (place.told(email).state, place.told(email).reason) == (OutboxState.FAILED, OutboxReason.NO_PROVIDER)
    place.set_up()
    outbox.retry(place.adi.access, email, now_ms=place.now_ms)
    place.run()
    assert place.arrived() == ["budi@x.test"]


def test_no_more_go_in_a_minute_than_the_provider_takes(place: ProvidersOutbox):
    place.set_up(per_minute=60)
    for number in range(5):
        place.post(f"p{number}@x.test")
    place.run()
    assert len(place.relay.taken) == 2
    place.run()
    assert len(place.relay.taken) == 2
    for expected in (3, 4, 5):
        place.later(1)
        place.run()
        assert len(place.relay.taken) == expected


def test_a_large_mail_that_is_cancelled_while_its_content_goes_does_not_leave(
    place: ProvidersOutbox, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("syncer.sending.through_provider._TOGETHER_BYTES", 0)
    first, second = place.post("budi@x.test"), place.post("citra@x.test")
    written = place.relay.handle_RCPT

    async def cancels(server, session, envelope, address, options):
        if address == "budi@x.test":
            row = Delivery.update(state="cancelled").where(Delivery.email_id == first)
            row.execute()
        return await written(server, session, envelope, address, options)

    place.relay.handle_RCPT = cancels
    place.run()
    assert place.arrived() == ["citra@x.test"]
    assert place.states() == ["cancelled", "sent"]
    assert place.told(second).state == OutboxState.SENT
