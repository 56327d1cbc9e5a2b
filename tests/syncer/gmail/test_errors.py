"""What each answer of Google means (facts/gmail.md 1.7)."""

import json

import pytest

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
from syncer.gmail.errors import Answer, Call, meaning, refresh_meaning

NOW_MS = 1_795_000_000_000  # Wed, 18 Nov 2026 11:06:40 GMT
DATE = "Wed, 18 Nov 2026 11:06:40 GMT"


def answer(status: int, reason: str = "", message: str = "", word: str = "", **headers: str) -> Answer:
    errors = [{"reason": reason, "domain": "global"}] if reason else []
    body = {"error": {"code": status, "message": message, "errors": errors, "status": word}}
    return Answer(
        status, {name.replace("_", "-"): value for name, value in headers.items()}, json.dumps(body).encode(), NOW_MS
    )


@pytest.mark.parametrize(
    ("call", "said", "kind"),
    [
        pytest.param(Call.GET, answer(404, "notFound"), Gone, id="404 on get: the message is gone"),
        pytest.param(Call.HISTORY, answer(404, "notFound"), CursorExpired, id="404 on history: the cursor has expired"),
        pytest.param(Call.MODIFY, answer(404, "notFound"), Gone, id="404 on modify: it is gone as well"),
        pytest.param(
            Call.HISTORY,
            answer(400, "invalidArgument", "Invalid startHistoryId"),
            CursorExpired,
            id="400 says the same",
        ),
        pytest.param(Call.LIST, answer(404), Rejected, id="404 elsewhere is our fault"),
        pytest.param(Call.CONTACTS, answer(400, "EXPIRED_SYNC_TOKEN"), CursorExpired, id="a sync token that expired"),
        pytest.param(
            Call.CONTACTS,
            answer(400, "", "Sync token is expired. Clear local cache and retry.", "FAILED_PRECONDITION"),
            CursorExpired,
            id="a sync token that expired, without details",
        ),
        pytest.param(Call.CONTACTS, answer(410, "whatever"), CursorExpired, id="410: also a sync token that expired"),
        pytest.param(Call.CONTACTS, answer(400, "invalidArgument"), Rejected, id="another 400 of contacts"),
        pytest.param(Call.LIST, answer(400, "invalidArgument"), Rejected, id="400 is our fault"),
        pytest.param(Call.GET, answer(401, "authError"), Unreachable, id="401 proves nothing"),
        pytest.param(Call.GET, answer(403, "rateLimitExceeded"), SlowDown, id="403 rate"),
        pytest.param(Call.GET, answer(403, "userRateLimitExceeded"), SlowDown, id="403 user rate"),
        pytest.param(Call.GET, answer(403, "quotaExceeded"), SlowDown, id="403 quota"),
        pytest.param(
            Call.GET,
            answer(403, "", "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user'"),
            SlowDown,
            id="403 quota in words",
        ),
        pytest.param(Call.GET, answer(403, "dailyLimitExceeded"), ProjectPaused, id="403 daily limit"),
        pytest.param(Call.GET, answer(403, "accessNotConfigured"), ProjectPaused, id="403 the API is switched off"),
        pytest.param(Call.GET, answer(403, "insufficientPermissions"), Refused, id="403 scope"),
        pytest.param(
            Call.GET,
            answer(403, "", "Request had insufficient authentication scopes."),
            Refused,
            id="403 scope in words",
        ),
        pytest.param(Call.GET, answer(403, "domainPolicy"), Refused, id="403 the administrator"),
        pytest.param(Call.GET, answer(403, "forbidden"), Unreachable, id="403 of another kind is temporary"),
        pytest.param(Call.GET, answer(429, "rateLimitExceeded"), SlowDown, id="429"),
        pytest.param(
            Call.PROFILE, answer(400, "failedPrecondition", "Mail service not enabled"), Refused, id="no mailbox"
        ),
        pytest.param(
            Call.GET, answer(400, "failedPrecondition", "Precondition check failed."), Unreachable, id="precondition"
        ),
        *(
            pytest.param(Call.GET, answer(code, "backendError"), Unreachable, id=str(code))
            for code in (500, 502, 503, 504)
        ),
        pytest.param(Call.HISTORY, Answer(404, {}, b"<html>", NOW_MS), CursorExpired, id="a page in place of JSON"),
        pytest.param(
            Call.GET, Answer(503, {}, b'{"error": "x"}', NOW_MS), Unreachable, id="an error that is no object"
        ),
        pytest.param(Call.GET, Answer(403, {}, b'{"error": {"errors": [3]}}', NOW_MS), Unreachable, id="odd JSON"),
        pytest.param(Call.GET, Answer(302, {}, b"", NOW_MS), Unreachable, id="a redirection"),
        pytest.param(
            Call.WATCH,
            answer(400, "failedPrecondition", "Only one user push notification client allowed per developer"),
            NotWatched,
            id="another program has the watch",
        ),
        pytest.param(Call.WATCH, answer(403, "forbidden"), NotWatched, id="Gmail may not publish to the topic"),
        pytest.param(Call.WATCH, answer(403, "rateLimitExceeded"), SlowDown, id="403 rate, of a watch"),
        *(
            pytest.param(Call.SEND, answer(code, "backendError"), MayBeDone, id=f"{code} to a mail: it may have left")
            for code in (302, 408, 500, 503, 504)
        ),
        pytest.param(Call.UPLOAD, answer(503, "backendError"), Unreachable, id="503 to a part of a mail"),
        pytest.param(Call.SEND, answer(401, "authError"), Unreachable, id="401 to a mail: it did not leave"),
        pytest.param(Call.SEND, answer(404, "notFound"), Gone, id="the talk that a mail was to join"),
        pytest.param(Call.SEND, answer(429, "rateLimitExceeded"), SlowDown, id="429 to a mail"),
        pytest.param(
            Call.SEND,
            answer(429, "rateLimitExceeded", "User-rate limit exceeded. (Mail sending)"),
            SendingLimit,
            id="the day's limit of mails",
        ),
        pytest.param(Call.SEND, answer(413, "uploadTooLarge"), TooLarge, id="413"),
        pytest.param(Call.SEND, answer(400, "invalidArgument", "Invalid To header"), Rejected, id="400 to a mail"),
        pytest.param(Call.SEND, answer(403, "insufficientPermissions"), Refused, id="may not send"),
    ],
)
def test_meaning(call, said, kind):
    error = meaning(call, said)
    assert type(error) is kind
    assert "Quota" not in str(error)  # what Google said may quote mail


@pytest.mark.parametrize(
    ("said", "wait_s"),
    [
        pytest.param(answer(429), None, id="no time"),
        pytest.param(answer(429, retry_after="120"), 120, id="seconds"),
        pytest.param(answer(429, retry_after="Wed, 18 Nov 2026 11:10:40 GMT", date=DATE), 240, id="a date"),
        pytest.param(
            answer(429, message="User-rate limit exceeded.  Retry after 2026-11-18T11:21:40.123Z", date=DATE),
            901,
            id="in the message",
        ),
        pytest.param(
            answer(
                429,
                message="Retry after 2026-11-18T11:31:40.000Z",
                date="Wed, 18 Nov 2026 11:16:40 GMT",
            ),
            901,
            id="our clock is ten minutes behind Google's",
        ),
        pytest.param(
            answer(429, message="Retry after 2026-11-18T11:07:40Z", retry_after="600", date=DATE), 600, id="the later"
        ),
        pytest.param(answer(429, message="Retry after 2026-11-18T11:00:00Z", date=DATE), None, id="over already"),
        pytest.param(answer(429, retry_after="999999999999"), 86_400, id="a day at most"),
        pytest.param(answer(429, retry_after="soon"), None, id="no number and no date"),
    ],
)
def test_until_when_google_asks_to_wait(said, wait_s):
    error = meaning(Call.GET, said)
    assert isinstance(error, SlowDown)
    assert error.until_ms == (None if wait_s is None else NOW_MS + wait_s * 1000)


def test_a_daily_limit_ends_at_midnight_in_california():
    error = meaning(Call.GET, answer(403, "dailyLimitExceeded"))
    assert isinstance(error, ProjectPaused)
    assert error.until_ms == 1_795_075_200_000  # 2026-11-19T08:00:00Z


@pytest.mark.parametrize(
    ("error", "subtype", "kind", "problem"),
    [
        ("invalid_grant", "", AccessLost, ConnectionProblem.ACCESS_REVOKED),
        ("invalid_grant", "invalid_rapt", AccessLost, ConnectionProblem.SESSION_POLICY),
        ("admin_policy_enforced", "", Refused, ConnectionProblem.ADMIN_POLICY),
        ("invalid_client", "", Unreachable, None),
        ("", "", Unreachable, None),
    ],
)
def test_only_invalid_grant_asks_for_another_sign_in(error, subtype, kind, problem):
    told = refresh_meaning(error, subtype)
    assert type(told) is kind
    assert getattr(told, "problem", None) is problem
