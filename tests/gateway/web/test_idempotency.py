"""A POST that is repeated under its Idempotency-Key makes one thing, and gets one answer."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from crm_store import users
from crm_store.database import engine


def contact(web, world, key: str, name: str = "Gita", token: str = ""):
    body = {"name": name, "addresses": ["gita@gita.test"]}
    path = f"locations/{world.mine.id}/contacts"
    return web.call("POST", path, token=token or world.mine.user.token, body=body, headers={"Idempotency-Key": key})


def contacts(web, world) -> int:
    return len(web.call("GET", f"locations/{world.mine.id}/contacts", token=world.mine.user.token).json["items"])


def test_a_repetition_gets_the_same_answer_byte_for_byte_and_makes_nothing(web, world):
    first, second = contact(web, world, "k1"), contact(web, world, "k1")
    assert (first.status, second.status) == (201, 201)
    assert first.body == second.body
    assert (first.headers["Idempotent-Replayed"], second.headers["Idempotent-Replayed"]) == (None, "true")
    assert contacts(web, world) == 1


def test_the_key_of_another_request_is_a_conflict(web, world):
    assert contact(web, world, "k1").status == 201
    assert contact(web, world, "k1", name="Hadi").status == 409
    assert contacts(web, world) == 1


def test_two_people_may_use_the_same_key(web, world):
    mine = contact(web, world, "k1")
    other = contact(web, world, "k1", token=world.mine.admin.token)
    assert other.headers["Idempotent-Replayed"] is None
    assert mine.json["id"] != other.json["id"]


def test_ten_at_once_make_one_thing(web, world):
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: contact(web, world, "k1"), range(10)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body for answer in answers}) == 1
    assert sum(answer.headers["Idempotent-Replayed"] is None for answer in answers) == 1
    assert contacts(web, world) == 1


def test_a_request_that_failed_leaves_its_key_free(web, world):
    path, headers = f"locations/{world.mine.id}/contacts", {"Idempotency-Key": "k1"}
    wrong = {"name": "Gita", "addresses": ["gita"]}
    assert web.call("POST", path, token=world.mine.user.token, body=wrong, headers=headers).status == 422
    assert contact(web, world, "k1").status == 201


def test_nobody_waits_for_the_hashing_of_a_password(web, world, monkeypatch):
    """It takes as long as argon2 can make it, and on SQLite everybody waits for who is in a transaction."""
    in_transaction = []

    class Watched(users.PasswordHasher):
        def hash(self, password):
            in_transaction.append(engine.database.in_transaction())
            return super().hash(password)

    monkeypatch.setattr(users, "PasswordHasher", Watched)
    body = {"name": "Gita", "email": "gita@gita.test", "password": "rahasia sekali"}
    made = web.call("POST", "users", token=world.root, body=body, headers={"Idempotency-Key": "k1"})
    assert (made.status, in_transaction) == (201, [False])


def test_who_may_not_do_it_any_more_gets_no_repeated_answer(web, world):
    assert contact(web, world, "k1").status == 201
    member = f"locations/{world.mine.id}/members/{world.mine.user.id}"
    assert web.call("DELETE", member, token=world.mine.admin.token).status == 204
    assert contact(web, world, "k1").status == 404


@pytest.mark.parametrize("key", ["", "x" * 256], ids=["empty", "too long"])
def test_a_key_that_cannot_be_kept_is_told(web, world, key):
    answer = contact(web, world, key)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "Idempotency-Key")


def test_every_post_that_makes_something_takes_a_key(web, world):
    paths = web.call("GET", "/api/v1/openapi.json").json["paths"]
    posts = {
        path.removeprefix("/api/v1"): {one["name"] for one in methods["post"].get("parameters", [])}
        for path, methods in paths.items()
        if "post" in methods
    }
    without = {path for path, parameters in posts.items() if "Idempotency-Key" not in parameters}
    assert without == {  # what makes nothing that would be there twice
        "/conversations/{conversation_id}/read",
        "/contacts/{contact_id}/restore",
        "/contacts/{contact_id}/merge",
        "/threads/{thread_id}/merge",
        "/threads/{thread_id}/move",
        "/entries/{entry_id}/restore",
        "/captures/{capture_id}/approve",
        "/captures/{capture_id}/reject",
        "/captures/{capture_id}/retry",
        "/captures/{capture_id}/undo",
        "/locations/{location_id}/captures/bulk",
        "/connections/{connection_id}/sync",
        "/connections/{connection_id}/backfill",
        "/emails/{email_id}/cancel",
        "/emails/{email_id}/retry",
        "/emails/{email_id}/resolve",
    }


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param("locations", {"name": "Toko"}, id="a location"),
        pytest.param("users", {"name": "Eka", "email": "eka@eka.test", "password": "0123456789"}, id="a user"),
        pytest.param(
            "locations/{location}/members/{user}/bcc-address/replace", None, id="a BCC address, without a body"
        ),
    ],
)
def test_each_of_them_answers_twice_the_same(web, world, path, body):
    there = path.format(location=world.mine.id, user=world.mine.user.id)
    answers = [web.call("POST", there, token=world.root, body=body, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert answers[0].body == answers[1].body
    assert answers[1].headers["Idempotent-Replayed"] == "true"
