"""F3, walked route by route: what a stranger's token gets of somebody else's location, which is nothing."""

from dataclasses import dataclass

import pytest
from connected_account import connection_of
from suggested_merge import a_suggestion

from crm_store.clock import now_ms


@dataclass(frozen=True)
class Case:
    """One operation, asked with a stranger's token about a location that is not theirs.

    path: the ids of that location go in. stranger, root: the statuses for an admin of another location and for an
    --admin token of nobody's member; 200 only where the answer is the asker's own or, for root, allowed.
    admin: the status for an admin of that location, where it is a GET."""

    stranger: int
    root: int
    body: object = None
    query: str = ""
    admin: int = 200


PROVIDER = {"host": "127.0.0.1", "port": 25, "tls": "none"}
CASES = {
    "POST /locations": Case(403, 201, {"name": "Toko"}),
    "GET /locations": Case(200, 200),
    "GET /locations/{location_id}": Case(404, 200),
    "PATCH /locations/{location_id}": Case(404, 200, {"retention_days": 7}),
    "POST /users": Case(403, 201, {"name": "Eka", "email": "eka@eka.test"}),
    "GET /users/{user_id}": Case(404, 200),
    "PATCH /users/{user_id}": Case(404, 200, {"undo_s": 7}),
    "GET /locations/{location_id}/members": Case(404, 200),
    "PUT /locations/{location_id}/members/{user_id}": Case(404, 200, {"role": "operator"}),
    "GET /locations/{location_id}/members/{user_id}/bcc-address": Case(404, 200),
    "POST /locations/{location_id}/members/{user_id}/bcc-address/replace": Case(404, 200, {"grace_days": 7}),
    "POST /locations/{location_id}/members/{user_id}/bcc-address/test": Case(404, 200),
    "DELETE /locations/{location_id}/members/{user_id}/bcc-address": Case(404, 204),
    "POST /locations/{location_id}/contacts": Case(404, 404, {"name": "Gita", "addresses": ["gita@gita.test"]}),
    "GET /locations/{location_id}/contacts": Case(404, 404),
    "GET /locations/{location_id}/merge-suggestions": Case(404, 404),
    "DELETE /merge-suggestions/{suggestion_id}": Case(404, 404),
    "GET /contacts/{contact_id}": Case(404, 404),
    "PATCH /contacts/{contact_id}": Case(404, 404, {"name": "Gita"}),
    "DELETE /contacts/{contact_id}": Case(404, 404),
    "POST /contacts/{contact_id}/restore": Case(404, 404),
    "POST /contacts/{contact_id}/merge": Case(404, 404, {"into": "1"}),
    "GET /locations/{location_id}/conversations": Case(404, 404),
    "GET /conversations/{conversation_id}": Case(404, 404),
    "POST /conversations/{conversation_id}/read": Case(404, 404),
    "GET /conversations/{conversation_id}/entries": Case(404, 404),
    "POST /threads/{thread_id}/split": Case(404, 404, {"entry_ids": ["1"]}),
    "POST /threads/{thread_id}/merge": Case(404, 404, {"into": "1"}),
    "POST /threads/{thread_id}/move": Case(404, 404, {"contact_id": "1"}),
    "DELETE /entries/{entry_id}": Case(404, 404),
    "POST /entries/{entry_id}/restore": Case(404, 404),
    "GET /entries/{entry_id}/raw": Case(404, 404),
    "GET /entries/{entry_id}/html": Case(404, 404),
    "GET /attachments/{attachment_id}": Case(404, 404),
    "GET /locations/{location_id}/captures": Case(404, 404),
    "GET /captures": Case(403, 200, admin=403),
    "GET /captures/{capture_id}": Case(404, 404),
    "GET /captures/{capture_id}/raw": Case(404, 404),
    "POST /captures/{capture_id}/approve": Case(404, 404),
    "POST /captures/{capture_id}/reject": Case(404, 404, {"block_sender": True}),
    "POST /captures/{capture_id}/retry": Case(404, 404),
    "POST /captures/{capture_id}/undo": Case(404, 404),
    "POST /locations/{location_id}/captures/bulk": Case(404, 404, {"ids": ["1"], "action": "reject"}),
    **{
        f"{method} /locations/{{location_id}}/{word}": Case(404, 404, body)
        for word in ("allowed-senders", "blocked-senders", "never-log")
        for method, body in (("GET", None), ("POST", {"pattern": "@x.test"}), ("DELETE", {"pattern": "@x.test"}))
    },
    "POST /users/{user_id}/identities": Case(404, 202, {"address": "gita@gita.test"}),
    "DELETE /users/{user_id}/identities": Case(404, 204, {"address": "gita@gita.test"}),
    "GET /users/{user_id}/never-log": Case(404, 200, admin=403),
    "POST /users/{user_id}/never-log": Case(404, 201, {"pattern": "@x.test"}),
    "DELETE /users/{user_id}/never-log": Case(404, 204, {"pattern": "@x.test"}),
    "POST /users/{user_id}/connections": Case(404, 201, {"location_id": "1"}),
    "GET /users/{user_id}/connections": Case(404, 200, admin=403),
    "GET /connections/{connection_id}": Case(404, 200, admin=404),
    "PATCH /connections/{connection_id}": Case(404, 200, {"daily_limit": 7}),
    "POST /connections/{connection_id}/update": Case(404, 200),
    "POST /connections/{connection_id}/sync": Case(404, 202),
    "POST /connections/{connection_id}/backfill": Case(404, 202, {"days": 7}),
    "DELETE /connections/{connection_id}/backfill": Case(404, 204),
    "POST /locations/{location_id}/emails": Case(
        404, 422, {"user_id": "1", "to": ["citra@customer.test"], "text": "rahasia"}
    ),
    "GET /locations/{location_id}/emails": Case(404, 404),
    "GET /emails/{email_id}": Case(404, 200),
    "POST /emails/{email_id}/cancel": Case(404, 200),
    "POST /emails/{email_id}/retry": Case(404, 200),
    "POST /emails/{email_id}/resolve": Case(404, 409, {"sent": True}),
    "DELETE /connections/{connection_id}": Case(404, 204),
    "PUT /locations/{location_id}/provider": Case(404, 200, PROVIDER),
    "GET /locations/{location_id}/provider": Case(404, 200),
    "POST /locations/{location_id}/provider/test": Case(404, 202),
    "GET /locations/{location_id}/provider/test": Case(404, 200),
    "DELETE /locations/{location_id}/provider": Case(404, 204),
    "GET /locations/{location_id}/audit": Case(404, 404),
    "GET /decisions": Case(200, 200, query="?message_id=penawaran@mine.test"),
    "DELETE /locations/{location_id}/members/{user_id}": Case(404, 204),
}
# Words of the mail in my location, and of the people in it: no answer to a stranger has one of them.
MAIL_WORDS = ["Citra", "citra@", "dodo@", "Penawaran", "rahasia", "penawaran@mine.test", "harga.pdf", "%PDF"]
OTHER_WORDS = ["Jakarta", "Ani", "Budi", "ani@", "budi@", "mailbox@gmail.test"]


@pytest.fixture
def ids(web, world, deliver, a_mail):
    """The ids of all that is in my location, as the paths of the API name them."""
    mail = a_mail(
        "budi@budi.test",
        "Citra <citra@customer.test>",
        "rahasia",
        Cc=world.mine.user.bcc,
        Message_ID="<penawaran@mine.test>",
    )
    mail.add_alternative("<p>rahasia</p>", subtype="html")
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="harga.pdf")
    deliver(mail, world.mine.user)
    deliver(a_mail("dodo@asing.test", "citra@customer.test", "rahasia"), world.mine.user)
    token = world.mine.user.token
    (held,) = web.call("GET", f"locations/{world.mine.id}/captures?state=held", token=token).json["items"]
    (conversation,) = web.call("GET", f"locations/{world.mine.id}/conversations", token=token).json["items"]
    (entry,) = web.call("GET", f"conversations/{conversation['id']}/entries", token=token).json["items"]
    mine, user_id, contact_id = int(world.mine.id), int(world.mine.user.id), conversation["contact"]["id"]
    connection_id = connection_of(user_id, mine, now_ms=now_ms())
    said = {"user_id": str(user_id), "to": ["Citra <citra@customer.test>"], "text": "rahasia"}
    email = web.call("POST", f"locations/{mine}/emails", token=token, body=said)
    web.call("PUT", f"locations/{world.mine.id}/provider", token=world.mine.admin.token, body=PROVIDER)
    web.call("POST", f"locations/{world.mine.id}/provider/test", token=world.mine.admin.token)
    return {
        "location_id": world.mine.id,
        "user_id": world.mine.user.id,
        "contact_id": contact_id,
        "suggestion_id": a_suggestion(user_id, mine, int(contact_id), now_ms=now_ms()),
        "email_id": email.json["id"],
        "conversation_id": conversation["id"],
        "entry_id": entry["id"],
        "thread_id": entry["thread_id"],
        "attachment_id": entry["message"]["attachments"][0]["id"],
        "capture_id": held["id"],
        "connection_id": connection_id,
    }


def everything(web, world, ids) -> list[object]:
    """All that my people can read, to see that nobody changed it."""
    bodies = []
    for name, case in CASES.items():
        method, _, path = name.partition(" ")
        if method == "GET":
            answer = web.call("GET", path.format(**ids)[1:] + case.query, token=world.mine.admin.token)
            assert answer.status == case.admin, name
            bodies.append(answer.body)
    return bodies


def test_every_operation_of_the_api_has_a_case(web):
    paths = web.call("GET", "/api/v1/openapi.json").json["paths"]
    operations = {
        f"{method.upper()} {path.removeprefix('/api/v1')}" for path, methods in paths.items() for method in methods
    }
    assert operations == set(CASES)


def test_a_stranger_gets_nothing_and_changes_nothing(web, world, ids):
    before = everything(web, world, ids)
    for name, case in CASES.items():
        method, _, path = name.partition(" ")
        answer = web.call(method, path.format(**ids)[1:] + case.query, token=world.theirs.admin.token, body=case.body)
        assert answer.status == case.stranger, name
        assert not [word for word in [*MAIL_WORDS, *OTHER_WORDS, world.mine.user.bcc] if word in answer.text], name
    assert everything(web, world, ids) == before


def test_an_installation_admin_who_is_no_member_sees_no_mail_and_no_contact(web, world, ids):
    for name, case in CASES.items():
        method, _, path = name.partition(" ")
        answer = web.call(method, path.format(**ids)[1:] + case.query, token=world.root, body=case.body)
        assert answer.status == case.root, name
        assert not [word for word in MAIL_WORDS if word in answer.text], name


def test_without_a_token_nothing_is_answered(web, ids):
    for name, case in CASES.items():
        method, _, path = name.partition(" ")
        answer = web.call(method, path.format(**ids)[1:] + case.query, body=case.body)
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer"), name


def test_who_left_sees_nothing_any_more(web, world, ids):
    assert (
        web.call(
            "DELETE", f"locations/{world.mine.id}/members/{world.mine.user.id}", token=world.mine.admin.token
        ).status
        == 204
    )
    for name, case in CASES.items():
        method, _, path = name.partition(" ")
        # Their own mailbox stays theirs; what it brings goes to that location no more (G4).
        if (
            "connection_id" not in name
            and name != "GET /captures"
            and not name.startswith(
                ("POST /users", "GET /users", "PATCH /users", "POST /locations", "GET /locations", "GET /decisions")
            )
        ):
            assert (
                web.call(method, path.format(**ids)[1:], token=world.mine.user.token, body=case.body).status == 404
            ), name
    assert web.call("GET", "locations", token=world.mine.user.token).json["items"] == []
    decisions = web.call("GET", "decisions?message_id=penawaran@mine.test", token=world.mine.user.token)
    assert decisions.json["items"] == []


def test_foreign_ids_in_queries_bodies_and_cursors_give_nothing(web, world, ids, deliver, a_mail):
    theirs, token = world.theirs.id, world.theirs.admin.token
    by_contact = web.call("GET", f"locations/{theirs}/conversations?contact_id={ids['contact_id']}", token=token)
    assert by_contact.json["items"] == []
    assert web.call("GET", f"locations/{theirs}/contacts?address=citra@customer.test", token=token).json["items"] == []
    # By its answer an admin would learn the name and the e-mail of anybody in the installation.
    taken_in = web.call("PUT", f"locations/{theirs}/members/{ids['user_id']}", token=token, body={"role": "user"})
    assert taken_in.status == 404
    deliver(a_mail("budi@budi.test", "dewi@other.test"), world.mine.user)
    cursor = web.call("GET", f"locations/{world.mine.id}/contacts?limit=1", token=world.mine.user.token).json["next"]
    assert cursor
    assert web.call("GET", f"locations/{theirs}/contacts?after={cursor}", token=token).json["items"] == []


def test_a_mail_in_two_locations_shows_each_its_own_contacts_only(web, world, deliver, a_mail):
    """One message, two entries; contact ids of the other location are not told."""
    deliver(a_mail("budi@budi.test", "citra@customer.test", Message_ID="<both@mine.test>"), world.mine.user)
    deliver(a_mail("xena@xena.test", "citra@customer.test", Message_ID="<other@theirs.test>"), world.theirs.admin)
    for place, token in ((world.mine, world.mine.user.token), (world.theirs, world.theirs.user.token)):
        (conversation,) = web.call("GET", f"locations/{place.id}/conversations", token=token).json["items"]
        assert conversation["contact"]["location_id"] == str(place.id)
        (entry,) = web.call("GET", f"conversations/{conversation['id']}/entries", token=token).json["items"]
        assert entry["message"]["to"][0]["contact_id"] == conversation["contact"]["id"]
