"""Is there room for mail? Bytes and inodes, on each file system that holds data of ours."""

import os
from collections.abc import Iterator
from pathlib import Path

from crm_store.settings import Settings
from gateway.doctor.finding import Finding, ok, warning, wrong
from gateway.doctor.places import folders, one_for_each_disk
from gateway.intake.intake import RESERVE_BYTES

_MB = 1_000_000
_SOON_BYTES = 1_000 * _MB  # above the floor: a day or more of a busy office's mail
_FEW_INODES = 1_000
_SOON_INODES = 20_000  # a mail takes up to two: one while it waits, one for good


def check_disk(settings: Settings) -> list[Finding]:
    """Blocks. Raises: OSError."""
    floor_bytes = RESERVE_BYTES + settings.smtp_max_bytes
    return [
        finding
        for folder in one_for_each_disk(folders(settings).values())
        for finding in judge_disk(folder, os.statvfs(folder), floor_bytes)
    ]


def judge_disk(folder: Path, disk: os.statvfs_result, floor_bytes: int) -> Iterator[Finding]:
    """floor_bytes: with less free than that, mail is answered 452."""
    free_bytes = disk.f_bavail * disk.f_frsize
    told = f"{folder}: {free_bytes // _MB:,} MB are free, mail is taken down to {floor_bytes // _MB:,} MB"
    mend = "Make room, or move SUNNYDAY_DATA to a larger disk"
    if free_bytes < floor_bytes:
        yield wrong("disk", told, f"{mend}. Until then senders are told to try again (452)")
    elif free_bytes < floor_bytes + _SOON_BYTES:
        yield warning("disk", told, mend)
    else:
        yield ok("disk", told)
    if disk.f_files == 0:
        return  # a file system that makes inodes as it needs them
    told = f"{folder}: room for {disk.f_favail:,} more files"
    mend = "Remove files that nobody needs, or use a file system with more inodes (mkfs.ext4 -i, XFS)"
    if disk.f_favail < _FEW_INODES:
        yield wrong("inodes", told, mend)
    elif disk.f_favail < _SOON_INODES:
        yield warning("inodes", told, mend)
    else:
        yield ok("inodes", told)
