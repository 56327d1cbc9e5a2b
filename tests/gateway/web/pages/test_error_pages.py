"""What goes wrong is told in words, to people as a page and to programs as a problem document."""

import pytest

from crm_store import members
from crm_store.clock import now_ms
from crm_store.database.session import connected
from crm_store.errors import StoreUnavailable
from crm_store.models.people import User
from crm_store.rules.states import Role
from gateway.web.guards import MAX_BODY_BYTES
from gateway.web.pages import front, sign_in

pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


def heading(answer) -> str:
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'; script-src 'self'" in answer.headers["Content-Security-Policy"]
    return answer.text.partition("<h1>")[2].partition("</h1>")[0]


def test_an_address_that_names_nothing(tab, world):
    assert heading(tab().get("/nothing")) == "This page does not exist"
    assert tab().get("/nothing").status == 404
    assert [tab().web.call("HEAD", path).status for path in ("/sign-in", "/nothing")] == [200, 404]
    assert heading(tab(world.mine.user).get("/l/1/nothing")) == "This page does not exist"
    program = tab()
    program.headers = {}
    assert program.get("/nothing").headers["Content-Type"] == "application/problem+json"
    assert tab().get("/api/v1/nothing").headers["Content-Type"] == "application/problem+json"


def test_the_language_is_the_readers_own_or_the_browsers(tab, world):
    browser = tab(world.mine.user)
    browser.headers["Accept-Language"] = "id"
    path = f"/l/{world.theirs.id}/settings/security"
    assert heading(browser.get(path)) == "Halaman ini tidak ada"
    with connected():
        User.update(locale="en").where(User.id == world.mine.user.id).execute()
    assert heading(browser.get(path)) == "This page does not exist"


def test_a_method_that_is_none_of_an_addresss(tab):
    answer = tab().post("/locations")
    assert (answer.status, heading(answer)) == (405, "This address is not opened like that")


def test_a_body_that_is_too_large(tab):
    browser = tab()
    browser.get("/sign-in")
    answer = browser.post("/sign-in", {"email": "x" * MAX_BODY_BYTES})
    assert (answer.status, heading(answer)) == (413, "That was too much at once")
    assert browser.post("/sign-in", {f"field{n}": "x" for n in range(300)}).status == 400


def test_an_error_of_our_own_tells_nothing_of_the_inside(tab, world, monkeypatch):
    def fail(*_args):
        raise RuntimeError("of the inside")

    monkeypatch.setattr(front, "in_location", fail)
    answer = tab(world.mine.user).get("/")
    assert (answer.status, heading(answer)) == (500, "Something went wrong on our side")
    assert "inside" not in answer.text


def test_a_database_that_does_not_answer(tab, world, monkeypatch):
    def away(*_args, **_named):
        raise StoreUnavailable("away")

    monkeypatch.setattr(sign_in, "signed_in", away)
    answer = tab().get("/sign-in")
    assert (answer.status, heading(answer)) == (503, "The database does not answer just now")
    assert answer.headers["Retry-After"] == "3"


def test_who_is_a_member_nowhere_is_told_whom_to_ask(tab, world):
    class Root:
        id = world.root_id

    browser = tab(Root)
    assert browser.get("/").headers["Location"] == "/locations"
    page = browser.get("/locations").text
    assert "You are a member of no location" in page
    assert "root@installation.test" in page
    assert "Jakarta" not in page


def test_who_is_in_several_locations_chooses(tab, world, settings):
    with connected():
        members.put(world.theirs.id, world.mine.user.id, Role.OPERATOR, domain="x.test", by=None, now_ms=now_ms())
    browser = tab(world.mine.user)
    assert browser.get("/").headers["Location"] == "/locations"
    page = browser.get("/locations").text
    assert f'href="/l/{world.mine.id}/"' in page
    assert f'href="/l/{world.theirs.id}/"' in page
    assert browser.get(f"/l/{world.theirs.id}/").status == 303


def test_assets_are_kept_for_ever_under_an_address_that_changes_with_them(tab):
    page = tab().get("/sign-in").text
    for name, kind in (("look.css", "text/css"), ("app.js", "text/javascript"), ("sun.svg", "image/svg+xml")):
        address = page.partition(f'/{name}"')[0].rpartition('"')[2] + f"/{name}"
        answer = tab().get(address)
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith(kind)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        older = tab().get(f"/static/000000000000/{name}")
        assert (older.body, older.headers["Cache-Control"]) == (answer.body, "no-cache")
    for wrong in ("nothing.css", "..%2fapp.js", "%2e%2e%2f%2e%2e%2fapp.py"):
        assert tab().get(f"/static/000000000000/{wrong}").status == 404
