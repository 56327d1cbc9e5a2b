"""What a receiver has acknowledged is on its disk, whenever it is killed or the power is cut: alone, and many times.

The long form: 1,000 deaths of each kind."""

import shutil
import time
from random import Random

import pytest
from dying_receiver import OF_EACH_SIZE, DyingReceiver, Senders, stored

from gateway.intake import segment

long_form = pytest.param(1_000, marks=pytest.mark.soak)


@pytest.fixture
def start_dying():
    started = []

    def start(environ=None):
        started.append(DyingReceiver(environ or {}))
        return started[-1]

    yield start
    for receiver in started:
        receiver.close()


def live_and_die(receiver, data, random, mails=3):
    """What was acknowledged in a life that ends at any moment behind that many."""
    with receiver.living(data):
        senders = Senders(receiver.port, str(random.random()))
        senders.wait_for(mails)
        time.sleep(random.uniform(0, 0.03))
    senders.join()
    return senders.kept


@pytest.mark.parametrize("deaths", [8, long_form])
def test_kill_9_loses_no_mail_that_was_acknowledged(start_dying, tmp_path, seed, deaths):
    receiver, random, acknowledged, found = start_dying(), Random(seed), 0, 0
    for _ in range(deaths):
        kept = live_and_die(receiver, tmp_path, random)
        rows = stored(tmp_path)
        assert kept.items() <= rows.items()
        acknowledged, found = acknowledged + len(kept), found + len(rows)
        for acceptor in segment.acceptors(tmp_path / "intake"):  # as the drainer does
            assert segment.is_dead(acceptor)
            shutil.rmtree(acceptor)
    print(f"kill -9: {deaths} deaths, {acknowledged} mails acknowledged, {found} on disk, 0 lost")


@pytest.mark.parametrize("deaths", [4, long_form])
def test_a_power_cut_loses_no_mail_that_was_acknowledged(start_dying, forgetful_disk, tmp_path, seed, deaths):
    disk, random, acknowledged = forgetful_disk(tmp_path / "data"), Random(seed), 0
    receiver = start_dying(disk.environ)
    for _ in range(deaths):
        disk.clear()
        kept = live_and_die(receiver, tmp_path / "data", random)
        disk.cut_power()
        assert kept.items() <= stored(tmp_path / "data").items()
        acknowledged += len(kept)
    print(f"power cuts: {deaths}, {acknowledged} mails acknowledged, 0 lost")


@pytest.mark.parametrize("lies", ["-wal", "/spool/"])
def test_control_on_a_disk_that_promises_flushes_and_forgets_them_mail_is_lost(
    start_dying, forgetful_disk, tmp_path, seed, lies
):
    disk = forgetful_disk(tmp_path / "data", lies=(lies,))
    disk.clear()
    kept = live_and_die(start_dying(disk.environ), tmp_path / "data", Random(seed), OF_EACH_SIZE)
    disk.cut_power()
    assert not kept.items() <= stored(tmp_path / "data").items()
