"""The daily mail about what waits in the capture queue: who gets it, when, once, and what it tells."""

import re
from zoneinfo import ZoneInfo

import pytest
from noticed import headers, links, waiting, with_provider
from store import DOMAIN, Store

from crm_store import digest_plans, locations, members, queue_digests, users
from crm_store.digest_links import DigestLinks
from crm_store.digest_wording import QueueFigures, queue_digest
from crm_store.errors import NotFound, StoreUnavailable
from crm_store.mail.parsed_mail import ParsedMail
from crm_store.models.captures import AuditRow, Capture, Receipt
from crm_store.models.notices import QueueDigest
from crm_store.models.outbox import Email
from crm_store.models.people import Location, User
from crm_store.models.providers import LocationProvider
from crm_store.queue_digests import MOST_COUNTED, Links
from crm_store.rules.notices import next_digest_at_ms
from crm_store.rules.rule import Reason, Rule
from crm_store.rules.states import CaptureState, Role
from crm_store.sealing import SealedAt, Sealer

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
BASE = "https://crm.example"
SEALER = Sealer(lambda: ("words that nobody knows",))
OFF = DigestLinks(BASE, SEALER)
TEN_MINUTES_MS = 600_000


class Mornings:
    """One location in Jakarta, whose operator is Oki, and its queue."""

    def __init__(self, store: Store) -> None:
        self.store, self.now_ms = store, store.now_ms
        self.location_id = store.location("Toko Ani")
        Location.update(time_zone="Asia/Jakarta").execute()
        self.oki = store.user("oki@firma.example", self.location_id, Role.OPERATOR)
        store.user("ani@firma.example", self.location_id)
        with_provider(self.location_id)
        self.sweep()

    def hold(self, *ages_ms: int, reason: Reason = Reason.SENDER_NOT_ALLOWED, location_id: int | None = None) -> None:
        rows = [
            {
                "receipt_id": Receipt.create(
                    intake_id=f"{Receipt.select().count():026d}", received_at_ms=self.now_ms
                ).id,
                "location_id": location_id or self.location_id,
                "state": CaptureState.HELD,
                "rule": Rule.C4,
                "reason": reason,
                "subject": "rahasia",
                "author_address": "dewa@asing.example",
                "received_at_ms": self.now_ms - age_ms,
            }
            for age_ms in ages_ms
        ]
        Capture.insert_many(rows).execute()

    def sweep(self, *, blobs=None, base: str = BASE) -> None:
        links_ = Links(base, off=DigestLinks(base, SEALER).address)
        while queue_digests.sweep(blobs or self.store.blobs, links_, now_ms=self.now_ms, limit=2):
            pass

    def morning(self) -> None:
        """Ten past eight in Jakarta."""
        self.now_ms = next_digest_at_ms(self.now_ms, ZoneInfo("Asia/Jakarta")) + TEN_MINUTES_MS
        self.sweep()

    def told(self) -> list[ParsedMail]:
        return waiting(self.store.blobs)

    def sent(self) -> None:
        Email.delete().execute()


@pytest.fixture
def mornings(store: Store) -> Mornings:
    return Mornings(store)


def test_who_decides_is_told_what_waits_and_nothing_of_what_it_says(mornings: Mornings):
    mornings.hold(9 * DAY_MS, HOUR_MS, 28 * DAY_MS)
    mornings.hold(HOUR_MS, reason=Reason.NOT_AUTHENTICATED)
    mornings.morning()
    (mail,) = mornings.told()
    assert [one.address for one in mail.to] == ["oki@firma.example"]
    assert mail.subject == "Toko Ani: 4 mails wait in the capture queue"
    assert "- 3: Its sender is neither the owner of the BCC address nor allowed to write here (C4)." in mail.text
    assert "- 1: Nothing proves that it comes from the address" in mail.text
    assert "The oldest has waited for 28 days. Unless somebody decides, one will be rejected and erased" in mail.text
    queue, off = links(mail.text)
    assert queue == f"{BASE}/l/{mornings.location_id}/queue"
    assert OFF.user_of(off.removeprefix(f"{BASE}/digest/")) == mornings.oki.user_id
    (header,) = headers(mornings.store.blobs)
    assert header["Auto-Submitted"] == "auto-generated"
    assert header["List-Unsubscribe"] == f"<{off}>"
    assert header["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert not re.search("rahasia|asing", mail.text + mail.subject)
    assert AuditRow.select().where(AuditRow.action == "email.send").count() == 0


def test_it_comes_once_a_day_at_eight_of_the_readers_clock(mornings: Mornings):
    mornings.hold(HOUR_MS)
    mornings.sweep()
    assert mornings.told() == [], "the day has begun: they are told tomorrow"
    mornings.now_ms = next_digest_at_ms(mornings.now_ms, ZoneInfo("Asia/Jakarta")) - 1
    mornings.sweep()
    assert mornings.told() == []
    mornings.now_ms += 1
    mornings.sweep()
    assert len(mornings.told()) == 1
    for _ in range(3):
        mornings.now_ms += HOUR_MS
        mornings.sweep()
    assert Email.select().count() == 1


def test_nothing_is_mailed_while_nothing_waits(mornings: Mornings):
    for _ in range(3):
        mornings.morning()
    mornings.hold(HOUR_MS, location_id=mornings.store.location("Lain"))
    mornings.morning()
    assert mornings.told() == []


def test_after_days_of_standing_still_there_is_one_and_then_one_a_day(mornings: Mornings):
    mornings.hold(HOUR_MS)
    mornings.now_ms += 5 * DAY_MS
    mornings.sweep()
    assert len(mornings.told()) == 1
    mornings.sent()
    mornings.morning()
    assert len(mornings.told()) == 1


def test_one_that_the_provider_has_not_taken_gives_way_to_the_next(mornings: Mornings):
    for _ in range(4):
        mornings.hold(HOUR_MS)
        mornings.morning()
    assert [mail.subject for mail in mornings.told()] == ["Toko Ani: 4 mails wait in the capture queue"]


def test_a_clock_that_is_changed_brings_no_second_one_and_loses_none(mornings: Mornings):
    mornings.hold(HOUR_MS)
    mornings.morning()
    mornings.sent()
    users.change(mornings.oki.access, mornings.oki.user_id, {"time_zone": "Europe/Berlin"}, now_ms=mornings.now_ms)
    mornings.sweep()
    assert mornings.told() == [], "it is not eight there yet, and they know already"
    mornings.now_ms = next_digest_at_ms(mornings.now_ms, ZoneInfo("Europe/Berlin")) + TEN_MINUTES_MS
    mornings.sweep()
    assert mornings.told() == [], "this day is told"
    mornings.now_ms += DAY_MS
    mornings.sweep()
    assert len(mornings.told()) == 1


def test_the_locations_clock_counts_for_who_has_none_of_their_own(mornings: Mornings):
    adi = mornings.store.user("adi@firma.example", mornings.location_id, Role.ADMIN)
    locations.change(adi.access, mornings.location_id, {"time_zone": "America/New_York"}, now_ms=mornings.now_ms)
    mornings.hold(HOUR_MS)
    mornings.sweep()
    for planned in QueueDigest.select():
        assert planned.next_at_ms == next_digest_at_ms(mornings.now_ms, ZoneInfo("America/New_York"))


def test_it_goes_to_operators_and_admins_of_the_moment(mornings: Mornings):
    adi = mornings.store.user("adi@firma.example", mornings.location_id, Role.ADMIN)
    ani = mornings.store.user("ani2@firma.example", mornings.location_id, Role.OPERATOR)
    members.put(mornings.location_id, ani.user_id, Role.USER, domain=DOMAIN, by=None, now_ms=1)
    members.remove(adi.access, mornings.location_id, mornings.oki.user_id, now_ms=1)
    mornings.sweep()
    mornings.hold(HOUR_MS)
    mornings.morning()
    assert [mail.to[0].address for mail in mornings.told()] == ["adi@firma.example"]


def test_who_switched_it_off_gets_none_in_any_location(mornings: Mornings):
    oki = mornings.oki
    users.change(oki.access, oki.user_id, {"queue_digest": False}, now_ms=mornings.now_ms)
    mornings.hold(HOUR_MS)
    mornings.morning()
    assert mornings.told() == []
    users.change(oki.access, oki.user_id, {"queue_digest": True}, now_ms=mornings.now_ms)
    mornings.morning()
    assert len(mornings.told()) == 1
    users.end_digest(oki.user_id, now_ms=mornings.now_ms)
    assert not users.get(oki.access, oki.user_id).settings.queue_digest


def test_the_provider_of_another_location_of_theirs_carries_it(mornings: Mornings):
    other_id = mornings.store.location("Cabang")
    LocationProvider.update(location_id=other_id).execute()
    mornings.hold(HOUR_MS)
    mornings.morning()
    assert mornings.told() == []
    members.put(other_id, mornings.oki.user_id, Role.USER, domain=DOMAIN, by=None, now_ms=1)
    mornings.morning()
    assert len(mornings.told()) == 1


def test_two_workers_at_the_same_moment_mail_once(mornings: Mornings):
    mornings.hold(HOUR_MS)
    mornings.now_ms += DAY_MS
    due = digest_plans.due(now_ms=mornings.now_ms, limit=20)
    assert len(due) == 1
    mornings.sweep()
    queue_digests.settle(due[0], mornings.store.blobs, Links(BASE, OFF.address), now_ms=mornings.now_ms)
    assert Email.select().count() == 1


def test_one_that_cannot_be_made_holds_up_no_other_and_is_made_tomorrow(mornings: Mornings):
    mornings.store.user("adi@firma.example", mornings.location_id, Role.ADMIN)
    mornings.sweep()
    mornings.hold(HOUR_MS)
    User.update(email="no address").where(User.id == mornings.oki.user_id).execute()
    mornings.morning()
    assert [mail.to[0].address for mail in mornings.told()] == ["adi@firma.example"]
    User.update(email="oki@firma.example").where(User.id == mornings.oki.user_id).execute()
    mornings.sent()
    mornings.morning()
    assert len(mornings.told()) == 2


def test_while_blobs_cannot_be_written_it_stays_due(mornings: Mornings):
    class Full:
        def put(self, _blobs) -> None:
            raise StoreUnavailable("full")

    mornings.hold(HOUR_MS)
    mornings.now_ms += DAY_MS
    with pytest.raises(StoreUnavailable):
        mornings.sweep(blobs=Full())
    mornings.sweep()
    assert len(mornings.told()) == 1


def test_a_long_queue_is_counted_as_far_as_it_costs_little(mornings: Mornings):
    mornings.hold(*[HOUR_MS] * (MOST_COUNTED + 1))
    mornings.morning()
    assert mornings.told()[0].subject == f"Toko Ani: more than {MOST_COUNTED} mails wait in the capture queue"


def test_without_https_no_program_is_asked_to_switch_it_off(mornings: Mornings):
    mornings.hold(HOUR_MS)
    mornings.now_ms += DAY_MS
    mornings.sweep(base="http://127.0.0.1:8000")
    (header,) = headers(mornings.store.blobs)
    assert header["List-Unsubscribe"].startswith("<http://127.0.0.1:8000/digest/")
    assert header["List-Unsubscribe-Post"] is None


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="nothing"),
        pytest.param("1", id="a number alone"),
        pytest.param("1.1.00000000.AAAA", id="forged"),
        pytest.param("x" * 60, id="a word"),
        pytest.param("9" * 30 + ".x", id="too long a number"),
        pytest.param("2" + OFF.address(1).rpartition("/1")[2], id="of somebody else"),
        pytest.param("1." + SEALER.seal("other", SealedAt("crm_user", "digest_off_at_ms", 1)), id="of another meaning"),
        pytest.param("1.\ud800", id="no text"),
    ],
)
def test_a_link_opens_for_its_own_user_alone(token: str):
    with pytest.raises(NotFound):
        OFF.user_of(token)


def test_every_reason_and_number_has_its_words_in_both_languages():
    def told(locale: str, count: int, days: int, soon: int) -> str:
        reasons = [((Reason.NOT_AUTHENTICATED, Rule.C4), count)]
        figures = QueueFigures("Toko", count, False, reasons, days, soon, 3)
        notice = queue_digest(figures, name="Oki", link="L", off="O", locale=locale)
        assert not re.search(r"[{}]|\bNone\b", notice.subject + notice.text)
        return f"{notice.subject}\n{notice.text}"

    for locale in ("en", "id"):
        forms = [told(locale, count, days, soon) for count, days, soon in ((1, 0, 0), (1, 1, 1), (7, 8, 0), (7, 9, 2))]
        assert len(set(forms)) == 4
    assert "7 email menunggu keputusan di antrean tangkapan Toko" in forms[2]
    assert "Yang terlama sudah menunggu 9 hari. Jika tidak ada keputusan, 2 di antaranya" in forms[3]
    assert told("fr", 1, 0, 0) == told("en", 1, 0, 0)
