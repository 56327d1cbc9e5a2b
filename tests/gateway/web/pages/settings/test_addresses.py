"""Settings › My profile › General: one's own addresses, and the daily e-mail about the queue."""

import html
import re

import pytest
from connected_account import connection_of
from noticed import links, waiting, with_provider

from crm_store import users
from crm_store.access import Access
from crm_store.clock import now_ms
from crm_store.database.session import connected
from crm_store.identities import MOST_MAILS_TO_AN_ADDRESS

HOME = "budi@rumah.test"
ONE_DATABASE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


def words(answer) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def general(world) -> str:
    return f"/l/{world.mine.id}/settings/general"


def addresses(world, more: str = "") -> str:
    return f"/l/{world.mine.id}/settings/addresses{more}"


@pytest.fixture
def provider(world) -> None:
    with connected():
        with_provider(world.mine.id)


def test_an_address_is_asked_about_confirmed_by_its_mail_and_removed(tab, world, blobs, provider):
    mine = tab(world.mine.user)
    asked = mine.post(addresses(world), {"address": HOME})
    assert asked.headers["Location"] == f"{general(world)}?done=asked#addresses"
    page = words(mine.get(f"{general(world)}?done=asked"))
    assert "We have sent an e-mail to the address." in page
    assert f"{HOME} Waits for its e-mail to be answered" in page
    with connected():
        (link,) = links(waiting(blobs)[-1].text)
    path = "/" + link.split("/", 3)[3]
    reader = tab()
    question = reader.get(path)
    assert f"{HOME} In SunnyDay Mail this person says so: Budi budi@budi.test" in words(question)
    answer = reader.post(path, {"agreed": "yes"})
    assert (answer.status, "The address is confirmed" in words(answer)) == (200, True)
    for again in (reader.get(path), reader.post(path, {"agreed": "yes"})):
        assert (again.status, "This link does not work any more" in words(again)) == (404, True)
    assert f"{HOME} Confirmed by e-mail Remove" in words(mine.get(general(world)))
    removed = mine.post(addresses(world, "/remove"), {"address": HOME})
    assert removed.headers["Location"] == f"{general(world)}?done=address-removed#addresses"
    assert HOME not in words(mine.get(general(world)))


@ONE_DATABASE
def test_looking_and_saying_no_add_nothing(tab, world, blobs, provider):
    mine, reader = tab(world.mine.user), tab()
    mine.post(addresses(world), {"address": HOME})
    with connected():
        (link,) = links(waiting(blobs)[-1].text)
    path = "/" + link.split("/", 3)[3]
    reader.get(path)
    assert f"{HOME} Waits" in words(mine.get(general(world)))
    assert "The address is not theirs" in words(reader.post(path, {"agreed": "no"}))
    assert HOME not in words(mine.get(general(world)))
    assert reader.get("/identity/" + "x" * 43).status == 404


@ONE_DATABASE
def test_the_link_speaks_the_users_language(tab, world, blobs, provider):
    with connected():
        users.change(Access(world.mine.user.id, {}), world.mine.user.id, {"locale": "id"}, now_ms=now_ms())
    tab(world.mine.user).post(addresses(world), {"address": HOME})
    with connected():
        (link,) = links(waiting(blobs)[-1].text)
    path = "/" + link.split("/", 3)[3]
    reader = tab()
    assert "Apakah alamat ini milik Anda?" in words(reader.get(path))
    assert "Alamat sudah dikonfirmasi" in words(reader.post(path, {"agreed": "yes"}))


@ONE_DATABASE
@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        pytest.param("budi", 422, "Enter an e-mail address", id="no address"),
        pytest.param("budi@budi.test", 409, "It is yours already", id="the login"),
        pytest.param("<b>@x.test", 422, "Enter an e-mail address", id="marks"),
    ],
)
def test_what_cannot_be_is_told_beside_the_field_and_kept_in_it(tab, world, provider, address, status, said):
    answer = tab(world.mine.user).post(addresses(world), {"address": address})
    assert (answer.status, said in words(answer)) == (status, True)
    assert f'value="{html.escape(address)}"' in answer.text


@ONE_DATABASE
def test_without_a_provider_and_after_too_many_mails_it_says_so(tab, world):
    mine = tab(world.mine.user)
    refused = mine.post(addresses(world), {"address": HOME})
    assert (refused.status, "no location of yours has an e-mail provider" in words(refused)) == (409, True)
    with connected():
        with_provider(world.mine.id)
    for _ in range(MOST_MAILS_TO_AN_ADDRESS):
        assert mine.post(addresses(world), {"address": HOME}).status == 303
    refused = mine.post(addresses(world), {"address": HOME})
    assert (refused.status, "Too many e-mails were asked for. Try again in" in words(refused)) == (429, True)


@ONE_DATABASE
def test_what_one_signs_in_with_and_a_connected_account_have_no_button(tab, world):
    connection_of(int(world.mine.user.id), int(world.mine.id), now_ms=now_ms())
    mine = tab(world.mine.user)
    page = words(mine.get(general(world)))
    assert "budi@budi.test You sign in with it mailbox@gmail.test Gmail account" in page
    assert "Remove" not in page
    assert mine.post(addresses(world, "/remove"), {"address": "mailbox@gmail.test"}).status == 409


@ONE_DATABASE
def test_who_decides_about_captures_chooses_whether_they_are_mailed(tab, world):
    assert "Capture queue by e-mail" not in words(tab(world.mine.user).get(general(world)))
    admin = tab(world.mine.admin)
    assert "Capture queue by e-mail" in words(admin.get(general(world)))
    profile = {"name": "Ani", "locale": "", "time_zone": "", "signature": "", "undo_s": "10"}

    def is_mailed() -> bool:
        with connected():
            return users.get(Access(world.mine.admin.id, {}), world.mine.admin.id).settings.queue_digest

    for said, expected in (({"queue_digest": "off"}, False), ({}, False), ({"queue_digest": "on"}, True)):
        assert admin.post(general(world), {**profile, **said}).status == 303
        assert is_mailed() is expected
