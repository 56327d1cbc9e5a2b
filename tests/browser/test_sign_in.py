"""From the link that `sunnyday serve` prints to a person who is signed in, in a real browser."""

import pytest
from browser import PASSWORD, first_run_link

EMAIL = "ani@tokoani.example"


@pytest.fixture(scope="module")
def admin(product, chromium):
    """The first run, done by keyboard alone; Indonesian was chosen."""
    page = chromium.new_page(locale="id-ID", timezone_id="Asia/Makassar")
    page.goto(first_run_link(product))
    for words in ("Toko Ani", "Ani Wijaya", EMAIL, PASSWORD, PASSWORD):
        page.keyboard.press("Tab")
        page.keyboard.type(words)
    assert page.input_value("#time_zone") == "Asia/Makassar", "the browser's own"
    page.keyboard.press("Enter")
    page.wait_for_url("**/l/1/settings/**")
    yield page
    page.close()


def test_the_first_run_makes_an_admin_who_is_signed_in(admin, product):
    assert admin.locator("html").get_attribute("lang") == "id"
    assert admin.locator(".account .name").inner_text() == "Ani Wijaya"
    assert product.run_json("token", "create", "--user", EMAIL)["user_id"] == "1"
    admin.goto(first_run_link(product))
    assert "Tidak ada apa-apa di sini" in admin.inner_text("h1"), "the link is used"
