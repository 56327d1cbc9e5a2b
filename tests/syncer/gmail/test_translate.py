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
    look = translate.look({"id": "1", "payload": {"headers": fields}, "internalDate": "5", "historyId": "9"}, "1")
    assert look.header == "From: Büdi <b@x>\r\nSubject: a Bcc: c@x\r\n\r\n".encode()
    assert (look.received_at_ms, look.labels, look.thread_id) == (5, frozenset(), None)


@pytest.mark.parametrize("answer", [{"id": "1"}, {"id": "1", "payload": None, "internalDate": "?", "labelIds": None}])
def test_what_is_absent_is_told_as_absent(answer):
    look = translate.look(answer, "1")
    assert (look.received_at_ms, look.header.strip(), look.history_id) == (None, b"", "0" * 20)


@pytest.mark.parametrize("answer", [{}, {"id": ""}, {"id": "x" * 65}])
def test_a_message_without_an_id_is_no_message(answer):
    with pytest.raises(Unreachable):
        translate.look(answer, "1")
    assert translate.list_page({"messages": [answer, "x", {"id": "1"}]}).messages == [Named("1")]


NUL, HALF = "a\x00b", "\ud800"


@pytest.mark.parametrize("gmail_id", [7, True, [], {}, None, NUL, HALF, "a\nb", "é", "x" * 65])
def test_an_id_that_no_ledger_could_hold_is_none(gmail_id):
    """Else the page could never be noted, and what is behind it would wait for ever."""
    odd, good = {"id": gmail_id, "threadId": "t"}, {"id": "1", "threadId": gmail_id}
    added = [{"message": odd}, {"message": good}, {"message": gmail_id}, gmail_id]
    page = translate.history_page({"history": [{"messagesAdded": added}], "historyId": "9"})
    expected = Named("1", "é" if gmail_id == "é" else None)
    assert [record.added for record in page.records] == [[expected]]
    assert translate.list_page({"messages": [odd, good]}).messages == [expected]


@pytest.mark.parametrize("kind", ["messagesAdded", "messagesDeleted", "labelsAdded", "labelsRemoved"])
@pytest.mark.parametrize("told", [7, "x", {"message": {"id": "1"}}, [[]], [{"message": []}], [{}], True])
def test_a_change_that_is_none_changes_nothing(kind, told):
    page = translate.history_page({"history": [{kind: told}], "historyId": "9"})
    assert page.records == [HistoryRecord([], [], [], [])]


@pytest.mark.parametrize("labels", [7, "INBOX", {}, {"SPAM": 1}])
def test_labels_that_are_none_are_not_known(labels):
    message = {"message": {"id": "1", "labelIds": labels}, "labelIds": labels}
    (record,) = translate.history_page({"history": [{"labelsAdded": [message]}], "historyId": "9"}).records
    assert record.labels_added == [Labelled(Named("1"), frozenset())]


@pytest.mark.parametrize("told", [7, "x", {}, {"id": "1"}, True])
def test_an_answer_without_its_list_is_none(told):
    """Taken for an empty one, it would move the cursor past what it did not tell."""
    with pytest.raises(Unreachable):
        translate.history_page({"history": told, "historyId": "9"})
    with pytest.raises(Unreachable):
        translate.list_page({"messages": told})


@pytest.mark.parametrize("name", [7, True, ["2"], {"page": 2}, NUL, HALF, "x" * 5000, "same"])
def test_an_answer_that_names_no_other_page_is_none(name):
    """Taken for the last one, likewise; and one that comes after itself would be read for ever."""
    with pytest.raises(Unreachable):
        translate.history_page({"nextPageToken": name, "historyId": "9"}, "same")
    with pytest.raises(Unreachable):
        translate.list_page({"nextPageToken": name}, "same")


@pytest.mark.parametrize(
    ("told", "received_at_ms"),
    [("5", 5), (5, 5), ("-5", -5), ("--5", None), ("9" * 16, None), ("٣", None), ("", None), ([], None), (1.5, None)],
)
def test_when_it_came(told, received_at_ms):
    assert translate.look({"id": "1", "internalDate": told}, "1").received_at_ms == received_at_ms


@pytest.mark.parametrize("told", ["x", "-1", [], {}, str(2**64), "9" * 5000, None])
def test_a_look_without_a_history_id_has_none(told):
    assert translate.look({"id": "1", "historyId": told}, "1").history_id == "0" * 20


def test_the_look_of_another_message_is_none():
    with pytest.raises(Unreachable):
        translate.look({"id": "2"}, "1")


@pytest.mark.parametrize("payload", [7, "x", [], {"headers": 7}, {"headers": {}}, {"headers": [7, [], "x", {}]}])
def test_a_header_that_is_none_is_empty(payload):
    assert translate.look({"id": "1", "payload": payload}, "1").header == b"\r\n"


def test_a_fields_name_breaks_out_of_no_line():
    fields = [{"name": "X\r\nFrom", "value": ["b@x"]}, {"name": HALF, "value": HALF}]
    assert translate.look({"id": "1", "payload": {"headers": fields}}, "1").header.count(b"\r\n") == 3


@pytest.mark.parametrize("told", [7, [], {}, NUL, HALF, "x" * 400, None])
def test_an_address_that_is_none_is_absent(told):
    assert translate.profile({"emailAddress": told, "historyId": "9"}).email == ""
    alias = {"sendAsEmail": told, "verificationStatus": "accepted"}
    assert translate.aliases({"sendAs": [alias, told]}) == []
    assert translate.aliases({"sendAs": told}) == []
