"""States of a connection, and the steps between them that are legal.

active ⇄ importing ──PAUSE──▶ paused ──RESUME──▶ active
any of them ──LOSE_ACCESS──▶ needs_reauth ──SIGN_IN──▶ active             (A5)
any live one ──REPLACE──▶ replaced ──DISCONNECT──▶ disconnected           (A3)
any live one ──DISCONNECT──▶ disconnected                                 (A4)"""

from collections.abc import Mapping
from enum import StrEnum


class ConnectionState(StrEnum):
    ACTIVE = "active"
    IMPORTING = "importing"  # live, and a backfill runs beside
    PAUSED = "paused"  # Google asked for a pause; goes on by itself
    NEEDS_REAUTH = "needs_reauth"  # A5: waits for its user; keeps its place in the mailbox
    DISCONNECTED = "disconnected"  # A4: the end; it has no tokens any more
    REPLACED = "replaced"  # A3: another account has its place; its last sync runs, then it is disconnected. Not shown


class ConnectionProblem(StrEnum):
    """Why a connection is not simply active. Constant words; pages say them in the reader's language."""

    ACCESS_REVOKED = "access_revoked"  # invalid_grant: password changed, access taken away, or expired
    SESSION_POLICY = "session_policy"  # invalid_grant with invalid_rapt: the organisation wants a new sign-in
    ADMIN_POLICY = "admin_policy"  # the organisation's administrator does not allow this program
    NO_MAILBOX = "no_mailbox"  # the Google account has no Gmail
    MISSING_PERMISSION = "missing_permission"  # a scope was taken away
    CONTACTS_PERMISSION = "contacts_permission"  # B15: mail is followed, and contacts are not
    READ_STATE_PERMISSION = "read_state_permission"  # B14: mail is followed, and nothing may be marked as read in Gmail
    RATE_LIMITED = "rate_limited"  # Google's limits for this user
    PROJECT_LIMITED = "project_limited"  # Google's limits for the whole installation
    KEY_MISSING = "key_missing"  # what seals its tokens is not among the installation's keys
    UNREACHABLE = "unreachable"  # Google does not answer, or not as it should
    NO_PUSH = "no_push"  # Google tells somebody else of new mail, or may not tell us: polling goes on


class ConnectionStep(StrEnum):
    IMPORT = "import"
    PAUSE = "pause"
    RESUME = "resume"
    LOSE_ACCESS = "lose_access"
    SIGN_IN = "sign_in"
    REPLACE = "replace"
    DISCONNECT = "disconnect"


_S = ConnectionState
# What may be synced. A replaced one may too, once more.
SYNCING = (_S.ACTIVE, _S.IMPORTING, _S.PAUSED)
# A7: of these a Google account has one in the whole installation.
LIVE = (*SYNCING, _S.NEEDS_REAUTH)

LEGAL_STEPS: Mapping[ConnectionStep, Mapping[ConnectionState, ConnectionState]] = {
    ConnectionStep.IMPORT: {_S.ACTIVE: _S.IMPORTING, _S.IMPORTING: _S.IMPORTING, _S.PAUSED: _S.IMPORTING},
    ConnectionStep.PAUSE: dict.fromkeys(SYNCING, _S.PAUSED),
    ConnectionStep.RESUME: dict.fromkeys(SYNCING, _S.ACTIVE),
    ConnectionStep.LOSE_ACCESS: dict.fromkeys(LIVE, _S.NEEDS_REAUTH),
    ConnectionStep.SIGN_IN: dict.fromkeys(LIVE, _S.ACTIVE),
    ConnectionStep.REPLACE: dict.fromkeys(LIVE, _S.REPLACED),
    ConnectionStep.DISCONNECT: dict.fromkeys((*LIVE, _S.REPLACED), _S.DISCONNECTED),
}


def is_legal(step: ConnectionStep, state: ConnectionState) -> bool:
    return state in LEGAL_STEPS[step]


def padded_cursor(history_id: str | int) -> str:
    """A history id in the form in which text order is number order: 20 digits.

    It is an unsigned 64-bit number in a string, and Pub/Sub may carry it as a number (facts/gmail.md 0.4).
    Raises: ValueError for what is none."""
    text = str(history_id)
    if not text.isascii() or not text.isdecimal() or int(text) >= 2**64:
        raise ValueError("is not a history id")
    return f"{int(text):020d}"
