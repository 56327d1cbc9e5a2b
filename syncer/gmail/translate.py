"""Google's JSON into the engine's words: it comes from outside.

A part that is absent or odd is told as absent. An answer that has something else in place of its list, or of where it
goes on, is none: taken for one that ends there, it would move the cursor past what it did not tell."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from crm_store.rules.connection import padded_cursor
from syncer.errors import Unreachable
from syncer.remote import NO_HISTORY_ID, HistoryPage, HistoryRecord, Labelled, ListPage, Look, Named, Profile

Json = Mapping[str, Any]  # Any: what Google sent

_MAX_ID_CHARACTERS = 64  # what the ledger holds; Google's have 16
_MAX_ADDRESS_CHARACTERS = 320
_MAX_PAGE_NAME_CHARACTERS = 4000
_TIME_MS = re.compile(r"-?[0-9]{1,15}")


def history_page(answer: Json, page: str | None = None) -> HistoryPage:
    """`history` is absent where nothing changed, and on pages that have a next one, too. page: which one it is."""
    next_page = _next_page(answer, page)
    return HistoryPage(
        records=[_record(one) for one in _listed(answer, "history")],
        next_page=next_page,
        history_id=_told_up_to(answer) if next_page is None else None,
    )


def _told_up_to(answer: Json) -> str | None:
    """Of a last page. Where it does not say: up to its last record, as ids go upwards (facts/gmail.md 1.1); None where
    its records do not say either, and are no reason to read nothing."""
    records = list(_listed(answer, "history"))
    if not records:
        return _history_id(answer)
    told = _cursor(answer.get("historyId"))
    return told or max(filter(None, (_cursor(one.get("id")) for one in records)), default=None)


def list_page(answer: Json, page: str | None = None) -> ListPage:
    messages = [message for one in _listed(answer, "messages") if (message := _message(one))]
    return ListPage(messages, _next_page(answer, page))


def profile(answer: Json) -> Profile:
    return Profile(_plain(answer.get("emailAddress"), _MAX_ADDRESS_CHARACTERS), _history_id(answer))


def watched_until_ms(answer: Json) -> int:
    expiration = str(answer.get("expiration", ""))
    if not (expiration.isascii() and expiration.isdecimal() and len(expiration) <= 15):
        raise Unreachable("watch: without its end")
    return int(expiration)


def aliases(answer: Json) -> list[str]:
    """Those that Google has verified; the account's own address is none."""
    told = (
        _plain(one.get("sendAsEmail"), _MAX_ADDRESS_CHARACTERS)
        for one in _objects(answer.get("sendAs"))
        if not one.get("isPrimary") and one.get("verificationStatus") == "accepted"
    )
    return [address for address in told if address]


def look(answer: Json, gmail_id: str) -> Look:
    """Of any format; header is empty where the format has none. gmail_id: whose look was asked for."""
    named = _message(answer)
    if named is None or named.gmail_id != gmail_id:
        raise Unreachable("get: another message, or none")
    received = str(answer.get("internalDate", ""))
    return Look(
        gmail_id=named.gmail_id,
        thread_id=named.thread_id,
        labels=named.labels or frozenset(),
        history_id=_cursor(answer.get("historyId")) or NO_HISTORY_ID,
        received_at_ms=int(received) if _TIME_MS.fullmatch(received) else None,
        header=_header(answer),
    )


def _record(record: Json) -> HistoryRecord:
    return HistoryRecord(
        added=[one for one in map(_inner, _objects(record.get("messagesAdded"))) if one],
        deleted=[one for one in map(_inner, _objects(record.get("messagesDeleted"))) if one],
        labels_added=list(_labelled(record, "labelsAdded")),
        labels_removed=list(_labelled(record, "labelsRemoved")),
    )


def _labelled(record: Json, kind: str) -> Iterator[Labelled]:
    for one in _objects(record.get(kind)):
        message = _inner(one)
        if message is not None:
            yield Labelled(message, _labels(one.get("labelIds")) or frozenset())


def _inner(change: Json) -> Named | None:
    message = change.get("message")
    return _message(message) if isinstance(message, Mapping) else None


def _message(one: Json) -> Named | None:
    """None where it has no id that the ledger could hold."""
    gmail_id, thread_id = (_plain(one.get(key), _MAX_ID_CHARACTERS) for key in ("id", "threadId"))
    if not gmail_id.isascii() or not gmail_id:
        return None
    return Named(gmail_id, thread_id or None, _labels(one.get("labelIds")))


def _labels(told: object) -> frozenset[str] | None:
    return frozenset(one for one in told if isinstance(one, str)) if isinstance(told, list) else None


def _listed(answer: Json, key: str) -> Iterator[Json]:
    """What the whole answer is about. Raises: Unreachable."""
    told = answer.get(key)
    if told is not None and not isinstance(told, list):
        raise Unreachable(f"an answer whose {key} is no list")
    return _objects(told)


def _objects(told: object) -> Iterator[Json]:
    yield from (one for one in (told if isinstance(told, list) else ()) if isinstance(one, Mapping))


def _next_page(answer: Json, page: str | None) -> str | None:
    """Raises: Unreachable for what names no page, and for one that comes after itself: it would be read for ever."""
    told = answer.get("nextPageToken")
    if not told:
        return None
    name = _plain(told, _MAX_PAGE_NAME_CHARACTERS)
    if not name or name == page:
        raise Unreachable("an answer that does not tell where it goes on")
    return name


def _plain(told: object, most_characters: int) -> str:
    """ "" for what is no text, or one that a database or a URL may not take: with controls, or half of a character."""
    return told if isinstance(told, str) and told.isprintable() and len(told) <= most_characters else ""


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
    payload = answer.get("payload")
    fields = _objects(payload.get("headers") if isinstance(payload, Mapping) else None)
    lines = [f"{name}: {' '.join(str(one.get('value', '')).split())}" for one in fields if (name := _name(one))]
    return "\r\n".join([*lines, "", ""]).encode(errors="replace")


def _name(field: Json) -> str:
    return "".join(str(field.get("name", "")).split())
