"""users.messages.send, insert, import, modify, batchModify, trash, untrash, delete, batchDelete."""

from crm_store.mail.read import read
from syncer.sandbox.api import errors
from syncer.sandbox.api.call import Call
from syncer.sandbox.api.errors import ApiError, bad_request
from syncer.sandbox.gmail.payload import receipt
from syncer.sandbox.gmail.raw_mail import raw_mail
from syncer.sandbox.gmail.reading import found
from syncer.sandbox.json_value import JsonObject, text, texts
from syncer.sandbox.mailbox import delivery
from syncer.sandbox.mailbox.labels import known_ids
from syncer.sandbox.mailbox.messages import DRAFT, INBOX, SENT, UNREAD, Message
from syncer.sandbox.mailbox.relay import hand_out
from syncer.sandbox.rfc3339 import rfc3339

_MOST_IN_BATCH = 1000
_DAY_MS = 86_400_000


def send_message(call: Call) -> JsonObject:
    """{id, threadId, labelIds}. Never idempotent: the same call twice is two mails (0.6)."""
    return receipt(send(call, raw_mail(call, call.body), text(call.body, "threadId")))


def send(call: Call, raw: bytes, thread_id: str) -> Message:
    """Raises: ApiError 400 without a recipient, 404 for a thread that is not here, 429 over the day's limit."""
    _check_thread(call, thread_id)
    _check_sending_limit(call)
    try:
        sent = delivery.send(call.store, call.account, raw, thread_id, call.now_ms)
    except delivery.NoRecipient:
        raise bad_request("Recipient address required") from None
    if sent.outbox_id is not None:
        call.google.begin(hand_out(call.google, sent.outbox_id))
    return sent.message


def insert_message(call: Call) -> JsonObject:
    """Into this mailbox alone, as it is: no scan, no delivery, its Message-ID kept."""
    labels = texts(call.body, "labelIds")
    return receipt(_put(call, labels, default_source="receivedTime"))


def import_message(call: Call) -> JsonObject:
    """Like a mail that came by SMTP; the internal date follows Date unless told otherwise."""
    labels = texts(call.body, "labelIds") or [INBOX, UNREAD]
    return receipt(_put(call, labels, default_source="dateHeader"))


def modify_message(call: Call) -> JsonObject:
    message = found(call, call.parameters.text("id"))
    add, remove = _changes(call)
    return receipt(call.messages.change_labels(message, add, remove))


def batch_modify(call: Call) -> None:
    """Ids that are gone are passed over."""
    add, remove = _changes(call)
    for message in _of_batch(call):
        call.messages.change_labels(message, add, remove)


def trash_message(call: Call) -> JsonObject:
    return receipt(call.messages.trash(found(call, call.parameters.text("id"))))


def untrash_message(call: Call) -> JsonObject:
    return receipt(call.messages.untrash(found(call, call.parameters.text("id"))))


def delete_message(call: Call) -> None:
    call.messages.delete(found(call, call.parameters.text("id")))


def batch_delete(call: Call) -> None:
    for message in _of_batch(call):
        call.messages.delete(message)


def _put(call: Call, labels: list[str], default_source: str) -> Message:
    raw, thread_id = raw_mail(call, call.body), text(call.body, "threadId")
    _check_thread(call, thread_id)
    _check_labels(call, labels)
    parsed = read(raw)
    source = call.parameters.text("internalDateSource") or default_source
    date_ms = parsed.sent_at_ms if source == "dateHeader" else None
    return call.messages.add(raw, labels, thread_id=thread_id, internal_date_ms=date_ms, parsed=parsed)


def _changes(call: Call) -> tuple[list[str], list[str]]:
    """Labels to add and to remove. Raises: ApiError 400 for unknown ones and for those that nobody may set."""
    add, remove = texts(call.body, "addLabelIds"), texts(call.body, "removeLabelIds")
    _check_labels(call, [*add, *remove])
    if {SENT, DRAFT} & {*add, *remove}:
        raise bad_request("Invalid label: SENT" if SENT in {*add, *remove} else "Invalid label: DRAFT")
    if set(add) & set(remove):
        raise bad_request("Cannot both add and remove the same label")
    return add, remove


def _check_labels(call: Call, labels: list[str]) -> None:
    known = known_ids(call.store, call.account.id)
    for label_id in labels:
        if label_id not in known:
            raise bad_request(f"Invalid label: {label_id}")


def _check_thread(call: Call, thread_id: str) -> None:
    if thread_id and not call.messages.of_thread(thread_id):
        raise errors.not_found()


def _of_batch(call: Call) -> list[Message]:
    ids = texts(call.body, "ids")
    if not ids:
        raise bad_request("No message ids specified")
    if len(ids) > _MOST_IN_BATCH:
        raise bad_request(f"Too many message ids: {len(ids)} (the limit is {_MOST_IN_BATCH})")
    return [message for message_id in ids if (message := call.messages.find(message_id))]


def _check_sending_limit(call: Call) -> None:
    """1.7: "429 (Mail sending)": hours, not minutes. Counted over a day that rolls."""
    most = call.google.limits.user_sends_per_day
    since_ms = call.now_ms - _DAY_MS
    rows = call.store.rows(
        "select internal_date_ms as at_ms from message_labels where account_id = ? and label_id = 'SENT' "
        "and internal_date_ms > ? order by internal_date_ms limit ?",
        call.account.id,
        since_ms,
        most or 1,
    )
    if most and len(rows) >= most:
        retry_at = rfc3339(rows[0]["at_ms"] + _DAY_MS)
        message = f"User-rate limit exceeded.  Retry after {retry_at} (Mail sending)"
        raise ApiError(429, message, "rateLimitExceeded", domain="usageLimits")
