"""The link in each digest: it switches the daily mail off without signing in, by a page or by a mail program's click."""

import html
import re

import pytest
from connected_account import SEALER

from crm_store import users
from crm_store.access import Access
from crm_store.clock import now_ms
from crm_store.database.session import connected
from crm_store.digest_links import DigestLinks

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def words(answer) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


@pytest.fixture
def path(world) -> str:
    return DigestLinks("", SEALER).address(world.mine.admin.id)


def is_mailed(world) -> bool:
    with connected():
        return users.get(Access(world.mine.admin.id, {}), world.mine.admin.id).settings.queue_digest


def test_a_mail_programs_one_click_needs_no_cookie_and_no_page(web, world, path):
    answer = web.call("POST", path, raw=b"List-Unsubscribe=One-Click", headers=FORM)
    assert (answer.status, is_mailed(world)) == (200, False)
    assert web.call("POST", path, raw=b"List-Unsubscribe=One-Click", headers=FORM).status == 200


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("body", "more", "status"),
    [
        pytest.param(b"", "", 400, id="nothing is said"),
        pytest.param(b"List-Unsubscribe=Yes", "", 400, id="another word"),
        pytest.param(b"List-Unsubscribe=One-Click", "x", 404, id="a link that is none"),
    ],
)
def test_what_is_not_that_click_changes_nothing(web, world, path, body, more, status):
    assert web.call("POST", path + more, raw=body, headers=FORM).status == status
    assert is_mailed(world)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_person_is_asked_first(tab, world, path):
    reader = tab()
    question = reader.get(path)
    assert f"{world.mine.admin.email} is not told any more" in words(question)
    assert is_mailed(world), "programs that look for bad links open them, too"
    done = reader.post(f"{path}/off")
    assert (done.status, "The daily e-mail is switched off" in words(done)) == (200, True)
    assert not is_mailed(world)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_person_is_spoken_to_in_their_language(tab, world, path):
    with connected():
        users.change(Access(world.mine.admin.id, {}), world.mine.admin.id, {"locale": "id"}, now_ms=now_ms())
    assert "Nonaktifkan email harian?" in words(tab().get(path))
