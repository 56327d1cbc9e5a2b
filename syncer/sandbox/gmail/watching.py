"""users.watch and users.stop (facts/gmail.md 1.5)."""

import json
import re

from syncer.sandbox.api.call import Call
from syncer.sandbox.api.errors import bad_request, failed_precondition
from syncer.sandbox.json_value import JsonObject, text, texts
from syncer.sandbox.mailbox import history

_VALID_MS = 7 * 86_400_000
_TOPIC = re.compile(r"projects/[^/]+/topics/[^/]+")


def watch(call: Call) -> JsonObject:
    """Again with the same topic renews it; a second topic is refused until stop. A notification follows at once."""
    topic = text(call.body, "topicName")
    if not _TOPIC.fullmatch(topic):
        raise bad_request(f"Invalid topicName does not match projects/sandbox/topics/*: {topic[:200]}")
    row = call.store.row("select topic, expires_at_ms from watches where account_id = ?", call.account.id)
    if row and row["topic"] != topic and row["expires_at_ms"] > call.now_ms:
        message = "Only one user push notification client allowed per developer (call /stop then try again)"
        raise failed_precondition(message)
    excluded = "exclude" in (text(call.body, "labelFilterBehavior"), text(call.body, "labelFilterAction"))
    expires_at_ms = call.now_ms + _VALID_MS
    call.store.run(
        "insert or replace into watches values (?, ?, ?, ?, ?, '')",
        call.account.id,
        topic,
        json.dumps(texts(call.body, "labelIds")),
        int(excluded),
        expires_at_ms,
    )
    current = history.fresh(call.store, call.account.id, call.now_ms)
    return {"historyId": history.shown(current), "expiration": str(expires_at_ms)}


def stop(call: Call) -> None:
    """Ends the mailbox's one watch, whoever began it."""
    call.store.run("delete from watches where account_id = ?", call.account.id)
