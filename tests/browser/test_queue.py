"""The capture queue in a real browser: cleared by keyboard, live, by two operators at once, and without scripts."""

import smtplib
import time
from email.message import EmailMessage
from email.utils import make_msgid

import pytest
from browser import DESKTOP, MAX_PAGE_BYTES, PHONE, overflows, too_small, violations
from playwright.sync_api import Page, expect

from crm_store import bcc_addresses, web_sessions
from crm_store.clock import now_ms
from crm_store.database import engine
from crm_store.database.session import connected, writing
from crm_store.models.captures import Capture
from crm_store.rules.states import CaptureState
from crm_store.settings import load

ENVIRON = {"SUNNYDAY_TRUSTED_RELAYS": "127.0.0.1"}
QUEUE = "/l/1/queue"
HELD = 200
ON_A_PAGE = 50


@pytest.fixture(scope="module")
def people(product) -> dict[str, int]:
    """By name: an admin, whose BCC address is used, and two operators of the one location."""
    product.run_json("location", "add", "Toko Ani")
    roles = {"ani": "admin", "olga": "operator", "pandu": "operator"}
    return {
        name: int(
            product.run_json(
                "user", "add", f"{name}@tokoani.example", "--name", name.title(), "--location", "1", "--role", role
            )["id"]
        )
        for name, role in roles.items()
    }


@pytest.fixture(scope="module")
def store(product, people):
    """The product's own database, for what a browser does not show."""
    engine.configure(load(product.environ))
    yield
    engine.database.obj.close_all()


@pytest.fixture
def signed_in(store, people, person, product):
    """signed_in(name, …): their browser."""

    def make(name: str, **options):
        somebody = person(**options)
        with connected():
            token = web_sessions.begin(people[name], agent="", now_ms=now_ms())
        somebody.context.add_cookies([{"name": "sunnyday", "value": token, "url": product.http_url}])
        return somebody

    return make


@pytest.fixture(scope="module")
def bcc(product, people, store) -> str:
    with connected():
        shown = bcc_addresses.show(1, people["ani"], now_ms=now_ms()).address
    assert shown is not None
    return shown


def send(product, bcc: str, *subjects: str) -> None:
    """From a stranger to a customer, with the BCC address."""
    with smtplib.SMTP("127.0.0.1", product.smtp_port) as smtp:
        for subject in subjects:
            mail = EmailMessage()
            mail["From"], mail["To"] = "Dodo <dodo@asing.example>", "Citra <citra@pelanggan.example>"
            mail["Subject"], mail["Message-ID"] = subject, make_msgid(domain="asing.example")
            mail.set_content(f"Isi {subject}")
            smtp.send_message(mail, to_addrs=[bcc])


def held() -> int:
    """How many wait, once nothing is being checked any more."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with connected():
            states = [str(row.state) for row in Capture.select(Capture.state)]
        if CaptureState.RECEIVED not in states:
            return states.count(CaptureState.HELD)
        time.sleep(0.05)
    raise AssertionError("the worker does not come to an end")


@pytest.fixture
def waiting(product, bcc):
    """waiting(subject, …): mails that wait in the queue, the last one on top, and no others."""

    def make(*subjects: str) -> None:
        held()
        with connected(), writing():
            Capture.update(state=CaptureState.REJECTED).where(Capture.state == CaptureState.HELD).execute()
        send(product, bcc, *subjects)
        deadline = time.monotonic() + 120
        while held() < len(subjects):
            assert time.monotonic() < deadline, "not all came in"
            time.sleep(0.05)

    return make


def expect_open(page: Page, subject: str) -> None:
    expect(page.locator(".detail .head h2")).to_have_text(subject)


def expect_told(page: Page, words: str) -> None:
    expect(page.locator(".toast p")).to_have_text(words)


def test_mail_appears_on_the_open_list_and_ticks_and_what_is_typed_stay(signed_in, product, bcc, waiting):
    waiting()
    olga = signed_in("olga")
    page = olga.page
    olga.open(QUEUE)
    expect(page.locator(".queue-empty")).to_contain_text("Nothing waits")
    page.evaluate("window.isTheSamePage = true")
    send(product, bcc, "Satu")
    expect(page.locator(".capture .sub")).to_have_text(["Satu"])
    page.locator(".capture input").check()
    page.locator("[name=q]").fill("dod")
    send(product, bcc, "Dua")
    expect(page.locator(".capture .sub")).to_have_text(["Dua", "Satu"])
    expect(page.locator(f".menu a[href='{QUEUE}'] .count")).to_have_text("2")
    assert page.locator(".capture input").nth(1).is_checked()
    assert not page.locator(".capture input").nth(0).is_checked()
    assert page.locator("[name=q]").input_value() == "dod"
    assert page.evaluate("document.activeElement.name") == "q"
    assert page.evaluate("window.isTheSamePage"), "without reload"
    assert olga.problems == []


def test_two_operators_at_once_and_the_keys(signed_in, waiting):
    waiting("Satu", "Dua")
    olga, pandu = signed_in("olga"), signed_in("pandu")
    page, other = olga.page, pandu.page
    olga.open(QUEUE)
    pandu.open(QUEUE)
    page.keyboard.press("j")
    expect_open(page, "Dua")
    other.keyboard.press("j")
    expect_open(other, "Dua")
    assert page.evaluate("document.activeElement.textContent") == "Dua", "the focus is where the reading goes on"

    other.keyboard.press("Shift+#")
    expect_told(other, "Rejected: Dua")
    expect_open(other, "Satu")
    expect(page.locator(".capture .sub")).to_have_text(["Satu"])
    expect(page.locator("#detail .state")).to_have_text("Rejected")
    other.keyboard.press("z")
    expect_told(other, "It waits again: Dua")
    expect(page.locator("#detail .state")).to_have_text("Held")

    page.keyboard.press("?")
    expect(page.locator("dialog li").filter(has_text="Approve")).to_have_text("eApprove")
    page.keyboard.press("j")
    expect_open(page, "Dua")
    page.get_by_label("Single keys work").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert page.locator(".decide [aria-keyshortcuts]").count() == 0
    expect(page.locator(".decide kbd").first).to_be_hidden()
    expect_open(page, "Dua")
    page.locator(".account summary").click()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.get_by_label("Single keys work").check()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.locator(".detail .head h2").focus()

    page.keyboard.press("/")
    page.keyboard.type("jejaz")
    assert page.locator("[name=q]").input_value() == "jejaz", "while somebody types, keys are letters"
    page.locator("[name=q]").fill("")
    page.locator(".detail .head h2").focus()
    page.keyboard.press("b")
    expect(page.locator("h1")).to_have_text("Block the sender?")
    page.keyboard.press("u")
    expect_open(page, "Dua")
    page.keyboard.press("c")
    expect(page.locator("h1")).to_have_text("Whose conversation is it?")
    page.go_back()
    expect_open(page, "Dua")
    page.keyboard.press("e")
    expect_told(page, "Approved: Dua")
    expect_open(page, "Satu")
    page.keyboard.press("a")
    expect_told(page, "Approved, and its sender may write here from now on: Satu")
    expect(page.locator(".queue-empty")).to_contain_text("Nothing waits")
    page.keyboard.press("z")
    expect_open(page, "Satu")
    page.keyboard.press("Shift+#")
    expect(page.locator(".queue-empty")).to_contain_text("Nothing waits")
    assert olga.problems == pandu.problems == []


def test_two_hundred_held_captures_are_cleared_by_keyboard(signed_in, waiting):
    waiting(*(f"Surat {number}" for number in range(HELD)))
    olga = signed_in("olga")
    page = olga.page
    olga.open(QUEUE)
    expect(page.locator(".capture")).to_have_count(ON_A_PAGE)
    page.evaluate("window.isTheSamePage = true")
    page.keyboard.press("j")
    for number in range(HELD - 1, HELD - 9, -1):
        expect_open(page, f"Surat {number}")
        page.keyboard.press("e" if number % 2 else "Shift+#")
        expect_told(page, f"{'Approved' if number % 2 else 'Rejected'}: Surat {number}")
    for number in range(HELD - 9, HELD - 12, -1):
        expect_open(page, f"Surat {number}")
        page.keyboard.press("x")
        page.keyboard.press("j")
    expect(page.locator(".bulk output")).to_have_text("Selected: 3")
    page.keyboard.press("Shift+#")
    expect_told(page, "3 e-mails rejected")
    expect(page.locator(".bulk")).to_be_hidden()
    left = HELD - 11
    while left:
        page.keyboard.press("*")
        picked = min(left, ON_A_PAGE)
        expect(page.locator(".bulk output")).to_have_text(f"Selected: {picked}")
        page.keyboard.press("e" if left < HELD - 11 else "Shift+#")
        expect(page.locator(".bulk")).to_be_hidden()
        left -= picked
    expect(page.locator(".queue-empty")).to_contain_text("Nothing waits")
    assert page.evaluate("window.isTheSamePage"), "nothing jumped"
    assert held() == 0
    assert olga.problems == []


def test_the_same_without_javascript(signed_in, waiting):
    waiting("Tanpa skrip", "Tanpa skrip dua")
    olga = signed_in("olga", java_script_enabled=False, locale="id-ID")
    page = olga.page
    olga.open(QUEUE)
    page.get_by_role("link", name="Tanpa skrip dua").click()
    page.get_by_role("button", name="Setujui", exact=True).last.click()
    expect_told(page, "Disetujui: Tanpa skrip dua")
    expect_open(page, "Tanpa skrip")
    page.locator(".toast").get_by_role("button", name="Urungkan").click()
    expect_open(page, "Tanpa skrip dua")
    page.get_by_role("link", name="Pilih semua di halaman ini").click()
    page.locator(".bulk").get_by_role("button", name="Tolak").click()
    expect_told(page, "2 email ditolak")
    expect(page.locator(".queue-empty")).to_contain_text("Tidak ada yang menunggu")


@pytest.mark.parametrize(
    ("language", "viewport", "others"),
    [
        pytest.param("en-GB", DESKTOP, ["/contact"], id="English, on a desk"),
        pytest.param("id-ID", PHONE, ["", "/block"], id="Indonesian, on a phone"),
    ],
)
def test_every_page_can_be_used_by_everybody_and_loads_nothing_from_elsewhere(
    signed_in, waiting, language, viewport, others
):
    subject = f"Surat yang panjang sekali judulnya tentang penawaran renovasi ruko {language}"
    waiting(subject)
    olga = signed_in("olga", locale=language, viewport=viewport)
    page = olga.page
    olga.open(QUEUE)
    expect(page.locator(".capture .sub")).to_have_text([subject])
    (capture,) = page.locator(".capture a").evaluate_all("links => links.map((link) => new URL(link.href).pathname)")
    for path in (f"{QUEUE}?all=1", *(capture + other for other in others)):
        olga.open(path)
        for more in page.locator("details.more").all():
            more.evaluate("one => one.open = true")
        assert violations(page) == [], path
        assert too_small(page) == [], path
        assert not overflows(page), path
        assert olga.bytes_of_page() < MAX_PAGE_BYTES, path
    olga.open(capture)
    page.keyboard.press("Shift+#")
    page.locator(".toast p").wait_for()
    page.keyboard.press("?")
    assert violations(page) == [], "with a note of what was done, and the list of keys"
    assert olga.elsewhere() == []
    assert olga.problems == []
