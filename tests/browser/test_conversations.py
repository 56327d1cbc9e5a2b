"""Conversations and contacts in a real browser: a mail that comes in shows itself, and no mail can do anything."""

import http.server
import smtplib
import threading
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from browser import DESKTOP, MAX_PAGE_BYTES, PASSWORD, PHONE, first_run_link, overflows, too_small, violations
from playwright.sync_api import Page, expect

ENVIRON = {"SUNNYDAY_TRUSTED_RELAYS": "127.0.0.1", "SUNNYDAY_IMAGE_PRIVATE_HOSTS": "true"}
ANI, BUDI = "ani@tokoani.example", "Budi Santoso <budi@pelanggan.example>"
TALKS = "/l/1/conversations"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d4944415478da63f8cfc0f01f0005000180ff4c5cb20000000049454e44ae426082"
)
# Each of these would fetch something, run something, send something, or lead the page away.
HOSTILE = """
<script>fetch("{url}/script")</script><script src="{url}/src"></script><img src=x onerror="fetch('{url}/onerror')">
<svg onload="fetch('{url}/svg')"><image href="{url}/svgimage"/></svg><iframe src="{url}/iframe"></iframe>
<iframe srcdoc="<script>parent.location='{url}/srcdoc'</script>"></iframe><object data="{url}/object"></object>
<embed src="{url}/embed"><link rel="stylesheet" href="{url}/link"><link rel="prefetch" href="{url}/prefetch">
<meta http-equiv="refresh" content="0;url={url}/refresh"><base href="{url}/base/"><style>@import "{url}/import";
body {{ background: url({url}/css) }}</style><div style="background-image:url({url}/style)">x</div>
<video src="{url}/video" poster="{url}/poster" autoplay></video><audio src="{url}/audio" autoplay></audio>
<form action="{url}/form"><input autofocus onfocus="this.form.submit()"><button>Kirim</button></form>
<table background="{url}/background"><tr><td>Undangan</td></tr></table><img srcset="{url}/srcset 1x" src="{url}/image.png">
<math><mtext><style><img src="{url}/mxss"></style></mtext></math><a href="javascript:fetch('{url}/js')">klik</a>
<details open ontoggle="fetch('{url}/toggle')"><summary>x</summary></details><img src="//{host}/protocol-relative">
"""


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """Whoever sent the mail hears of each request here."""

    def do_GET(self) -> None:
        self.server.asked.append(self)  # type: ignore[attr-defined]  # set below
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.send_header("Content-Length", str(len(PNG)))
        self.end_headers()
        self.wfile.write(PNG)

    def log_message(self, *_words: object) -> None:
        """Nothing is printed."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[http.server.ThreadingHTTPServer]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    server.asked = []  # type: ignore[attr-defined]  # what came
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def send(product, bcc: str, text: str, *, to: str = BUDI, subject: str = "Penawaran", html: str = "") -> None:
    """From Ani's mail program."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Ani Wijaya <{ANI}>", to, subject
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    with smtplib.SMTP("127.0.0.1", product.smtp_port) as smtp:
        smtp.send_message(mail, to_addrs=[bcc])


@pytest.fixture(scope="module")
def ani(product, chromium) -> Iterator[Page]:
    context = chromium.new_context(locale="en-GB", viewport=DESKTOP, timezone_id="Asia/Jakarta")
    page = context.new_page()
    page.goto(first_run_link(product))
    for field, words in (("location_name", "Toko Ani"), ("name", "Ani Wijaya"), ("email", ANI)):
        page.fill(f"#{field}", words)
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.click(".form button")
    page.wait_for_url(f"**{TALKS}")
    yield page
    context.close()


@pytest.fixture(scope="module")
def bcc(product, ani) -> str:
    ani.goto(product.http_url + TALKS)
    return ani.input_value("#bcc-address")


def test_a_mail_that_is_sent_shows_itself_on_the_open_list_and_conversation(ani, product, bcc):
    ani.goto(product.http_url + TALKS)
    ani.evaluate("window.isTheSamePage = true")
    send(product, bcc, "Terlampir penawaran kami.")
    expect(ani.locator(".talks")).to_contain_text("Terlampir penawaran kami.", timeout=20_000)
    assert ani.evaluate("window.isTheSamePage"), "without reload"
    ani.keyboard.press("Tab")
    ani.get_by_role("link", name="Budi Santoso").click()
    ani.evaluate("window.isTheSamePage = true")
    send(product, bcc, "Mohon kabarnya sebelum Jumat.", subject="Kabar")
    expect(ani.locator("#threads")).to_contain_text("Mohon kabarnya sebelum Jumat.", timeout=20_000)
    assert ani.evaluate("window.isTheSamePage")


def test_no_mail_runs_fetches_or_sends_anything(ani, product, bcc, elsewhere):
    host = f"127.0.0.1:{elsewhere.server_address[1]}"
    elsewhere.asked.clear()
    source = HOSTILE.format(url=f"http://{host}", host=host)
    send(product, bcc, "Teks biasa", subject="Undangan pameran", html=source)
    ani.goto(product.http_url + TALKS)
    expect(ani.locator(".talks")).to_contain_text("Undangan pameran", timeout=20_000)
    ani.get_by_role("link", name="Budi Santoso").click()
    ani.locator(".designed summary").first.click()
    expect(ani.frame_locator("iframe.mail").get_by_text("Undangan")).to_be_visible()
    ani.get_by_role("link", name="On a page of its own").first.click()
    expect(ani.frame_locator("iframe.mail").get_by_text("Undangan")).to_be_visible()
    assert elsewhere.asked == []
    entry = ani.url.removesuffix("/designed")
    ani.goto(f"{entry}/body")  # also by itself, outside of any frame
    expect(ani.get_by_text("Undangan")).to_be_visible()
    assert elsewhere.asked == []
    ani.goto(f"{entry}/designed")
    ani.get_by_role("link", name="Load pictures").click()
    picture = ani.frame_locator("iframe.mail").locator("img[src*=remote-image]").first
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("naturalWidth", 1)
    expect(picture).to_have_js_property("complete", True)
    assert {one.path for one in elsewhere.asked} <= {"/image.png", "/protocol-relative"}
    assert not [one for one in elsewhere.asked if one.headers["Cookie"] or one.headers["Referer"]]


def test_reading_removing_and_undoing_without_javascript(ani, product, bcc, person):
    somebody = person(java_script_enabled=False, locale="en-GB")
    page = somebody.page
    somebody.sign_in(ANI)
    assert somebody.path == TALKS
    page.get_by_role("link", name="Budi Santoso").click()
    page.get_by_role("link", name="Remove…").first.click()
    page.get_by_role("button", name="Remove").click()
    expect(page.locator(".toast")).to_contain_text("The mail is removed from the conversation.")
    page.locator(".toast button").click()
    expect(page.locator(".toast")).to_contain_text("The mail is back.")


@pytest.mark.parametrize(
    ("language", "viewport"),
    [pytest.param("en", DESKTOP, id="English, on a desk"), pytest.param("id", PHONE, id="Indonesian, on a phone")],
)
def test_every_page_can_be_used_by_everybody(ani, product, bcc, person, language, viewport):
    somebody = person(viewport=viewport)
    page = somebody.page
    somebody.sign_in(ANI)
    somebody.open("/l/1/settings/general")
    page.select_option("#locale", language)
    page.locator(".form button").first.click()
    expect(page.locator("html")).to_have_attribute("lang", language)
    for path in (
        TALKS, f"{TALKS}?show=unread", f"{TALKS}/1", "/l/1/threads/1", "/l/1/threads/1/arrange", "/l/1/entries/1",
        "/l/1/entries/1/why", "/l/1/entries/1/remove", "/l/1/contacts", "/l/1/contacts/new", "/l/1/contacts/1",
        "/l/1/contacts/1/merge", "/l/1/contacts/1/delete", "/l/1/contacts/suggestions",
    ):  # fmt: skip
        somebody.open(path)
        assert violations(page) == [], path
        assert too_small(page) == [], path
        assert not overflows(page), path
        assert somebody.bytes_of_page() < MAX_PAGE_BYTES, path
    assert somebody.elsewhere() == []
    assert somebody.problems == []
