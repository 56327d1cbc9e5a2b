"""When a mailbox is looked at next."""

from crm_store.settings import Settings

FIRST_PAUSE_MS = 1_000
LAST_PAUSE_MS = 5 * 60_000


def pause_ms(failures: int, *, jitter: int) -> int:
    """After so many runs in a row that failed before this one: doubling, with up to half more, so that the mailboxes of
    one outage do not come back at one moment. jitter: 0 to 999."""
    pause = min(LAST_PAUSE_MS, FIRST_PAUSE_MS << min(failures, 20))
    return pause + pause * jitter // 2000


def longest_wait_ms(settings: Settings) -> int:
    """Between two runs of a mailbox that Google did not ask to wait."""
    return max(settings.sync_interval_s * 1000, LAST_PAUSE_MS * 3 // 2)
