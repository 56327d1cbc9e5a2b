"""A Message resource in each of its formats (facts/gmail.md 1.2)."""

import secrets
from collections.abc import Collection

from crm_store.mail import body as mail_body
from crm_store.mail.charset import decode_header_bytes
from crm_store.mail.header_text import read_text
from crm_store.mail.limits import LIMITS
from crm_store.mail.problems import Problems
from crm_store.mail.structure import Part, find_parts
from syncer.sandbox.api.call import Call
from syncer.sandbox.api.schema import base64url
from syncer.sandbox.gmail import attachment_ids
from syncer.sandbox.json_value import Json, JsonObject
from syncer.sandbox.mailbox import header, history
from syncer.sandbox.mailbox.messages import Message


def reference(message: Message) -> JsonObject:
    """What lists have: "list gives only id+threadId"."""
    return {"id": message.id, "threadId": message.thread_id}


def receipt(message: Message) -> JsonObject:
    """What send, insert, modify … reply: {id, threadId, labelIds}; no labelIds where there are none."""
    shown = reference(message)
    if message.label_ids:
        shown["labelIds"] = list[Json](message.label_ids)
    return shown


def resource(call: Call, message: Message, form: str, metadata_headers: Collection[str] = ()) -> JsonObject:
    """form: minimal, full, metadata or raw; "" is full."""
    shown = receipt(message) | {
        "snippet": message.snippet,
        "historyId": history.shown(message.history_id),
        "internalDate": str(message.internal_date_ms),
        "sizeEstimate": message.size_bytes,
    }
    if form == "minimal":
        return shown
    raw = call.messages.raw(message)
    if form == "raw":
        return shown | {"raw": base64url(raw)}
    if form == "metadata":
        return shown | {"payload": _metadata(raw, {name.lower() for name in metadata_headers})}
    return shown | {"payload": _Payload(call, message, raw).part(find_parts(raw, LIMITS, Problems()), "")}


def _metadata(raw: bytes, wanted: Collection[str]) -> JsonObject:
    root = find_parts(raw, LIMITS, Problems())
    headers = [shown for shown in _headers(raw) if not wanted or str(shown["name"]).lower() in wanted]
    return {"mimeType": root.content_type, "headers": list[Json](headers)}


def _headers(raw: bytes) -> list[JsonObject]:
    return [{"name": name, "value": _value(value)} for name, value in header.fields(raw)]


def _value(value: bytes) -> str:
    # [U]: values come decoded from RFC 2047, raw does not. No source says so; who wants to be sure parses raw.
    return read_text(decode_header_bytes(value), Problems())


class _Payload:
    """The tree of MessageParts of one mail."""

    def __init__(self, call: Call, message: Message, raw: bytes) -> None:
        self._call, self._message, self._raw = call, message, raw

    def part(self, part: Part, part_id: str) -> JsonObject:
        shown: JsonObject = {
            "partId": part_id,
            "mimeType": part.content_type,
            "filename": mail_body.file_name(part),
            "headers": list[Json](self._part_headers(part, part_id)),
        }
        if part.children:
            children = [
                self.part(child, f"{part_id}.{number}" if part_id else str(number))
                for number, child in enumerate(part.children)
            ]
            return shown | {"body": {"size": 0}, "parts": list[Json](children)}
        return shown | {"body": self._body(part, bool(shown["filename"]))}

    def _part_headers(self, part: Part, part_id: str) -> list[JsonObject]:
        if not part_id:
            return _headers(self._raw)
        return [
            {"name": "-".join(word.capitalize() for word in name.split("-")), "value": _value(value)}
            for name, values in part.headers.fields.items()
            for value in values
        ]

    def _body(self, part: Part, is_file: bool) -> JsonObject:
        data = mail_body.content(self._raw, part, Problems())
        if is_file or part.maintype not in ("text", "multipart"):
            token = attachment_ids.issue(
                self._call.store, self._message.id, part.position or 0, self._call.now_ms, secrets.token_bytes(6)
            )
            return {"attachmentId": token, "size": len(data)}
        return {"size": len(data), "data": base64url(data)} if data else {"size": 0}
