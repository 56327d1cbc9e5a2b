"""The list of a location's conversations, and one conversation."""

from collections import defaultdict

from crm_store.database.rows import tuples
from crm_store.live_marks.place import Facts, Place
from crm_store.models.contacts import Conversation, Thread
from crm_store.models.messages import Entry, Undelivered
from crm_store.models.outbox import Email
from crm_store.outbox import NOT_NOTICE
from crm_store.paging import Order, along

_LISTED, _THREADS, _ENTRIES, _EMAILS = 40, 20, 30, 20


def of_lists(places: list[Place], _now_ms: int) -> Facts:
    """The same for all who look at a location's."""
    newest = {location_id: _newest(location_id) for location_id in {place.location_id for place in places}}
    for place in places:
        yield place, newest[place.location_id]


def of_conversations(places: list[Place], _now_ms: int) -> Facts:
    """What is in it, how much of it is read, and what of the location's outbox may belong there. The list beside it
    moves with it."""
    watching: dict[tuple[int, int], list[Place]] = defaultdict(list)
    for place in places:
        watching[place.location_id, place.subject_id].append(place)
    lists = {location_id: _newest(location_id) for location_id, _ in watching}
    emails = {location_id: _emails(location_id) for location_id, _ in watching}
    for (location_id, conversation_id), its_places in watching.items():
        fact = (lists[location_id], emails[location_id], _content(conversation_id))
        for place in its_places:
            yield place, fact


def _newest(location_id: int) -> list[tuple[object, ...]]:
    shown = Conversation.select(
        Conversation.id, Conversation.last_entry_at_ms, Conversation.unread_count, Conversation.times_read
    ).where(Conversation.last_entry_at_ms.is_null(False))
    here = [(Conversation.location_id, location_id)]
    order = Order(here, [Conversation.last_entry_at_ms, Conversation.id], newest_first=True)
    return list(tuples(along(shown, order, limit=_LISTED)))


def _content(conversation_id: int) -> tuple[object, ...]:
    here = Conversation.select(
        Conversation.contact_id, Conversation.thread_count, Conversation.unread_count, Conversation.times_read
    ).where(Conversation.id == conversation_id)
    within = [(Thread.conversation_id, conversation_id)]
    of_thread = Order(within, [Thread.last_entry_at_ms, Thread.id], newest_first=True)
    threads = along(Thread.select(Thread.id, Thread.last_entry_at_ms), of_thread, limit=_THREADS)
    of_entry = Order([(Entry.conversation_id, conversation_id)], [Entry.at_ms, Entry.id], newest_first=True)
    columns = (Entry.id, Entry.thread_id, Entry.paths, Entry.removed_at_ms)
    entries = list(tuples(along(Entry.select(*columns), of_entry, limit=_ENTRIES)))
    told = Undelivered.select(Undelivered.entry_id, Undelivered.id, Undelivered.state).where(
        Undelivered.entry_id.in_([entry_id for entry_id, *_ in entries])
    )
    return list(tuples(here)), list(tuples(threads)), entries, sorted(tuples(told))


def _emails(location_id: int) -> list[tuple[object, ...]]:
    """The newest of the outbox, and what each is in."""
    order = Order([(Email.location_id, location_id)], [Email.id], newest_first=True)
    shown = Email.select(Email.id, Email.state, Email.reason).where(NOT_NOTICE)
    return list(tuples(along(shown, order, limit=_EMAILS)))
