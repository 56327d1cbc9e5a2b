"""From the intake's segments into the CRM: everything once, whatever is cut off and wherever."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bounces import a_bounce
from mails import a_mail
from store import NOW_MS, Person, Store

from crm_store import receiving
from crm_store.errors import StoreUnavailable
from crm_store.ids import new_receipt_id
from crm_store.mail.read import read
from crm_store.models.captures import Capture, Receipt
from crm_store.rules.outbox import OutboxReason
from gateway.intake import segment
from gateway.intake.drainer import Drainer
from gateway.intake.envelope import Envelope
from gateway.intake.segment import IntakeMail


class Acceptor:
    """An acceptor's folder as an acceptor writes it."""

    def __init__(self, intake_folder: Path) -> None:
        self.folder = segment.acceptors_folder(intake_folder) / new_receipt_id(NOW_MS)
        segment.spool_folder(self.folder).mkdir(parents=True)
        segment.lock_path(self.folder).touch()

    @contextmanager
    def alive(self) -> Iterator[None]:
        lock = os.open(segment.lock_path(self.folder), os.O_RDWR)
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
        os.close(lock)

    def commit(self, number: int, *raws: bytes, to: str, spooled: bool = False) -> list[IntakeMail]:
        path = segment.segment_path(self.folder, number)
        if not path.exists():
            segment.create(path)
        mails = [self._mail(raw, to, spooled) for raw in raws]
        writer = segment.open_for_append(path)
        segment.append(writer, mails)
        self._writers = [*getattr(self, "_writers", []), writer]  # open, as those of a live or killed acceptor are
        return mails

    def _mail(self, raw: bytes, to: str, spooled: bool) -> IntakeMail:
        receipt_id = new_receipt_id(NOW_MS)
        if spooled:
            segment.spool_path(self.folder, receipt_id).write_bytes(raw)
        envelope = Envelope("ani@firma.example", (to,), "127.0.0.1", "relay.example", False, NOW_MS)
        body, spool = (None, receipt_id) if spooled else (raw, None)
        return IntakeMail(receipt_id, envelope, len(raw), hashlib.sha256(raw).digest(), body, spool)


@pytest.fixture
def acceptor(store: Store) -> Acceptor:
    return Acceptor(store.settings.intake_folder)


@pytest.fixture
def drainer(store: Store) -> Drainer:
    return Drainer(store.settings, store.blobs)


def test_mail_of_a_live_acceptor_is_moved_and_its_open_segment_stays(store, ani, acceptor, drainer):
    with acceptor.alive():
        acceptor.commit(1, a_mail(), a_mail(), to=ani.bcc)
        assert drainer.drain() == 2
        assert drainer.drain() == 0
        acceptor.commit(1, a_mail(), to=ani.bcc)
        assert drainer.drain() == 1
        assert segment.segments(acceptor.folder) == [segment.segment_path(acceptor.folder, 1)]
    assert (Receipt.select().count(), Capture.select().count()) == (3, 3)


def test_a_closed_segment_goes_once_it_is_moved_and_the_open_one_stays(store, ani, acceptor, drainer):
    with acceptor.alive():
        acceptor.commit(1, a_mail(), to=ani.bcc)
        acceptor.commit(2, a_mail(), to=ani.bcc)
        assert drainer.drain() == 2
        assert segment.segments(acceptor.folder) == [segment.segment_path(acceptor.folder, 2)]
        assert not list(acceptor.folder.glob("000001*"))


def test_a_dead_acceptor_goes_with_everything_it_left(store, ani, acceptor, drainer):
    acceptor.commit(1, a_mail(), to=ani.bcc)
    segment.spool_path(acceptor.folder, "half-a-mail").write_bytes(b"From: ")
    assert drainer.drain() == 1
    assert not acceptor.folder.exists()


def test_a_large_mail_is_moved_from_its_spool_file(store: Store, ani: Person, acceptor: Acceptor, drainer: Drainer):
    raw = a_mail(attachment=os.urandom(400_000))
    with acceptor.alive():
        (mail,) = acceptor.commit(1, raw, to=ani.bcc, spooled=True)
        assert drainer.drain() == 1
    assert store.blobs.read(mail.sha256) == raw
    assert list(segment.spool_folder(acceptor.folder).iterdir()) == []


def test_a_row_whose_spool_file_never_became_durable_was_not_accepted(store, ani, acceptor, drainer):
    (mail,) = acceptor.commit(1, a_mail(), to=ani.bcc, spooled=True)
    segment.spool_path(acceptor.folder, mail.receipt_id).unlink()
    assert drainer.drain() == 0
    assert not acceptor.folder.exists()


def test_a_new_drainer_moves_nothing_twice(store, ani, acceptor, drainer):
    with acceptor.alive():
        acceptor.commit(1, a_mail(), to=ani.bcc)
        acceptor.commit(1, a_mail(), to=ani.bcc, spooled=True)
        assert drainer.drain() == 2
        assert Drainer(store.settings, store.blobs).drain() == 0
    assert Receipt.select().count() == 2


def test_with_the_store_away_everything_waits_in_its_segment(store, ani, acceptor, drainer, monkeypatch):
    acceptor.commit(1, a_mail(), to=ani.bcc)

    def away(*_: object, **__: object) -> int:
        raise StoreUnavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr(receiving, "receive", away)
        with pytest.raises(StoreUnavailable):
            drainer.drain()
    assert acceptor.folder.exists()
    assert drainer.drain() == 1


def test_a_crash_between_the_crm_commit_and_the_unlinking_is_repaired(store, ani, acceptor, drainer, monkeypatch):
    acceptor.commit(1, a_mail(), to=ani.bcc, spooled=True)

    class Crash(BaseException):
        pass

    def crash(*_: object, **__: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(Drainer, "_delete", crash)
        with pytest.raises(Crash):
            drainer.drain()
    assert Receipt.select().count() == 1
    assert Drainer(store.settings, store.blobs).drain() == 0
    assert Receipt.select().count() == 1
    assert not acceptor.folder.exists()


def test_a_poisoned_mail_keeps_its_segment_and_holds_up_no_other(store, ani, acceptor, drainer, monkeypatch):
    mails = acceptor.commit(1, a_mail(), a_mail(), a_mail(), to=ani.bcc)
    receive = receiving.receive

    def poisoned(batch, *words, **named):
        if any(mail.intake_id == mails[1].receipt_id for mail in batch):
            raise RuntimeError("poison")
        return receive(batch, *words, **named)

    with monkeypatch.context() as patch:
        patch.setattr(receiving, "receive", poisoned)
        assert drainer.drain() == 2
    assert segment.segments(acceptor.folder), "the mail that was not moved is kept"
    # Whoever starts the drainer again, with the fault mended, gets it.
    assert Drainer(store.settings, store.blobs).drain() == 1
    assert not acceptor.folder.exists()


def test_a_damaged_segment_is_kept_and_holds_up_no_other(store, ani, acceptor, drainer):
    with acceptor.alive():
        broken = segment.segment_path(acceptor.folder, 1)
        broken.write_bytes(b"no database" * 1000)
        acceptor.commit(2, a_mail(), to=ani.bcc)
        assert drainer.drain() == 1
        assert broken.exists()


def test_internal_mail_goes_from_the_intake_without_a_trace(store, ani, acceptor, drainer):
    marker = "SANGATRAHASIA"
    store.user("bagus@firma.example", ani.location_id)
    for spooled in (False, True):
        acceptor.commit(1, a_mail(to="bagus@firma.example", subject=marker, text=marker), to=ani.bcc, spooled=spooled)
    assert drainer.drain() == 2
    assert [capture.rule for capture in Capture.select()] == ["B5", "B5"]
    files = [path for path in store.settings.data.rglob("*") if path.is_file()]
    assert not [path for path in files if marker.encode() in path.read_bytes()]


def test_a_bounce_that_comes_to_a_return_address_is_shown_on_its_mail(providers_outbox, drainer, acceptor):
    place = providers_outbox
    email = place.post("budi@x.test")
    place.run()
    message_id = read(place.relay.taken[0].content).message_id
    bounce = a_bounce(f"<{message_id}>", ("budi@x.test", "failed", "5.1.1"))
    with acceptor.alive():
        acceptor.commit(1, bounce, to=place.relay.taken[0].mail_from)
        assert drainer.drain() == 1
    assert place.told(email).reason == OutboxReason.BOUNCED
