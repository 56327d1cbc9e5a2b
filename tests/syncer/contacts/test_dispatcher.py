"""How imports come to the worker: each once, and never more than the queue has room for."""

from collections.abc import Callable

import pytest
from google_contacts import Book

from crm_store.contact_import_work import Turn
from crm_store.models.connections import Connection
from syncer.contacts.dispatcher import ContactsDispatcher
from syncer.contacts.import_contacts import import_contacts


@pytest.mark.parametrize("is_wished", [True, False], ids=["a wish", "the sweep"])
def test_an_import_is_handed_out_once_if_there_is_room(book: Callable[..., Book], is_wished: bool):
    books = [book("ani"), book("rina")]
    if not is_wished:
        Connection.update(sync_wanted_at_ms=None).execute()
    turns: list[Turn] = []
    engine = books[0].mailbox.engine
    ContactsDispatcher(engine, turns.append, lambda: 0).round()
    assert turns == []
    half = ContactsDispatcher(engine, turns.append, lambda: 2)
    half.round()
    assert len(turns) == 1
    half.round()
    half.round()
    assert sorted(turn.import_id for turn in turns) == sorted(one.row.id for one in books)
    assert [import_contacts(engine, turn) for turn in turns] == [True, True]
