"""users.history.list: facts/gmail.md 1.1, by Google's own client."""

import pytest
from googleapiclient.errors import HttpError

MAIL = b"From: citra@toko.example\r\nSubject: Salam\r\n\r\nHalo.\r\n"
DAY_MS = 86_400_000


def start(client) -> str:
    return client.users.getProfile(userId="me").execute()["historyId"]


def pages(client, since: str, **how) -> list[dict]:
    history = client.users.history()
    request, found = history.list(userId="me", startHistoryId=since, **how), []
    while request:
        found.append(request.execute())
        request = history.list_next(request, found[-1])
    return found


def records(client, since: str, **how) -> list[dict]:
    return [record for page in pages(client, since, **how) for record in page.get("history", ())]


def test_nothing_new_has_no_history_key_and_the_same_id(google):
    ana = google("ana")
    since = start(ana)
    assert pages(ana, since) == [{"historyId": since}]


def test_each_kind_of_change(google, sandbox):
    ana = google("ana", "https://mail.google.com/")
    since = start(ana)
    message_id = sandbox.deliver(ana.email, MAIL, "INBOX", "UNREAD")["id"]
    users = ana.users
    users.messages().modify(userId="me", id=message_id, body={"removeLabelIds": ["UNREAD"]}).execute()
    users.messages().trash(userId="me", id=message_id).execute()
    users.messages().delete(userId="me", id=message_id).execute()
    found = records(ana, since)
    kinds = [next(iter(set(record) - {"id", "messages"})) for record in found]
    assert kinds == ["messagesAdded", "labelsRemoved", "labelsAdded", "labelsRemoved", "messagesDeleted"]
    assert found[0]["messagesAdded"] == [{"message": {"id": message_id, "threadId": message_id}}]
    assert found[2]["labelsAdded"][0]["labelIds"] == ["TRASH"]
    assert found[3]["labelsRemoved"][0]["labelIds"] == ["INBOX"]
    ids = [int(record["id"]) for record in found]
    assert ids == sorted(set(ids))
    only = records(ana, since, historyTypes=["messageAdded", "messageDeleted"])
    assert [record["id"] for record in only] == [found[0]["id"], found[4]["id"]]


def test_pages_share_one_start_and_a_filter_may_leave_a_page_without_history(google, sandbox):
    ana = google("ana")
    since = start(ana)
    ids = [sandbox.deliver(ana.email, MAIL, "SENT" if n < 3 else "INBOX")["id"] for n in range(5)]
    found = pages(ana, since, maxResults=2)
    assert [len(page["history"]) for page in found] == [2, 2, 1]
    assert [r["messages"][0]["id"] for page in found for r in page["history"]] == ids
    filtered = pages(ana, since, maxResults=2, labelId="INBOX")
    assert ["history" in page for page in filtered] == [False, True, True]


def test_pages_without_history_on_demand(google, sandbox):
    ana = google("ana")
    since = start(ana)
    sandbox.deliver(ana.email, MAIL)
    sandbox.behave(empty_history_pages=2)
    assert ["history" in page for page in pages(ana, since)] == [False, False, True]


def test_a_page_token_is_good_for_its_own_question_only(google, sandbox):
    ana = google("ana")
    since = start(ana)
    for _ in range(3):
        sandbox.deliver(ana.email, MAIL)
    token = ana.users.history().list(userId="me", startHistoryId=since, maxResults=1).execute()["nextPageToken"]
    later = str(int(since) + 1)
    for wrong in ({"startHistoryId": later, "pageToken": token}, {"startHistoryId": since, "pageToken": "AAAA"}):
        with pytest.raises(HttpError) as raised:
            ana.users.history().list(userId="me", **wrong).execute()
        assert raised.value.status_code == 400


@pytest.mark.parametrize(
    ("wrong", "status"), [({"startHistoryId": "1"}, 404), ({"startHistoryId": "99999999999"}, 404), ({}, 400)]
)
def test_an_id_that_never_was(google, wrong, status):
    with pytest.raises(HttpError) as raised:
        google("ana").users.history().list(userId="me", **wrong).execute()
    assert raised.value.status_code == status


def test_an_expired_cursor_is_404_and_the_profile_names_a_good_one(google, sandbox):
    ana = google("ana")
    since = start(ana)
    sandbox.ask("POST", f"/accounts/{ana.email}/history/expire")
    with pytest.raises(HttpError) as raised:
        pages(ana, since)
    assert raised.value.status_code == 404
    assert pages(ana, start(ana))


def test_on_a_quiet_mailbox_the_last_messages_id_expires_and_the_profiles_does_not(google, sandbox):
    ana = google("ana")
    message_id = sandbox.deliver(ana.email, MAIL)["id"]
    of_message = ana.users.messages().get(userId="me", id=message_id).execute()["historyId"]
    assert pages(ana, of_message)
    sandbox.behave(clock_skew_ms=8 * DAY_MS)
    with pytest.raises(HttpError) as raised:
        pages(ana, of_message)
    assert raised.value.status_code == 404
    assert pages(ana, start(ana))


def test_who_polls_a_quiet_mailbox_stays_valid_for_weeks(google, sandbox):
    ana = google("ana")
    since = start(ana)
    for day in range(0, 15, 3):
        sandbox.behave(clock_skew_ms=day * DAY_MS)
        since = pages(ana, since)[-1]["historyId"]


def test_ids_may_pass_the_range_of_signed_numbers(google, sandbox):
    ana = google("ana")
    sandbox.ask("POST", f"/accounts/{ana.email}/history/jump", {"to": str(2**63 + 5)})
    since = start(ana)
    assert int(since) > 2**63
    sandbox.deliver(ana.email, MAIL)
    assert len(records(ana, since)) == 1


def test_changes_may_become_readable_late_and_come_twice(google, sandbox):
    ana = google("ana")
    since = start(ana)
    sandbox.deliver(ana.email, MAIL)
    sandbox.behave(history_lag_ms=60_000)
    assert pages(ana, since) == [{"historyId": since}]
    sandbox.behave(history_lag_ms=0, repeat_history=True)
    assert len(records(ana, since)) == 2
