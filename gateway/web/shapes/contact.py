"""Contacts."""

from typing import Literal

from pydantic import Field, with_config
from typing_extensions import TypedDict

from crm_store.contact_book import ContactView
from crm_store.imported_people import SuggestionView
from gateway.web.shapes.fields import Body, Id, Line, Shape, Time, shown_time
from gateway.web.shapes.search import SearchQuery


class ContactQuery(SearchQuery):
    """q: of their names, organizations, addresses or phone numbers."""

    address: str | None = Field(None, description="only those who have this address; not together with q")


class _Options(TypedDict, total=False):
    phone: Line
    organization: Line


@with_config(extra="forbid")
class NewContact(_Options):
    """addresses: the first is where mail is sent."""

    addresses: list[Line]
    name: Line


@with_config(extra="forbid")
class ContactChanges(_Options, total=False):
    """Only what is given changes; addresses are all of them, in their new order."""

    addresses: list[Line]
    name: Line


class ContactMerge(Body):
    into: Id = Field(description="the contact that stays")


class Contact(Shape):
    id: str
    location_id: str
    name: str
    addresses: list[str]
    phone: str
    organization: str
    photo_url: str | None = Field(description="from Google's contacts")
    source: Literal["crm", "bcc", "google", "capture"]
    created_at: Time


class MergeSuggestion(Shape):
    id: str
    contacts: list[Contact] = Field(description="two that seem to be one person, the one made first before the other")


def contact(view: ContactView) -> Contact:
    details = view.details
    return Contact(
        id=str(view.id),
        location_id=str(view.location_id),
        name=details.name,
        addresses=details.addresses,
        phone=details.phone,
        organization=details.organization,
        photo_url=view.photo_url or None,
        source=view.source.value,
        created_at=shown_time(view.created_at_ms),
    )


def merge_suggestion(view: SuggestionView) -> MergeSuggestion:
    return MergeSuggestion(id=str(view.id), contacts=[contact(one) for one in view.contacts])
