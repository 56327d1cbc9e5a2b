"""users.getProfile, messages.list and get, threads, attachments: facts/gmail.md 1.2, by Google's own client."""

import base64

import pytest
from googleapiclient.errors import HttpError

HELLO = b"From: Citra <citra@toko.example>\r\nTo: ana@g.test\r\nSubject: Salam\r\nMessage-ID: <1@toko.example>\r\n\r\nHalo.\r\n"
METADATA = "https://www.googleapis.com/auth/gmail.metadata"


def raw_of(service_message: dict) -> bytes:
    return base64.urlsafe_b64decode(service_message["raw"])


def test_the_profile_tells_address_counts_and_a_history_id_in_a_string(google, sandbox):
    ana = google("ana")
    sandbox.deliver(ana.email, HELLO)
    profile = ana.users.getProfile(userId="me").execute()
    assert profile["emailAddress"] == ana.email
    assert (profile["messagesTotal"], profile["threadsTotal"]) == (1, 1)
    assert isinstance(profile["historyId"], str)


def test_an_empty_list_has_no_messages_key(google):
    assert google("ana").users.messages().list(userId="me").execute() == {"resultSizeEstimate": 0}


def test_raw_is_the_mail_byte_for_byte(google, sandbox):
    ana = google("ana")
    odd = b"From: \xff\xfe\nSubject: =?x?\n\nno \rend\x00"
    found = sandbox.deliver(ana.email, odd)
    assert raw_of(ana.users.messages().get(userId="me", id=found["id"], format="raw").execute()) == odd


def test_lists_are_newest_first_in_pages_without_spam_and_trash(google, sandbox):
    ana = google("ana")
    ids = [sandbox.deliver(ana.email, HELLO, "INBOX", internal_date_ms=at)["id"] for at in (1000, 3000, 2000)]
    sandbox.deliver(ana.email, HELLO, "SPAM")
    sandbox.deliver(ana.email, HELLO, "TRASH")
    listing, seen = ana.users.messages(), []
    request = listing.list(userId="me", maxResults=2)
    while request:
        reply = request.execute()
        seen.append([message["id"] for message in reply["messages"]])
        request = listing.list_next(request, reply)
    assert seen == [[ids[1], ids[2]], [ids[0]]]
    assert len(listing.list(userId="me", includeSpamTrash=True).execute()["messages"]) == 5
    assert len(listing.list(userId="me", labelIds=["SPAM"]).execute()["messages"]) == 1


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ("after:2", 1), ("before:2", 1), ("after:1 before:3", 2), ("rfc822msgid:<1@toko.example>", 2),
        ("rfc822msgid:2@toko.example", 0), ("from:citra@toko.example", 2), ("-from:citra", 0), ("in:inbox", 2),
        ("in:anywhere", 3), ("in:spam", 1), ("is:unread", 0), ("newer_than:1d", 0), ("older_than:1d", 2), ("salam", 2),
        ('subject:"salam"', 2), ("to:budi", 0), ("label:INBOX", 2),
    ],
)  # fmt: skip
def test_the_search_box(google, sandbox, query, hits):
    ana = google("ana")
    for label, at_ms in (("INBOX", 1500), ("INBOX", 2500), ("SPAM", 1500)):
        sandbox.deliver(ana.email, HELLO, label, internal_date_ms=at_ms)
    assert len(ana.users.messages().list(userId="me", q=query).execute().get("messages", ())) == hits


def test_formats(google, sandbox):
    ana = google("ana")
    message_id = sandbox.deliver(ana.email, HELLO)["id"]
    get = ana.users.messages().get
    minimal = get(userId="me", id=message_id, format="minimal").execute()
    assert set(minimal) == {"id", "threadId", "labelIds", "snippet", "historyId", "internalDate", "sizeEstimate"}
    full = get(userId="me", id=message_id).execute()
    assert full["payload"]["body"]["data"] == base64.urlsafe_b64encode(b"Halo.\r\n").decode()
    some = get(userId="me", id=message_id, format="metadata", metadataHeaders=["subject", "message-id"]).execute()
    assert [header["name"] for header in some["payload"]["headers"]] == ["Subject", "Message-ID"]


def test_a_message_without_labels_names_none(google, sandbox):
    ana = google("ana")
    message = sandbox.deliver(ana.email, HELLO, "INBOX")
    sandbox.ask("POST", f"/accounts/{ana.email}/messages/{message['id']}/labels", {"remove": ["INBOX"]})
    assert "labelIds" not in ana.users.messages().get(userId="me", id=message["id"]).execute()


def test_an_attachment_id_is_another_one_at_each_get_and_grows_old(google, sandbox):
    ana = google("ana")
    mail = (
        b"From: c@d.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\n"
        b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--b--\r\n"
    )
    message_id = sandbox.deliver(ana.email, mail)["id"]

    def attachment_id() -> str:
        parts = ana.users.messages().get(userId="me", id=message_id).execute()["payload"]["parts"]
        assert (parts[1]["partId"], parts[1]["filename"], parts[1]["body"]["size"]) == ("1", "a.pdf", 4)
        return parts[1]["body"]["attachmentId"]

    first, second = attachment_id(), attachment_id()
    assert first != second
    get = ana.users.messages().attachments().get(userId="me", messageId=message_id, id=first)
    assert base64.urlsafe_b64decode(get.execute()["data"]) == b"%PDF"
    sandbox.behave(clock_skew_ms=700_000)
    with pytest.raises(HttpError, match="Invalid attachment token"):
        get.execute()


def test_what_is_not_there_is_404(google, sandbox):
    ana, bo = google("ana"), google("bo")
    foreign = sandbox.deliver(bo.email, HELLO)["id"]
    with pytest.raises(HttpError) as raised:
        ana.users.messages().get(userId="me", id=foreign).execute()
    assert raised.value.status_code == 404
    assert raised.value.error_details[0]["reason"] == "notFound"


def test_the_metadata_scope_allows_no_body_and_no_search(google, sandbox):
    ana = google("ana", METADATA)
    message_id = sandbox.deliver(ana.email, HELLO)["id"]
    ana.users.messages().get(userId="me", id=message_id, format="metadata").execute()
    for call in (
        ana.users.messages().get(userId="me", id=message_id, format="full"),
        ana.users.messages().get(userId="me", id=message_id, format="raw"),
        ana.users.messages().list(userId="me", q="salam"),
    ):
        with pytest.raises(HttpError) as raised:
            call.execute()
        assert raised.value.status_code == 403


def test_fields_give_a_part_of_the_reply(google, sandbox):
    ana = google("ana")
    sandbox.deliver(ana.email, HELLO)
    reply = ana.users.messages().list(userId="me", fields="messages/id").execute()
    assert [set(message) for message in reply["messages"]] == [{"id"}]
    assert set(reply) == {"messages"}


def test_threads_hold_a_conversation_with_the_oldest_first(google, sandbox):
    ana = google("ana")
    first = sandbox.deliver(ana.email, HELLO)
    answer = HELLO.replace(b"<1@", b"<2@").replace(b"Salam", b"Re: Salam\r\nIn-Reply-To: <1@toko.example>")
    second = sandbox.deliver(ana.email, answer)
    assert second["thread_id"] == first["thread_id"]
    stranger = answer.replace(b"Re: Salam", b"Another")
    assert sandbox.deliver(ana.email, stranger)["thread_id"] != first["thread_id"]
    thread = ana.users.threads().get(userId="me", id=first["thread_id"], format="minimal").execute()
    assert [message["id"] for message in thread["messages"]] == [first["id"], second["id"]]
    assert len(ana.users.threads().list(userId="me").execute()["threads"]) == 2
