"""What an answer of Google means: one table, no input or output (facts/gmail.md 1.7)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

from crm_store.errors import ProductError
from crm_store.http_date import http_date_ms
from crm_store.rules.connection import ConnectionProblem
from syncer.errors import (
    AccessLost,
    CursorExpired,
    Gone,
    MayBeDone,
    NotWatched,
    ProjectPaused,
    Refused,
    Rejected,
    SendingLimit,
    SlowDown,
    TooLarge,
    Unreachable,
)

# "User-rate limit exceeded.  Retry after 2026-11-23T10:00:00.000Z"
_NAMED_TIME = re.compile(r"[Rr]etry after (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?Z")
# "Sync token is expired. Clear local cache …": where no details name the reason, its status alone is a failed
# precondition, which would be waited for, for ever.
_NAMES_EXPIRED = re.compile(r"sync token (?:is|has) expired", re.IGNORECASE)
_LONGEST_PAUSE_MS = 24 * 3_600_000  # what is named beyond that is no time that anybody meant
_SWITCHED_OFF_MS = 10 * 60_000
_PACIFIC = timezone(timedelta(hours=-8))  # daily limits begin anew at midnight there; in summer this waits an hour more

_SLOW = {"ratelimitexceeded", "userratelimitexceeded", "quotaexceeded", "rate_limit_exceeded", "resource_exhausted"}
_NO_SCOPE = {"insufficientpermissions", "access_token_scope_insufficient"}
_SWITCHED_OFF = {"accessnotconfigured", "service_disabled"}


class Call(StrEnum):
    """What was asked, as far as the meaning of an answer depends on it."""

    PROFILE = "profile"
    ALIASES = "aliases"
    HISTORY = "history"
    LIST = "list"
    GET = "get"
    WATCH = "watch"
    MODIFY = "modify"
    CONTACTS = "contacts"
    UPLOAD = "upload"  # a part of a mail that is to be sent: without the last one nothing is
    SEND = "send"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is no success. headers: names in lower case. body: as it came.

    at_ms: when it came, by our clock."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    at_ms: int


def meaning(call: Call, answer: Answer) -> ProductError:
    """What is to be raised for it. The text names codes and never what Google said: that may quote mail."""
    reasons, message = _said(answer.body)
    text = f"{call}: {answer.status} {' '.join(sorted(reasons))}".rstrip()
    match answer.status:
        case 404 | 410 if call in (Call.GET, Call.MODIFY):
            return Gone(text)
        case 404 if call is Call.SEND:
            return Gone(text)  # the talk that it was to join
        case 413:
            return TooLarge(text, message)
        case 404 if call is Call.HISTORY:
            return CursorExpired(text)
        # "Only one user push notification client allowed per developer"; a topic that is not there, or that Gmail may
        # not publish to (facts/gmail.md 1.5).
        case 400 | 404 if call is Call.WATCH:
            return NotWatched(text)
        case 403 if call is Call.WATCH and "forbidden" in reasons:
            return NotWatched(text)
        case 410 if call is Call.CONTACTS:
            return CursorExpired(text)
        case 400 if call is Call.CONTACTS and ("expired_sync_token" in reasons or _NAMES_EXPIRED.search(message)):
            return CursorExpired(text)
        case 403:
            return _forbidden(text, reasons, message, answer)
        case 429 if call in (Call.SEND, Call.UPLOAD) and "mail sending" in message.lower():
            return SendingLimit(text, named_time_ms(answer, message))
        case 429:
            return SlowDown(text, named_time_ms(answer, message))
        case 400 if "failedprecondition" in reasons or "failed_precondition" in reasons:
            if "mail service not enabled" in message.lower():
                return Refused(text, ConnectionProblem.NO_MAILBOX)
            return Unreachable(text)
        case 400 if call is Call.HISTORY and "starthistoryid" in message.lower():
            return CursorExpired(text)  # "invalid or out of date … typically returns 404"
        case status if call is Call.SEND and (status == 408 or status >= 500 or status < 400):
            return MayBeDone(text, answered=True)
        # A 401 that comes again after the token was renewed proves nothing (facts/gmail.md 0.8): it is waited for.
        case status if status in (401, 408) or status >= 500 or status < 400:
            return Unreachable(text)
    return Rejected(text, message)


def _forbidden(text: str, reasons: set[str], message: str, answer: Answer) -> ProductError:
    lower = message.lower()
    if "dailylimitexceeded" in reasons:
        return ProjectPaused(text, _next_midnight_ms(answer.at_ms))
    if reasons & _SLOW or lower.startswith("quota exceeded"):
        return SlowDown(text, named_time_ms(answer, message))
    if reasons & _NO_SCOPE or "insufficient authentication scopes" in lower:
        return Refused(text, ConnectionProblem.MISSING_PERMISSION)
    if "domainpolicy" in reasons:
        return Refused(text, ConnectionProblem.ADMIN_POLICY)
    if reasons & _SWITCHED_OFF:
        return ProjectPaused(text, answer.at_ms + _SWITCHED_OFF_MS)
    return Unreachable(text)


def refresh_meaning(error: str, subtype: str) -> ProductError:
    """What a refusal of the token endpoint means. error, subtype: its words, "" where it gave none."""
    text = f"token: {error} {subtype}".rstrip()
    if error == "admin_policy_enforced":
        return Refused(text, ConnectionProblem.ADMIN_POLICY)
    if error != "invalid_grant":  # invalid_client: the operator's settings; no reason to bother every user
        return Unreachable(text)
    session = subtype == "invalid_rapt"
    return AccessLost(text, ConnectionProblem.SESSION_POLICY if session else ConnectionProblem.ACCESS_REVOKED)


def named_time_ms(answer: Answer, message: str) -> int | None:
    """Until when Google asks to wait, by our clock: the later of what header and message say. None: it does not say.

    A time of day is Google's; what it is on ours is told by the answer's Date, should our clock be wrong."""
    google_ms = http_date_ms(answer.headers.get("date", "")) or answer.at_ms
    waits_ms = []
    retry_after = answer.headers.get("retry-after", "").strip()
    if retry_after.isascii() and retry_after.isdecimal():
        waits_ms.append(int(retry_after[:9]) * 1000)
    elif (until_ms := http_date_ms(retry_after)) is not None:
        waits_ms.append(until_ms - google_ms)
    if found := _NAMED_TIME.search(message):
        waits_ms.append(_named_ms(found[1]) - google_ms)
    wait_ms = max(waits_ms, default=0)
    return answer.at_ms + min(wait_ms, _LONGEST_PAUSE_MS) if wait_ms > 0 else None


def _named_ms(text: str) -> int:
    """The second after it; 0 for a day or an hour that there is not."""
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() + 1) * 1000
    except (ValueError, OverflowError):
        return 0


def _next_midnight_ms(at_ms: int) -> int:
    at = datetime.fromtimestamp(at_ms / 1000, _PACIFIC)
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return int(midnight.timestamp() * 1000)


def _said(body: bytes) -> tuple[set[str], str]:
    """The reasons in lower case, and the message. Whatever stands in front of Google may answer something else."""
    try:
        error = json.loads(body)["error"]
        reasons = {str(one.get("reason", "")) for one in [*error.get("errors", []), *error.get("details", [])]}
        return {one.lower() for one in [*reasons, str(error.get("status", ""))] if one}, str(error.get("message", ""))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return set(), ""
