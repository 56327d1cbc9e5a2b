"""The sandbox's pages in a real browser: axe finds nothing, consent works without JavaScript, hostile mail runs nothing."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from browser import PHONE, overflows, violations

from syncer.sandbox.oauth.clients import DEFAULT_ID

MAIL = (
    b"From: \"<script>document.title='ran'</script>\" <citra@toko.example>\r\nSubject: <b>Salam</b>\r\n"
    b"Content-Type: text/html\r\n\r\n<script>document.title='ran'</script><img src=//evil.example/a> Halo.\r\n"
)


@pytest.fixture
def page(chromium):
    made = chromium.new_page(viewport=PHONE, reduced_motion="reduce")
    made.set_default_timeout(10_000)
    yield made
    made.close()


def consent_url(sandbox, **query: str) -> str:
    asked = {
        "client_id": DEFAULT_ID,
        "redirect_uri": f"{sandbox.url}/sandbox",  # any page that answers
        "response_type": "code",
        "scope": "openid email https://www.googleapis.com/auth/gmail.readonly https://www.googleapis.com/auth/gmail.send",
        "state": "s",
    }
    return f"{sandbox.url}/o/oauth2/v2/auth?{urlencode(asked | query)}"


def test_every_page_is_clean_and_fits_a_phone(google, sandbox, page):
    ana = google("ana")
    home = f"{sandbox.url}/sandbox/mail/{ana.email}"
    message = sandbox.deliver(ana.email, MAIL)
    sandbox.ask("POST", f"/accounts/{ana.email}/contacts", {"name": "Citra", "addresses": ["citra@toko.example"]})
    loaded = []
    page.on("request", lambda request: loaded.append(request.url))
    consent = consent_url(sandbox, prompt="consent", login_hint=ana.email)
    rich = [f"{home}/messages/{message['id']}", f"{home}/write", consent]
    rest = [
        home, f"{home}/contacts", f"{home}/apps", f"{sandbox.url}/sandbox", consent_url(sandbox),
        consent_url(sandbox, client_id="nobody"),
    ]  # fmt: skip
    for url in (*rich, *rest):
        page.goto(url)
        assert page.title().endswith("Sandbox"), url
        assert not overflows(page), url
        # All pages have one frame; axe takes most of a page's time, so it looks at those with more in them.
        assert url in rest or violations(page) == [], url
    assert all(url.startswith(sandbox.url) for url in loaded)


def test_consent_without_javascript_with_a_scope_unticked(sandbox, chromium):
    sandbox.as_ever()
    email = sandbox.new_email("dewi")
    sandbox.add_account(email, "Dewi")
    context = chromium.new_context(java_script_enabled=False)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto(consent_url(sandbox))
    page.get_by_role("button", name=email).click()
    page.get_by_label("Send email on your behalf").uncheck()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/sandbox?*")
    back = parse_qs(urlsplit(page.url).query)
    context.close()
    assert back["state"] == ["s"]
    assert set(back["scope"][0].split()) == {
        "openid", "https://www.googleapis.com/auth/userinfo.email", "https://www.googleapis.com/auth/gmail.readonly",
    }  # fmt: skip
