"""/users/{id}/identities over HTTP, and the page that a mail's link opens."""

import pytest
from noticed import links, waiting, with_provider

from crm_store.database.session import connected

HOME = "budi@rumah.test"


@pytest.fixture
def mailed(world, blobs):
    """The link in the latest mail that waits, as a path; None where it has none."""
    with connected():
        with_provider(world.mine.id)

    def latest() -> str | None:
        with connected():
            found = links(waiting(blobs)[-1].text)
        return "/" + found[0].split("/", 3)[3] if found else None

    return latest


def test_an_address_is_asked_about_and_shown_apart_until_it_is_answered(web, world, mailed):
    path, token = f"users/{world.mine.user.id}", world.mine.user.token
    asked = web.call("POST", f"{path}/identities", token=token, body={"address": HOME})
    assert (asked.status, asked.json["address"]) == (202, HOME)
    user = web.call("GET", path, token=token).json
    assert user["pending_identities"] == [asked.json]
    assert [one["origin"] for one in user["identities"]] == ["login"]
    seen = web.call("GET", path, token=world.mine.admin.token).json
    assert (seen["email"], seen["pending_identities"]) == (world.mine.user.email, [])
    assert web.call("DELETE", f"{path}/identities?address={HOME}", token=token).status == 204
    assert web.call("GET", path, token=token).json["pending_identities"] == []
    assert web.call("DELETE", f"{path}/identities", token=token, body={"address": HOME}).status == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"address": "budi"}, 422, id="no address"),
        pytest.param({"address": "u@in.example.net"}, 422, id="at the capture domain"),
        pytest.param({}, 422, id="nothing"),
        pytest.param({"address": "budi@budi.test"}, 409, id="the login"),
    ],
)
def test_what_cannot_be_is_refused(web, world, mailed, body, status):
    path = f"users/{world.mine.user.id}/identities"
    assert web.call("POST", path, token=world.mine.user.token, body=body).status == status


def test_a_removal_says_its_address_once_and_never_the_login(web, world):
    path, token = f"users/{world.mine.user.id}/identities", world.mine.user.token
    assert web.call("DELETE", path, token=token).status == 422
    assert web.call("DELETE", f"{path}?address=x@x.test", token=token, body={"address": "x@x.test"}).status == 422
    assert web.call("DELETE", path, token=token, body={"address": world.mine.user.email}).status == 409


def test_without_a_provider_the_answer_says_what_to_set_up(web, world):
    path = f"users/{world.mine.user.id}/identities"
    answer = web.call("POST", path, token=world.mine.user.token, body={"address": HOME})
    assert answer.status == 409
    assert "PUT /locations/{id}/provider" in answer.json["detail"]


def test_somebody_elses_address_gets_the_same_answer(web, world, mailed):
    path, token = f"users/{world.mine.user.id}/identities", world.mine.user.token
    answers = [web.call("POST", path, token=token, body={"address": one}) for one in (HOME, world.theirs.user.email)]
    assert [answer.status for answer in answers] == [202, 202]
    assert answers[0].json.keys() == answers[1].json.keys()
    assert mailed() is None
