"""Does mail that was taken wait in the intake, and for how long?"""

import sqlite3
from pathlib import Path

from gateway.doctor.finding import Finding, ok, warning, wrong
from gateway.intake import segment

# A segment is closed 10 s after its first mail and deleted once its mails are in the CRM; so a row this old is late.
_LATE_MS = 60_000


def check_backlog(intake_folder: Path, now_ms: int, *, running: bool) -> list[Finding]:
    """Blocks. running: whether anybody is there to move it. Only the first mail of each acceptor is looked at."""
    segments = [path for acceptor in segment.acceptors(intake_folder) for path in segment.segments(acceptor)[:1]]
    oldest_at_ms, damaged = now_ms, []
    for path in segments:
        try:
            first = segment.read_rows(path, 0, 1)
        except sqlite3.Error:
            if path.exists():  # else it was moved and deleted under our eyes
                damaged.append(f"{path.parent.name}/{path.name}")
        else:
            oldest_at_ms = min([oldest_at_ms, *(row.envelope.received_at_ms for row in first)])
    if damaged:
        mend = "Keep a copy of the file, look for segment_unreadable in the log, and check the disk"
        return [wrong("intake", f"cannot be read: {', '.join(damaged)}", mend)]
    return [_judge(now_ms - oldest_at_ms, running=running)]


def _judge(age_ms: int, *, running: bool) -> Finding:
    if age_ms <= _LATE_MS:
        return ok("intake", "no mail waits there for longer than usual")
    found = f"the oldest mail there was taken {age_ms // 1000:,} s ago"
    if not running:
        return warning("intake", found, "Nothing is lost: what is not filed yet is, as soon as sunnyday serve runs")
    return wrong("intake", found, "Nothing is lost. Does the database answer? Else the log tells: mail_not_drained")
