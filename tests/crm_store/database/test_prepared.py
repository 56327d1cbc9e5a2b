"""Statements made once: they say what Peewee would say, whatever is bound, and their texts stay bounded."""

import pytest
from peewee import IntegrityError, QueryEvent
from store import Store

from crm_store.database import engine, prepared
from crm_store.database.prepared import Prepared, PreparedInsert, Statement
from crm_store.database.session import writing
from crm_store.models.contacts import Contact
from crm_store.models.messages import Message, MessageContent

NAMES = ["Ani", "Budi", "Citra", 'Ani\'s "quoted" %s ?']


@pytest.fixture
def contacts(store: Store) -> list[int]:
    location_id = store.location()
    insert = PreparedInsert(Contact).insert
    with writing():
        return [insert(location_id=location_id, name=name, source="crm", created_at_ms=1) for name in NAMES]


@Prepared
def _named(names: list[str], below_id: int) -> Statement:
    return Contact.select(Contact.name).where(Contact.name.in_(names), Contact.id < below_id).order_by(Contact.id)


@Prepared
def _rename(contact_id: int, name: str) -> Statement:
    return Contact.update(name=name).where(Contact.id == contact_id)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ([], []),
        (["Budi"], ["Budi"]),
        (["Citra", "Ani"], ["Ani", "Citra"]),
        (NAMES, NAMES),
        (["' OR 1=1 --", "%s", "?"], []),
    ],
)
def test_a_list_of_any_length_is_bound_value_by_value(contacts: list[int], asked: list[str], found: list[str]) -> None:
    assert [name for (name,) in _named.rows(asked, contacts[-1] + 1)] == found
    assert [name for (name,) in _named.rows(asked, contacts[0])] == []


def test_each_call_binds_its_own_values_and_tells_how_many_rows_it_changed(contacts: list[int]) -> None:
    with writing():
        assert _rename.run(contacts[0], "Anita") == 1
        assert _rename.run(contacts[1], "Budiman") == 1
        assert _rename.run(contacts[-1] + 1, "nobody") == 0
    assert [row.name for row in Contact.select().order_by(Contact.id)][:3] == ["Anita", "Budiman", "Citra"]


def test_what_is_inserted_is_what_the_model_would_insert(contacts: list[int]) -> None:
    made, plain = Contact.get_by_id(contacts[0]), Contact.get_by_id(contacts[1])
    again = Contact.create(location_id=made.location_id, name="Ani", source="crm", created_at_ms=1)
    fresh = Contact.get_by_id(again.id)
    assert made.__data__ | {"id": 0} == fresh.__data__ | {"id": 0}
    assert plain.phone == "", "a default is said where nobody says otherwise"


def test_lists_and_nothing_go_into_json_columns_and_come_back(store: Store) -> None:
    people = [{"name": "Ünïcode? %s", "address": "a@b.example"}]
    with writing():
        message_id = PreparedInsert(Message).insert(identity=b"i", created_at_ms=1)
        for digest, to in ((b"1", people), (b"2", [])):
            PreparedInsert(MessageContent).insert(
                message_id=message_id, digest=digest, subject="", author_name="", author_address="",
                to=to, cc=[], text="", has_html=False, problems=[],
            )  # fmt: skip
    assert [row.to for row in MessageContent.select().order_by(MessageContent.id)] == [people, []]


def test_a_row_that_is_there_already_is_none_or_an_error(store: Store) -> None:
    insert = PreparedInsert(Message)
    with writing():
        first = insert.insert_new(identity=b"same", created_at_ms=1)
        assert first is not None
        assert insert.insert_new(identity=b"same", created_at_ms=2) is None
        assert insert.insert_new(identity=b"same", variant=1, created_at_ms=2) not in (None, first)
    with pytest.raises(IntegrityError), writing():
        insert.insert(identity=b"same", created_at_ms=2)


def test_a_text_is_made_once_for_each_length_of_its_lists(contacts: list[int]) -> None:
    built = []

    def build(names: list[str]) -> Statement:
        built.append(len(names))
        return Contact.select(Contact.id).where(Contact.name.in_(names))

    statement = Prepared(build)
    for asked in (["Ani"], ["Budi"], ["Ani", "Budi"], ["Budi", "Citra"], ["Citra"]):
        statement.rows(asked)
    assert built == [1, 2]
    for length in range(3 * prepared._MAX_TEXTS):
        statement.rows(["x"] * length)
    assert statement._text.cache_info().currsize == prepared._MAX_TEXTS


def test_hooks_see_the_statement_and_its_values(contacts: list[int]) -> None:
    seen: list[QueryEvent] = []
    engine.database.obj.query_hooks.append(seen.append)
    try:
        _named.rows(["Ani"], 99)
    finally:
        engine.database.obj.query_hooks.remove(seen.append)
    assert list(seen[0].params) == ["Ani", 99]
