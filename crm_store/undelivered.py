"""What mail systems say of recorded messages that did not arrive: kept by recipient, shown on the entry (C7)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from peewee import EXCLUDED, Tuple, chunked

from crm_store.access import Access
from crm_store.database.rows import tuples
from crm_store.delivery_wording import delivery_sentence
from crm_store.models.contacts import Conversation
from crm_store.models.messages import Entry, Message, MessageContent, Sighting, Undelivered
from crm_store.reader_locale import locale_of
from crm_store.rules import decision as rules
from crm_store.rules.address import normalise
from crm_store.rules.bounce import SentMail
from crm_store.rules.sameness import message_id_key
from crm_store.rules.states import DeliveryState

_MAX_MESSAGES = 20  # of one Message-ID: more are somebody's play with it (C9)
_MAX_COPIES = 50
_IN_STATEMENT = 200  # rows of one INSERT; SQLite takes 32,766 values


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """state: failed where that is so for anybody. reason: a sentence or two, in the reader's language."""

    state: DeliveryState
    reason: str


def sent_mail(location_id: int, message_id: str | None) -> list[SentMail]:
    """What the location shows of that Message-ID, oldest first, and to whom it went by the location's own copies."""
    if message_id is None:
        return []
    # First the messages: a database may take it for cheaper to look through all entries of the location.
    named = Message.select(Message.id).where(Message.message_id_key == message_id_key(message_id)).limit(_MAX_MESSAGES)
    shown = (
        Entry.select(Entry.id, Entry.message_id)
        .join(Conversation, on=(Conversation.id == Entry.conversation_id))
        .where(
            Entry.location_id == location_id,
            Entry.message_id.in_([message for (message,) in tuples(named)]),
            Entry.removed_at_ms.is_null(),  # G3
            Conversation.last_entry_at_ms.is_null(False),  # G1
        )
    )
    return [SentMail(entry_id, _recipients(location_id, message)) for entry_id, message in sorted(tuples(shown))]


def _recipients(location_id: int, message_id: int) -> dict[str, str]:
    """normalised → as written; of several spellings always the same one."""
    copies = (
        Sighting.select(MessageContent.to, MessageContent.cc, Sighting.bcc)
        .join(MessageContent, on=(MessageContent.id == Sighting.content_id))
        .where((Sighting.message_id == message_id) & (Sighting.location_id == location_id))
        .limit(_MAX_COPIES)
    )
    written = {mailbox["address"] for fields in tuples(copies) for field in fields for mailbox in field}
    return {normalise(address): address for address in sorted(written, reverse=True)}


def note(undelivered: Sequence[rules.Undelivered], *, told_at_ms: int) -> None:
    """Keep what a bounce says. What failed for good stays so, and else what was told last: in whatever order it comes.

    Call in the transaction in which it was decided."""
    rows = [{**asdict(one), "told_at_ms": told_at_ms} for one in undelivered]
    names = ("state", "told_at_ms", "status", "cause")  # "delayed" < "failed"
    known, told = ([getattr(source, name) for name in names] for source in (Undelivered, EXCLUDED))
    for some in chunked(rows, _IN_STATEMENT):
        Undelivered.insert_many(list(some)).on_conflict(
            conflict_target=[Undelivered.entry_id, Undelivered.normal],
            preserve=known,
            where=Tuple(*known) < Tuple(*told),
        ).execute()


def of_entries(access: Access, location_id: int, entry_ids: Sequence[int]) -> Mapping[int, DeliveryView]:
    """By entry of the location, where anything is known: one query a page, and two more where there is something."""
    told: dict[int, list[Undelivered]] = {}
    for row in Undelivered.select().where(Undelivered.entry_id.in_(list(entry_ids))).order_by(Undelivered.id):
        told.setdefault(row.entry_id, []).append(row)
    locale = locale_of(access, location_id) if told else None
    return {entry_id: _view(rows, locale) for entry_id, rows in told.items()}


def _view(rows: Sequence[Undelivered], locale: str | None) -> DeliveryView:
    failed = [row for row in rows if row.state == DeliveryState.FAILED]
    state = DeliveryState.FAILED if failed else DeliveryState.DELAYED
    first = sorted(rows, key=lambda row: row.state != DeliveryState.FAILED)
    return DeliveryView(
        state, delivery_sentence([(row.address, row.state, row.status, row.cause) for row in first], locale)
    )
