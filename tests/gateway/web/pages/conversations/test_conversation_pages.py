"""Conversations over HTTP: what is listed, read, looked at closely, removed and set right, without a script."""

import html
import re
from email.message import EmailMessage

import pytest

from crm_store import contact_book, thread_views
from crm_store.access import Access, roles_of
from crm_store.clock import now_ms
from crm_store.contact_book import ContactDetails
from crm_store.database.session import connected
from crm_store.models.contacts import Conversation
from crm_store.models.messages import Entry
from crm_store.paging import PageRequest
from crm_store.rules.rule import Rule
from gateway.web.pages.conversations import reading
from gateway.web.pages.conversations.rule_words import RULES

ONE_DATABASE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
CITRA = "Citra Lestari <citra@pelanggan.test>"
DAY_MS = 86_400_000


def words(answer) -> str:
    """What stands on the page, without its marks."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def told(tab, answer) -> str:
    """The page that a form leads to."""
    assert answer.status == 303, words(answer)
    return words(tab.get(answer.headers["Location"].partition("#")[0]))


def undo(tab, answer):
    """Click Undo in the note on the page that a form led to."""
    page = tab.get(answer.headers["Location"].partition("#")[0])
    note = page.text[page.text.index("data-toast") :]
    action = re.search(r'action="([^"]+)"', note)[1]
    named = dict(re.findall(r'name="(into|contact)" value="(\w+)"', note))
    return tab.post(action, named)


@pytest.fixture
def talk(world, deliver, a_mail):
    """talk(text, …): a mail between Budi and Citra; from Citra where by="citra"."""
    numbers = iter(range(1, 1000))

    def talk(text: str = "Halo", *, by: str = "budi", to: str = CITRA, subject: str = "Penawaran", **headers) -> str:
        mine, number = world.mine.user, next(numbers)
        message_id = f"<t{number}@test>"
        from_, whom = (mine.email, to) if by == "budi" else (to, mine.email)
        headers = {"Message_ID": message_id, "Cc": mine.bcc, **headers}
        headers.setdefault("Date", f"Mon, 23 Nov 2026 14:{number:02}:00 +0700")
        deliver(a_mail(from_, whom, text, subject, **headers), mine)
        return message_id

    return talk


@pytest.fixture
def mine(tab, world):
    return tab(world.mine.user)


@pytest.fixture
def here(world) -> str:
    return f"/l/{world.mine.id}"


def entries() -> list[Entry]:
    with connected():
        return list(Entry.select().order_by(Entry.at_ms, Entry.id))


def test_the_list_says_who_what_and_how_much_is_unread(mine, here, talk):
    first = talk("Terlampir penawaran kami.\n\n-- \nBudi")
    talk("Baik, terima kasih.\n\nPada 23 Nov 2026 Budi menulis:\n> Terlampir", by="citra", In_Reply_To=first)
    talk(
        "Selamat pagi", to="Dewi <dewi@pelanggan.test>", subject="Jadwal survei", Date="Mon, 23 Nov 2026 15:30:00 +0700"
    )
    shown = words(mine.get(f"{here}/conversations"))
    assert shown.index("Dewi") < shown.index("Citra Lestari"), "the newest mail first"
    assert "Jadwal survei ↗ Sent Selamat pagi" in shown
    assert "Unread: 1 Baik, terima kasih. " in shown, "without what is quoted"
    unread = words(mine.get(f"{here}/conversations?show=unread"))
    assert "Citra Lestari" in unread
    assert "Dewi" not in unread


def test_the_list_goes_on_by_links(mine, here, world):
    with connected():
        for number in range(35):
            details = ContactDetails([f"k{number}@pelanggan.test"], f"Kontak {number:02}")
            access = Access(world.mine.user.id, roles_of(world.mine.user.id))
            contact = contact_book.add(access, world.mine.id, details, now_ms=now_ms())
            Conversation.create(location_id=world.mine.id, contact_id=contact.id, last_entry_at_ms=number + 1)
    first = mine.get(f"{here}/conversations")
    (after,) = re.findall(r'rel="next" href="([^"]+)"', first.text)
    second = words(mine.get(html.unescape(after)))
    assert "Kontak 34" in words(first)
    assert "Kontak 04" in second
    assert "Kontak 34" not in second


@ONE_DATABASE
def test_who_has_no_conversation_is_told_how_to_begin(mine, here, world):
    shown = mine.get(f"{here}/conversations")
    assert "No conversation yet" in words(shown)
    assert world.mine.user.bcc in shown.text
    assert f"{here}/settings/general#bcc" in shown.text
    assert mine.get("/").headers["Location"] == f"{here}/conversations"


def test_a_conversation_shows_who_wrote_what_to_whom_and_what_is_only_quoted(mine, here, talk, world):
    first = talk("Terlampir penawaran kami.\n\n-- \nBudi\nToko Budi", Cc="Eka <eka@mitra.test>")
    talk("Setuju.\n\nPada 23 Nov 2026 Budi menulis:\n> Terlampir penawaran", by="citra", In_Reply_To=first)
    conversation_id = entries()[0].conversation_id
    answer = mine.get(f"{here}/conversations/{conversation_id}")
    shown = words(answer)
    assert "to Citra Lestari, Cc Eka" in shown
    threads = shown.partition("Mark as read")[2]
    assert threads.index("Terlampir penawaran kami.") < threads.index("Setuju."), "within a thread the oldest first"
    assert re.search(r"<details[^>]*>\s*<summary>··· Quoted</summary>.*&gt; Terlampir", answer.text, re.DOTALL)
    assert re.search(r"<summary>Signature</summary>.*Toko Budi", answer.text, re.DOTALL)
    assert "1 new mail" in shown
    assert world.mine.user.bcc not in answer.text, "a BCC address is no recipient"


def test_reading_is_said_by_a_form_and_by_nothing_else(mine, here, talk):
    first = talk()
    talk("Baik", by="citra", In_Reply_To=first)
    path = f"{here}/conversations/{entries()[0].conversation_id}"
    mine.get(path)
    assert "1 new mail" in words(mine.get(path)), "looking changes nothing"
    assert "new mail" not in told(mine, mine.post(f"{path}/read"))


def test_a_huge_conversation_is_shown_piece_by_piece(mine, here, talk):
    first = talk("surat 0")
    for number in range(1, 9):
        talk(f"surat {number}", In_Reply_To=first)
    talk("lain", subject="Lain sekali", Date="Mon, 23 Nov 2026 16:00:00 +0700")
    entry = entries()[0]
    shown = mine.get(f"{here}/conversations/{entry.conversation_id}")
    newest_of_second = reading._LATEST[1]
    assert shown.text.count("surat ") == newest_of_second
    assert "Earlier mails of this thread" in words(shown)
    thread = mine.get(f"{here}/threads/{entry.thread_id}")
    assert all(f"surat {number}" in thread.text for number in range(9))
    assert "Lain sekali" not in words(thread).partition("Arrange")[0].partition("Budi")[0]


@ONE_DATABASE
def test_a_page_stays_small_whatever_is_in_it(mine, here, talk):
    first = talk("kata " * 50_000)
    for _ in range(7):
        talk("kata " * 50_000 + "\n> " + "kutipan " * 5_000, In_Reply_To=first)
    entry = entries()[0]
    for path in (f"conversations/{entry.conversation_id}", f"threads/{entry.thread_id}"):
        answer = mine.get(f"{here}/{path}")
        assert len(answer.body) < 60_000, path
        assert "Show all of it" in words(answer)
    assert words(mine.get(f"{here}/entries/{entry.id}")).count("kata") >= 50_000


def test_why_a_mail_is_here_is_told_with_its_rule(mine, here, talk):
    first = talk()
    talk("Baik", by="citra", In_Reply_To=first)
    begun, answer = (words(mine.get(f"{here}/entries/{one.id}/why")) for one in entries())
    assert "the first outside address in To owns the conversation" in begun
    assert "(C2)" in begun
    assert "Recorded BCC" in answer


def test_why_a_mail_without_a_message_id_is_here_is_told_too(mine, here, deliver, a_mail, world):
    mail = a_mail(world.mine.user.email, CITRA)
    del mail["Message-ID"]
    deliver(mail, world.mine.user)
    assert "(C2)" in words(mine.get(f"{here}/entries/{entries()[0].id}/why"))


def test_every_rule_that_a_decision_can_quote_has_a_sentence():
    assert set(RULES) == set(Rule)
    assert all(sentence.endswith(".") for sentence in RULES.values())


def test_a_mail_is_removed_and_back_by_undo(mine, here, talk):
    first = talk("satu")
    talk("dua", In_Reply_To=first)
    entry = entries()[0]
    assert "For 30 days there is a way back." in words(mine.get(f"{here}/entries/{entry.id}/remove"))
    removed = mine.post(f"{here}/entries/{entry.id}/remove")
    assert "satu" not in told(mine, removed)
    assert mine.get(f"{here}/entries/{entry.id}").status == 404
    assert "satu" in told(mine, undo(mine, removed))


def test_the_last_mail_takes_its_conversation_with_it_and_back(mine, here, talk):
    talk("satu")
    entry = entries()[0]
    removed = mine.post(f"{here}/entries/{entry.id}/remove")
    assert "No conversation yet" in told(mine, removed)
    assert "satu" in told(mine, undo(mine, removed))


def test_a_thread_is_split_and_made_one_again_by_undo(mine, here, talk):
    first = talk("satu")
    talk("dua", In_Reply_To=first)
    one, two = entries()
    path = f"{here}/threads/{one.thread_id}"
    assert f'name="entry-{two.id}"' in mine.get(f"{path}/arrange").text
    nothing = mine.post(f"{path}/split")
    assert (nothing.status, "Tick at least one mail" in words(nothing)) == (422, True)
    split = mine.post(f"{path}/split", {f"entry-{two.id}": "yes"})
    assert "a thread of their own now" in told(mine, split)
    assert len({one.thread_id for one in entries()}) == 2
    undo(mine, split)
    assert len({one.thread_id for one in entries()}) == 1


def test_two_threads_are_made_one(mine, here, talk):
    talk("satu", subject="Satu")
    talk("dua", subject="Dua")
    one, two = entries()
    assert "Satu" in words(mine.get(f"{here}/threads/{two.thread_id}/arrange"))
    assert mine.post(f"{here}/threads/{two.thread_id}/merge").status == 422
    merged = mine.post(f"{here}/threads/{two.thread_id}/merge", {"into": str(one.thread_id)})
    assert "The two threads are one now." in told(mine, merged)
    assert len({one.thread_id for one in entries()}) == 1


def test_a_thread_goes_to_somebody_who_is_searched_for_and_back_by_undo(mine, here, talk):
    talk("satu")
    talk("dua", to="Dewi <dewi@pelanggan.test>")
    one, two = entries()
    found = mine.get(f"{here}/threads/{one.thread_id}/arrange?q=dewi@pelanggan.test")
    (contact_id,) = re.findall(r'name="contact" value="(\d+)"', found.text)
    moved = mine.post(f"{here}/threads/{one.thread_id}/move", {"contact": contact_id})
    assert "The thread is moved." in told(mine, moved)
    assert {one.conversation_id for one in entries()} == {two.conversation_id}
    undo(mine, moved)
    with connected():
        assert Conversation.select().where(Conversation.last_entry_at_ms.is_null(False)).count() == 2


@ONE_DATABASE
def test_what_mails_say_stays_text(mine, here, talk):
    evil = '<img src=x onerror=alert(1)>"><script>alert(1)</script>'
    talk(f"{evil}\n\nlihat https://example.com/?q=<b> dan javascript:alert(1)", subject=evil)
    entry = entries()[0]
    with connected():
        Conversation.update(last_entry_at_ms=1).execute()
    for path in ("conversations", f"conversations/{entry.conversation_id}", f"threads/{entry.thread_id}/arrange"):
        shown = mine.get(f"{here}/{path}").text
        assert "<img src=x" not in shown
        assert "<script>alert" not in shown
    text = mine.get(f"{here}/entries/{entry.id}").text
    assert 'href="https://example.com/' in text
    assert 'rel="nofollow noopener noreferrer"' in text
    assert 'href="javascript' not in text


def with_html(world, source: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = world.mine.user.email, CITRA, "Undangan"
    mail["Date"], mail["Message-ID"] = "Mon, 23 Nov 2026 14:00:00 +0700", "<html@test>"
    mail.set_content("Teks")
    mail.add_alternative(source, subtype="html")
    mail.add_attachment(b"%PDF-1", maintype="application", subtype="pdf", filename="../../etc/Denah é.pdf")
    return mail


def test_a_mail_is_shown_as_designed_in_a_frame_that_can_do_nothing(mine, here, deliver, world):
    deliver(
        with_html(world, '<p onclick="x()">Hai</p><img src="http://evil.test/a.png"><script>x()</script>'),
        world.mine.user,
    )
    entry_id = entries()[0].id
    page = mine.get(f"{here}/entries/{entry_id}/designed")
    assert "1 picture or style from elsewhere was left out" in words(page)
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer"' in page.text
    body = mine.get(f"{here}/entries/{entry_id}/body")
    policy = body.headers["Content-Security-Policy"]
    assert "img-src data:;" in policy
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "Hai" in body.text
    assert not re.search("evil|script|onclick", body.text)


def test_pictures_are_shown_on_request_by_way_of_us(mine, here, deliver, world):
    deliver(
        with_html(world, '<img src="http://evil.test/a.png?x=1&y=2"><img src="//evil.test/b.png">'), world.mine.user
    )
    entry_id = entries()[0].id
    assert (
        f'src="{here}/entries/{entry_id}/body?images=yes"'
        in mine.get(f"{here}/entries/{entry_id}/designed?images=yes").text
    )
    body = mine.get(f"{here}/entries/{entry_id}/body?images=yes")
    assert "evil.test" not in body.text
    assert "img-src 'self' data:;" in body.headers["Content-Security-Policy"]
    assert len(re.findall(r'src="/remote-image/[\w/-]+"', body.text)) == 2


@ONE_DATABASE
def test_what_is_attached_and_the_mail_itself_are_downloaded(mine, here, deliver, world):
    deliver(with_html(world, "<p>Hai</p>"), world.mine.user)
    entry = entries()[0]
    (path,) = re.findall(rf'href="({here}/attachments/\d+)"', mine.get(f"{here}/entries/{entry.id}").text)
    file = mine.get(path)
    assert file.body == b"%PDF-1"
    assert "filename*=UTF-8''Denah%20%C3%A9.pdf" in file.headers["Content-Disposition"]
    assert "sandbox" in file.headers["Content-Security-Policy"]
    assert b"Undangan" in mine.get(f"{here}/entries/{entry.id}/raw").body


def test_an_answer_that_waits_is_shown_where_it_belongs(mine, here, talk, world):
    talk("satu")
    talk("dua", to="Dewi <dewi@pelanggan.test>")
    one, two = entries()
    email = {"user_id": str(world.mine.user.id), "to": ["citra@pelanggan.test"], "text": "Segera saya kirim"}
    provider = {"host": "127.0.0.1", "port": 25, "tls": "none"}
    web = mine.web
    web.call("PUT", f"locations/{world.mine.id}/provider", token=world.mine.admin.token, body=provider)
    posted = web.call(
        "POST", f"locations/{world.mine.id}/emails", token=world.mine.user.token, body={**email, "kind": "bulk"}
    )
    assert posted.status == 202, posted.text
    shown = words(mine.get(f"{here}/conversations/{one.conversation_id}"))
    assert "On their way" in shown
    assert "Segera saya kirim" in shown
    assert "Segera" not in words(mine.get(f"{here}/conversations/{two.conversation_id}"))


@ONE_DATABASE
def test_the_pages_speak_indonesian(mine, here, talk):
    talk("satu")
    mine.headers["Accept-Language"] = "id"
    entry = entries()[0]
    assert "Percakapan" in words(mine.get(f"{here}/conversations"))
    assert "Mengapa ada di sini?" in words(mine.get(f"{here}/conversations/{entry.conversation_id}"))
    assert "Di jalur BCC, alamat luar pertama" in words(mine.get(f"{here}/entries/{entry.id}/why"))


@ONE_DATABASE
@pytest.mark.parametrize("after", ["x", "WzFd", "W10", "a" * 300])
def test_a_cursor_that_is_none_of_ours_is_told_in_words(mine, here, talk, after):
    talk("satu")
    entry = entries()[0]
    for path in ("conversations", f"conversations/{entry.conversation_id}", f"threads/{entry.thread_id}", "contacts"):
        answer = mine.get(f"{here}/{path}?after={after}")
        assert answer.status == 422 or (after == "WzFd" and path == "contacts"), path


@ONE_DATABASE
def test_a_thread_goes_on_where_its_page_ends(mine, here, talk, world):
    first = talk("satu")
    for _ in range(3):
        talk("lagi", In_Reply_To=first)
    with connected():
        own = Access(world.mine.user.id, roles_of(world.mine.user.id))
        page = thread_views.thread(own, entries()[0].thread_id, PageRequest(2))
        rest = thread_views.thread(own, page.id, PageRequest(9, page.earlier))
    assert [view.message.text.strip() for view in page.entries] == ["lagi", "lagi"]
    assert [view.message.text.strip() for view in rest.entries] == ["satu", "lagi"]
    assert rest.earlier is None
