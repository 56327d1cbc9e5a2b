"""What each route of the contract takes and gives."""

import re
from typing import Any

import pytest
from bounces import a_bounce

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture
def mail(deliver, a_mail, world):
    """A mail with an attachment from a member to a new prospect, recorded; the prospect's answer to all too (C5)."""
    bcc = world.mine.user.bcc
    out = a_mail(
        "Budi <budi@budi.test>", "Citra <citra@customer.test>", "Harga di lampiran.", Cc=f"dewi@other.test, {bcc}"
    )
    out.add_attachment(b"%PDF-1.7 x", maintype="application", subtype="pdf", filename="harga.pdf")
    deliver(out, world.mine.user)
    deliver(
        a_mail("Citra <citra@customer.test>", "budi@budi.test", "Setuju", "Re: Penawaran",
               Cc=bcc, In_Reply_To=str(out["Message-ID"])),
        world.mine.user,
    )  # fmt: skip
    return out


def problem(answer: Any) -> tuple[int, list[str]]:
    """Its status and the fields it names."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    document = answer.json
    assert document["status"] == answer.status
    assert document["title"]
    assert document["detail"].endswith(".")
    return answer.status, [error["field"] for error in document.get("errors", [])]


def test_an_installation_admin_makes_a_location_and_its_admin_changes_what_is_given(web, world):
    made = web.call(
        "POST", "locations", token=world.root, body={"name": " Medan ", "locale": "id", "own_domains": ["M.test"]}
    )
    assert made.status == 201
    location = made.json
    assert TIME.fullmatch(location.pop("created_at"))
    assert location == {
        "id": location["id"], "name": "Medan", "locale": "id", "time_zone": "UTC", "retention_days": 30, "bcc_grace_days": 30,
        "own_domains": ["m.test"], "read_state_sync": False, "own_provider_for_individual": False,
    }  # fmt: skip
    path = f"locations/{location['id']}"
    assert (
        web.call("PATCH", path, token=world.root, body={"time_zone": "Asia/Jakarta"}).json["time_zone"]
        == "Asia/Jakarta"
    )
    now = web.call("GET", path, token=world.root).json
    assert (now["name"], now["time_zone"], now["own_domains"]) == ("Medan", "Asia/Jakarta", ["m.test"])
    assert (
        web.call("PATCH", f"locations/{world.mine.id}", token=world.mine.admin.token, body={}).json["name"] == "Jakarta"
    )


def test_the_locations_of_a_member_are_their_own_and_those_of_an_installation_admin_all(web, world):
    def names(token: str) -> list[str]:
        return [one["name"] for one in web.call("GET", "locations", token=token).json["items"]]

    assert names(world.mine.user.token) == ["Jakarta"]
    assert names(world.root) == ["Jakarta", "Bandung"]


def test_an_installation_admin_makes_a_user_who_then_changes_their_own_settings(web, world):
    made = web.call(
        "POST", "users", token=world.root,
        body={"name": "Eka", "email": "Eka@Eka.test", "password": "0123456789", "locale": "id", "signature": "Salam,\nEka", "undo_s": 20},
    )  # fmt: skip
    assert made.status == 201
    assert made.json == {
        "id": made.json["id"], "name": "Eka", "email": "Eka@eka.test", "locale": "id", "time_zone": None,
        "signature": "Salam,\nEka", "undo_s": 20, "queue_digest": True,
        "identities": [{"address": "Eka@eka.test", "origin": "login"}], "pending_identities": [],
    }  # fmt: skip
    assert web.call("GET", f"users/{made.json['id']}", token=world.root).json == made.json
    me = f"users/{world.mine.user.id}"
    assert web.call("PATCH", me, token=world.mine.user.token, body={"time_zone": "Asia/Makassar"}).status == 200
    assert web.call("PATCH", me, token=world.mine.user.token, body={"undo_s": 0}).json["time_zone"] == "Asia/Makassar"
    assert web.call("PATCH", me, token=world.mine.user.token, body={"time_zone": None}).json["time_zone"] is None
    assert web.call("POST", "users", token=world.root, body={"name": "Eka", "email": "eka@eka.test"}).status == 409


def test_members_are_put_listed_and_taken_out(web, world):
    members = f"locations/{world.mine.id}/members"
    admin = world.mine.admin.token
    assert web.call("PUT", f"{members}/{world.root_id}", token=world.root, body={"role": "operator"}).json == {
        "user_id": str(world.root_id), "name": "Root", "email": "root@installation.test", "role": "operator",
    }  # fmt: skip
    assert web.call("PUT", f"{members}/{world.mine.user.id}", token=admin, body={"role": "operator"}).status == 200
    listed = web.call("GET", members, token=world.mine.user.token).json
    assert [(one["name"], one["role"]) for one in listed["items"]] == [
        ("Ani", "admin"),
        ("Budi", "operator"),
        ("Root", "operator"),
    ]
    gone = web.call("DELETE", f"{members}/{world.mine.user.id}", token=admin)
    assert (gone.status, gone.body) == (204, b"")
    assert len(web.call("GET", members, token=admin).json["items"]) == 2
    assert web.call("GET", members, token=world.mine.user.token).status == 404
    assert problem(web.call("DELETE", f"{members}/{world.mine.admin.id}", token=admin))[0] == 409
    assert problem(web.call("PUT", f"{members}/{world.mine.admin.id}", token=admin, body={"role": "user"}))[0] == 409


def test_a_bcc_address_is_shown_replaced_switched_off_and_on_again(web, world):
    path = f"locations/{world.mine.id}/members/{world.mine.user.id}/bcc-address"
    mine, admin = world.mine.user, world.mine.admin
    assert web.call("GET", path, token=mine.token).json == {
        "address": mine.bcc, "active": True, "last_capture_at": None, "previous": [], "test": None,
    }  # fmt: skip
    replaced = web.call("POST", f"{path}/replace", token=admin.token, body={"grace_days": 1})
    assert replaced.status == 200
    assert replaced.json["address"] != mine.bcc
    assert replaced.json["address"].endswith("@in.example.net")
    assert [one["address"] for one in replaced.json["previous"]] == [mine.bcc]
    assert TIME.fullmatch(replaced.json["previous"][0]["until"])
    assert (
        len(web.call("POST", f"{path}/replace", token=mine.token).json["previous"]) == 2
    )  # without a body: the location's days
    assert web.call("DELETE", path, token=mine.token).status == 204
    assert web.call("GET", path, token=mine.token).json == {
        "address": None, "active": False, "last_capture_at": None, "previous": [], "test": None,
    }  # fmt: skip
    assert web.call("POST", f"{path}/replace", token=mine.token, body={"grace_days": 0}).json["active"] is True
    other = f"locations/{world.mine.id}/members/{admin.id}/bcc-address"
    assert problem(web.call("GET", other, token=mine.token))[0] == 403


def test_a_bcc_address_is_tested_by_a_mail_to_it_alone(web, world, deliver, a_mail):
    path, mine = f"locations/{world.mine.id}/members/{world.mine.user.id}/bcc-address", world.mine.user
    begun = web.call("POST", f"{path}/test", token=mine.token)
    assert (begun.status, begun.json["address"]) == (200, mine.bcc)
    since = begun.json["test"]["since"]
    assert TIME.fullmatch(since)
    assert begun.json["test"] == {
        "state": "waiting", "since": since, "arrived_at": None, "outcome": None, "reason": None,
    }  # fmt: skip
    deliver(a_mail("budi@budi.test", mine.bcc, "coba"), mine)
    test = web.call("GET", path, token=mine.token).json["test"]
    assert (test["state"], test["outcome"], test["since"]) == ("arrived", "ignored", since)
    assert test["reason"].endswith("(C1).")
    assert TIME.fullmatch(test["arrived_at"])
    assert web.call("DELETE", path, token=mine.token).status == 204
    assert problem(web.call("POST", f"{path}/test", token=mine.token))[0] == 409


def test_a_contact_is_made_found_by_address_and_changed_in_what_is_given(web, world):
    contacts, token = f"locations/{world.mine.id}/contacts", world.mine.user.token
    made = web.call(
        "POST",
        contacts,
        token=token,
        body={"name": "Fajar", "addresses": ["F@fajar.test", "fajar@kantor.test"], "phone": "+62"},
    )
    assert made.status == 201
    contact = dict(made.json)
    assert TIME.fullmatch(contact.pop("created_at"))
    assert contact == {
        "id": contact["id"], "location_id": str(world.mine.id), "name": "Fajar", "addresses": ["F@fajar.test", "fajar@kantor.test"],
        "phone": "+62", "organization": "", "photo_url": None, "source": "crm",
    }  # fmt: skip
    one = f"contacts/{contact['id']}"
    changed = web.call("PATCH", one, token=token, body={"organization": "PT Maju"}).json
    assert (changed["organization"], changed["phone"], changed["addresses"]) == (
        "PT Maju",
        "+62",
        ["F@fajar.test", "fajar@kantor.test"],
    )
    assert web.call("PATCH", one, token=token, body={"addresses": ["new@fajar.test"]}).json["addresses"] == [
        "new@fajar.test"
    ]
    assert web.call("GET", one, token=token).json["phone"] == "+62"
    assert web.call("GET", f"{contacts}?address=NEW@fajar.test", token=token).json["items"][0]["id"] == contact["id"]
    assert web.call("GET", f"{contacts}?address=f@fajar.test", token=token).json == {"items": [], "next": None}


def test_recorded_mail_is_read_as_conversation_and_entries(web, world, mail):
    token = world.mine.user.token
    (conversation,) = web.call("GET", f"locations/{world.mine.id}/conversations", token=token).json["items"]
    assert set(conversation) == {"id", "contact", "threads", "last_entry_at", "unread", "found"}
    assert (conversation["threads"], conversation["unread"], conversation["contact"]["name"]) == (1, 1, "Citra")
    contact_id = conversation["contact"]["id"]
    by_contact = web.call("GET", f"locations/{world.mine.id}/conversations?contact_id={contact_id}", token=token)
    assert by_contact.json["items"] == [conversation]
    path = f"conversations/{conversation['id']}"
    assert web.call("GET", path, token=token).json == conversation
    entries = web.call("GET", f"{path}/entries", token=token).json["items"]
    (sent,) = [entry for entry in entries if entry["direction"] == "outbound"]
    assert set(sent) == {
        "id",
        "conversation_id",
        "thread_id",
        "direction",
        "paths",
        "rule",
        "recorded_at",
        "automatic",
        "marks",
        "delivery",
        "email_id",
        "message",
    }
    assert sent["delivery"] is None
    assert (sent["conversation_id"], sent["paths"], sent["rule"]) == (conversation["id"], ["bcc"], "C2")
    (attachment,) = sent["message"].pop("attachments")
    assert attachment == {
        "id": attachment["id"], "name": "harga.pdf", "content_type": "application/pdf", "size_bytes": 10, "state": "stored", "inline": False,
    }  # fmt: skip
    assert sent["message"] == {
        "id": sent["message"]["id"], "message_id": mail["Message-ID"], "subject": "Penawaran",
        "from": {"name": "Budi", "address": "budi@budi.test"},
        "to": [{"name": "Citra", "address": "citra@customer.test", "contact_id": contact_id}],
        "cc": [{"name": "", "address": "dewi@other.test", "contact_id": None}], "bcc": [],
        "sent_at": "2026-11-23T07:00:00.000Z", "text": sent["message"]["text"], "reply_text": "Harga di lampiran.", "has_html": False,
    }  # fmt: skip
    assert sent["message"]["text"].strip() == "Harga di lampiran."


def test_an_entry_tells_that_its_mail_did_not_arrive(web, world, mail, deliver):
    token = world.mine.user.token
    told = ("citra@customer.test", "failed", "5.2.2")
    deliver(a_bounce(mail["Message-ID"], told, to="budi@budi.test"), world.mine.user)
    (conversation,) = web.call("GET", f"locations/{world.mine.id}/conversations", token=token).json["items"]
    entries = web.call("GET", f"conversations/{conversation['id']}/entries", token=token).json["items"]
    assert [entry["delivery"] for entry in entries if entry["direction"] == "outbound"] == [
        {"state": "failed", "reason": "Not delivered to citra@customer.test: the mailbox is full (5.2.2)."}
    ]
    assert [entry["delivery"] for entry in entries if entry["direction"] == "inbound"] == [None]


def test_a_conversation_that_was_read_has_nothing_unread(web, world, mail):
    token = world.mine.user.token
    (conversation,) = web.call("GET", f"locations/{world.mine.id}/conversations", token=token).json["items"]
    assert conversation["unread"] == 1
    answer = web.call("POST", f"conversations/{conversation['id']}/read", token=token)
    assert (answer.status, answer.json) == (200, {**conversation, "unread": 0})


def test_a_mail_without_a_message_id_has_null_for_it(web, world, deliver, a_mail):
    mail = a_mail(world.mine.user.email, "citra@customer.test")
    del mail["Message-ID"]
    deliver(mail, world.mine.user)
    (conversation,) = web.call("GET", f"locations/{world.mine.id}/conversations", token=world.mine.user.token).json[
        "items"
    ]
    (entry,) = web.call("GET", f"conversations/{conversation['id']}/entries", token=world.mine.user.token).json["items"]
    assert entry["message"]["message_id"] is None


@pytest.mark.parametrize("brackets", [True, False], ids=["with angle brackets", "without"])
def test_a_decision_is_found_by_message_id(web, world, mail, brackets):
    asked = str(mail["Message-ID"]) if brackets else str(mail["Message-ID"]).strip("<>")
    (decision,) = web.call("GET", f"decisions?message_id={asked}", token=world.mine.user.token).json["items"]
    assert TIME.fullmatch(decision.pop("at"))
    assert decision == {
        "path": "bcc", "rule": "C2", "reason": decision["reason"], "outcome": "recorded", "message_id": mail["Message-ID"],
        "location_id": str(world.mine.id), "entry_id": decision["entry_id"], "capture_id": decision["capture_id"],
    }  # fmt: skip
    assert web.call("GET", f"entries/{decision['entry_id']}/raw", token=world.mine.user.token).body == mail.as_bytes()


def test_what_a_member_of_a_lesser_role_asks_for_is_forbidden(web, world):
    token = world.mine.user.token
    assert problem(web.call("PATCH", f"locations/{world.mine.id}", token=token, body={"name": "x"}))[0] == 403
    member = f"locations/{world.mine.id}/members/{world.mine.admin.id}"
    assert problem(web.call("PUT", member, token=token, body={"role": "user"}))[0] == 403
    assert problem(web.call("DELETE", member, token=token))[0] == 403
    assert problem(web.call("POST", "locations", token=token, body={"name": "x"}))[0] == 403
    assert problem(web.call("POST", "users", token=token, body={"name": "x", "email": "x@x.test"}))[0] == 403
    assert (
        problem(web.call("PATCH", f"users/{world.mine.user.id}", token=world.mine.admin.token, body={"name": "x"}))[0]
        == 403
    )
