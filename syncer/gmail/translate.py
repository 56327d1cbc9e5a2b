"""Google's JSON into the engine's words. Whatever is absent or odd is told as absent: it comes from outside."""

from collections.abc import Iterator, Mapping
from typing import Any

from crm_store.rules.connection import padded_cursor
from syncer.errors import Unreachable
from syncer.remote import HistoryPage, HistoryRecord, Labelled, ListPage, Look, Named, Profile

Json = Mapping[str, Any]  # Any: what Google sent

_MAX_ID_CHARACTERS = 64  # what the ledger holds; Google's have 16


def history_page(answer: Json) -> HistoryPage:
    """`history` is absent where nothing changed, and on pages that have a next one, too."""
    next_page = answer.get("nextPageToken") or None
    return HistoryPage(
        records=[_record(one) for one in _objects(answer, "history")],
        next_page=next_page,
        history_id=_told_up_to(answer) if next_page is None else None,
    )


def _told_up_to(answer: Json) -> str | None:
    """Of a last page. Where it does not say: up to its last record, as ids go upwards (facts/gmail.md 1.1); None where
    its records do not say either, and are no reason to read nothing."""
    records = list(_objects(answer, "history"))
    if not records:
        return _history_id(answer)
    told = _cursor(answer.get("historyId"))
    return told or max(filter(None, (_cursor(one.get("id")) for one in records)), default=None)


def list_page(answer: Json) -> ListPage:
    return ListPage(list(_named(answer, "messages")), answer.get("nextPageToken") or None)


def profile(answer: Json) -> Profile:
    return Profile(str(answer.get("emailAddress", "")), _history_id(answer))


def watched_until_ms(answer: Json) -> int:
    expiration = str(answer.get("expiration", ""))
    if not (expiration.isascii() and expiration.isdecimal() and len(expiration) <= 15):
        raise Unreachable("watch: without its end")
    return int(expiration)


def aliases(answer: Json) -> list[str]:
    """Those that Google has verified; the account's own address is none."""
    return [
        str(one["sendAsEmail"])
        for one in _objects(answer, "sendAs")
        if one.get("sendAsEmail") and not one.get("isPrimary") and one.get("verificationStatus") == "accepted"
    ]


def look(answer: Json) -> Look:
    """Of any format; header is empty where the format has none."""
    named = _message(answer)
    if named is None:
        raise Unreachable("get: a message without an id")
    received = str(answer.get("internalDate", ""))
    return Look(
        gmail_id=named.gmail_id,
        thread_id=named.thread_id,
        labels=named.labels or frozenset(),
        history_id=padded_cursor(str(answer.get("historyId") or 0)),
        received_at_ms=int(received) if received.lstrip("-").isdecimal() else None,
        header=_header(answer),
    )


def _record(record: Json) -> HistoryRecord:
    return HistoryRecord(
        added=[one for one in map(_inner, _objects(record, "messagesAdded")) if one],
        deleted=[one for one in map(_inner, _objects(record, "messagesDeleted")) if one],
        labels_added=list(_labelled(record, "labelsAdded")),
        labels_removed=list(_labelled(record, "labelsRemoved")),
    )


def _labelled(record: Json, kind: str) -> Iterator[Labelled]:
    for one in _objects(record, kind):
        message = _inner(one)
        if message is not None:
            yield Labelled(message, frozenset(map(str, one.get("labelIds") or ())))


def _inner(change: Json) -> Named | None:
    return _message(change.get("message") or {})


def _named(answer: Json, key: str) -> Iterator[Named]:
    for one in _objects(answer, key):
        message = _message(one)
        if message is not None:
            yield message


def _message(one: Json) -> Named | None:
    gmail_id, thread_id, labels = str(one.get("id") or ""), str(one.get("threadId") or ""), one.get("labelIds")
    if not gmail_id or len(gmail_id) > _MAX_ID_CHARACTERS:
        return None
    return Named(
        gmail_id,
        thread_id if 0 < len(thread_id) <= _MAX_ID_CHARACTERS else None,
        None if labels is None else frozenset(map(str, labels)),
    )


def _objects(answer: Json, key: str) -> Iterator[Json]:
    yield from (one for one in answer.get(key) or () if isinstance(one, Mapping))


def _history_id(answer: Json) -> str:
    history_id = _cursor(answer.get("historyId"))
    if history_id is None:
        raise Unreachable("an answer without a history id")
    return history_id


def _cursor(said: object) -> str | None:
    """None for what is no history id."""
    try:
        return padded_cursor(str(said))
    except ValueError:
        return None


def _header(answer: Json) -> bytes:
    """The fields as lines of mail. Values come decoded (facts/gmail.md 1.2), and may not break out of their line."""
    fields = (answer.get("payload") or {}).get("headers") or ()
    lines = [
        f"{one.get('name', '')}: {' '.join(str(one.get('value', '')).split())}" for one in fields if one.get("name")
    ]
    return "\r\n".join([*lines, "", ""]).encode(errors="replace")
