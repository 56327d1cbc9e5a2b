"""The words of a mailbox's ledger: what is known of each message that was seen there."""

from enum import StrEnum


class LedgerState(StrEnum):
    """pending, recorded, not_recorded and failed are what `seen` is the sum of (B16)."""

    PENDING = "pending"  # seen, and not yet decided
    RECORDED = "recorded"  # at least one location has an entry of it
    NOT_RECORDED = "not_recorded"  # a rule says so; its decision tells which
    FAILED = "failed"  # our fault: set aside with its raw bytes, and tried again at long intervals
    BEFORE = "before"  # A6: it was there before connecting; not counted


COUNTED = (LedgerState.PENDING, LedgerState.RECORDED, LedgerState.NOT_RECORDED, LedgerState.FAILED)


class BeforeKnown(StrEnum):
    """How much of what was there before connecting the ledger names (A6)."""

    NOTHING = "nothing"  # the mailbox was never listed
    NEWEST = "newest"  # a page of it: what is older than that page is told by its time
    ALL = "all"  # every message: whatever the ledger does not know is new
