"""Bounces of what a location's provider carried come home: shown on the entry and on the e-mail, once, and nothing else
is ever done with what comes to such an address (C7, E2)."""

from dataclasses import replace

import pytest
from bounces import a_bounce
from mails import a_mail
from providers_outbox import ProvidersOutbox
from real_relay import scripted, talk

from crm_store import receiving, undelivered
from crm_store.models.captures import Capture, DecisionRow
from crm_store.models.messages import Blob
from crm_store.models.outbox import Delivery
from crm_store.return_paths import ReturnPaths
from crm_store.rules.outbox import EmailKind, OutboxReason, OutboxState
from crm_store.rules.rule import Reason
from crm_store.rules.states import CaptureState, DeliveryState

BUDI = "budi@x.test"


@pytest.fixture
def place(providers_outbox: ProvidersOutbox) -> ProvidersOutbox:
    return providers_outbox


def come_home(place: ProvidersOutbox, raw: bytes, *, mail_from: str = "") -> Capture:
    """To the return address of the first mail that the relay took."""
    (token,) = ReturnPaths.of(place.store.settings).tokens_of([place.relay.taken[0].mail_from], now_ms=place.now_ms)
    return come_to(place, token, raw, mail_from=mail_from)


def come_to(place: ProvidersOutbox, token: str, raw: bytes, *, mail_from: str = "") -> Capture:
    """As the drainer has it, twice."""
    received = replace(place.store.received(raw, "b-x@capture.localhost", mail_from=mail_from), returned_to=(token,))
    assert receiving.receive([received], place.store.blobs, now_ms=place.now_ms) == 1
    assert receiving.receive([received], place.store.blobs, now_ms=place.now_ms) == 0
    place.store.worker.work()
    return Capture.select().order_by(Capture.id.desc()).get()


def a_bounce_of(*, message_id: str | None, recipient: str, action: str = "failed") -> bytes:
    return a_bounce(
        None if message_id is None else f"<{message_id}>",
        (recipient, action, "5.1.1" if action == "failed" else "4.4.1"),
    )


def shown(place: ProvidersOutbox) -> dict[str, DeliveryState]:
    """By recipient, what the entries show."""
    entries = place.store.entries(place.adi)
    told = undelivered.of_entries(place.adi.access, place.adi.location_id, [entry.id for entry in entries])
    return {entry.message.to[0].address: told[entry.id].state for entry in entries if entry.id in told}


def delivery_to_budi() -> Delivery:
    return Delivery.select().order_by(Delivery.id).get()


def sent(place: ProvidersOutbox, *to: str) -> int:
    email = place.post(*to)
    place.run()
    assert place.told(email).state == OutboxState.SENT
    return email


@pytest.mark.parametrize(
    "about",
    [
        pytest.param({}, id="the mail itself"),
        pytest.param({"message_id": None}, id="it does not say which"),
        pytest.param({"recipient": "budi@forwarded.test"}, id="where its recipient has it forwarded to"),
    ],
)
def test_a_bounce_is_shown_on_the_entry_and_on_the_email(place: ProvidersOutbox, about):
    email = sent(place, BUDI, "citra@y.test")
    named = {"message_id": delivery_to_budi().message_id, "recipient": BUDI, **about}
    capture = come_home(place, a_bounce_of(**named))
    assert (capture.state, capture.reason) == (CaptureState.IGNORED, Reason.BOUNCE_SHOWN)
    assert capture.blob_sha256 is None
    assert shown(place) == {BUDI: DeliveryState.FAILED}
    told = place.told(email)
    assert (told.state, told.reason) == (OutboxState.SENT, OutboxReason.BOUNCED)
    row = DecisionRow.get(DecisionRow.capture_id == capture.id)
    assert row.entry_id == delivery_to_budi().entry_id


def test_a_delay_is_shown_and_changes_nothing_of_the_email(place: ProvidersOutbox):
    email = sent(place, BUDI)
    come_home(place, a_bounce_of(message_id=Delivery.get().message_id, recipient=BUDI, action="delayed"))
    assert shown(place) == {BUDI: DeliveryState.DELAYED}
    assert place.told(email).reason is None


@pytest.mark.parametrize("mail_from", ["", "budi@x.test"])
def test_anything_else_is_ignored_and_nothing_of_it_kept(place: ProvidersOutbox, mail_from):
    email = sent(place, BUDI)
    blobs = Blob.select().count()
    capture = come_home(place, a_mail(BUDI, to="toko@firma.example", text="Saya sedang cuti"), mail_from=mail_from)
    assert (capture.state, capture.reason) == (CaptureState.IGNORED, Reason.ABOUT_OTHER_MAIL)
    assert (capture.blob_sha256, Blob.select().count()) == (None, blobs)
    assert shown(place) == {}
    assert place.told(email).reason is None
    assert len(place.store.entries(place.adi)) == 1


def test_a_bounce_that_is_faster_than_our_own_note_is_shown_when_the_mail_is_filed(place: ProvidersOutbox):
    email = place.post(BUDI)
    row = Delivery.get()
    capture = come_to(place, row.token, a_bounce_of(message_id=row.message_id, recipient=BUDI))
    assert capture.reason == Reason.ABOUT_OTHER_MAIL
    place.run()
    assert (place.told(email).state, place.told(email).reason) == (OutboxState.SENT, OutboxReason.BOUNCED)
    assert place.told(email).detail == "5.1.1"
    assert shown(place) == {BUDI: DeliveryState.FAILED}
    assert Capture.get_by_id(capture.id).reason == Reason.BOUNCE_SHOWN


def test_a_notice_has_no_entry_and_its_bounce_is_told_on_it_alone(place: ProvidersOutbox):
    email = place.post("ani@firma.example", kind=EmailKind.NOTICE)
    place.run()
    come_home(place, a_bounce_of(message_id=Delivery.get().message_id, recipient="ani@firma.example"))
    assert place.email(email).reason == OutboxReason.BOUNCED
    assert place.store.entries(place.adi) == []


def test_a_bounce_between_begun_and_sent_stays_the_reason(place: ProvidersOutbox):
    email = place.post(BUDI)
    row = Delivery.get()
    taken = place.relay.handle_DATA

    async def bounces_at_once(server, session, envelope):
        answer = await taken(server, session, envelope)
        Delivery.update(reason=OutboxReason.BOUNCED, detail="5.1.1").where(Delivery.id == row.id).execute()
        return answer

    place.relay.handle_DATA = bounces_at_once
    place.run()
    told = place.told(email)
    assert (told.state, told.reason, told.detail) == (OutboxState.SENT, OutboxReason.BOUNCED, "5.1.1")


def test_a_bounce_of_what_nobody_knew_to_have_left_says_that_it_did(place: ProvidersOutbox):
    email = place.post(BUDI)
    with scripted(lambda session: talk(session, ".") and None) as port:
        place.set_up(port=port)
        place.run()
    assert place.told(email).state == OutboxState.UNKNOWN
    place.set_up(port=place.relay.port)
    row = Delivery.get()
    capture = come_to(place, row.token, a_bounce_of(message_id=row.message_id, recipient=BUDI))
    assert place.lane.next_run_at_ms is not None
    place.run()
    told = place.told(email)
    assert (told.state, told.reason, told.detail) == (OutboxState.SENT, OutboxReason.BOUNCED, "5.1.1")
    assert shown(place) == {BUDI: DeliveryState.FAILED}
    assert Capture.get_by_id(capture.id).reason == Reason.BOUNCE_SHOWN
    assert place.arrived() == []


def test_a_notice_of_a_mail_system_without_any_field_is_a_bounce_by_its_address(place: ProvidersOutbox):
    email = sent(place, BUDI)
    words = "Maaf,   email Anda tidak sampai: " + "kotak penuh. " * 200
    notice = a_mail("MAILER-DAEMON@mx.x.test", to="b-x@capture.localhost", subject="Pesan otomatis", text=words)
    capture = come_home(place, notice)
    assert (capture.state, capture.reason) == (CaptureState.IGNORED, Reason.BOUNCE_SHOWN)
    assert shown(place) == {BUDI: DeliveryState.FAILED}
    told = place.told(email)
    assert told.reason == OutboxReason.BOUNCED
    assert told.detail.startswith("Maaf, email Anda tidak sampai: kotak penuh.")
    assert len(told.detail) <= 300
