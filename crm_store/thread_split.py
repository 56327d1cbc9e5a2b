"""What the two halves of a split thread know: by these ids and people answers find the right one (B9, B2, C5).

Which ids a mail named is in its raw bytes only, so they are read again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from peewee import ModelSelect, Tuple, chunked

from crm_store.blobs.store import BlobStore
from crm_store.database.rows import tuples
from crm_store.errors import NotFound
from crm_store.mail.limits import LIMITS
from crm_store.mail.read import read
from crm_store.models.contacts import Thread
from crm_store.models.messages import Entry, Message, MessageContent, Sighting, ThreadParty, ThreadReference
from crm_store.rules.address import normalise
from crm_store.rules.thread import known_keys

_IN_LIST = 500
# An id of a mail that nobody recorded, such as the first of a long talk, is looked for in the oldest entries that stay.
MAX_READ_OF_REST = 50
_PAGE = 200
MAX_PEOPLE_PAGES = 25


@dataclass(frozen=True, slots=True)
class Names:
    """Keys of Message-IDs. own: of the entries that go. theirs: others that go with them: these entries name them, and
    as far as was looked none of the entries that stay."""

    own: frozenset[bytes]
    theirs: frozenset[bytes]


def read_names(thread: Thread, entry_ids: Sequence[int], blobs: BlobStore) -> Names:
    """What the mails of these entries name. Raises: StoreUnavailable."""
    going = _copies().where((Entry.location_id == thread.location_id) & Entry.id.in_(list(entry_ids)))
    own: set[bytes] = set()
    named: set[bytes] = set()
    for key, sha256 in tuples(going):
        own |= {bytes(key)} if key else set()
        named |= _named_in(bytes(sha256), blobs)
    staying = _copies().where((Entry.thread_id == thread.id) & Entry.id.not_in(list(entry_ids)))
    theirs = named - own
    for key, sha256 in tuples(staying.order_by(Entry.at_ms, Entry.id).limit(MAX_READ_OF_REST)):
        if not theirs:
            break
        theirs -= _named_in(bytes(sha256), blobs) | ({bytes(key)} if key else set())
    return Names(frozenset(own), frozenset(theirs))


def divide(thread_id: int, new_id: int, names: Names) -> None:
    """Give the new thread, which has its entries already, its ids and people, and take those that are its alone from
    the old one. Call in the transaction that splits them."""
    for keys in chunked(sorted(names.own | names.theirs), _IN_LIST):
        going = set(keys) - _own_keys(thread_id, keys)
        ThreadReference.update(thread_id=new_id).where(
            (ThreadReference.thread_id == thread_id) & ThreadReference.message_id_key.in_(list(going))
        ).execute()
    people = set().union(*_people_of(new_id))
    for some in chunked(sorted(people), _IN_LIST):
        rows = [{"thread_id": new_id, "normal": normal} for normal in some]
        ThreadParty.insert_many(rows).on_conflict(action="NOTHING").execute()
    for some in chunked(sorted(_nowhere_in(thread_id, people)), _IN_LIST):
        ThreadParty.delete().where((ThreadParty.thread_id == thread_id) & ThreadParty.normal.in_(some)).execute()


def _copies() -> ModelSelect[Entry]:
    """The key of each entry's own Message-ID, and the raw bytes of the copy it shows."""
    return (
        Entry.select(Message.message_id_key, Sighting.blob_sha256)
        .join(Message, on=(Message.id == Entry.message_id))
        .join(Sighting, on=(Sighting.id == Entry.sighting_id))
    )


def _named_in(sha256: bytes, blobs: BlobStore) -> set[bytes]:
    try:
        raw = blobs.read(sha256)
    except NotFound:  # erased (F5): what it named is not known any more
        return set()
    # The header is all that counts, and of that no more is ever looked at.
    return set(known_keys(read(raw[: LIMITS.header_bytes])))


def _own_keys(thread_id: int, keys: Collection[bytes]) -> set[bytes]:
    """Which of these belong to a message that the thread shows."""
    shown = Message.select(Message.message_id_key).join(Entry, on=(Entry.message_id == Message.id))
    own = shown.where(Message.message_id_key.in_(list(keys)) & (Entry.thread_id == thread_id))
    return {bytes(key) for (key,) in tuples(own)}


def _nowhere_in(thread_id: int, people: set[str]) -> set[str]:
    """Which of these are in none of the thread's mails. In a huge thread nobody is said to be in none: who is taken for
    a part of the talk wrongly may answer it, who is not is held."""
    gone = set(people)
    for pages, page in enumerate(_people_of(thread_id)):
        gone -= page
        if not gone or pages == MAX_PEOPLE_PAGES:
            return set()
    return gone


def _people_of(thread_id: int) -> Iterator[set[str]]:
    """Everybody whom the thread's mails name, normalised, some mails at a time."""
    mails = (
        Entry.select(
            Entry.at_ms, Entry.id, MessageContent.author_address, MessageContent.to, MessageContent.cc, Sighting.bcc
        )
        .join(Sighting, on=(Sighting.id == Entry.sighting_id))
        .join(MessageContent, on=(MessageContent.id == Sighting.content_id))
        .where(Entry.thread_id == thread_id)
        .order_by(Entry.at_ms, Entry.id)
        .limit(_PAGE)
    )
    rows = list(tuples(mails))
    while rows:
        yield {normal for row in rows for normal in map(normalise, _addresses(*row[2:])) if normal}
        at_ms, entry_id, *_ = rows[-1]
        rows = list(tuples(mails.where(Tuple(Entry.at_ms, Entry.id) > Tuple(at_ms, entry_id))))


def _addresses(author: str, *fields: list[dict[str, str]]) -> list[str]:
    return [author, *(mailbox["address"] for field in fields for mailbox in field)]
