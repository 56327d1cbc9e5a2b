"""The capture queue and the lists of senders through the API, by the names of the contract."""

import pytest

from crm_store import members
from crm_store.clock import now_ms
from crm_store.database.session import connected
from crm_store.rules.states import Role

STRANGER = "Dodo <dodo@asing.test>"


@pytest.fixture
def operator(world):
    """The token of an operator of my location: its user, promoted."""
    with connected():
        members.put(world.mine.id, world.mine.user.id, Role.OPERATOR, domain="in.example.net", by=None, now_ms=now_ms())
    return world.mine.user.token


@pytest.fixture
def held(web, world, deliver, a_mail):
    """held(to, …): the id of a stranger's mail that waits in my location."""

    def make(to: str = "Citra <citra@customer.test>", text: str = "Halo", **headers: str) -> str:
        deliver(a_mail(STRANGER, to, text, **headers), world.mine.user)
        return captures(web, world)[0]["id"]

    return make


def captures(web, world, query: str = "") -> list[dict]:
    answer = web.call("GET", f"locations/{world.mine.id}/captures{query}", token=world.mine.admin.token)
    assert answer.status == 200, answer.text
    return answer.json["items"]


def post(web, token, path, body=None):
    return web.call("POST", path, token=token, body=body)


def test_a_held_capture_has_the_fields_of_the_contract(web, world, operator, held):
    capture_id = held(Message_ID="<satu@asing.test>", Cc="eka@customer.test")
    answer = web.call("GET", f"captures/{capture_id}", token=operator)
    shown = answer.json
    assert captures(web, world) == [shown]
    receipt_id, times = shown.pop("receipt_id"), [shown.pop("received_at"), shown.pop("decided_at")]
    assert len(receipt_id) == 26
    assert all(time.endswith("Z") for time in times)
    assert shown == {
        "id": capture_id,
        "location_id": str(world.mine.id),
        "state": "held",
        "rule": "C4",
        "reason": "Its sender is neither the owner of the BCC address nor allowed to write here (C4).",
        "reason_code": "sender-not-allowed",
        "message_id": "<satu@asing.test>",
        "envelope_from": "dodo@asing.test",
        "recipients": [world.mine.user.bcc],
        "from": {"name": "Dodo", "address": "dodo@asing.test"},
        "to": [{"name": "Citra", "address": "citra@customer.test"}],
        "cc": [{"name": "", "address": "eka@customer.test"}],
        "subject": "Penawaran",
        "text_preview": "Halo\n",
        "attachments": [],
        "next_try_at": None,
        "authentication": {
            "spf": "none",
            "dkim": "none",
            "dmarc": "none",
            "verdict": "The trusted relay 127.0.0.1 vouches for the sender.",
            "header": None,
        },
        "would": {
            "contact": {"id": None, "name": "Citra", "addresses": ["citra@customer.test"]},
            "creates_contact": True,
            "direction": "inbound",
            "suggestions": ["citra@customer.test"],
            "entry_id": None,
            "original": None,
            "forwarder": None,
        },
        "actions": ["approve", "assign", "allow", "reject", "block", "retry"],
        "entry_id": None,
    }


def test_the_reason_follows_the_users_language(web, world, held):
    capture_id = held()
    web.call("PATCH", f"users/{world.mine.admin.id}", token=world.mine.admin.token, body={"locale": "id"})
    said = web.call("GET", f"captures/{capture_id}", token=world.mine.admin.token).json["reason"]
    assert said == "Pengirimnya bukan pemilik alamat BCC dan belum diizinkan menulis ke sini (C4)."


def test_an_operator_approves_undoes_and_rejects(web, world, operator, held):
    capture_id = held()
    approved = post(web, operator, f"captures/{capture_id}/approve")
    assert (approved.status, approved.json["state"], approved.json["rule"]) == (200, "recorded", "D2")
    (conversation,) = web.call("GET", f"locations/{world.mine.id}/conversations", token=operator).json["items"]
    (entry,) = web.call("GET", f"conversations/{conversation['id']}/entries", token=operator).json["items"]
    assert (entry["id"], entry["rule"]) == (approved.json["entry_id"], "D2")

    again = post(web, operator, f"captures/{capture_id}/approve")
    assert again.status == 409
    assert "recorded already" in again.json["detail"]
    assert post(web, operator, f"captures/{capture_id}/undo").json["state"] == "held"
    assert web.call("GET", f"locations/{world.mine.id}/conversations", token=operator).json["items"] == []
    assert web.call("GET", f"entries/{entry['id']}/raw", token=operator).status == 404
    rejected = post(web, operator, f"captures/{capture_id}/reject", {"block_sender": True})
    assert (rejected.json["state"], rejected.json["actions"]) == ("rejected", ["undo"])
    blocked = web.call("GET", f"locations/{world.mine.id}/blocked-senders", token=operator).json["items"]
    assert [one["pattern"] for one in blocked] == ["dodo@asing.test"]


def test_an_operator_chooses_or_makes_a_contact_and_allows(web, world, operator, held):
    made = post(
        web, operator, f"locations/{world.mine.id}/contacts", {"name": "Gita", "addresses": ["gita@toko.test"]}
    ).json
    chosen = post(web, operator, f"captures/{held()}/approve", {"contact_id": made["id"], "allow_sender": True})
    assert chosen.json["state"] == "recorded"
    allowed = web.call("GET", f"locations/{world.mine.id}/allowed-senders", token=operator).json["items"]
    assert [one["pattern"] for one in allowed] == ["dodo@asing.test"]
    assert web.call(
        "DELETE", f"locations/{world.mine.id}/allowed-senders?pattern=dodo@asing.test", token=operator
    ).status == 204  # fmt: skip

    capture_id = held(text="lagi")
    new = {"name": "Hana", "addresses": ["hana@toko.test", "h@rumah.test"], "phone": "0812"}
    post(web, operator, f"captures/{capture_id}/approve", {"new_contact": new})
    (hana,) = web.call(
        "GET", f"locations/{world.mine.id}/contacts?address=h@rumah.test", token=operator
    ).json["items"]  # fmt: skip
    assert (hana["name"], hana["source"], hana["phone"]) == ("Hana", "capture", "0812")


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("action", "body", "field"),
    [
        ("approve", {"contact_id": "x"}, "contact_id"),
        ("approve", {"contact_id": "999"}, "contact_id"),
        ("approve", {"allow": True}, "allow"),
        ("approve", {"new_contact": {"name": "Hana"}}, "new_contact.addresses"),
        ("approve", {"new_contact": {"name": "H", "addresses": ["x"]}}, "new_contact.addresses.0"),
        ("approve", {"new_contact": {"name": "H", "addresses": ["budi@budi.test"]}}, "new_contact.addresses"),
        ("reject", {"block_sender": "perhaps"}, "block_sender"),
        ("reject", [], "body"),
    ],
)
def test_a_wrong_field_is_named(web, operator, held, action, body, field):
    answer = post(web, operator, f"captures/{held()}/{action}", body)
    assert (answer.status, [error["field"] for error in answer.json["errors"]]) == (422, [field])


def test_without_a_contact_to_go_to_the_answer_says_so(web, world, operator, deliver, a_mail):
    deliver(a_mail("ani@ani.test", world.mine.user.bcc, "teruskan"), world.mine.user)
    (capture,) = captures(web, world)
    assert (capture["would"]["contact"], capture["would"]["creates_contact"]) == (None, False)
    assert "approve" not in capture["actions"]
    assert "assign" in capture["actions"]
    answer = post(web, operator, f"captures/{capture['id']}/approve")
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "contact_id")


def test_many_at_a_time_have_each_an_answer_of_their_own(web, world, operator, held, deliver, a_mail):
    good = [held(text=f"surat {n}") for n in range(2)]
    done = held(text="sudah")
    post(web, operator, f"captures/{done}/reject")
    deliver(a_mail(STRANGER, "citra@customer.test"), world.theirs.user)
    theirs = web.call("GET", f"locations/{world.theirs.id}/captures", token=world.theirs.admin.token).json["items"][0]

    path = f"locations/{world.mine.id}/captures/bulk"
    ids = [good[0], done, theirs["id"], "x", good[1]]
    results = post(web, operator, path, {"ids": ids, "action": "approve"}).json["results"]
    assert [one["id"] for one in results] == ids
    assert [one["status"] for one in results] == [200, 409, 404, 404, 200]
    assert [one["capture"] and one["capture"]["state"] for one in results] == ["recorded", None, None, None, "recorded"]
    assert results[1]["problem"]["title"] == "Conflict"
    assert post(web, operator, path, {"ids": good, "action": "undo"}).json["results"][1]["status"] == 200
    rejected = post(web, operator, path, {"ids": good, "action": "reject", "block_sender": True}).json["results"]
    assert [one["capture"]["state"] for one in rejected] == ["rejected", "rejected"]
    web.call(
        "DELETE", f"locations/{world.mine.id}/blocked-senders", token=operator, body={"pattern": "dodo@asing.test"}
    )
    post(web, operator, path, {"ids": good, "action": "undo"})
    retried = post(web, operator, path, {"ids": good, "action": "retry"}).json["results"]
    assert [one["capture"]["state"] for one in retried] == ["received", "received"]
    still = web.call("GET", f"captures/{theirs['id']}", token=world.theirs.admin.token).json
    assert still["state"] == "held"


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"ids": [], "action": "retry"}, "ids"),
        ({"ids": ["1"] * 201, "action": "retry"}, "ids"),
        ({"ids": ["1"], "action": "burn"}, "action"),
        ({"ids": ["1"], "action": "reject", "allow_sender": True}, "allow_sender"),
        ({"ids": ["1"], "action": "undo", "contact_id": "1"}, "contact_id"),
        ({"ids": ["1"], "action": "approve", "block_sender": False}, "block_sender"),
        ({"action": "approve"}, "ids"),
    ],
)
def test_a_wrong_field_of_many_is_named(web, world, operator, body, field):
    answer = post(web, operator, f"locations/{world.mine.id}/captures/bulk", body)
    assert (answer.status, [error["field"] for error in answer.json["errors"]]) == (422, [field])


def test_captures_are_found_and_paged(web, world, held):
    one, two = held(Message_ID="<satu@asing.test>"), held(text="dua")
    assert [item["id"] for item in captures(web, world)] == [two, one]
    assert [item["id"] for item in captures(web, world, "?state=held&q=@asing.test")] == [two, one]
    assert [item["id"] for item in captures(web, world, "?q=%3Csatu@asing.test%3E")] == [one]
    assert captures(web, world, "?state=failed") == []
    path = f"locations/{world.mine.id}/captures?limit=1"
    first = web.call("GET", path, token=world.mine.admin.token).json
    second = web.call("GET", f"{path}&after={first['next']}", token=world.mine.admin.token).json
    assert [first["items"][0]["id"], second["items"][0]["id"], second["next"]] == [two, one, None]
    for query, field in (("?state=lost", "state"), ("?q=" + "x" * 300, "q"), ("?after=x", "after")):
        answer = web.call("GET", f"locations/{world.mine.id}/captures{query}", token=world.mine.admin.token)
        assert (answer.status, [error["field"] for error in answer.json["errors"]]) == (422, [field])


def test_a_user_reads_own_captures_and_may_decide_nothing(web, world, held):
    capture_id, token = held(), world.mine.user.token
    shown = web.call("GET", f"captures/{capture_id}", token=token).json
    assert (shown["state"], shown["actions"]) == ("held", [])
    for action in ("approve", "reject", "retry", "undo"):
        assert post(web, token, f"captures/{capture_id}/{action}").status == 403
    bulk = post(web, token, f"locations/{world.mine.id}/captures/bulk", {"ids": [capture_id], "action": "reject"})
    assert bulk.status == 403


def test_the_raw_mail_of_a_capture_is_a_download(web, world, operator, deliver, a_mail):
    mail = a_mail(STRANGER, "citra@customer.test", "<script>")
    deliver(mail, world.mine.user)
    capture_id = captures(web, world)[0]["id"]
    answer = web.call("GET", f"captures/{capture_id}/raw", token=operator)
    assert answer.body == mail.as_bytes()
    headers = {name.lower(): value for name, value in answer.headers.items()}
    assert headers["content-type"] == "message/rfc822"
    assert headers["content-disposition"].startswith(f'attachment; filename="capture-{capture_id}.eml"')
    assert headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "private, no-store")


def test_the_installations_mail_is_for_its_admins(web, world, settings, blobs, operator):
    """Postmaster's mail belongs to no location."""
    from crm_store.models.captures import Capture, Receipt

    with connected():
        receipt = Receipt.create(intake_id="0" * 26, received_at_ms=now_ms())
        Capture.create(
            receipt_id=receipt.id,
            state="held",
            rule="F1",
            reason="to-postmaster",
            received_at_ms=now_ms(),
            decided_at_ms=now_ms(),
            author_address="dodo@asing.test",
        )
    (shown,) = web.call("GET", "captures", token=world.root).json["items"]
    assert (shown["location_id"], shown["would"], shown["reason_code"]) == (None, None, "to-postmaster")
    assert web.call("GET", f"captures/{shown['id']}", token=world.root).json == shown
    assert web.call("GET", "captures", token=operator).status == 403
    assert web.call("GET", f"captures/{shown['id']}", token=world.mine.admin.token).status == 404


# Lists of senders


@pytest.mark.parametrize("word", ["allowed-senders", "blocked-senders", "never-log"])
def test_a_list_is_kept_through_the_api(web, world, operator, word):
    path, admin = f"locations/{world.mine.id}/{word}", world.mine.admin.token
    made = post(web, admin, path, {"pattern": "Eka@Mitra.test"})
    assert (made.status, made.json["pattern"]) == (201, "Eka@mitra.test")
    assert post(web, admin, path, {"pattern": "eka@mitra.test"}).json == made.json
    post(web, admin, path, {"pattern": "@toko.test"})
    listed = web.call("GET", path, token=operator).json
    assert [one["pattern"] for one in listed["items"]] == ["Eka@mitra.test", "@toko.test"]
    first = web.call("GET", f"{path}?limit=1", token=operator).json
    assert web.call("GET", f"{path}?limit=1&after={first['next']}", token=operator).json["items"] == listed["items"][1:]

    assert web.call("DELETE", path, token=admin, body={"pattern": "EKA@mitra.test"}).status == 204
    assert web.call("DELETE", f"{path}?pattern=@toko.test", token=admin).status == 204
    assert web.call("DELETE", path, token=admin, body={"pattern": "eka@mitra.test"}).status == 404
    assert web.call("GET", path, token=operator).json["items"] == []
    for wrong in ({"pattern": "no address"}, {"pattern": ""}, {}):
        answer = post(web, admin, path, wrong)
        assert (answer.status, answer.json["errors"][0]["field"]) == (422, "pattern")
    both = web.call("DELETE", f"{path}?pattern=@toko.test", token=admin, body={"pattern": "@toko.test"})
    assert (both.status, web.call("DELETE", path, token=admin).status) == (422, 422)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_who_may_keep_which_list(web, world, held):
    with connected():
        olga = members.put(
            world.mine.id, world.root_id, Role.OPERATOR, domain="in.example.net", by=None, now_ms=now_ms()
        )
    assert olga.role == "operator"
    body = {"pattern": "@toko.test"}
    for word, status in (("allowed-senders", 201), ("blocked-senders", 201), ("never-log", 403)):
        path = f"locations/{world.mine.id}/{word}"
        assert post(web, world.root, path, body).status == status, word
        assert web.call("GET", path, token=world.root).status == 200
        assert post(web, world.mine.user.token, path, body).status == 403
        assert web.call("GET", path, token=world.mine.user.token).status == 403
        assert web.call("DELETE", path, token=world.mine.user.token, body=body).status == 403


def test_a_retry_under_one_key_adds_one_pattern(web, world):
    path = f"locations/{world.mine.id}/allowed-senders"
    answers = [
        web.call(
            "POST", path, token=world.mine.admin.token, body={"pattern": "@a.test"}, headers={"Idempotency-Key": "k"}
        )
        for _ in range(2)
    ]
    assert answers[0].body == answers[1].body
    assert answers[1].headers["Idempotent-Replayed"] == "true"


def test_a_block_of_a_member_is_refused(web, world):
    path, admin = f"locations/{world.mine.id}/blocked-senders", world.mine.admin.token
    for pattern in ("budi@budi.test", "@budi.test"):
        answer = post(web, admin, path, {"pattern": pattern})
        assert (answer.status, answer.json["errors"][0]["field"]) == (422, "pattern")
        assert "member" in answer.json["errors"][0]["message"]


def test_a_user_keeps_an_own_never_log_list(web, world, deliver, a_mail):
    path, token = f"users/{world.mine.user.id}/never-log", world.mine.user.token
    assert post(web, token, path, {"pattern": "@dokter.test"}).status == 201
    deliver_nothing = a_mail("budi@budi.test", "x@dokter.test")
    with pytest.raises(AssertionError):  # the drainer drops it, so no worker has anything to do
        deliver(deliver_nothing, world.mine.user)
    (capture,) = captures(web, world)
    assert (capture["state"], capture["rule"], capture["subject"], capture["from"]) == ("ignored", "B13", None, None)
    assert [one["pattern"] for one in web.call("GET", path, token=world.root).json["items"]] == ["@dokter.test"]
    assert web.call("GET", path, token=world.mine.admin.token).status == 403
    assert web.call("GET", path, token=world.theirs.admin.token).status == 404
    assert web.call("DELETE", f"{path}?pattern=dokter.test", token=token).status == 204
