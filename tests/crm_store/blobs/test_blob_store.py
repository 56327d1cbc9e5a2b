"""The blob store's border; every store has to pass this."""

import fcntl
import hashlib
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from crm_store.blobs.files import FileBlobs
from crm_store.blobs.store import BlobStore, NewBlob
from crm_store.errors import NotFound, StoreUnavailable

CONTENT = b"Subject: halo\r\n\r\n\x00\xff"
NAME = hashlib.sha256(CONTENT).digest()


@pytest.fixture(params=[FileBlobs])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    make: Callable[[Path], BlobStore] = request.param
    return make(tmp_path / "blobs")


def test_what_is_put_is_read_back(blobs: BlobStore):
    blobs.put([NewBlob(NAME, CONTENT)])
    assert blobs.read(NAME) == CONTENT


def test_putting_it_again_is_harmless(blobs: BlobStore):
    blobs.put([NewBlob(NAME, CONTENT), NewBlob(NAME, CONTENT)])
    blobs.put([NewBlob(NAME, CONTENT)])
    assert blobs.read(NAME) == CONTENT


def test_a_file_is_put_and_outlives_its_first_name(blobs: BlobStore, tmp_path: Path):
    spool = tmp_path / "spool"
    spool.write_bytes(CONTENT)
    blobs.put([NewBlob(NAME, spool)])
    spool.unlink()
    assert blobs.read(NAME) == CONTENT


def test_what_is_missing_is_said(blobs: BlobStore):
    other = bytes(32)
    blobs.put([NewBlob(NAME, CONTENT)])
    assert blobs.missing([NAME, other]) == [other]
    with pytest.raises(NotFound):
        blobs.read(other)


def test_deleting_is_for_good_and_twice_is_harmless(blobs: BlobStore):
    blobs.put([NewBlob(NAME, CONTENT)])
    blobs.delete(NAME)
    blobs.delete(NAME)
    assert blobs.missing([NAME]) == [NAME]


def test_a_folder_that_cannot_be_written_is_temporary_and_leaves_no_half_file(tmp_path: Path):
    folder = tmp_path / "blobs"
    folder.write_text("a file where the folder should be")
    with pytest.raises(StoreUnavailable):
        FileBlobs(folder).put([NewBlob(NAME, CONTENT)])
    folder.unlink()
    FileBlobs(folder).put([NewBlob(NAME, CONTENT)])
    assert [path.name for path in folder.rglob("*") if stat.S_ISREG(path.stat().st_mode)] == [NAME.hex()]


def files_in(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("kind", ["bytes", "a file"])
def test_what_a_killed_process_left_half_way_is_cleared(tmp_path: Path, kind: str):
    folder, spool = tmp_path / "blobs", tmp_path / "spool"
    spool.write_bytes(CONTENT)
    content = "spool" if kind == "a file" else "spool.read_bytes()"
    program = f"""
import pathlib
from crm_store.blobs.files import FileBlobs
from crm_store.blobs.store import NewBlob
spool = pathlib.Path({str(spool)!r})
FileBlobs(pathlib.Path({str(folder)!r})).put([NewBlob(bytes.fromhex({NAME.hex()!r}), {content})])
"""
    armed = {"SUNNYDAY_FAULT_POINT": "blobs.before-rename", "SUNNYDAY_FAULT_LOG": str(tmp_path / "struck")}
    died = subprocess.run([sys.executable, "-c", program], env={**os.environ, **armed})
    assert (died.returncode, len(files_in(folder))) == (-signal.SIGKILL, 1)

    assert FileBlobs(folder).clear_unfinished() == 1
    assert files_in(folder) == []
    assert spool.read_bytes() == CONTENT
    assert FileBlobs(folder).clear_unfinished() == 0


def test_what_somebody_is_writing_is_not_cleared(tmp_path: Path):
    (unfinished := tmp_path / "blobs" / "unfinished").mkdir(parents=True)
    with (unfinished / "of-another-process").open("xb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert FileBlobs(tmp_path / "blobs").clear_unfinished() == 0
        assert files_in(unfinished) == ["of-another-process"]
    assert FileBlobs(tmp_path / "blobs").clear_unfinished() == 1


def test_a_store_in_which_nothing_was_ever_put_has_nothing_unfinished(blobs: BlobStore):
    assert blobs.clear_unfinished() == 0
