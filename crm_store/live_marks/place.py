"""What an open page shows, by ids alone."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple


class View(StrEnum):
    """The kinds of pages that follow what happens."""

    SETTINGS = "settings"  # a user's own, in one location
    QUEUE = "queue"  # the captures of a location, and what people do with them
    OUTBOX = "outbox"  # a user's own e-mails in a location
    CAPTURES = "captures"  # those of a user's own BCC addresses in a location
    CONVERSATIONS = "conversations"  # of a location
    CONVERSATION = "conversation"  # one of them


class Place(NamedTuple):
    """subject_id: what the page is about where that is one thing, such as a conversation; 0 where it is not.

    Whoever makes one has asked whether the user may see it."""

    location_id: int
    user_id: int
    view: View
    subject_id: int = 0


# What a page shows, a piece at a time: whatever has a repr that says all of it.
Facts = Iterator[tuple[Place, object]]
