"""Pub/Sub pushes for watched mailboxes: hints, at most one a second, late or never (facts/gmail.md 1.5)."""

import asyncio
import base64
import http.client
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog

from syncer.sandbox.json_value import Json, JsonObject
from syncer.sandbox.mailbox import accounts, history
from syncer.sandbox.mailbox.accounts import Account
from syncer.sandbox.oauth.signing import ISSUER
from syncer.sandbox.rfc3339 import rfc3339

if TYPE_CHECKING:
    from syncer.sandbox.google import Google

log = structlog.get_logger()

_TIMEOUT_S = 10.0
_SECOND_MS = 1000
_TOKEN_S = 3600


@dataclass(frozen=True, slots=True)
class Answered:
    """One push that was tried. status: 0 where nobody answered."""

    email: str
    history_id: str
    message_id: str
    status: int


class Notifications:
    """What goes to the subscription's endpoint."""

    def __init__(self, google: "Google") -> None:
        self._google = google
        self._last_at_ms: dict[int, int] = {}
        self.answered: list[Answered] = []  # the latest, for tests and people

    def look(self) -> None:
        """Notify of every watched mailbox that changed since the last look. Called after each transaction."""
        rows = self._google.store.rows(
            "select w.*, a.history_id from watches w join accounts a on a.id = w.account_id "
            "where a.history_id > w.notified_id"
        )
        now_ms = self._google.now_ms()
        for row in rows:
            self._google.store.run(
                "update watches set notified_id = ? where account_id = ?", row["history_id"], row["account_id"]
            )
            wanted = not row["notified_id"] or self._concerns(
                row["account_id"], row["notified_id"], row["history_id"], json.loads(row["labels"]), row["excluded"]
            )
            if wanted and row["expires_at_ms"] > now_ms and self._is_due(row["account_id"], now_ms):
                account = accounts.by_id(self._google.store, row["account_id"])
                self._google.begin(self._publish(account, row["history_id"]))

    def envelope(self, email: str, history_id: str, message_id: str) -> JsonObject:
        """What Pub/Sub posts. history_id: padded or not."""
        settings = self._google.subscription
        shown: Json = int(history_id) if settings.numbers else history.shown(history_id)
        data = json.dumps({"emailAddress": email, "historyId": shown}).encode()
        at = rfc3339(self._google.now_ms())
        return {
            "message": {
                "data": base64.urlsafe_b64encode(data).decode(),
                "messageId": message_id,
                "message_id": message_id,
                "publishTime": at,
                "publish_time": at,
            },
            "subscription": settings.name,
        }

    def token(self) -> str:
        """The push's JWT, with the claims of docs.cloud.google.com/pubsub/docs/authenticate-push-subscriptions."""
        settings, now_s = self._google.subscription, self._google.now_ms() // _SECOND_MS
        return self._google.key.token(
            {
                "iss": ISSUER,
                "aud": settings.audience or settings.endpoint,
                "azp": "113774264463038321964",
                "sub": "113774264463038321964",
                "email": settings.account,
                "email_verified": True,
                "iat": now_s,
                "exp": now_s + _TOKEN_S,
            }
        )

    async def _publish(self, account: Account, history_id: str) -> None:
        settings = self._google.subscription
        message_id = str(secrets.randbelow(10**16) + 10**15)
        await asyncio.sleep(settings.delay_ms / 1000)
        for attempt in range(settings.attempts):
            await asyncio.sleep(settings.retry_ms * attempt / 1000)
            body = json.dumps(self.envelope(account.email, history_id, message_id)).encode()
            status = await asyncio.to_thread(_post, settings.endpoint, self.token(), body)
            self.answered = [*self.answered[-99:], Answered(account.email, history_id, message_id, status)]
            log.info("sandbox_push", account_id=account.id, status=status)
            if 200 <= status < 300:
                return

    def _concerns(self, account_id: int, after: str, until: str, labels: list[str], excluded: bool) -> bool:
        """The watch's label filter, on the labels that messages have now."""
        if not labels:
            return True
        sql = (
            "select count(*) from history h where h.account_id = ? and h.id > ? and h.id <= ? and exists ("
            "select 1 from message_labels l where l.account_id = h.account_id and l.message_id = h.message_id "
            "and l.label_id in (select value from json_each(?)))"
        )
        touched = self._google.store.count(sql, account_id, after, until, json.dumps(labels)) > 0
        return touched != bool(excluded)

    def _is_due(self, account_id: int, now_ms: int) -> bool:
        """ "maximum notification rate of one event per second … exceeding are dropped"."""
        settings = self._google.subscription
        if not settings.endpoint or settings.paused:
            return False
        last_ms = self._last_at_ms.get(account_id)
        if settings.per_second and last_ms is not None and now_ms - last_ms < _SECOND_MS / settings.per_second:
            return False
        self._last_at_ms[account_id] = now_ms
        return True


def _post(endpoint: str, token: str, body: bytes) -> int:
    """The status; 0 where nobody answers."""
    parts = urlsplit(endpoint)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT_S)
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {token}",
        "User-Agent": "CloudPubSub-Google",
    }
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target or "/", body, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
