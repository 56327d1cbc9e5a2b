"""ENOSPC, EIO and files that vanish while the product runs: the sender is told to keep its mail, or we have it."""

import errno
import shutil
import time

import pytest
from forgetful_disk import compiled
from outside import Outside

FULL = 0  # of a disk that is nearly full nothing fails yet
ILLNESSES = {
    "the intake's disk is full": (errno.ENOSPC, "/intake/", "451"),
    "the intake's disk cannot be written": (errno.EIO, "/intake/", "451"),
    "the disk is nearly full": (FULL, "/intake", "452"),
    "blobs cannot be written": (errno.EIO, "/blobs/", "250"),
    "no room for blobs": (errno.ENOSPC, "/blobs/", "250"),
    "the CRM database cannot be written": (errno.EIO, "/crm.sqlite3", "250"),
    "no room for the CRM database": (errno.ENOSPC, "/crm.sqlite3", "250"),
}


# The CRM database is a file on SQLite alone; all else is the same on both.
on_sqlite = pytest.mark.parametrize("database_environ", ["sqlite"], indirect=True)


@on_sqlite
def test_a_disk_that_falls_ill_loses_nothing_and_all_recovers_by_itself(
    served, database_environ, traffic_for, tmp_path
):
    switch = tmp_path / "sick"
    preloaded = {"LD_PRELOAD": str(compiled("sick_disk.c", tmp_path)), "SICK_SWITCH": str(switch)}
    outside = Outside(served(SUNNYDAY_TRUSTED_RELAYS="127.0.0.1", **database_environ, **preloaded))
    traffic = traffic_for(outside)
    traffic.send_once_each(range(5))
    for illness, (number, word, expected) in ILLNESSES.items():
        first = len(traffic.attempts)
        traffic.answers.clear()
        switch.write_text(f"{number} {word}")
        if number == FULL:
            time.sleep(1.1)  # how much is free is looked at once a second
        traffic.send_once_each(range(first, first + 5))
        assert traffic.answers == {expected: 5}, illness
        time.sleep(0.5)
        switch.unlink()
        traffic.send_what_was_not_taken(30)

    settled = traffic.until_settled()
    assert settled.nothing_wrong, settled
    assert settled.filed == settled.sent == 5 * (len(ILLNESSES) + 1)
    outside.product.until_up()


@on_sqlite
def test_files_that_vanish_are_made_anew(served, database_environ, traffic_for):
    outside = Outside(served(SUNNYDAY_TRUSTED_RELAYS="127.0.0.1", **database_environ))
    traffic = traffic_for(outside)
    data = outside.product.data
    # Each with all in it; what it held was filed before.
    for number, name in enumerate(["intake", "run/capture.bell", "intake/acceptors", "intake/drainer.lock"]):
        traffic.send_once_each(range(3 * number, 3 * number + 3))
        traffic.send_what_was_not_taken(30)
        settled = traffic.until_settled()
        assert settled.nothing_wrong, settled
        gone = data / name
        shutil.rmtree(gone) if gone.is_dir() else gone.unlink(missing_ok=True)

    traffic.send_once_each(range(12, 15))
    traffic.send_what_was_not_taken(30)
    settled = traffic.until_settled()
    assert settled.nothing_wrong, settled
    assert settled.filed == settled.sent == 15
    outside.product.kill9("drainer")
    outside.product.until_up()
