"""Google's JSON, and whatever else may come in its place."""

import pytest

from syncer.errors import Unreachable
from syncer.gmail import translate
from syncer.remote import HistoryRecord, Labelled, Named


def test_a_page_without_history_may_have_a_next_one():
    page = translate.history_page({"nextPageToken": "2", "historyId": "12"})
    assert (page.records, page.next_page) == ([], "2")


@pytest.mark.parametrize("told", [{"historyId": "12"}, {"historyId": None}, {}])
def test_the_cursor_is_the_last_pages_alone(told):
    assert translate.history_page({"nextPageToken": "2", **told}).history_id is None
    assert translate.history_page({"historyId": "12"}).history_id == "00000000000000000012"


def test_a_record_is_told_by_its_typed_lists():
    message = {"id": "1", "threadId": "t", "labelIds": ["INBOX"]}
    record = {
        "id": "7",
        "messages": [message, {"id": "9"}],
        "messagesAdded": [{"message": message}],
        "labelsRemoved": [{"message": {"id": "2"}, "labelIds": ["SPAM"]}],
    }
    page = translate.history_page({"history": [record], "historyId": 8})
    assert page.next_page is None
    assert page.records == [
        HistoryRecord(
            added=[Named("1", "t", frozenset({"INBOX"}))],
            labels_removed=[Labelled(Named("2"), frozenset({"SPAM"}))],
            labels_added=[],
            deleted=[],
        )
    ]


@pytest.mark.parametrize(
    ("ids", "told"),
    [
        pytest.param(["7", "12", 9], "00000000000000000012", id="the highest of its records"),
        pytest.param([None, "x", "7"], "00000000000000000007", id="the one that is readable"),
        pytest.param([None, "x"], None, id="none: the cursor stays, and what happened is read all the same"),
    ],
)
@pytest.mark.parametrize("said", [{}, {"historyId": None}, {"historyId": "x"}], ids=str)
def test_a_last_page_that_does_not_say_how_far_it_goes_goes_as_far_as_its_records(ids, told, said):
    records = [{"id": one, "messagesAdded": [{"message": {"id": "1"}}]} for one in ids]
    page = translate.history_page({"history": records, **said})
    assert (page.history_id, len(page.records)) == (told, len(ids))


@pytest.mark.parametrize("answer", [{}, {"historyId": "x"}, {"historyId": None}, {"historyId": str(2**64)}])
def test_a_page_without_a_history_id_and_without_news_is_no_answer(answer):
    with pytest.raises(Unreachable):
        translate.history_page(answer)


def test_a_look_has_its_header_as_lines_of_mail_that_nothing_breaks_out_of():
    fields = [{"name": "From", "value": "Büdi <b@x>"}, {"name": "Subject", "value": "a\r\nBcc: c@x"}, {"value": "?"}]
    look = translate.look({"id": "1", "payload": {"headers": fields}, "internalDate": "5", "historyId": "9"})
    assert look.header == "From: Büdi <b@x>\r\nSubject: a Bcc: c@x\r\n\r\n".encode()
    assert (look.received_at_ms, look.labels, look.thread_id) == (5, frozenset(), None)


@pytest.mark.parametrize("answer", [{"id": "1"}, {"id": "1", "payload": None, "internalDate": "?", "labelIds": None}])
def test_what_is_absent_is_told_as_absent(answer):
    look = translate.look(answer)
    assert (look.received_at_ms, look.header.strip(), look.history_id) == (None, b"", "0" * 20)


@pytest.mark.parametrize("answer", [{}, {"id": ""}, {"id": "x" * 65}])
def test_a_message_without_an_id_is_no_message(answer):
    with pytest.raises(Unreachable):
        translate.look(answer)
    assert translate.list_page({"messages": [answer, "x", {"id": "1"}]}).messages == [Named("1")]
