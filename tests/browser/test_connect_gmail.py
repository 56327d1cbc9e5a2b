"""The seed's seven steps in a real browser: from the settings page through Google's consent and back, and each way out."""

import json
from email.message import EmailMessage
from urllib.request import Request, urlopen

import pytest
from browser import PASSWORD, PHONE, first_run_link, overflows, too_small, violations
from playwright.sync_api import expect
from served_product import Product

ANI = "ani@tokoani.example"
CITRA = "citra@pelanggan.example"
EMAIL = "/l/1/settings/email"


@pytest.fixture(scope="module")
def product(tmp_path_factory, sandbox):
    """The whole product, which takes the sandbox for Google."""
    environ = {**sandbox.settings, "SUNNYDAY_SYNC_INTERVAL_S": "1"}
    running = Product(tmp_path_factory.mktemp("product") / "data", environ)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def first_run(product, chromium):
    """(Ani's token, her browser's cookies). She has a location with Citra in it."""
    page = chromium.new_page(locale="en-GB", timezone_id="Asia/Jakarta")
    page.goto(first_run_link(product))
    for words in ("Toko Ani", "Ani Wijaya", ANI, PASSWORD, PASSWORD):
        page.keyboard.press("Tab")
        page.keyboard.type(words)
    page.keyboard.press("Enter")
    page.wait_for_url("**/l/1/conversations")
    cookies = page.context.storage_state()
    page.close()
    made = product.run_json("token", "create", "--user", "1")["token"]
    ask(product, made, "POST", "locations/1/contacts", {"name": "Citra", "addresses": [CITRA]})
    return made, cookies


@pytest.fixture
def token(first_run):
    return first_run[0]


@pytest.fixture
def ani(first_run, person, sandbox):
    """Ani, signed in; nothing that an earlier test ordered at Google is left."""
    sandbox.as_ever()
    return person(storage_state=first_run[1])


@pytest.fixture
def in_indonesian(product, token):
    """Ani's profile says so."""
    ask(product, token, "PATCH", "users/1", {"locale": "id"})
    yield
    ask(product, token, "PATCH", "users/1", {"locale": "en"})


def ask(product, token, method, path, body=None):
    said = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(f"{product.http_url}/api/v1/{path}", data, said, method=method), timeout=20) as answer:
        return json.loads(answer.read() or b"null")


def an_account(sandbox, name) -> str:
    email = sandbox.new_email(name)
    sandbox.add_account(email, name.title())
    return email


def choose_and_consent(page, email, *, untick="") -> None:
    """Google's two pages."""
    page.get_by_role("button", name=email).click()
    if untick:
        page.get_by_label(untick).uncheck()
    page.get_by_role("button", name="Continue").click()


def card(page, email):
    return page.locator("section.card", has=page.get_by_role("heading", name=email))


def a_mail(to: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Citra <{CITRA}>", to, "Pesanan"
    mail["Date"], mail["Message-ID"] = "Mon, 23 Nov 2026 14:00:00 +0700", f"<pesanan-{to}>"
    mail.set_content("Halo Ani")
    return mail.as_bytes()


def test_the_seven_steps(ani, sandbox, product, token):
    email, page = an_account(sandbox, "ani"), ani.page
    ani.open("/l/1/settings/general")
    section = page.locator("section", has=page.get_by_role("heading", name="Email (2-way sync)")).last
    section.get_by_label("Gmail two-way sync").check()
    section.get_by_role("button", name="Connect").click()
    choose_and_consent(page, email)
    page.wait_for_url(f"**{EMAIL}?done=connected")
    expect(page.locator(".note.good")).to_contain_text("Gmail is connected")
    expect(card(page, email).locator(".state")).to_have_text("Connected")
    sandbox.deliver(email, a_mail(email))
    recorded = card(page, email).locator("dl.facts div", has_text="Recorded").first.locator("dd")
    expect(recorded).to_have_text("1", timeout=15_000)  # without a reload
    (talk,) = ask(product, token, "GET", "locations/1/conversations")["items"]
    assert talk["contact"]["name"] == "Citra"
    assert ani.problems == []
    page.reload()
    assert violations(page) == []


def test_an_unticked_permission_is_named_and_nothing_is_connected(ani, sandbox):
    email, page = an_account(sandbox, "lupa"), ani.page
    ani.open(EMAIL)
    page.get_by_role("button", name="Connect").click()
    choose_and_consent(page, email, untick="contacts.readonly")
    assert page.inner_text("h1") == "A permission is missing"
    expect(page.locator("main li")).to_contain_text("See and download your contacts")
    assert (violations(page), too_small(page)) == ([], [])
    page.get_by_role("link", name="Back to the settings").click()
    assert ani.path == EMAIL
    expect(card(page, email)).to_have_count(0)


def test_cancel_at_google_leads_back(ani, sandbox):
    page = ani.page
    ani.open(EMAIL)
    page.get_by_role("button", name="Connect").click()
    page.get_by_role("button", name="Cancel").click()
    assert page.inner_text("h1") == "You cancelled at Google"
    page.get_by_role("link", name="Back to the settings").click()
    assert ani.path == EMAIL


def test_another_account_takes_the_place_and_then_it_is_disconnected(ani, sandbox):
    old, new, page = an_account(sandbox, "lama"), an_account(sandbox, "baru"), ani.page
    ani.open(EMAIL)
    page.get_by_role("button", name="Connect").click()
    choose_and_consent(page, old)
    page.wait_for_url(f"**{EMAIL}?done=connected")
    card(page, old).get_by_role("button", name="Update").click()
    choose_and_consent(page, new)
    page.wait_for_url(f"**{EMAIL}?done=replaced")
    expect(card(page, new).locator(".state")).to_have_text("Connected")
    expect(card(page, old)).to_have_count(0)
    card(page, new).get_by_role("link", name="Disconnect").click()
    page.get_by_role("button", name="Disconnect").click()
    page.wait_for_url(f"**{EMAIL}?done=disconnected")
    expect(card(page, new).locator(".state")).to_have_text("Disconnected")
    assert sandbox.calls("oauth.revoke", new) == 1


def test_cancelled_update_leaves_the_account_and_disconnecting_says_what_stays(
    in_indonesian, first_run, person, sandbox
):
    """A3, A4: in Indonesian, on a phone, without JavaScript."""
    email, somebody = (
        an_account(sandbox, "tetap"),
        person(locale="id-ID", viewport=PHONE, java_script_enabled=False, storage_state=first_run[1]),
    )
    page = somebody.page
    somebody.open(EMAIL)
    page.get_by_role("button", name="Hubungkan").click()
    choose_and_consent(page, email)
    expect(page.locator(".note.good")).to_contain_text("Gmail terhubung")
    card(page, email).get_by_role("button", name="Ganti alamat").click()
    page.get_by_role("button", name="Cancel").click()
    assert page.inner_text("h1") == "Anda membatalkannya di Google"
    page.get_by_role("link", name="Kembali ke pengaturan").click()
    expect(card(page, email).locator(".state")).to_contain_text("Tersambung")
    card(page, email).get_by_role("link", name="Putuskan").click()
    expect(page.get_by_role("heading", name="Yang tetap ada")).to_be_visible()
    assert (too_small(page), overflows(page)) == ([], False)
    page.get_by_role("button", name="Putuskan").click()
    expect(card(page, email).locator(".state")).to_have_text("Terputus")


def test_what_a_token_began_is_asked_once_more_by_name(token, product, person, sandbox):
    email = an_account(sandbox, "tamu")
    somebody = person(locale="id-ID", viewport=PHONE, java_script_enabled=False)
    page = somebody.page
    begun = ask(product, token, "POST", "users/1/connections", {"location_id": "1"})
    page.goto(begun["authorization_url"])
    choose_and_consent(page, email)
    assert page.inner_text("h1") == "Hubungkan Gmail Anda dengan pengguna CRM ini?"
    expect(page.locator("main")).to_contain_text("Ani Wijaya")
    assert (too_small(page), overflows(page)) == ([], False)
    page.get_by_role("button", name="Ya, hubungkan").click()
    assert page.inner_text("h1") == "Gmail terhubung"
    connected = [one["email"] for one in ask(product, token, "GET", "users/1/connections")["items"]]
    assert email in connected


def test_who_connected_the_mailbox_of_their_login_signs_in_with_it(ani, sandbox, person):
    sandbox.add_account(ANI)
    ani.open(EMAIL)
    ani.page.get_by_role("button", name="Connect").click()
    choose_and_consent(ani.page, ANI)
    ani.page.wait_for_url(f"**{EMAIL}?done=connected")
    somebody = person(viewport=PHONE)
    page = somebody.page
    somebody.open(EMAIL)
    assert (violations(page), too_small(page), overflows(page)) == ([], [], False)
    page.get_by_role("link", name="Sign in with Google").click()
    page.get_by_role("button", name=ANI).click()  # Google asks no more than that: it was granted before
    page.wait_for_url(f"**{EMAIL}")
    expect(page.locator(".account .name")).to_have_text("Ani Wijaya")
