"""When a mailbox is looked at next."""

FIRST_PAUSE_MS = 1_000
LAST_PAUSE_MS = 5 * 60_000


def pause_ms(failures: int, *, jitter: int) -> int:
    """After so many runs in a row that failed before this one: doubling, with up to half more, so that the mailboxes of
    one outage do not come back at one moment. jitter: 0 to 999."""
    pause = min(LAST_PAUSE_MS, FIRST_PAUSE_MS << min(failures, 20))
    return pause + pause * jitter // 2000
