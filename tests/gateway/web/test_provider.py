"""/locations/{id}/provider over HTTP."""

import pytest

from crm_store.provider_tests import MOST_OF_A_LOCATION

PROVIDER = {"host": "smtp.example", "port": 587, "tls": "starttls", "user": "toko", "password": "rahasia-sekali"}


def test_a_provider_is_set_read_and_removed_and_its_password_never_told(web, world):
    path, token = f"locations/{world.mine.id}/provider", world.mine.admin.token
    assert web.call("GET", path, token=token).status == 404
    made = web.call("PUT", path, token=token, body={**PROVIDER, "per_minute": 600, "from": "toko@toko.example"})
    assert made.status == 200
    told = {
        "host": "smtp.example",
        "port": 587,
        "tls": "starttls",
        "user": "toko",
        "has_password": True,
        "per_minute": 600,
        "from": "toko@toko.example",
        "problem": None,
    }
    assert made.json == told
    assert web.call("GET", path, token=token).json == told
    assert "rahasia" not in made.text
    assert web.call("DELETE", path, token=token).status == 204
    assert web.call("GET", path, token=token).status == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [({"tls": "ssl"}, "tls"), ({"port": 0}, "port"), ({"host": "a b"}, "host"), ({"from": "x"}, "from")],
)
def test_what_is_wrong_is_named_and_the_password_not_told_back(web, world, change, field):
    path, token = f"locations/{world.mine.id}/provider", world.mine.admin.token
    answer = web.call("PUT", path, token=token, body={**PROVIDER, **change})
    assert answer.status == 422
    assert field in answer.text
    assert "rahasia" not in answer.text


def test_only_an_admin_of_the_location_sees_it(web, world):
    path = f"locations/{world.mine.id}/provider"
    assert web.call("GET", path, token=world.mine.user.token).status == 403
    assert web.call("PUT", path, token=world.mine.user.token, body=PROVIDER).status == 403


def test_a_test_mail_waits_for_the_provider_and_tells_how_far_it_is(web, world):
    path, token = f"locations/{world.mine.id}/provider", world.mine.admin.token
    assert web.call("POST", f"{path}/test", token=token).status == 404
    web.call("PUT", path, token=token, body=PROVIDER)
    assert web.call("GET", f"{path}/test", token=token).status == 404
    asked = web.call("POST", f"{path}/test", token=token)
    assert (asked.status, asked.json["to"], asked.json["state"]) == (202, world.mine.admin.email, "waiting")
    assert web.call("GET", f"{path}/test", token=token).json == asked.json
    elsewhere = web.call("POST", f"{path}/test", token=token, body={"to": "lain@lain.test"})
    assert web.call("GET", f"{path}/test", token=token).json["to"] == elsewhere.json["to"] == "lain@lain.test"
    assert web.call("GET", f"locations/{world.mine.id}/emails", token=token).json["items"] == [], (
        "it is no mail of theirs"
    )
    wrong = web.call("POST", f"{path}/test", token=token, body={"to": "lain"})
    assert (wrong.status, wrong.json["errors"][0]["field"]) == (422, "to")
    assert web.call("POST", f"{path}/test", token=world.mine.user.token).status == 403


def test_it_is_asked_for_once_under_one_key_and_so_often_a_day(web, world):
    path, token = f"locations/{world.mine.id}/provider", world.mine.admin.token
    web.call("PUT", path, token=token, body=PROVIDER)
    answers = [web.call("POST", f"{path}/test", token=token, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert answers[0].body == answers[1].body
    for _ in range(MOST_OF_A_LOCATION - 1):
        assert web.call("POST", f"{path}/test", token=token).status == 202
    refused = web.call("POST", f"{path}/test", token=token)
    assert refused.status == 429
    assert 86_000 < int(refused.headers["Retry-After"]) <= 86_400
