"""users.getProfile, users.messages.list/get, attachments.get, users.threads.list/get."""

from crm_store.mail.attachments import attachment_bytes
from syncer.sandbox.api import errors
from syncer.sandbox.api.call import Call
from syncer.sandbox.api.page_tokens import page_token, place_of
from syncer.sandbox.api.schema import base64url
from syncer.sandbox.gmail import attachment_ids
from syncer.sandbox.gmail.payload import resource
from syncer.sandbox.json_value import Json, JsonObject
from syncer.sandbox.mailbox import history, listing
from syncer.sandbox.mailbox.listing import Listed, Place, Wanted
from syncer.sandbox.mailbox.messages import Message

_DEFAULT_PAGE, _LARGEST_PAGE = 100, 500
_SCOPE = "https://www.googleapis.com/auth/"
_METADATA = _SCOPE + "gmail.metadata"
_WHOLE_MAIL = frozenset({"https://mail.google.com/", _SCOPE + "gmail.modify", _SCOPE + "gmail.readonly"})


def get_profile(call: Call) -> JsonObject:
    account_id = call.account.id
    return {
        "emailAddress": call.account.email,
        "messagesTotal": call.store.count("select count(*) from messages where account_id = ?", account_id),
        "threadsTotal": call.store.count(
            "select count(distinct thread_id) from messages where account_id = ?", account_id
        ),
        "historyId": history.shown(history.fresh(call.store, account_id, call.now_ms)),
    }


def list_messages(call: Call) -> JsonObject:
    """Newest first, ids alone, without SPAM and TRASH unless asked for (1.2)."""
    found, next_token = _page(call)
    reply: JsonObject = {"resultSizeEstimate": len(found)}
    if found:  # an empty list is absent, as everywhere
        reply["messages"] = [{"id": one.id, "threadId": one.thread_id} for one in found]
    if next_token:
        reply["nextPageToken"] = next_token
    return reply


def get_message(call: Call) -> JsonObject:
    """Raises: ApiError 404 for a deleted or foreign id; 403 for a body with the metadata scope alone."""
    message = found(call, call.parameters.text("id"))
    form = allowed_format(call)
    return resource(call, message, form, call.parameters.all("metadataHeaders"))


def get_attachment(call: Call) -> JsonObject:
    """Raises: ApiError 400 for an id of an older get (1.2)."""
    message = found(call, call.parameters.text("messageId"))
    position = attachment_ids.position_of(call.store, message.id, call.parameters.text("id"), call.now_ms)
    data = None if position is None else attachment_bytes(call.messages.raw(message), position)
    if data is None:
        raise errors.bad_request("Invalid attachment token")
    return {"size": len(data), "data": base64url(data)}


def list_threads(call: Call) -> JsonObject:
    """By their newest message that is asked for."""
    listed, next_token = _page(call)
    threads: list[Json] = []
    for thread_id in dict.fromkeys(one.thread_id for one in listed):
        newest = call.messages.of_thread(thread_id)[-1]
        threads.append({"id": thread_id, "snippet": newest.snippet, "historyId": history.shown(newest.history_id)})
    reply: JsonObject = {"resultSizeEstimate": len(threads)}
    if threads:
        reply["threads"] = threads
    if next_token:
        reply["nextPageToken"] = next_token
    return reply


def get_thread(call: Call) -> JsonObject:
    messages = call.messages.of_thread(call.parameters.text("id"))
    if not messages:
        raise errors.not_found()
    form, wanted = allowed_format(call), call.parameters.all("metadataHeaders")
    shown: list[Json] = [resource(call, message, form, wanted) for message in messages]
    latest = max(message.history_id for message in messages)
    return {"id": messages[0].thread_id, "historyId": history.shown(latest), "messages": shown}


def found(call: Call, message_id: str) -> Message:
    """The mailbox's message. Raises: ApiError 404."""
    message = call.messages.find(message_id)
    if message is None:
        raise errors.not_found()
    return message


def allowed_format(call: Call) -> str:
    """The format that is asked for. Raises: ApiError 403 for one that gmail.metadata alone does not allow."""
    form = call.parameters.text("format") or "full"
    if _metadata_only(call) and form in ("full", "raw"):
        raise errors.metadata_scope(f"doesn't allow format {form.upper()}")
    return form


def _page(call: Call) -> tuple[list[Listed], str]:
    parameters = call.parameters
    if parameters.text("q") and _metadata_only(call):
        raise errors.metadata_scope("does not support 'q' parameter")
    wanted = Wanted(parameters.all("labelIds"), parameters.text("q"), parameters.flag("includeSpamTrash"))
    question: list[Json] = [call.account.id, [*wanted.label_ids], wanted.query, wanted.with_spam_and_trash]
    limit = parameters.number("maxResults", _DEFAULT_PAGE, _LARGEST_PAGE)
    after = None
    if token := parameters.text("pageToken"):
        date_ms, message_id = place_of(token, question)
        assert isinstance(date_ms, int)
        after = Place(date_ms, str(message_id))
    listed = listing.page(call.store, call.account.id, wanted, after, limit + 1, call.now_ms)
    shown = listed[:limit]
    more = len(listed) > limit
    return shown, page_token(question, [shown[-1].date_ms, shown[-1].id]) if more else ""


def _metadata_only(call: Call) -> bool:
    return _METADATA in call.scopes and not call.scopes & _WHOLE_MAIL
