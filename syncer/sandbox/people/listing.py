"""people.connections.list, otherContacts.list, people.get (facts/gmail.md 1.10)."""

from dataclasses import dataclass

from syncer.sandbox.api import errors
from syncer.sandbox.api.call import Call
from syncer.sandbox.api.errors import ApiError, bad_request
from syncer.sandbox.api.page_tokens import page_token, place_of
from syncer.sandbox.json_value import Json, JsonObject
from syncer.sandbox.mailbox.contacts import CONTACT, OTHER_CONTACT, Contacts
from syncer.sandbox.people.person import person, profile, wanted_fields

_DEFAULT_PAGE, _LARGEST_PAGE = 100, 1000
_TOKEN_VALID_MS = 7 * 86_400_000


def list_connections(call: Call) -> JsonObject:
    if call.parameters.text("resourceName") != "people/me":
        raise bad_request("Resource name must be people/me.")
    return _list(call, Contacts(call.store, call.account.id, CONTACT), "connections", "personFields")


def list_other_contacts(call: Call) -> JsonObject:
    return _list(call, Contacts(call.store, call.account.id, OTHER_CONTACT), "otherContacts", "readMask")


def get_person(call: Call) -> JsonObject:
    """people/me, or a contact."""
    fields = wanted_fields(call.parameters.text("personFields"), "personFields")
    name = call.parameters.text("resourceName").removeprefix("people/")
    if name in ("me", call.account.sub):
        return profile(call.account, fields)
    contact = Contacts(call.store, call.account.id).find(name)
    if contact is None or contact.is_deleted:
        raise errors.not_found()
    return person(contact, fields)


@dataclass(frozen=True, slots=True)
class _Place:
    """after: the last version that was listed. until: the version that the next sync token will stand for.

    is_sync: changes since a token, the deleted ones too."""

    after: int
    until: int
    is_sync: bool


def _list(call: Call, contacts: Contacts, key: str, mask: str) -> JsonObject:
    fields = wanted_fields(call.parameters.text(mask), mask)
    question = _question(call, mask)
    before_ms = call.now_ms - call.google.behaviour.contacts_lag_ms
    place = _place(call, contacts, question, before_ms)
    limit = call.parameters.number("pageSize", _DEFAULT_PAGE, _LARGEST_PAGE)
    listed = contacts.changed(place.after, before_ms, limit + 1, with_deleted=place.is_sync)
    reply: JsonObject = {}
    if listed:
        reply[key] = [person(contact, fields) for contact in listed[:limit]]
    if not place.is_sync:
        count = contacts.count()
        reply |= {"totalItems": count, "totalPeople": count} if key == "connections" else {"totalSize": count}
    if len(listed) > limit:
        reply["nextPageToken"] = page_token(
            ["page", *question], [listed[limit - 1].version, place.until, place.is_sync]
        )
    elif call.parameters.flag("requestSyncToken"):
        reply["nextSyncToken"] = page_token(["sync", *question], [place.until, call.now_ms])
    return reply


def _question(call: Call, mask: str) -> list[Json]:
    """ "page/sync calls must repeat the same parameters"."""
    parameters = call.parameters
    sources: list[Json] = [*sorted(parameters.all("sources"))]
    with_token = parameters.flag("requestSyncToken")
    return [call.account.id, mask, parameters.text(mask), sources, parameters.text("sortOrder"), with_token]


def _place(call: Call, contacts: Contacts, question: list[Json], before_ms: int) -> _Place:
    """Raises: ApiError 400 for tokens of another question, and EXPIRED_SYNC_TOKEN."""
    until = contacts.version(before_ms)
    if token := call.parameters.text("pageToken"):
        after, until_then, is_sync = place_of(token, ["page", *question])
        assert isinstance(after, int)
        assert isinstance(until_then, int)
        return _Place(after, until_then, bool(is_sync))
    if token := call.parameters.text("syncToken"):
        after, told_at_ms = place_of(token, ["sync", *question])
        assert isinstance(after, int)
        assert isinstance(told_at_ms, int)
        if call.now_ms - told_at_ms > _TOKEN_VALID_MS or told_at_ms <= contacts.tokens_valid_from_ms():
            raise _expired()
        return _Place(after, until, True)
    return _Place(0, until, False)


def _expired() -> ApiError:
    return ApiError(
        400,
        "Sync token is expired. Clear local cache and retry call without the sync token.",
        "failedPrecondition",
        status_word="FAILED_PRECONDITION",
        details=(
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "EXPIRED_SYNC_TOKEN",
                "domain": "googleapis.com",
                "metadata": {"service": "people.googleapis.com"},
            },
        ),
    )
