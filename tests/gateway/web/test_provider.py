"""/locations/{id}/provider over HTTP."""

import pytest

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
