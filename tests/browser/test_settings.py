"""Settings › My profile in a real browser: from the first run's link to a BCC address that is seen to work."""

import smtplib
from email.message import EmailMessage

import pytest
from browser import DESKTOP, MAX_PAGE_BYTES, PASSWORD, PHONE, first_run_link, overflows, too_small, violations
from connected_account import SECRET_KEY, connection_of
from playwright.sync_api import Page, expect

from crm_store.clock import now_ms
from crm_store.database import engine
from crm_store.database.session import connected
from crm_store.models.connections import Connection
from crm_store.models.mailboxes import Mailbox
from crm_store.settings import load

NOBODY = "http://127.0.0.1:9"
ENVIRON = {
    "SUNNYDAY_TRUSTED_RELAYS": "127.0.0.1",
    "SUNNYDAY_SECRET_KEYS": SECRET_KEY,
    "SUNNYDAY_GOOGLE_CLIENT_ID": "client",
    "SUNNYDAY_GOOGLE_CLIENT_SECRET": "secret",
    **{f"SUNNYDAY_GOOGLE_{name}_URL": NOBODY for name in ("AUTH", "TOKEN", "REVOKE", "USERINFO", "CERTS", "GMAIL", "PEOPLE")},
}  # fmt: skip
ANI = "ani@tokoani.example"
GENERAL, EMAIL = "/l/1/settings/general", "/l/1/settings/email"
BCC = "/l/1/settings/bcc"


def send(product, bcc: str, to: str | None, subject: str) -> None:
    """From Ani's mail program."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = ANI, to, subject
    mail.set_content("Selamat pagi")
    with smtplib.SMTP("127.0.0.1", product.smtp_port) as smtp:
        smtp.send_message(mail, to_addrs=[bcc])


def press(page: Page, name: str) -> None:
    """A button, by keyboard."""
    page.get_by_role("button", name=name, exact=True).focus()
    page.keyboard.press("Enter")


@pytest.fixture(scope="module")
def ani(product, chromium) -> Page:
    """The admin of the first run, on the page where it leads, in the browser of the first run."""
    context = chromium.new_context(locale="en-GB", viewport=DESKTOP, timezone_id="Asia/Jakarta")
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=product.http_url)
    page = context.new_page()
    page.goto(first_run_link(product))
    for field, words in (("location_name", "Toko Ani"), ("name", "Ani Wijaya"), ("email", ANI)):
        page.fill(f"#{field}", words)
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.click(".form button")
    page.wait_for_url("**/l/1/conversations")
    page.goto(product.http_url + GENERAL)
    yield page
    context.close()


@pytest.fixture(scope="module")
def accounts(product, ani) -> None:
    """One connection in each state that a person sees."""
    states = {
        "ani@gmail.example": {"last_synced_at_ms": now_ms()},
        "toko@gmail.example": {"state": "needs_reauth", "problem": "access_revoked"},
        "lama@gmail.example": {"state": "paused", "problem": "rate_limited", "paused_until_ms": now_ms() + 3_600_000},
        "dulu@gmail.example": {"state": "disconnected"},
    }
    engine.configure(load(product.environ))
    for email, state in states.items():
        connection_id = connection_of(1, 1, now_ms=now_ms(), email=email)
        with connected():
            Connection.update(state).where(Connection.id == connection_id).execute()
            Mailbox.insert(
                connection_id=connection_id, cursor="0" * 20, seen=4812, recorded=1206, not_recorded=3606
            ).on_conflict(action="IGNORE").execute()
    engine.database.obj.close_all()


def test_from_the_first_runs_link_to_a_capture_on_the_open_page(ani, product):
    expect(ani.locator("#last-capture")).to_have_text("No mail has come in here yet")
    expect(ani.locator("#answers")).to_contain_text("Answers of your contacts are not recorded by themselves")
    press(ani, "Copy")
    expect(ani.locator("#said")).to_have_text("Copied")
    bcc = ani.evaluate("navigator.clipboard.readText()")
    assert bcc == ani.input_value("#bcc-address")
    ani.evaluate("window.isTheSamePage = true")
    send(product, bcc, "Budi <budi@pelanggan.example>", "Penawaran")
    expect(ani.locator("#last-capture")).to_have_text("Last capture a moment ago", timeout=20_000)
    assert ani.evaluate("window.isTheSamePage"), "without reload"


def test_the_self_test_turns_green_on_the_open_page(ani, product):
    press(ani, "Test it")
    expect(ani.locator("#self-test")).to_contain_text("Waiting for your test mail")
    bcc = ani.input_value("#bcc-address")
    assert f"mailto:{bcc}?subject=" in ani.get_by_role("link", name="Write the test mail").get_attribute("href")
    ani.locator("#signature").fill("Half a sen")
    ani.evaluate("window.isTheSamePage = true")
    send(product, bcc, None, "Coba")
    expect(ani.locator("#self-test .note.good")).to_contain_text("and passed it", timeout=20_000)
    assert ani.evaluate("window.isTheSamePage")
    assert ani.input_value("#signature") == "Half a sen", "what somebody types stays"


def test_the_same_without_javascript(ani, product, person):
    somebody = person(java_script_enabled=False, locale="id-ID")
    page = somebody.page
    somebody.sign_in(ANI)
    somebody.open(GENERAL)
    assert page.get_by_role("button", name="Copy").count() == 0, "what a script does is not offered"
    bcc = page.locator("#bcc-address").input_value()
    page.get_by_role("button", name="Test it again").click()
    send(product, bcc, None, "Coba")
    for _ in range(100):
        page.reload()
        if page.locator("#self-test .note.good").count():
            break
        page.wait_for_timeout(50)
    expect(page.locator("#self-test")).to_contain_text("and passed it")


def test_an_address_is_replaced_switched_off_and_on_by_keyboard_alone(ani, product):
    ani.goto(product.http_url + GENERAL)
    before = ani.input_value("#bcc-address")
    ani.get_by_role("link", name="Replace…").focus()
    ani.keyboard.press("Enter")
    ani.get_by_role("radio", name="works for 30 more days").focus()
    ani.keyboard.press("ArrowDown")
    press(ani, "Replace")
    expect(ani.locator(".note.good").first).to_contain_text("You have a new BCC address.")
    assert ani.input_value("#bcc-address") != before
    assert before not in ani.inner_text("#bcc")
    ani.get_by_role("link", name="Switch off…").focus()
    ani.keyboard.press("Enter")
    press(ani, "Switch off")
    expect(ani.locator("#bcc")).to_contain_text("Switched off")
    press(ani, "Switch on with a new address")
    expect(ani.locator("#bcc-address")).to_be_visible()


def test_connect_leads_to_google_and_the_policy_lets_it(ani, product):
    """Nobody answers there; that the browser tried shows that it was let go."""
    ani.goto(product.http_url + GENERAL)
    with ani.expect_request(lambda request: request.url.startswith(NOBODY)) as asked:
        ani.get_by_role("button", name="Connect", exact=True).click(no_wait_after=True)
    assert "redirect_uri=" in asked.value.url


@pytest.mark.parametrize(
    ("language", "viewport", "others"),
    [
        pytest.param("en", DESKTOP, [f"{BCC}/replace", f"{EMAIL}/1/backfill"], id="English, on a desk"),
        pytest.param(
            "id", PHONE, [f"{BCC}/off", f"{BCC}/how-to", f"{EMAIL}/1/disconnect"], id="Indonesian, on a phone"
        ),
    ],
)
def test_every_page_can_be_used_by_everybody_and_loads_nothing_from_elsewhere(
    ani, accounts, person, language, viewport, others
):
    somebody = person(viewport=viewport)
    page = somebody.page
    somebody.sign_in(ANI)
    somebody.open(GENERAL)
    page.select_option("#locale", language)
    page.locator(".form button").first.click()
    expect(page.locator("html")).to_have_attribute("lang", language)
    page.locator("#bcc form[action$='/test'] button").click()
    for path in (GENERAL, EMAIL, *others):
        somebody.open(path)
        for more in page.locator("details.more").all():
            more.evaluate("one => one.open = true")
        assert violations(page) == [], path
        assert too_small(page) == [], path
        assert not overflows(page), path
        assert somebody.bytes_of_page() < MAX_PAGE_BYTES, path
    assert somebody.elsewhere() == []
    assert somebody.problems == []
