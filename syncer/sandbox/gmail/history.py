"""users.history.list (facts/gmail.md 1.1)."""

from collections.abc import Collection, Iterable

from syncer.sandbox.api import errors
from syncer.sandbox.api.call import Call
from syncer.sandbox.api.page_tokens import page_token, place_of
from syncer.sandbox.json_value import Json, JsonObject
from syncer.sandbox.mailbox import history
from syncer.sandbox.mailbox.history import Change

_DEFAULT_PAGE, _LARGEST_PAGE = 100, 500
_KINDS = {
    "messageAdded": history.MESSAGE_ADDED,
    "messageDeleted": history.MESSAGE_DELETED,
    "labelAdded": history.LABELS_ADDED,
    "labelRemoved": history.LABELS_REMOVED,
}


def list_history(call: Call) -> JsonObject:
    """Raises: ApiError 404 for an id that is out of date or never was; 400 for none."""
    parameters, store, account_id = call.parameters, call.store, call.account.id
    if not parameters.text("startHistoryId"):
        raise errors.bad_request("Missing required parameter: startHistoryId", "required")
    start = history.padded(int(parameters.text("startHistoryId")))
    if not history.is_valid(store, account_id, start, call.now_ms):
        raise errors.not_found()
    question: list[Json] = [account_id, start, [*parameters.all("historyTypes")], parameters.text("labelId")]
    at, empty_left = start, call.google.behaviour.empty_history_pages
    if token := parameters.text("pageToken"):
        after, left = place_of(token, question)
        at, empty_left = str(after), left if isinstance(left, int) else 0
    # The mailbox's current id, as in the profile: who polls a quiet mailbox never falls out of the week.
    latest = history.fresh(store, account_id, call.now_ms)
    if lag_ms := call.google.behaviour.history_lag_ms:
        latest = history.visible_until(store, account_id, call.now_ms - lag_ms)
    until = max(start, latest)
    reply: JsonObject = {"historyId": history.shown(until)}
    if empty_left > 0:
        # A page may have nextPageToken and no history key [F lieer#22].
        return reply | {"nextPageToken": page_token(question, [at, empty_left - 1])}
    limit = parameters.number("maxResults", _DEFAULT_PAGE, _LARGEST_PAGE)
    changes = history.between(store, account_id, at, until, limit + 1)
    page = changes[:limit]
    # Filters are applied to a page of all records, so a page may well come out empty, with more behind it.
    if records := _records(call, page):
        reply["history"] = list[Json](records)
    if len(changes) > limit:
        reply["nextPageToken"] = page_token(question, [page[-1].id, 0])
    return reply


def _records(call: Call, changes: Iterable[Change]) -> list[JsonObject]:
    kinds = {_KINDS[word] for word in call.parameters.all("historyTypes")} or set(_KINDS.values())
    label_id = call.parameters.text("labelId")
    times = 2 if call.google.behaviour.repeat_history else 1
    return [
        _record(change)
        for change in changes
        for _ in range(times)
        if change.kind in kinds and (not label_id or label_id in _labels_of(call, change))
    ]


def _record(change: Change) -> JsonObject:
    """Messages "typically only have id and threadId"; `messages` says the same as the typed list."""
    message: JsonObject = {"id": change.message_id, "threadId": change.thread_id}
    item: JsonObject = {"message": dict(message)}
    if change.kind in (history.LABELS_ADDED, history.LABELS_REMOVED):
        item["labelIds"] = list[Json](change.labels)
    return {"id": history.shown(change.id), "messages": [message], change.kind: [item]}


def _labels_of(call: Call, change: Change) -> Collection[str]:
    """The labels that the message has now; of one that is gone, those that it had."""
    message = call.messages.find(change.message_id)
    return message.label_ids if message else change.labels
