"""The test mail of a location's provider: sent now, before all that waits, and answered in the relay's own words."""

import pytest
from providers_outbox import ProvidersOutbox

from crm_store import outbox_turns, outbox_work, provider_tests, waiting_notices
from crm_store.errors import Forbidden, NotFound
from crm_store.mail.read import read
from crm_store.models.captures import AuditRow
from crm_store.models.contacts import Contact
from crm_store.models.messages import Entry
from crm_store.models.outbox import Delivery
from crm_store.outbox_wording import reason_sentence
from crm_store.provider_tests import ProviderTestView
from crm_store.rules.notices import NoticeTopic
from crm_store.rules.outbox import OutboxReason


class Trial:
    def __init__(self, place: ProvidersOutbox) -> None:
        self.place = place

    def ask(self, to: str | None = None) -> ProviderTestView:
        adi, blobs, now_ms = self.place.adi, self.place.store.blobs, self.place.now_ms
        prepared = provider_tests.prepare(adi.access, adi.location_id, to, blobs, now_ms=now_ms)
        return provider_tests.start(adi.access, prepared, blobs, now_ms=now_ms)

    def told(self) -> ProviderTestView:
        return provider_tests.latest(self.place.adi.access, self.place.adi.location_id)


@pytest.fixture
def tested(providers_outbox: ProvidersOutbox) -> Trial:
    return Trial(providers_outbox)


def test_it_goes_before_a_mailing_to_many_and_makes_no_entry(tested: Trial):
    place = tested.place
    place.post(*(f"n{number}@pelanggan.example" for number in range(4)))
    place.later(5)
    tested.ask("dewi@lain.example")
    place.run()
    assert place.arrived()[0] == "dewi@lain.example"
    assert read(place.relay.taken[0].content).subject == "Test of the e-mail provider of Toko Ani"
    told = tested.told()
    assert (told.state, told.reason, told.to) == ("sent", None, "dewi@lain.example")
    assert Entry.select().where(Entry.direction == "outbound").count() == len(place.arrived()) - 1
    assert Contact.select().count() == len(place.arrived()) - 1
    assert AuditRow.select().where(AuditRow.action == "provider.test").count() == 1


def test_a_provider_that_is_left_alone_for_now_is_asked_at_once(tested: Trial):
    place = tested.place
    place.set_up(port=1)
    place.post("citra@pelanggan.example")
    place.run()
    assert place.lane.reason == OutboxReason.UNREACHABLE
    place.set_up()
    outbox_turns.pause_lane(
        outbox_turns.take(outbox_turns.ring_for(place.lane.id, now_ms=place.now_ms), "x" * 32, now_ms=place.now_ms),
        OutboxReason.PROVIDER_LOGIN,
        place.now_ms + 600_000,
        now_ms=place.now_ms,
    )
    tested.ask()
    assert place.lane.reason is None
    place.later(301)
    place.run()
    assert tested.told().state == "sent"


def test_a_relay_that_does_not_answer_is_told_while_the_mail_waits(tested: Trial):
    tested.place.set_up(port=1)
    tested.ask()
    tested.place.run()
    told = tested.told()
    assert (told.state, told.reason) == ("waiting", OutboxReason.UNREACHABLE)
    assert "does not answer just now" in reason_sentence(told.reason, told.detail, "en")


def test_a_new_test_takes_the_place_of_one_that_waits(tested: Trial):
    tested.ask("satu@lain.example")
    tested.ask("dua@lain.example")
    tested.place.run()
    assert tested.place.arrived() == ["dua@lain.example"]
    assert Delivery.select().count() == 1


def test_one_under_way_is_not_taken_back(tested: Trial):
    place = tested.place
    tested.ask()
    held = outbox_turns.take(outbox_turns.ring_for(place.lane.id, now_ms=place.now_ms), "x" * 32, now_ms=place.now_ms)
    work = outbox_work.next_delivery(held, now_ms=place.now_ms)
    outbox_work.begin(held, work.delivery_id, history_id=None, now_ms=place.now_ms)
    waiting_notices.withdraw(NoticeTopic.PROVIDER_TEST, place.adi.location_id)
    assert place.states() == ["sending"]
    with pytest.raises(NotFound):
        tested.told()


def test_only_who_keeps_the_provider_tests_it(tested: Trial):
    place = tested.place
    ani = place.store.user("ani@firma.example", place.adi.location_id)
    other = place.store.user("eka@lain.example", place.store.location("Lain"))
    for person, refusal in ((ani, Forbidden), (other, NotFound)):
        with pytest.raises(refusal):
            provider_tests.prepare(person.access, place.adi.location_id, None, place.store.blobs, now_ms=1)
        with pytest.raises(refusal):
            provider_tests.latest(person.access, place.adi.location_id)


def test_a_refusal_is_told_in_the_relays_own_words(tested: Trial):
    tested.place.relay.answers["RCPT dewi@lain.example"] = "550 5.1.1 nobody of that name in this house"
    tested.ask("dewi@lain.example")
    tested.place.run()
    told = tested.told()
    assert told.state == "failed"
    assert "nobody of that name in this house" in reason_sentence(told.reason, told.detail, "id")
