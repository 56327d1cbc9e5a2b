"""Do the clocks that meet in one mail's story agree?"""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from gateway.doctor.finding import Finding, ok, warning

_APART_MS = 5_000


def check_file_clock(data: Path, now_ms: Callable[[], int]) -> list[Finding]:
    """Blocks. Nothing where no file can be made: that is another check's to tell. Over a network the clock that dates
    a file is the file server's."""
    asked_ms = now_ms()
    try:
        with tempfile.TemporaryFile(dir=data) as file:
            file.write(b"\0")
            file.flush()
            theirs_ms = os.fstat(file.fileno()).st_mtime_ns // 1_000_000
    except OSError:
        return []
    return [judge_clock("SUNNYDAY_DATA", theirs_ms, asked_ms, now_ms())]


def judge_clock(whose: str, theirs_ms: int, asked_ms: int, told_ms: int) -> Finding:
    """theirs_ms: what the other clock said, at some time between asked_ms and told_ms of ours."""
    apart_ms = max(asked_ms - theirs_ms, theirs_ms - told_ms, 0)
    if apart_ms <= _APART_MS:
        return ok("clock", f"agrees with the clock of {whose} (timedatectl tells whether NTP keeps it right)")
    found = f"{apart_ms / 1000:.0f} s {'behind' if theirs_ms > told_ms else 'ahead of'} the clock of {whose}"
    return warning("clock", found, "Let NTP keep both: timedatectl, or chronyc tracking, tells whether it does")
