"""Contacts, threads and entries over time, through the API."""

import pytest


@pytest.fixture
def talk(web, world, deliver, a_mail):
    """A mail to Citra and her answer; the conversation, and its entries oldest first."""
    mine = world.mine.user
    out = a_mail("budi@budi.test", "Citra <citra@customer.test>", Cc=mine.bcc, Message_ID="<one@mine.test>")
    deliver(out, mine)
    reply = a_mail("citra@customer.test", "budi@budi.test", Cc=mine.bcc, In_Reply_To="<one@mine.test>")
    deliver(reply, mine)
    return read(web, world)


def read(web, world):
    """The conversations of my location, each with its entries oldest first."""
    token = world.mine.user.token
    found = web.call("GET", f"locations/{world.mine.id}/conversations", token=token).json["items"]
    return [
        (one, web.call("GET", f"conversations/{one['id']}/entries", token=token).json["items"][::-1]) for one in found
    ]


@pytest.fixture
def mine(web, world):
    """mine(method, path, body): as a user of my location."""
    return lambda method, path, body=None: web.call(method, path, token=world.mine.user.token, body=body)


def fields(answer) -> list[str]:
    assert answer.status == 422, answer.text
    return [error["field"] for error in answer.json["errors"]]


def test_a_contact_is_deleted_and_brought_back(web, world, mine, talk):
    ((conversation, entries),) = talk
    contact = conversation["contact"]
    path = f"contacts/{contact['id']}"
    assert (mine("DELETE", path).status, mine("DELETE", path).status) == (204, 404)
    assert mine("GET", path).status == 404
    assert read(web, world) == []
    assert mine("GET", f"entries/{entries[0]['id']}/raw").status == 404
    restored = mine("POST", f"{path}/restore")
    assert (restored.status, restored.json) == (200, contact)
    assert mine("POST", f"{path}/restore").json == contact
    assert read(web, world) == talk


def test_contacts_are_merged(web, world, mine, talk):
    ((conversation, _),) = talk
    body = {"name": "Gita", "addresses": ["gita@gita.test"]}
    gita = mine("POST", f"locations/{world.mine.id}/contacts", body).json
    path = f"contacts/{conversation['contact']['id']}/merge"
    both = mine("POST", path, {"into": gita["id"]})
    assert both.status == 200
    assert both.json == {
        **gita,
        "addresses": ["gita@gita.test", "citra@customer.test"],
        "created_at": conversation["contact"]["created_at"],
    }
    ((moved, entries),) = read(web, world)
    assert (moved["contact"], moved["threads"], moved["unread"], len(entries)) == (both.json, 1, 1, 2)
    assert mine("POST", path, {"into": gita["id"]}).json == both.json
    assert mine("POST", f"contacts/{conversation['contact']['id']}/restore").status == 409


def test_what_a_contact_cannot_be_merged_into_is_named(web, world, mine, talk):
    ((conversation, _),) = talk
    token = world.theirs.user.token
    body = {"name": "Hadi", "addresses": ["hadi@hadi.test"]}
    theirs = web.call("POST", f"locations/{world.theirs.id}/contacts", token=token, body=body).json["id"]
    contact = conversation["contact"]["id"]
    for into in (contact, theirs, "999"):
        refused = mine("POST", f"contacts/{contact}/merge", {"into": into})
        assert fields(refused) == ["into"]
        assert "hadi" not in refused.text.lower()
    assert fields(mine("POST", f"contacts/{contact}/merge", {"into": "x"})) == ["into"]
    assert fields(mine("POST", f"contacts/{contact}/merge", {})) == ["into"]
    assert web.call("GET", f"contacts/{theirs}", token=token).status == 200
    mine("DELETE", f"contacts/{contact}")
    body = {"name": "Gita", "addresses": ["gita@gita.test"]}
    gita = mine("POST", f"locations/{world.mine.id}/contacts", body).json["id"]
    assert mine("POST", f"contacts/{gita}/merge", {"into": contact}).status == 409


def test_a_thread_is_split_moved_and_merged(web, world, mine, talk):
    ((conversation, (sent, received)),) = talk
    thread = sent["thread_id"]
    split = mine("POST", f"threads/{thread}/split", {"entry_ids": [received["id"]]})
    assert split.status == 200
    half = split.json
    assert half == {
        "id": half["id"],
        "conversation_id": conversation["id"],
        "subject": "Penawaran",
        "last_entry_at": half["last_entry_at"],
    }
    ((now, entries),) = read(web, world)
    assert (now["threads"], [entry["thread_id"] for entry in entries]) == (2, [thread, half["id"]])

    body = {"name": "Gita", "addresses": ["gita@gita.test"]}
    gita = mine("POST", f"locations/{world.mine.id}/contacts", body).json["id"]
    moved = mine("POST", f"threads/{half['id']}/move", {"contact_id": gita})
    assert moved.status == 200
    assert {one["contact"]["id"]: one["unread"] for one, _ in read(web, world)} == {
        gita: 1,
        conversation["contact"]["id"]: 0,
    }
    apart = mine("POST", f"threads/{half['id']}/merge", {"into": thread})
    assert apart.status == 409
    assert "two contacts" in apart.json["detail"]
    mine("POST", f"threads/{half['id']}/move", {"contact_id": conversation["contact"]["id"]})
    merged = mine("POST", f"threads/{half['id']}/merge", {"into": thread})
    assert (merged.status, merged.json["id"]) == (200, thread)
    assert read(web, world) == talk
    assert mine("POST", f"threads/{half['id']}/merge", {"into": thread}).status == 404


def test_a_split_that_is_asked_for_again_under_its_key_is_made_once(web, world, mine, talk):
    ((_, (sent, received)),) = talk
    path, body = f"threads/{sent['thread_id']}/split", {"entry_ids": [received["id"]]}
    token, key = world.mine.user.token, {"Idempotency-Key": "k"}
    first, again = (web.call("POST", path, token=token, body=body, headers=key) for _ in range(2))
    assert (again.status, again.body) == (200, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert fields(mine("POST", path, body)) == ["entry_ids.0"], "without the key it is told"
    assert read(web, world)[0][0]["threads"] == 2


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_what_a_thread_cannot_be_split_or_moved_by_is_named(web, world, mine, talk):
    ((_, (sent, received)),) = talk
    path = f"threads/{sent['thread_id']}"
    both = [sent["id"], received["id"]]
    for entry_ids, named in (([], "entry_ids"), (both, "entry_ids"), (["999"], "entry_ids.0"), (["x"], "entry_ids.0")):
        assert fields(mine("POST", f"{path}/split", {"entry_ids": entry_ids})) == [named]
    assert fields(mine("POST", f"{path}/merge", {"into": sent["thread_id"]})) == ["into"]
    assert fields(mine("POST", f"{path}/merge", {"into": "999"})) == ["into"]
    assert fields(mine("POST", f"{path}/move", {"contact_id": "999"})) == ["contact_id"]
    token = world.theirs.user.token
    body = {"name": "Hadi", "addresses": ["hadi@hadi.test"]}
    theirs = web.call("POST", f"locations/{world.theirs.id}/contacts", token=token, body=body).json["id"]
    assert fields(mine("POST", f"{path}/move", {"contact_id": theirs})) == ["contact_id"]
    assert read(web, world) == talk


def test_an_entry_is_un_logged_and_brought_back(web, world, mine, talk):
    ((conversation, (sent, received)),) = talk
    path = f"entries/{received['id']}"
    assert (mine("DELETE", path).status, mine("DELETE", path).status) == (204, 404)
    ((left, entries),) = read(web, world)
    assert (left["id"], left["unread"], entries) == (conversation["id"], 0, [sent])
    assert mine("GET", f"{path}/raw").status == 404
    restored = mine("POST", f"{path}/restore")
    assert (restored.status, restored.json) == (200, received)
    assert mine("POST", f"{path}/restore").json == received
    assert read(web, world) == talk


def test_decisions_are_asked_for_by_one_of_two_ids(web, world, mine, talk):
    assert mine("GET", "decisions?message_id=one@mine.test").json["items"]
    assert mine("GET", "decisions?gmail_id=18f0").json == {"items": [], "next": None}
    assert fields(mine("GET", "decisions")) == ["message_id"]
    assert fields(mine("GET", "decisions?message_id=a&gmail_id=b")) == ["message_id"]
