"""Where a browser is sent, and under which name it keeps its cookie."""

import pytest

from crm_store.settings import load
from gateway.web.pages.sign_in import local_path
from gateway.web.pages.site import site


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        pytest.param("/l/1/settings?tab=2", "/l/1/settings?tab=2", id="a page of ours"),
        pytest.param("", "/", id="nothing"),
        pytest.param("https://evil.example/", "/", id="another site"),
        pytest.param("//evil.example/", "/", id="another host"),
        pytest.param("///evil.example/", "/", id="three slashes"),
        pytest.param("/\\evil.example/", "/", id="a backslash"),
        pytest.param("\\\\evil.example/", "/", id="two of them"),
        pytest.param("/\t/evil.example/", "/", id="a tab, which browsers drop"),
        pytest.param("/\n/evil.example/", "/", id="a line end"),
        pytest.param(" /evil", "/", id="a blank before"),
        pytest.param("javascript:alert(1)", "/", id="a script"),
        pytest.param("settings", "/", id="a path that begins nowhere"),
        pytest.param("/x\u202egro.live", "/", id="a mark that turns the writing round"),
    ],
)
def test_who_signs_in_goes_on_to_pages_of_ours_only(wanted, path):
    assert local_path(wanted) == path


@pytest.mark.parametrize(
    ("public_url", "name", "secure"),
    [
        pytest.param("https://mail.firma.example", "__Host-sunnyday", True, id="by HTTPS"),
        pytest.param("http://mail.firma.example:8000", "sunnyday", False, id="by HTTP"),
        pytest.param("", "sunnyday", False, id="not said"),
    ],
)
def test_the_cookie_of_an_installation(public_url, name, secure):
    made = site(load({"SUNNYDAY_PUBLIC_URL": public_url}))
    assert (made.cookie_name, made.secure) == (name, secure)
