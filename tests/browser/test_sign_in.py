"""From the link that `sunnyday serve` prints to a person who is signed in, in a real browser."""

import pytest
from browser import DESKTOP, MAX_PAGE_BYTES, PASSWORD, PHONE, first_run_link, overflows, too_small, violations
from playwright.sync_api import expect

ANI, BUDI = "ani@tokoani.example", "budi@tokoani.example"
SECURITY = "/l/1/settings/security"


@pytest.fixture(scope="module")
def first_run(chromium, product):
    """The first run, done by keyboard alone in Indonesian, by who then stays signed in; and Budi, whose language is the
    browser's. What axe finds on its page, which nobody sees again."""
    page = chromium.new_page(locale="id-ID", timezone_id="Asia/Makassar", viewport=PHONE)
    page.goto(first_run_link(product))
    found = [*violations(page), *too_small(page), *(["it is wider than a phone"] if overflows(page) else [])]
    for words in ("Toko Ani", "Ani Wijaya", ANI, PASSWORD, PASSWORD):
        page.keyboard.press("Tab")
        page.keyboard.type(words)
    assert page.input_value("#time_zone") == "Asia/Makassar", "the browser's own"
    page.keyboard.press("Enter")
    page.wait_for_url("**/l/1/conversations")
    product.run_json(
        "user", "add", BUDI, "--name", "Budi", "--location", "1", "--role", "user", "--password-stdin", given=PASSWORD
    )
    yield page, found
    page.close()


def test_the_first_run_makes_an_admin_who_is_signed_in(first_run, product):
    page, found = first_run
    assert found == []
    assert page.locator("html").get_attribute("lang") == "id"
    assert page.locator(".account .name").text_content() == "Ani Wijaya"
    page.goto(first_run_link(product))
    assert page.inner_text("h1") == "Halaman ini tidak ada", "the link is used"


@pytest.mark.parametrize(
    ("locale", "viewport"),
    [
        pytest.param("en-GB", DESKTOP, id="English, on a desk"),
        pytest.param("id-ID", PHONE, id="Indonesian, on a phone"),
    ],
)
def test_every_page_can_be_used_by_everybody_and_loads_nothing_from_elsewhere(first_run, person, locale, viewport):
    somebody = person(locale=locale, viewport=viewport)
    page = somebody.page

    def look() -> None:
        where = somebody.path
        assert page.locator("html").get_attribute("lang") == locale[:2]
        assert violations(page) == [], where
        assert too_small(page) == [], where
        assert not overflows(page), where
        assert somebody.bytes_of_page() < MAX_PAGE_BYTES, where

    somebody.open("/")
    look()
    page.fill("#email", BUDI)
    page.fill("#password", "guess")
    page.click(".form button")
    expect(page.get_by_role("alert")).to_be_visible()
    look()
    somebody.sign_in(BUDI)
    somebody.open(SECURITY)
    page.click(".account summary")
    look()
    page.fill("#old", "guess")
    for field in ("#password", "#again"):
        page.fill(field, "bulan purnama")
    page.click(".form button")
    expect(page.locator("#old")).to_have_attribute("aria-invalid", "true")
    look()
    somebody.open("/locations")
    look()
    somebody.open("/l/99/settings")
    look()
    assert somebody.elsewhere() == []
    assert [words for words in somebody.problems if "Failed to load resource" not in words] == [], "but 404 and 422"


def test_all_of_it_by_keyboard_alone(first_run, person):
    somebody = person()
    page, keys = somebody.page, somebody.page.keyboard
    somebody.open(SECURITY)
    for words in (BUDI, PASSWORD):
        keys.press("Tab")
        keys.type(words)
    keys.press("Enter")
    page.wait_for_url(somebody.url + SECURITY)
    keys.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["y"] >= 0, "it is seen while it has the focus"
    keys.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.locator(".account summary").focus()
    keys.press("Enter")
    expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_visible()
    keys.press("Escape")
    expect(page.locator(".account-menu")).to_be_hidden()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "the focus is seen"
    keys.press("Enter")
    keys.press("Tab")
    keys.press("Tab")  # behind the list of keys
    assert page.evaluate("document.activeElement.textContent") == "Sign out"
    keys.press("Enter")
    page.wait_for_url("**/sign-in")


def test_without_javascript(first_run, person):
    somebody = person(java_script_enabled=False, locale="id-ID")
    page = somebody.page
    somebody.open(SECURITY)
    page.fill("#email", BUDI)
    page.fill("#password", PASSWORD)
    page.click(".form button")
    assert somebody.path == SECURITY
    elsewhere = person()
    elsewhere.sign_in(BUDI)
    page.reload()
    page.get_by_role("button", name="Keluar di semua tempat lain").click()
    expect(page.locator(".note.good")).to_have_text("Anda sudah keluar di semua tempat lain.")
    elsewhere.open("/")
    assert elsewhere.path == "/sign-in"
    page.click(".account summary")
    page.locator(".account-menu").get_by_role("button", name="Keluar").click()
    assert somebody.path == "/sign-in"


def test_an_open_page_goes_away_when_it_is_signed_out_from_elsewhere(first_run, person):
    left_open, here = person(), person()
    with left_open.page.expect_request("**/live/conversations?**"):
        left_open.sign_in(BUDI)
    here.sign_in(BUDI)
    here.open(SECURITY)
    here.page.get_by_role("button", name="Sign out everywhere else").click()
    left_open.page.wait_for_url("**/sign-in?next=**")  # long before the minute at which it looks by itself


def test_every_tab_is_in_sight_on_a_phone(first_run, person):
    somebody = person(viewport=PHONE, locale="id-ID")
    somebody.sign_in(BUDI)
    for tab in somebody.page.locator(".tabs a").all():
        box = tab.bounding_box()
        assert box["x"] + box["width"] <= PHONE["width"]


def test_the_session_cookie_is_not_seen_by_scripts_and_no_other_script_runs(first_run, person):
    somebody = person()
    somebody.sign_in(BUDI)
    (cookie,) = somebody.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Lax", "/")
    assert somebody.page.evaluate("document.cookie") == ""
    ran = """() => new Promise((resolve) => {
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.body.append(script);
        setTimeout(() => resolve(window.ran === true), 0);
    })"""
    assert somebody.page.evaluate(ran) is False
