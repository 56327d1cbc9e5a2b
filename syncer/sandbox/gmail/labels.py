"""users.labels.*"""

from dataclasses import replace

from syncer.sandbox.api import errors
from syncer.sandbox.api.call import Call
from syncer.sandbox.api.errors import ApiError, bad_request
from syncer.sandbox.json_value import JsonObject, text
from syncer.sandbox.mailbox import labels
from syncer.sandbox.mailbox.labels import Label


def list_labels(call: Call) -> JsonObject:
    """Without counts: labels.get has them (1.4)."""
    return {"labels": [_shown(label) for label in labels.every(call.store, call.account.id)]}


def get_label(call: Call) -> JsonObject:
    label = _found(call)
    return _shown(label) | _counts(call, label)


def create_label(call: Call) -> JsonObject:
    name = text(call.body, "name").strip()
    if not name:
        raise bad_request("Invalid label name")
    visible, shown = text(call.body, "messageListVisibility"), text(call.body, "labelListVisibility")
    label = labels.add(call.store, call.account.id, name, visible, shown)
    if label is None:
        raise ApiError(409, "Label name exists or conflicts", "aborted")
    return _shown(label)


def update_label(call: Call) -> JsonObject:
    """PUT and PATCH: what is absent stays."""
    label = _own(call)
    changed = replace(
        label,
        name=text(call.body, "name") or label.name,
        shown_in_lists=text(call.body, "messageListVisibility") or label.shown_in_lists,
        shown=text(call.body, "labelListVisibility") or label.shown,
    )
    others = (other for other in labels.every(call.store, call.account.id) if other.id != label.id)
    if any(other.name.casefold() == changed.name.casefold() for other in others):
        raise ApiError(409, "Label name exists or conflicts", "aborted")
    labels.save(call.store, call.account.id, changed)
    return _shown(changed)


def delete_label(call: Call) -> None:
    labels.delete(call.store, call.account.id, _own(call).id)


def _found(call: Call) -> Label:
    label = labels.find(call.store, call.account.id, call.parameters.text("id"))
    if label is None:
        raise errors.not_found()
    return label


def _own(call: Call) -> Label:
    """The user's own. Raises: ApiError 400 for one of Google's."""
    label = _found(call)
    if label.is_system:
        raise bad_request("Invalid label: system labels can't be changed")
    return label


def _shown(label: Label) -> JsonObject:
    shown: JsonObject = {"id": label.id, "name": label.name, "type": "system" if label.is_system else "user"}
    if not label.is_system:
        shown |= {"messageListVisibility": label.shown_in_lists, "labelListVisibility": label.shown}
    return shown


def _counts(call: Call, label: Label) -> JsonObject:
    row = call.store.row(
        "select count(*) as messages, count(distinct m.thread_id) as threads, count(u.message_id) as unread, "
        "count(distinct case when u.message_id is not null then m.thread_id end) as unread_threads "
        "from message_labels l join messages m on m.account_id = l.account_id and m.id = l.message_id "
        "left join message_labels u on u.account_id = l.account_id and u.message_id = l.message_id "
        "and u.label_id = 'UNREAD' where l.account_id = ? and l.label_id = ?",
        call.account.id,
        label.id,
    )
    assert row is not None
    return {
        "messagesTotal": row["messages"],
        "messagesUnread": row["unread"],
        "threadsTotal": row["threads"],
        "threadsUnread": row["unread_threads"],
    }
