"""users.drafts.*: each change of a draft is a new message under a new id (facts/gmail.md 1.1, 1.3)."""

import secrets

from syncer.sandbox.api import errors
from syncer.sandbox.api.call import Call
from syncer.sandbox.api.page_tokens import page_token, place_of
from syncer.sandbox.gmail.payload import receipt, reference, resource
from syncer.sandbox.gmail.raw_mail import raw_mail
from syncer.sandbox.gmail.reading import allowed_format
from syncer.sandbox.gmail.writing import send
from syncer.sandbox.json_value import Json, JsonObject, inner, text
from syncer.sandbox.mailbox import header
from syncer.sandbox.mailbox.messages import DRAFT, Message

_DEFAULT_PAGE, _LARGEST_PAGE = 100, 500


def create_draft(call: Call) -> JsonObject:
    draft_id = f"r{secrets.randbelow(10**18)}"
    message = _put(call)
    call.store.run("insert into drafts values (?, ?, ?)", call.account.id, draft_id, message.id)
    return {"id": draft_id, "message": receipt(message)}


def update_draft(call: Call) -> JsonObject:
    """The old message is deleted, the new one has another id: noise in the history."""
    draft_id, old = _found(call, call.parameters.text("id"))
    message = _put(call)
    call.messages.delete(old)
    call.store.run("insert into drafts values (?, ?, ?)", call.account.id, draft_id, message.id)
    return {"id": draft_id, "message": receipt(message)}


def get_draft(call: Call) -> JsonObject:
    draft_id, message = _found(call, call.parameters.text("id"))
    return {"id": draft_id, "message": resource(call, message, allowed_format(call))}


def list_drafts(call: Call) -> JsonObject:
    limit = call.parameters.number("maxResults", _DEFAULT_PAGE, _LARGEST_PAGE)
    question: list[Json] = [call.account.id, "drafts"]
    token = call.parameters.text("pageToken")
    after = str(place_of(token, question)[0]) if token else ""
    rows = call.store.rows(
        "select id, message_id from drafts where account_id = ? and id > ? order by id limit ?",
        call.account.id,
        after,
        limit + 1,
    )
    drafts: list[Json] = [
        {"id": row["id"], "message": reference(message)}
        for row in rows[:limit]
        if (message := call.messages.find(row["message_id"]))
    ]
    reply: JsonObject = {"resultSizeEstimate": len(drafts)}
    if drafts:
        reply["drafts"] = drafts
    if len(rows) > limit:
        reply["nextPageToken"] = page_token(question, [rows[limit - 1]["id"]])
    return reply


def delete_draft(call: Call) -> None:
    _, message = _found(call, call.parameters.text("id"))
    call.messages.delete(message)


def send_draft(call: Call) -> JsonObject:
    """Deletes the draft and makes a message with a new id; a second call gets 404 (1.3, 1.9)."""
    draft_id = text(call.body, "id")
    if not draft_id:
        return receipt(send(call, raw_mail(call, inner(call.body, "message")), ""))
    _, message = _found(call, draft_id)
    new = inner(call.body, "message")
    raw = raw_mail(call, new) if call.media is not None or text(new, "raw") else call.messages.raw(message)
    in_thread = message.thread_id if message.thread_id != message.id else ""
    call.messages.delete(message)
    return receipt(send(call, raw, in_thread if call.messages.of_thread(in_thread) else ""))


def _found(call: Call, draft_id: str) -> tuple[str, Message]:
    """Raises: ApiError 404."""
    row = call.store.row("select message_id from drafts where account_id = ? and id = ?", call.account.id, draft_id)
    message = call.messages.find(row["message_id"]) if row else None
    if message is None:
        raise errors.not_found()
    return draft_id, message


def _put(call: Call) -> Message:
    message = inner(call.body, "message")
    raw, thread_id = raw_mail(call, message), text(message, "threadId")
    if thread_id and not call.messages.of_thread(thread_id):
        raise errors.not_found()
    if not any(name.lower() == "message-id" for name, _ in header.fields(raw)):
        raw = header.with_first(raw, [("Message-ID", f"<CA{secrets.token_urlsafe(36)}@mail.gmail.com>")])
    return call.messages.add(raw, {DRAFT}, thread_id=thread_id)
