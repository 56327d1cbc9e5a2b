"""The marks of places, whatever they show."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping

from peewee import chunked

from crm_store.live_marks import capture_pages, conversation_pages, outbox_pages, settings_pages
from crm_store.live_marks.place import Facts, Place, View

_IN_LIST = 200

# Each gets places of its view, _IN_LIST at most. Facts of other places that come with them are passed over.
_FACTS: Mapping[View, Callable[[list[Place], int], Facts]] = {
    View.SETTINGS: settings_pages.facts,
    View.QUEUE: capture_pages.of_queues,
    View.CAPTURES: capture_pages.of_users,
    View.OUTBOX: outbox_pages.facts,
    View.CONVERSATIONS: conversation_pages.of_lists,
    View.CONVERSATION: conversation_pages.of_conversations,
}


def of_places(places: Collection[Place], *, now_ms: int) -> dict[Place, str]:
    """A mark for each."""
    facts: dict[Place, list[object]] = {place: [] for place in places}
    by_view: dict[View, list[Place]] = defaultdict(list)
    for place in sorted(places):
        by_view[place.view].append(place)
    for view, its_places in by_view.items():
        for some in chunked(its_places, _IN_LIST):
            for place, fact in _FACTS[view](some, now_ms):
                if place in facts:
                    facts[place].append(fact)
    return {place: _mark(facts[place]) for place in places}


def of_place(place: Place, *, now_ms: int) -> str:
    """Ask before what is shown: what moves between is told."""
    return of_places([place], now_ms=now_ms)[place]


def _mark(facts: list[object]) -> str:
    return hashlib.blake2b(repr(facts).encode(), digest_size=12).hexdigest()
