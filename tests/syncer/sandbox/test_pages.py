"""The pages for people: forms without scripts, and hostile mail that stays text."""

from html.parser import HTMLParser
from http.client import HTTPConnection
from urllib.parse import quote, urlencode, urljoin

import pytest

EVIL = (
    b'From: "<script>alert(1)</script>" <evil@x.example>\r\nTo: ana@x.example\r\nMessage-ID: <e@x.example>\r\n'
    b"Subject: <img src=x onerror=alert(2)>\r\n\r\n</pre><script>alert(3)</script>\r\n"
)


class Form(HTMLParser):
    """The tags of a page, as a browser finds them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.tags if name == tag]


class Person:
    def __init__(self, sandbox, email: str) -> None:
        self._host = sandbox.url.removeprefix("http://")
        self.email, self.home = email, f"/sandbox/mail/{quote(email)}"

    def open(self, path: str, form: dict | None = None, *, status: int = 200) -> str:
        """Follows one redirection, as a browser after a form."""
        connection = HTTPConnection(self._host, timeout=10)
        body = urlencode(form) if form is not None else None
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
        connection.request("POST" if form is not None else "GET", path, body, kind)
        reply = connection.getresponse()
        text = reply.read().decode()
        connection.close()
        if reply.status == 303:
            return self.open(urljoin(path, reply.headers["Location"]))
        assert reply.status == status, text
        assert status != 200 or "default-src 'none'" in reply.headers["Content-Security-Policy"]
        return text


@pytest.fixture
def ana(google, sandbox) -> Person:
    return Person(sandbox, google("ana").email)


def test_accounts_are_listed_and_added(ana, sandbox):
    email = sandbox.new_email("citra")
    page = ana.open("/sandbox", {"email": email, "name": "Citra <i>"})
    assert email in page
    assert "Citra &lt;i&gt;" in page
    assert "belongs to an account" in ana.open("/sandbox", {"email": email}, status=422)
    assert "An address is needed" in ana.open("/sandbox", {"email": "nobody"}, status=422)


def test_a_mail_is_read_as_text_and_marked_as_read(ana, sandbox):
    found = sandbox.deliver(ana.email, EVIL)
    listed = ana.open(ana.home)
    assert "&lt;img src=x" in listed
    shown = ana.open(f"{ana.home}/messages/{found['id']}")
    for page in (listed, shown):
        assert not {tag for tag, _ in Form(page).tags} & {"script", "img"}
    assert "alert(3)" in shown
    assert sandbox.messages(ana.email)[0]["label_ids"] == ["INBOX"]


@pytest.mark.parametrize(
    ("action", "labels"),
    [
        ("unread", ["INBOX", "UNREAD"]), ("archive", []), ("spam", ["SPAM"]), ("trash", ["TRASH"]),
    ],
)  # fmt: skip
def test_what_can_be_done_with_a_mail(ana, sandbox, action, labels):
    message_id = sandbox.deliver(ana.email, EVIL, "INBOX")["id"]
    ana.open(f"{ana.home}/messages/{message_id}", {"action": action})
    assert sandbox.messages(ana.email)[0]["label_ids"] == labels


def test_trash_is_emptied_and_spam_taken_back(ana, sandbox):
    spam, trash = (sandbox.deliver(ana.email, EVIL, label)["id"] for label in ("SPAM", "TRASH"))
    assert "Nothing here" not in ana.open(f"{ana.home}?label=SPAM")
    ana.open(f"{ana.home}/messages/{spam}", {"action": "not-spam"})
    ana.open(f"{ana.home}/messages/{trash}", {"action": "delete"})
    assert [one["label_ids"] for one in sandbox.messages(ana.email)] == [["INBOX"]]
    ana.open(f"{ana.home}/messages/{spam}", {"action": "none"}, status=400)
    ana.open(f"{ana.home}/messages/{trash}", status=404)
    ana.open("/sandbox/mail/nobody@x.example", status=404)


def test_a_mail_is_written_and_answered_between_accounts(ana, google, sandbox):
    bo = Person(sandbox, google("bo").email)
    letter = {
        "sender": ana.email,
        "to": f"Bo <{bo.email}>",
        "bcc": "log@outside.example",
        "subject": "Halo",
        "text": "Isi ✓",
    }
    assert "Halo" in ana.open(f"{ana.home}/write", letter)
    [theirs] = sandbox.messages(bo.email)
    form = Form(bo.open(f"{bo.home}/write?answer={theirs['id']}"))
    values = {one["name"]: one.get("value") for one in form.all("input")}
    assert (values["to"], values["subject"], values["answer"]) == (ana.email, "Re: Halo", theirs["id"])
    bo.open(f"{bo.home}/write", {"sender": bo.email, "to": ana.email, "subject": "Re: Halo", "answer": theirs["id"]})
    assert len({one["thread_id"] for one in sandbox.messages(ana.email)}) == 1
    assert len({one["thread_id"] for one in sandbox.messages(bo.email)}) == 1
    assert sandbox.ask("GET", "/outbox")[-1]["recipients"] == ["log@outside.example"]


@pytest.mark.parametrize("to", ["", "nobody", "a b <@>"])
def test_a_letter_without_a_recipient_comes_back_with_what_was_typed(ana, to):
    page = ana.open(f"{ana.home}/write", {"sender": ana.email, "to": to, "text": "kept </textarea>"}, status=422)
    assert "kept &lt;/textarea&gt;" in page


def test_lists_have_pages(ana, sandbox):
    sandbox.ask("POST", f"/accounts/{ana.email}/fill", {"count": 60, "every_ms": 1000})
    first = Form(ana.open(ana.home))
    older = next(one["href"] for one in first.all("a") if "before=" in one["href"])
    second = ana.open(f"{ana.home}{older}")
    assert second.count(">Mail 9<") == 1
    assert second.count("/messages/") == 10


def test_contacts_are_added_and_deleted(ana):
    page = ana.open(f"{ana.home}/contacts", {"name": "Citra", "addresses": "c@x.example, d@x.example", "phone": "1"})
    assert "c@x.example, d@x.example" in page
    [contact] = [one["value"] for one in Form(page).all("button") if one.get("name") == "delete"]
    assert "None yet" in ana.open(f"{ana.home}/contacts", {"delete": contact})


def test_an_apps_access_is_removed(ana, google):
    page = ana.open(f"{ana.home}/apps")
    [grant] = [one["value"] for one in Form(page).all("button") if one.get("name") == "remove"]
    assert "None." in ana.open(f"{ana.home}/apps", {"remove": grant})


def test_every_field_has_a_label(ana):
    for path in ("/sandbox", f"{ana.home}/write", f"{ana.home}/contacts"):
        form = Form(ana.open(path))
        fields = [one for one in form.all("input") + form.all("textarea") if one.get("type") != "hidden"]
        assert len(form.all("label")) == len(fields) > 0
