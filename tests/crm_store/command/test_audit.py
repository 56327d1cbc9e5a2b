"""sunnyday audit: what people and commands changed, also where no location's admins see it (F4), on both databases."""

import json

import pytest
from store import Person, Store

from crm_store import contact_book, tokens, users
from crm_store.contact_book import ContactDetails


@pytest.fixture
def ask(store: Store, sunnyday):
    """ask(words…): the command on the store's database."""
    environ = {
        "SUNNYDAY_DATA": str(store.settings.data),
        "SUNNYDAY_DATABASE_URL": store.settings.database_url.get_secret_value(),
    }
    return lambda *words: sunnyday("audit", *words, **{name: value for name, value in environ.items() if value})


@pytest.fixture
def told(ask):
    """told(words…): what it tells, for people as much as for programs."""

    def changes(*words: str):
        found = json.loads(ask(*words, "--json").stdout)["changes"]
        assert len(ask(*words).stdout.splitlines()) == len(found)
        return [(one["what"], one["subject"], one["location_id"]) for one in found]

    return changes


def test_all_changes_are_told_the_latest_first(store: Store, ani: Person, told):
    users.change(ani.access, ani.user_id, {"undo_s": 5}, now_ms=store.now_ms)
    tokens.create(ani.user_id, installation_admin=False, by=None, now_ms=store.now_ms)
    contact = contact_book.add(ani.access, ani.location_id, ContactDetails(["x@x.example"]), now_ms=store.now_ms)
    here, user = str(ani.location_id), f"user {ani.user_id}"

    assert told() == [
        ("contact.add", f"contact {contact.id}", here),
        ("token.create", f"token 1 of {user}", here),
        ("user.change", user, None),
        ("member.put", f"{user} as user", here),
        ("user.add", user, None),
        ("location.add", f"location {here}", here),
    ]
    assert told("--limit", "2") == told()[:2]
    assert told("--location", here) == [one for one in told() if one[2] == here]


def test_a_location_that_there_is_not_is_one_sentence_and_1(store: Store, ani: Person, ask):
    done = ask("--location", "999")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
