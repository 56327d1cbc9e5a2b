"""Sending, inserting, changing, drafts: facts/gmail.md 1.2, 1.3, by Google's own client."""

import base64
import io
import json
from http.client import HTTPConnection, HTTPResponse, RemoteDisconnected
from urllib.parse import urlsplit

import pytest
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaIoBaseUpload

from crm_store.mail.read import read


def mail(to: str, subject: str = "Halo", **headers: str) -> bytes:
    lines = [
        f"To: {to}",
        f"Subject: {subject}",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\nIsi.\r\n").encode()


def raw(data: bytes) -> dict:
    return {"raw": base64.urlsafe_b64encode(data).decode()}


def media(data: bytes, *, resumable: bool, chunk: int = 1 << 20) -> MediaIoBaseUpload:
    return MediaIoBaseUpload(io.BytesIO(data), "message/rfc822", chunksize=chunk, resumable=resumable)


def send(client, data: bytes, **more) -> dict:
    return client.users.messages().send(userId="me", body=raw(data) | more).execute()


def copy(client, message_id: str) -> bytes:
    got = client.users.messages().get(userId="me", id=message_id, format="raw").execute()
    return base64.urlsafe_b64decode(got["raw"])


def only(sandbox, client) -> dict:
    [message] = sandbox.messages(client.email)
    return message


def test_a_sent_mail_gets_a_message_id_of_gmails_and_the_recipient_sees_the_same(google, sandbox):
    ana, bo = google("ana"), google("bo")
    sent = send(ana, mail(bo.email, Message_ID="<mine@crm.example>", X_Mine="kept"))
    assert set(sent) == {"id", "threadId", "labelIds"}
    assert sent["labelIds"] == ["SENT"]
    mine, theirs = read(copy(ana, sent["id"])), read(copy(bo, only(sandbox, bo)["id"]))
    assert mine.message_id == theirs.message_id != "mine@crm.example"
    assert mine.message_id.endswith("@mail.gmail.com")
    assert mine.author.address == ana.email
    assert b"X-Mine: kept" in copy(bo, only(sandbox, bo)["id"])
    assert set(only(sandbox, bo)["label_ids"]) >= {"INBOX", "UNREAD"}


def test_bcc_stays_on_the_senders_copy_alone(google, sandbox):
    ana, bo, citra = google("ana"), google("bo"), google("citra")
    sent = send(ana, mail(bo.email, Bcc=f"{citra.email}, out@side.example"))
    assert [one.address for one in read(copy(ana, sent["id"])).bcc] == [citra.email, "out@side.example"]
    for client in (bo, citra):
        assert read(copy(client, only(sandbox, client)["id"])).bcc == ()
    [outside] = [one for one in sandbox.ask("GET", "/outbox") if one["sender"] == ana.email]
    assert (outside["recipients"], outside["state"]) == (["out@side.example"], "kept")
    assert "bcc" not in outside["raw"].lower()


def test_mail_to_oneself_is_one_message_with_both_labels(google, sandbox):
    ana = google("ana")
    assert sorted(send(ana, mail(ana.email))["labelIds"]) == ["INBOX", "SENT", "UNREAD"]
    assert only(sandbox, ana)


def test_an_answer_needs_thread_id_references_and_the_subject(google, sandbox):
    ana = google("ana")
    first = sandbox.deliver(ana.email, mail(ana.email, Message_ID="<q@x.example>"))
    thread = first["thread_id"]
    references = {"References": "<q@x.example>", "In_Reply_To": "<q@x.example>"}
    assert send(ana, mail("x@y.example", "Re: Halo", **references), threadId=thread)["threadId"] == thread
    assert send(ana, mail("x@y.example", "Re: Halo"), threadId=thread)["threadId"] != thread
    assert send(ana, mail("x@y.example", "Other", **references), threadId=thread)["threadId"] != thread
    with pytest.raises(HttpError) as raised:
        send(ana, mail("x@y.example"), threadId="0000000000000001")
    assert raised.value.status_code == 404


@pytest.mark.parametrize(
    ("written", "kept"),
    [("sales@alias.test", True), ("unproved@alias.test", False), ("somebody@else.example", False)],
)
def test_from_is_the_accounts_or_a_verified_alias(google, sandbox, written, kept):
    ana = google("ana")
    number = ana.email.partition("@g")[2]
    for name, verified in (("sales", True), ("unproved", False)):
        alias = {"address": f"{name}@alias.{number}", "verified": verified}
        sandbox.ask("PUT", f"/accounts/{ana.email}/aliases", alias)
    author = written.replace("alias.test", f"alias.{number}")
    sent = send(ana, mail("x@y.example", From=author))
    assert read(copy(ana, sent["id"])).author.address == (author if kept else ana.email)
    addresses = ana.users.settings().sendAs().list(userId="me").execute()["sendAs"]
    assert [one.get("verificationStatus") for one in addresses] == [None, "accepted", "pending"]
    assert addresses[0]["isPrimary"]


def test_no_recipient_or_no_mail_is_400(google):
    ana = google("ana")
    for body in (raw(b"Subject: x\r\n\r\n"), {}, {"raw": "***"}):
        with pytest.raises(HttpError) as raised:
            ana.users.messages().send(userId="me", body=body).execute()
        assert raised.value.status_code == 400


def test_json_breaks_at_some_megabytes_and_an_upload_does_not(google, sandbox):
    ana = google("ana")
    large = mail("x@y.example") + b"x" * 70 + (b"\r\n" + b"y" * 76) * 50_000
    with pytest.raises(HttpError) as raised:
        send(ana, large)
    assert raised.value.status_code == 413
    sent = ana.users.messages().send(userId="me", media_body=media(large, resumable=True)).execute()
    assert copy(ana, sent["id"]).endswith(large[-1000:])


@pytest.mark.parametrize("resumable", [False, True])
@pytest.mark.parametrize("body", [None, {"labelIds": ["STARRED"]}])
def test_each_kind_of_upload_keeps_every_byte(google, resumable, body):
    ana = google("ana")
    data = mail("x@y.example") + b"--border--\r\n\xff\xfe 8 bit is no JSON\r\n" * 3
    if body and not resumable:
        # Google's client can't put 8-bit mail into a multipart body (1.9)
        data = data.replace(b"\xff\xfe", b"--")
    request = ana.users.messages().insert(userId="me", body=body, media_body=media(data, resumable=resumable))
    inserted = request.execute()
    assert copy(ana, inserted["id"]) == data
    assert inserted.get("labelIds", []) == (["STARRED"] if body else [])


def test_a_resumable_upload_goes_on_where_it_was_after_a_cut(google, sandbox):
    # By hand: httplib2 sends a cut chunk again by itself, with the body that it has read to its end already.
    ana, data = google("ana"), mail("x@y.example") + b"z" * 1000
    bearer = {"Authorization": f"Bearer {ana.tokens['access_token']}"}

    def put(verb: str, url: str, body: bytes, **headers: str) -> HTTPResponse:
        connection = HTTPConnection(urlsplit(url).netloc, timeout=30)
        connection.request(verb, urlsplit(url)._replace(scheme="", netloc="").geturl(), body, bearer | headers)
        reply = connection.getresponse()
        reply.text = reply.read()
        connection.close()
        return reply

    path = f"{sandbox.url}/upload/gmail/v1/users/me/messages?uploadType=resumable"
    session = put("POST", path, b"").headers["Location"]
    half, whole = len(data) // 2, len(data)
    first = {"Content-Range": f"bytes 0-{half - 1}/{whole}"}
    assert put("PUT", session, data[:half], **first).status == 308
    sandbox.fault("gmail.users.messages.insert", drop=True)
    rest = {"Content-Range": f"bytes {half}-{whole - 1}/{whole}"}
    with pytest.raises(RemoteDisconnected):
        put("PUT", session, data[half:], **rest)
    asked = put("PUT", session, b"", **{"Content-Range": f"bytes */{whole}"})
    assert (asked.status, asked.headers["Range"]) == (308, f"bytes=0-{half - 1}")
    gap = {"Content-Range": f"bytes {half + 1}-{whole - 1}/{whole}"}
    assert put("PUT", session, data[half + 1 :], **gap).status == 400
    done = put("PUT", session, data[half:], **rest)
    assert copy(ana, json.loads(done.text)["id"]) == data
    assert put("PUT", session, data[half:], **rest).status == 404


def test_media_over_the_limit_is_413(google, sandbox):
    ana = google("ana")
    sandbox.limit(media_bytes=1000)
    for resumable in (False, True):
        upload = media(mail("x@y.example") + b"x" * 1000, resumable=resumable)
        with pytest.raises(HttpError) as raised:
            ana.users.messages().send(userId="me", media_body=upload).execute()
        assert raised.value.status_code == 413


def test_insert_and_import_keep_the_mail_and_choose_its_date(google, sandbox):
    ana = google("ana")
    data = mail("x@y.example", Date="Thu, 01 Jan 2026 00:00:00 +0000", Message_ID="<kept@x.example>")
    users, dated_ms = ana.users, 1767225600000
    inserted = users.messages().insert(userId="me", body=raw(data)).execute()
    dated = users.messages().insert(userId="me", internalDateSource="dateHeader", body=raw(data)).execute()
    imported = users.messages().import_(userId="me", body=raw(data)).execute()
    dates = {one["id"]: one["internal_date_ms"] for one in sandbox.messages(ana.email)}
    assert dates[inserted["id"]] > dated_ms
    assert dates[dated["id"]] == dates[imported["id"]] == dated_ms
    assert copy(ana, inserted["id"]) == data


def test_labels_are_made_set_counted_and_taken_away(google, sandbox):
    ana = google("ana")
    message = sandbox.deliver(ana.email, mail(ana.email))
    labels, messages = ana.users.labels(), ana.users.messages()
    made = labels.create(userId="me", body={"name": "Kontrak"}).execute()
    with pytest.raises(HttpError) as raised:
        labels.create(userId="me", body={"name": "kontrak"}).execute()
    assert raised.value.status_code == 409
    messages.modify(userId="me", id=message["id"], body={"addLabelIds": [made["id"]]}).execute()
    assert labels.get(userId="me", id=made["id"]).execute()["messagesTotal"] == 1
    renamed = labels.patch(userId="me", id=made["id"], body={"name": "Surat"}).execute()
    assert renamed["name"] == "Surat"
    messages.batchModify(userId="me", body={"ids": [message["id"], "gone"], "removeLabelIds": ["INBOX"]}).execute()
    assert only(sandbox, ana)["label_ids"] == [made["id"], "UNREAD"]
    labels.delete(userId="me", id=made["id"]).execute()
    assert only(sandbox, ana)["label_ids"] == ["UNREAD"]
    for wrong in ({"addLabelIds": ["NONE"]}, {"addLabelIds": ["SENT"]}):
        with pytest.raises(HttpError) as raised:
            messages.modify(userId="me", id=message["id"], body=wrong).execute()
        assert raised.value.status_code == 400


def test_what_else_the_sandbox_has(google, sandbox):
    ana = google("ana", "https://mail.google.com/")
    users = ana.users
    ids = [sandbox.deliver(ana.email, mail(ana.email))["id"] for _ in range(3)]
    users.messages().batchDelete(userId="me", body={"ids": ids[:2]}).execute()
    assert only(sandbox, ana)["id"] == ids[2]
    label = users.labels().create(userId="me", body={"name": "Satu"}).execute()
    assert users.labels().update(userId="me", id=label["id"], body=label | {"name": "Dua"}).execute()["name"] == "Dua"
    assert "Dua" in [one["name"] for one in users.labels().list(userId="me").execute()["labels"]]
    own = users.settings().sendAs().get(userId="me", sendAsEmail=ana.email).execute()
    assert own["isDefault"]
    for call in (
        users.settings().sendAs().get(userId="me", sendAsEmail="no@body.example"),
        users.messages().batchModify(userId="me", body={"ids": []}),
        users.labels().delete(userId="me", id="INBOX"),
    ):
        with pytest.raises(HttpError):
            call.execute()


def test_trash_and_untrash(google, sandbox):
    ana = google("ana")
    message_id = sandbox.deliver(ana.email, mail(ana.email))["id"]
    messages = ana.users.messages()
    assert messages.trash(userId="me", id=message_id).execute()["labelIds"] == ["TRASH", "UNREAD"]
    assert messages.untrash(userId="me", id=message_id).execute()["labelIds"] == ["INBOX", "UNREAD"]


def test_a_draft_that_is_changed_or_sent_is_another_message(google, sandbox):
    ana, bo = google("ana"), google("bo")
    drafts = ana.users.drafts()
    made = drafts.create(userId="me", body={"message": raw(mail(bo.email))}).execute()
    assert made["message"]["labelIds"] == ["DRAFT"]
    changed = drafts.update(userId="me", id=made["id"], body={"message": raw(mail(bo.email, "Baru"))}).execute()
    assert changed["id"] == made["id"]
    assert changed["message"]["id"] != made["message"]["id"]
    assert [one["id"] for one in drafts.list(userId="me").execute()["drafts"]] == [made["id"]]
    assert drafts.get(userId="me", id=made["id"]).execute()["message"]["payload"]["headers"][-1]["value"] == "Baru"
    sent = drafts.send(userId="me", body={"id": made["id"]}).execute()
    assert sent["labelIds"] == ["SENT"]
    assert sent["id"] != changed["message"]["id"]
    assert [one["id"] for one in sandbox.messages(ana.email)] == [sent["id"]]
    assert only(sandbox, bo)["subject"] == "Baru"
    with pytest.raises(HttpError) as raised:
        drafts.send(userId="me", body={"id": made["id"]}).execute()
    assert raised.value.status_code == 404
    again = drafts.create(userId="me", body={"message": raw(mail(bo.email))}).execute()
    drafts.delete(userId="me", id=again["id"]).execute()
    assert "drafts" not in drafts.list(userId="me").execute()


def test_an_unknown_field_of_a_body_is_400(google):
    ana = google("ana")
    with pytest.raises(HttpError, match="Cannot find field"):
        ana.users.messages().send(userId="me", body=raw(mail("x@y.example")) | {"labels": []}).execute()


def test_a_renamed_account_keeps_its_sub_and_its_mail(google, sandbox):
    ana, bo = google("ana"), google("bo")
    renamed = f"new-{ana.email}"
    before = sandbox.ask("GET", "/accounts")
    sandbox.ask("POST", f"/accounts/{ana.email}/rename", {"email": renamed})
    after = sandbox.ask("GET", "/accounts")
    assert [one["sub"] for one in before] == [one["sub"] for one in after]
    assert ana.users.getProfile(userId="me").execute()["emailAddress"] == renamed
    send(bo, mail(ana.email))
    send(bo, mail(renamed))
    assert len(sandbox.messages(renamed)) == 2
