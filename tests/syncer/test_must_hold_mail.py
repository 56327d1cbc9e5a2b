"""Odd mail and odd moments, through the real engine over HTTP: nothing is lost, doubled or held up."""

from collections.abc import Callable
from pathlib import Path

import pytest
from followed_mailbox import Followed
from mails import a_mail

from crm_store import mailboxes
from syncer.history import run as slices

CORPORA = Path(__file__).resolve().parents[2] / "../shared/corpora"
DAY_MS = 86_400_000

# Mail is the same on both databases here.
pytestmark = pytest.mark.parametrize("followed_settings", ["sqlite"], indirect=True, scope="module")


@pytest.mark.skipif(not CORPORA.is_dir(), reason="no ../shared/corpora here")
@pytest.mark.parametrize("one_of", [8, pytest.param(1, marks=pytest.mark.soak)], ids="one of {}".format)
def test_hostile_mail_fails_nowhere_and_is_recorded(ani_followed: Followed, one_of):
    """C10. Each names a contact, in a field of its own before all else; what reads nobody from it records nothing."""
    budi = ani_followed.contact("budi")
    hostile = [path for path in sorted(CORPORA.glob("mime-*/**/*")) if path.suffix in (".eml", ".msg")][::one_of]
    ani_followed.sandbox.limit(user_units_per_minute=100_000)
    for path in hostile:
        ani_followed.sandbox.deliver(ani_followed.email, f"Cc: {budi}\r\n".encode() + path.read_bytes())
    ani_followed.sync()
    seen, recorded, _, failed, pending = ani_followed.told()
    assert (seen, failed, pending) == (len(hostile), 0, 0)
    assert recorded > len(hostile) * 0.8


def test_mail_dated_in_the_future_holds_up_nothing(ani_followed: Followed):
    """facts/gmail.md 1.2: scheduled mail froze others' cursors. Live, found by comparing, and after an expired cursor."""
    budi = ani_followed.contact("budi")
    raw = a_mail(budi, to=ani_followed.email, subject="besok")
    ani_followed.sandbox.deliver(ani_followed.email, raw, internal_date_ms=ani_followed.now_ms() + 30 * DAY_MS)
    ani_followed.sync()
    ani_followed.deliver(budi, subject="kini")
    ani_followed.sandbox.ask("POST", f"/accounts/{ani_followed.email}/history/expire")
    ani_followed.sync()
    ani_followed.deliver(budi, subject="lalu")
    ani_followed.sync()
    assert ani_followed.subjects() == ["besok", "kini", "lalu"]


def test_a_draft_that_is_saved_often_and_sent_is_one_message(ani_followed: Followed):
    """B12: each save is another id in history, and so is what was sent."""
    budi = ani_followed.contact("budi")
    drafts = [ani_followed.deliver(ani_followed.email, "DRAFT", to=budi, subject="Konsep") for _ in range(3)]
    for gmail_id in drafts[:2]:
        ani_followed.sandbox.ask("DELETE", f"/accounts/{ani_followed.email}/messages/{gmail_id}")
    ani_followed.sync()
    assert ani_followed.subjects() == []
    ani_followed.sandbox.ask("DELETE", f"/accounts/{ani_followed.email}/messages/{drafts[2]}")
    ani_followed.sandbox.send(ani_followed.email, a_mail(ani_followed.email, to=budi, subject="Terkirim"))
    ani_followed.sync()
    assert ani_followed.subjects() == ["Terkirim"]
    assert ani_followed.told() == (4, 1, 3, 0, 0)


def test_overlapping_history_in_many_pages_counts_each_once(ani_followed: Followed):
    """facts/gmail.md 1.1: at least once, and pages with nothing on them."""
    budi = ani_followed.contact("budi")
    ani_followed.sandbox.behave(empty_history_pages=2, repeat_history=True)
    for _ in range(2):
        for number in range(3):
            ani_followed.deliver(budi, subject=f"surat {number}")
        ani_followed.deliver("Eko <eko@asing.example>")
        ani_followed.sync()
    assert ani_followed.told() == (8, 6, 2, 0, 0)
    assert len(ani_followed.subjects()) == 6


def test_a_slow_mailbox_with_much_to_do_starves_no_other(followed: Callable[..., Followed], monkeypatch):
    """Fair share: a run is a slice, and whoever is due longest comes next."""
    monkeypatch.setattr(slices, "SLICE_MESSAGES", 2)
    busy = followed("ani")
    others = [followed("bagus", busy.location_id) for _ in range(4)]
    everybody = [busy, *others]
    for one in everybody:
        one.connect()
        one.sync()
        one.later(5)
    budi = busy.contact("budi")
    for number in range(8):
        busy.deliver(budi, subject=f"banyak {number}")
    for number, one in enumerate(others):
        one.deliver(budi, subject=f"satu {number}")
    for ring in mailboxes.hand_out(50, now_ms=busy.now_ms()):
        slices.run(busy.engine, ring)
    assert busy.told()[-1] > 0
    assert [one.told() for one in others] == [(1, 1, 0, 0, 0)] * 4
