"""E-mails that belong into a conversation and are not there yet: they wait, are being sent, or went wrong."""

from __future__ import annotations

from peewee import SQL

from crm_store import conversations, outbox
from crm_store.access import Access
from crm_store.database.rows import tuples
from crm_store.errors import NotFound
from crm_store.models.messages import Entry
from crm_store.models.outbox import Email
from crm_store.outbox import EmailView
from crm_store.paging import Order, along
from crm_store.rules.address import normalise
from crm_store.rules.states import Role

# Literals, as in the index.
_OPEN = SQL("\"state\" IN ('waiting', 'sending', 'unknown', 'failed') AND \"kind\" <> 'notice'")
_NEWEST = 200  # of the location's
_SHOWN = 10


def of_conversation(access: Access, conversation_id: int) -> list[EmailView]:
    """Answers to something in it, and what goes to its contact; newest first. As in the outbox: one's own e-mails, and
    all to admins of the location. Raises: NotFound."""
    conversation = conversations.get(access, conversation_id)
    addresses = {normalise(address) for address in conversation.contact.details.addresses}
    found = _newest(access, conversation.location_id)
    answered = {entry_id for _, entry_id, _ in found if entry_id is not None}
    here = Entry.select(Entry.id).where(Entry.id.in_(list(answered)), Entry.conversation_id == conversation_id)
    entries_here = {entry_id for (entry_id,) in tuples(here)}
    wanted = [
        email_id
        for email_id, entry_id, to in found
        if (entry_id in entries_here if entry_id in answered else addresses & {normalise(one["address"]) for one in to})
    ]
    return list(filter(None, (_view(access, email_id) for email_id in sorted(wanted, reverse=True)[:_SHOWN])))


def _newest(access: Access, location_id: int) -> list[tuple[int, int | None, list[dict[str, str]]]]:
    """Id, the entry that it answers, and recipients of each that the asker may see."""
    sees_all = access.roles[location_id] is Role.ADMIN
    order = Order([(Email.location_id, location_id)], [Email.id], newest_first=True)
    columns = (Email.user_id, Email.id, Email.reply_to_entry_id, Email.to)
    newest = tuples(along(Email.select(*columns).where(_OPEN), order, limit=_NEWEST))
    return [
        (email_id, entry_id, to) for user_id, email_id, entry_id, to in newest if sees_all or user_id == access.user_id
    ]


def _view(access: Access, email_id: int) -> EmailView | None:
    """None: it was sent, or taken away, meanwhile."""
    try:
        return outbox.get(access, email_id)
    except NotFound:
        return None
