"""A power cut: all processes end in one moment, and the disk has forgotten what nobody asked it to flush."""

import os
import signal
from random import Random

import pytest
from forgetful_disk import cut_power, cut_power_while_mail_comes
from outside import Outside

MAILS = 15


@pytest.fixture
def outside_on(served, database_environ, forgetful_disk, tmp_path):
    """outside_on(lies=()): a product whose data are on such a disk, and the disk."""

    def start(lies=()):
        disk = forgetful_disk(tmp_path / "data-0", lies)
        environ = {"SUNNYDAY_TRUSTED_RELAYS": "127.0.0.1", **database_environ, **disk.environ}
        return Outside(served(**environ)), disk

    return start


def test_what_was_acknowledged_before_a_power_cut_is_filed_after_it(outside_on, traffic_for, seed):
    outside, disk = outside_on()
    traffic = traffic_for(outside)
    random = Random(seed)
    cut_power_while_mail_comes(traffic, disk, random, range(MAILS))
    settled = traffic.until_settled()
    assert settled.nothing_wrong, settled

    with_the_drainer_stopped(outside)  # now it is in the intake alone
    cut_power_while_mail_comes(traffic, disk, random, range(MAILS, 2 * MAILS))
    settled = traffic.until_settled()
    assert settled.nothing_wrong, settled

    traffic.send_what_was_not_taken()
    settled = traffic.until_settled()
    print(settled, dict(traffic.answers))
    assert settled.nothing_wrong, settled
    assert settled.filed == settled.sent


@pytest.mark.parametrize("database_environ", ["sqlite"], indirect=True)
def test_control_a_disk_that_promises_flushes_and_forgets_them_loses_mail(outside_on, traffic_for):
    outside, disk = outside_on(lies=("/intake/", "/blobs/"))
    traffic = traffic_for(outside)
    traffic.send_once_each(range(5))
    assert traffic.until_settled().nothing_wrong
    with_the_drainer_stopped(outside)
    traffic.send_once_each(range(5, 8))
    cut_power(outside, disk)

    tally = traffic.until_settled(2)
    assert (len(tally.altered), len(tally.lost)) == (5, 3)


def with_the_drainer_stopped(outside: Outside) -> None:
    for process in outside.product.tree.services["drainer"]:
        os.kill(process.pid, signal.SIGSTOP)


@pytest.mark.parametrize("state", ["no such folder yet", "there already, from one who died before flushing"])
def test_a_blob_that_was_put_outlives_a_power_cut(forgetful_disk, tmp_path, state):
    """Its folder's name, and the name of the folder of folders, are flushed by whoever relies on them."""
    (root := tmp_path / "data").mkdir()
    disk = forgetful_disk(root)
    if state != "no such folder yet":
        (root / "blobs" / "ab0").mkdir(parents=True)
    disk.run(f"""
import pathlib
from crm_store.blobs.files import FileBlobs
from crm_store.blobs.store import NewBlob
FileBlobs(pathlib.Path({str(root)!r}) / "blobs").put([NewBlob(bytes.fromhex("ab01"), b"isi")])
""")
    disk.cut_power()

    assert (root / "blobs" / "ab0" / "ab01").read_bytes() == b"isi"
