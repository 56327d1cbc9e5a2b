"""Writing, answering, drafts and the outbox over HTTP: what is typed is kept whatever goes wrong, and sent once."""

import html
import re
import secrets
from urllib.parse import urlencode

import pytest
from connected_account import connection_of

from crm_store import draft_files, drafts, outbox, users
from crm_store.access import by_token
from crm_store.blobs import erasure
from crm_store.blobs.store import blob_store
from crm_store.clock import now_ms
from crm_store.database.session import connected
from crm_store.draft_files import NewFile
from crm_store.errors import Invalid
from crm_store.mail.reply import split_reply
from crm_store.models.drafts import Draft
from crm_store.models.messages import Blob, Entry
from crm_store.models.outbox import Delivery, Email
from crm_store.paging import PageRequest
from crm_store.rules.outbox import OutboxState
from gateway.web.pages import form_token

ONE_DATABASE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
BUDI = "budi@pelanggan.example"
MAIL = {
    "to": f'"Santoso, Budi" <{BUDI}>',
    "cc": "",
    "bcc": "",
    "subject": "Penawaran",
    "text": "Selamat pagi\r\n\r\nAni",
}


def words(answer) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def path(world, what: str) -> str:
    return f"/l/{world.mine.id}/{what}"


@pytest.fixture
def mine(tab, world):
    """The browser of one who has a Gmail account connected, and nobody at Google to send it."""
    connection_of(world.mine.user.id, world.mine.id, now_ms=now_ms(), email="ani@gmail.example")
    return tab(world.mine.user)


def send(tab, where: str, fields: dict[str, str], files: dict[str, bytes] | None = None):
    """As a browser sends a form with files."""
    boundary = "b" * 20
    parts = []
    for name, value in {form_token.FIELD: form_token.token_of(tab.cookie), **fields}.items():
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for name, content in (files or {"": b""}).items():
        said = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
        parts.append(said.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n")
    raw = b"".join(parts) + f"--{boundary}--\r\n".encode()
    headers = tab._headers({"Content-Type": f"multipart/form-data; boundary={boundary}"})
    return tab._answered(tab.web.call("POST", where, raw=raw, headers=headers))


def new_key() -> str:
    return secrets.token_urlsafe(24)


def emails() -> list[Email]:
    with connected():
        return list(Email.select().order_by(Email.id))


def draft_of(answer) -> str:
    assert answer.status == 303, words(answer)
    return answer.headers["Location"].partition("?")[0]


def an_entry(world, desk=None) -> int:
    with connected():
        return Entry.select().order_by(Entry.id.desc()).first().id


def test_a_mail_is_written_kept_and_sent_once(mine, world):
    page = mine.get(path(world, "compose"))
    assert page.status == 200
    (key,) = re.findall(r'name="key" value="([^"]+)"', page.text)
    form = {**MAIL, "key": key, "act": "send"}
    answers = [send(mine, path(world, "compose"), form) for _ in range(3)]
    assert {draft_of(answer) for answer in answers} == {path(world, f"outbox/{emails()[0].id}")}
    (email,) = emails()
    assert (email.subject, email.to) == ("Penawaran", [{"name": "Santoso, Budi", "address": BUDI}])
    assert email.text == "Selamat pagi\n\nAni"
    shown = mine.get(answers[0].headers["Location"])
    assert "It is on its way. Undo" in words(shown)


def test_undo_brings_the_draft_back_whole(mine, world):
    saved = send(mine, path(world, "compose"), {**MAIL, "key": new_key(), "act": "save"}, {"Harga.pdf": b"%PDF-1.7"})
    draft = draft_of(saved)
    sent = draft_of(send(mine, draft, {**MAIL, "act": "send"}))
    assert draft_of(mine.get(draft)) == sent, "it is no draft any more"
    again = mine.post(sent, {"act": "edit"})
    assert draft_of(again) == draft
    page = mine.get(draft)
    assert "Harga.pdf" in page.text
    assert "Selamat pagi" in page.text
    with connected():
        assert Email.get().state == OutboxState.CANCELLED
    assert draft_of(send(mine, draft, {**MAIL, "act": "send"})) != sent
    assert [email.state for email in emails()] == [OutboxState.CANCELLED, OutboxState.WAITING]


REFUSED = [
    ({"to": ""}, "to", "Name somebody outside your location"),
    ({"to": "Budi"}, "to", "Name somebody outside your location"),
    ({"to": "{colleague}"}, "to", "Name somebody outside your location"),
    ({"cc": "not an address"}, "cc", "One of these is no e-mail address."),
    ({"from": "boss@elsewhere.example"}, "from", "This is none of your addresses."),
    ({"text": ""}, "text", "Write something"),
    ({"to": ", ".join(f"a{number}@x.example" for number in range(101))}, "to", "At most 100 people"),
    ({"act": "later", "send_at": "2020-01-01T08:00"}, "send_at", "Choose a day and a time that are not over."),
    ({"act": "later", "send_at": "soon"}, "send_at", "Choose a day and a time that are not over."),
    ({"act": "later", "send_at": "2126-01-01T08:00"}, "send_at", "Choose a time within a year."),
]


@ONE_DATABASE
def test_what_can_not_be_sent_is_told_beside_its_field_and_kept(mine, world):
    for changed, field, problem in REFUSED:
        typed = {name: value.format(colleague=world.mine.admin.email) for name, value in changed.items()}
        answer = send(mine, path(world, "compose"), {**MAIL, "key": new_key(), "act": "send", **typed})
        assert answer.status == 422, changed
        assert problem in words(answer)
        assert f'id="{field}-told"' in answer.text
        assert "Selamat pagi" in answer.text or field == "text", "what was typed is on the page"
    assert emails() == []
    with connected():
        assert Draft.select().count() == len(REFUSED), "and kept"


@ONE_DATABASE
def test_what_is_too_long_to_be_kept_is_still_on_the_page(mine, world, monkeypatch):
    monkeypatch.setattr(drafts, "MOST_CHARS", 20)
    new = send(mine, path(world, "compose"), {**MAIL, "text": "x" * 21, "key": new_key(), "act": "send"})
    draft = draft_of(send(mine, path(world, "compose"), {**MAIL, "key": new_key(), "act": "save"}))
    again = send(mine, draft, {**MAIL, "text": "y" * 21, "act": "send"})
    for answer, typed in ((new, "x" * 21), (again, "y" * 21)):
        assert answer.status == 422
        assert f">{typed}</textarea>" in answer.text
        assert 'id="text-told"' in answer.text


@ONE_DATABASE
def test_a_subject_that_has_lines_has_none_when_it_is_sent(mine, world):
    form = {**MAIL, "subject": "Halo\r\nBcc: thief@evil.example", "key": new_key(), "act": "send"}
    assert send(mine, path(world, "compose"), form).status == 303
    (email,) = emails()
    assert email.subject == "Halo Bcc: thief@evil.example"
    assert email.bcc == []


def test_files_that_are_too_large_together_leave_the_text(mine, world, settings, monkeypatch):
    monkeypatch.setattr(draft_files, "MAX_ATTACHMENT_BYTES", 1_000)
    draft = draft_of(
        send(mine, path(world, "compose"), {**MAIL, "key": new_key(), "act": "save"}, {"a.bin": b"a" * 600})
    )
    refused = send(mine, draft, {**MAIL, "text": "Lain", "act": "send"}, {"b.bin": b"b" * 600})
    assert refused.status == 422
    assert "more than 25 MB together" in words(refused)
    assert ">Lain</textarea>" in refused.text
    assert "a.bin" in refused.text
    assert emails() == []
    (file_id,) = re.findall(r'value="remove:(\d+)"', refused.text)
    without = mine.get(draft_of(send(mine, draft, {**MAIL, "act": f"remove:{file_id}"})))
    assert "a.bin" not in without.text
    blobs = blob_store(settings)
    with connected():
        before = Blob.select().count()
        erasure.sweep(blobs)
        assert Blob.select().count() == before - 1, "nobody refers to its bytes any more"


@ONE_DATABASE
def test_exactly_25_megabytes_may_be_kept_and_a_byte_more_not(world, settings):
    blobs, now = blob_store(settings), now_ms()
    with connected():
        access = by_token(world.mine.user.token)
        draft = drafts.save(access, world.mine.id, new_key(), drafts.Written(), now_ms=now)
        draft_files.add(draft.id, [NewFile("a", "", bytes(26_214_400))], blobs, now_ms=now)
        with pytest.raises(Invalid):
            draft_files.add(draft.id, [NewFile("b", "", b"b")], blobs, now_ms=now)


@ONE_DATABASE
def test_a_file_that_alone_is_too_large_is_not_even_read_and_leaves_the_text(mine, world):
    form = {**MAIL, "key": new_key(), "act": "send"}
    refused = send(mine, path(world, "compose"), form, {"film.mov": bytes(26_214_401)})
    assert refused.status == 422
    assert "more than 25 MB together" in words(refused)
    assert "Selamat pagi" in refused.text
    with connected():
        assert (Draft.select().count(), Blob.select().count(), Email.select().count()) == (1, 0, 0)


def test_a_draft_is_its_writers_alone(mine, tab, world):
    draft = draft_of(send(mine, path(world, "compose"), {**MAIL, "key": new_key(), "act": "save"}))
    admin = tab(world.mine.admin)
    assert admin.get(draft).status == 404
    assert send(admin, draft, {**MAIL, "act": "send"}).status == 404
    assert "Penawaran" not in admin.get(path(world, "drafts")).text
    assert "Penawaran" in mine.get(path(world, "drafts")).text


def test_a_discarded_draft_comes_back(mine, world):
    draft = draft_of(send(mine, path(world, "compose"), {**MAIL, "key": new_key(), "act": "save"}))
    gone = send(mine, draft, {**MAIL, "act": "discard"})
    page = mine.get(gone.headers["Location"])
    assert "The draft is discarded. Undo" in words(page)
    assert "Penawaran" not in page.text
    assert mine.get(draft).status == 409
    (undo,) = re.findall(r'action="([^"]+/restore)"', page.text)
    assert draft_of(mine.post(undo)) == draft
    assert "Selamat pagi" in mine.get(draft).text


def test_drafts_are_erased_when_nobody_misses_them(mine, world, settings):
    send(mine, path(world, "compose"), {**MAIL, "key": new_key(), "act": "save"}, {"a.bin": b"old"})
    with connected():
        assert drafts.sweep(now_ms=now_ms() + 89 * drafts.DAY_MS) == 0
        assert drafts.sweep(now_ms=now_ms() + 91 * drafts.DAY_MS) == 1
        assert Draft.select().count() == 0
        erasure.sweep(blob_store(settings))
        assert Blob.select().count() == 0


@ONE_DATABASE
def test_who_has_no_gmail_may_write_and_is_shown_how_to_connect(tab, world):
    person = tab(world.mine.user)
    assert "You have no Gmail account connected" in words(person.get(path(world, "compose")))
    answer = send(person, path(world, "compose"), {**MAIL, "key": new_key(), "act": "send"})
    assert answer.status == 422
    assert "Your text is kept: connect one, and send it then." in words(answer)
    assert "Selamat pagi" in answer.text


@ONE_DATABASE
def test_mail_that_is_to_go_later_goes_at_that_time_on_the_readers_clock(mine, world):
    with connected():
        users.change(
            by_token(world.mine.user.token), world.mine.user.id, {"time_zone": "Asia/Jakarta"}, now_ms=now_ms()
        )
    (preset,) = set(re.findall(r'name="send_at" value="([^"]+)"', mine.get(path(world, "compose")).text))
    assert preset.endswith("T08:00")
    sent = send(mine, path(world, "compose"), {**MAIL, "key": new_key(), "act": "later", "send_at": preset})
    page = mine.get(draft_of(sent))
    (email,) = emails()
    assert email.not_before_ms % 86_400_000 == 1 * 3_600_000, "08:00 in Jakarta is 01:00 UTC"
    assert "08.00" in words(page) or "8:00" in words(page)


def test_the_outbox_shows_what_became_of_each_and_what_may_be_done(mine, world):
    where = draft_of(send(mine, path(world, "compose"), {**MAIL, "key": new_key(), "act": "send"}))
    listed = mine.get(path(world, "outbox"))
    assert "waits" in words(listed)
    assert "Penawaran" in listed.text
    assert "Penawaran" not in mine.get(path(world, "outbox?state=failed")).text
    assert "It is not sent." in words(mine.get(mine.post(where, {"act": "cancel"}).headers["Location"]))
    assert mine.post(where, {"act": "cancel"}).status == 409, "it was taken back already"
    assert "It is sent now." in words(mine.get(mine.post(where, {"act": "retry"}).headers["Location"]))
    assert mine.post(where, {"act": "explode"}).status == 404
    with connected():
        view = outbox.list_for(by_token(world.mine.user.token), world.mine.id, PageRequest()).items[0]
        assert view.state is OutboxState.WAITING


@ONE_DATABASE
def test_what_is_not_known_is_decided_by_its_sender(mine, world):
    where = draft_of(send(mine, path(world, "compose"), {**MAIL, "key": new_key(), "act": "send"}))
    with connected():
        Email.update(state="unknown", unknown=1, waiting=0).execute()
        Delivery.update(state="unknown", attempt=1, began_at_ms=now_ms(), ambiguity="silence").execute()
    page = mine.get(where)
    assert "Look into the Sent folder of your Gmail." in words(page)
    assert "It is sent again." in words(mine.get(mine.post(where, {"act": "was-not-sent"}).headers["Location"]))
    assert emails()[0].state == OutboxState.WAITING


@ONE_DATABASE
def test_names_and_subjects_are_text_and_never_marks(mine, world):
    bad = '"><img src=x onerror=alert(1)>'
    form = {**MAIL, "to": f'"{bad[2:]}" <{BUDI}>', "subject": bad, "text": f"</textarea>{bad}", "key": new_key()}
    draft = draft_of(send(mine, path(world, "compose"), {**form, "act": "save"}, {"<b>.pdf": b"x"}))
    for page in (draft, path(world, "drafts")):
        assert "<img src=x" not in mine.get(page).text
        assert "<b>.pdf" not in mine.get(page).text
    where = draft_of(send(mine, draft, {**form, "act": "send"}))
    for page in (where, path(world, "outbox")):
        assert "<img src=x" not in mine.get(page).text


@ONE_DATABASE
def test_a_stranger_sends_no_large_form(tab, world):
    stranger = tab()
    stranger.cookie = "nobody"
    answer = send(stranger, path(world, "compose"), {"act": "send"}, {"large.bin": bytes(2_000_000)})
    assert answer.status == 303, "to the way to sign in"
    body = urlencode({"text": "x" * 2_000_000})
    assert stranger.web.call("POST", path(world, "drafts"), raw=body.encode()).status in (405, 413)


@ONE_DATABASE
def test_a_key_of_another_shape_makes_nothing(mine, world):
    assert send(mine, path(world, "compose"), {**MAIL, "key": "x", "act": "send"}).status == 422
    assert emails() == []


def test_what_is_quoted_is_known_for_a_quote_by_our_own_reader():
    """Both ways of saying who wrote; see also the reader's own corpora."""
    for opening in ("On Monday, 23 November 2026 at 09:12, Budi <b@x.example> wrote:", "Pada Senin, 23 November 2026 pukul 09:12, Budi <b@x.example> menulis:"):  # fmt: skip
        assert split_reply(f"Baik.\n\n{opening}\n> Bisa?\n").reply_text.strip() == "Baik."
