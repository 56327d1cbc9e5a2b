"""One Google account's contacts through Google's own client, in the import's words (facts/gmail.md 1.10)."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from googleapiclient.discovery import build_from_document

from crm_store import typed_address
from crm_store.clock import now_ms
from crm_store.connection_work import MailboxAccess
from crm_store.errors import Invalid
from crm_store.mail.clean_text import clean_line, clean_name
from crm_store.rules.contact_import import Card, Person
from crm_store.sealing import Sealer
from crm_store.settings import Settings
from syncer.contacts.remote import PeoplePage
from syncer.errors import Rejected
from syncer.gmail.asking import ask, document, failed
from syncer.gmail.credentials import AccessToken
from syncer.gmail.errors import Call
from syncer.gmail.transport import Transport

PAGE = 500  # Google gives 1,000; what is in memory at once, and read again when we die
MAX_LINE_CHARS = 200  # as people may type
MAX_URL_CHARS = 1000
MAX_ADDRESSES = 50
_MAX_VALUES = 200  # of one list of a person that are looked at
_MAX_RESOURCE_CHARS = 200
_MAX_TOKEN_CHARS = 4000
_MAX_PREVIOUS = 10

Json = Mapping[str, Any]  # Any: what Google sent


class GooglePeople:
    """For one thread, and one run."""

    def __init__(self, access: MailboxAccess, settings: Settings, sealer: Sealer) -> None:
        self._transport = Transport(AccessToken(access, settings, sealer, now_ms))
        service = build_from_document(document("people", "v1", settings.google_people_url), http=self._transport)
        self._connections: Any = service.people().connections()  # Any: made from the document

    def page(self, sync_token: str | None, page_token: str | None) -> PeoplePage:
        # Each call repeats all parameters of the first, or Google refuses its tokens.
        request = self._connections.list(
            resourceName="people/me",
            personFields="metadata,names,emailAddresses,phoneNumbers,organizations,photos",
            sources="READ_SOURCE_TYPE_CONTACT",
            pageSize=PAGE,
            requestSyncToken=True,
            syncToken=sync_token,
            pageToken=page_token,
        )
        page = people_page(ask(Call.CONTACTS, request, self._transport, failed(Call.CONTACTS)))
        if page.next_page is not None and page.next_page == page_token:
            raise Rejected("contacts: a page that comes after itself")  # or it would be read for ever
        return page


def people_page(answer: Json) -> PeoplePage:
    """Whatever is absent or odd is told as absent: it comes from outside."""
    told = (_person(one) for one in _objects(answer, "connections"))
    return PeoplePage(
        people=[person for person in told if person is not None],
        next_page=_token(answer, "nextPageToken"),
        sync_token=_token(answer, "nextSyncToken"),
    )


def _person(told: Json) -> Person | None:
    resource = _text(told, "resourceName")
    if not 0 < len(resource) <= _MAX_RESOURCE_CHARS or clean_line(resource) != resource:
        return None
    metadata = told.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    former = metadata.get("previousResourceNames")
    former = former if isinstance(former, list) else []
    return Person(
        resource=resource,
        previous=tuple(one for one in former if isinstance(one, str) and clean_line(one) == one)[:_MAX_PREVIOUS],
        is_deleted=metadata.get("deleted") is True,
        card=Card(
            name=_first_line(told, "names", "displayName", "unstructuredName"),
            phone=_first_line(told, "phoneNumbers", "value", "canonicalForm"),
            organization=_first_line(told, "organizations", "name"),
            photo_url=_photo_url(told),
        ),
        addresses=_addresses(told),
    )


def _first_line(told: Json, kind: str, *keys: str) -> str:
    """Of the primary value, which comes first here."""
    values = _in_order(told, kind)
    return next(
        (line for value in values for key in keys if (line := clean_name(_text(value, key), MAX_LINE_CHARS))), ""
    )


def _addresses(told: Json) -> dict[str, str]:
    """Normalised → as shown. What is no address is left out."""
    addresses: dict[str, str] = {}
    for value in _in_order(told, "emailAddresses"):
        try:
            shown, normal = typed_address.check(_text(value, "value"))
        except Invalid:
            continue
        addresses.setdefault(normal, shown)
        if len(addresses) == MAX_ADDRESSES:
            break
    return addresses


def _photo_url(told: Json) -> str:
    """ "" where Google has only a letter on a coloured ground."""
    urls = (_text(value, "url") for value in _in_order(told, "photos") if value.get("default") is not True)
    return next((url for url in urls if _is_plain_https(url)), "")


def _is_plain_https(url: str) -> bool:
    if len(url) > MAX_URL_CHARS or not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc


def _in_order(told: Json, kind: str) -> list[Json]:
    """The primary one first, the others as they come."""
    values = [one for _, one in zip(range(_MAX_VALUES), _objects(told, kind), strict=False)]
    return sorted(values, key=lambda value: not _is_primary(value))


def _is_primary(value: Json) -> bool:
    metadata = value.get("metadata")
    return isinstance(metadata, dict) and metadata.get("primary") is True


def _objects(told: Json, kind: str) -> Iterator[Json]:
    values = told.get(kind)
    yield from (one for one in (values if isinstance(values, list) else []) if isinstance(one, dict))


def _token(told: Json, key: str) -> str | None:
    token = _text(told, key)
    return token if 0 < len(token) <= _MAX_TOKEN_CHARS and token.isascii() and token.isprintable() else None


def _text(told: Json, key: str) -> str:
    value = told.get(key)
    return value if isinstance(value, str) else ""
