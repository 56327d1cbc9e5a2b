"""People as pages name them."""

from dataclasses import dataclass

from crm_store.contact_book import ContactView
from crm_store.entry_views import RecipientView

_NAMED = 4  # recipients that are told one by one on a card


@dataclass(frozen=True, slots=True)
class Who:
    """A contact as lists show it."""

    contact: ContactView
    name: str
    initials: str


def who_is(contact: ContactView) -> Who:
    name = name_of(contact)
    return Who(contact, name, initials_of(name))


def name_of(contact: ContactView) -> str:
    """A contact has a name, or an address at least."""
    return contact.details.name or contact.details.addresses[0] if contact.details.addresses else contact.details.name


def initials_of(name: str) -> str:
    """Of the first and the last word; "?" of nobody."""
    words = [word for word in name.split("@")[0].replace(".", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


def named(recipients: list[RecipientView]) -> tuple[list[str], int]:
    """The first ones by name, and how many more there are."""
    return [one.name or one.address for one in recipients[:_NAMED]], max(0, len(recipients) - _NAMED)
