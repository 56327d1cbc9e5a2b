"""F4, walked route by route: whatever a person changes through the API has its line in the audit log."""

from dataclasses import dataclass

import pytest
from connected_account import connection_of
from outbox_asked import Outbox
from suggested_merge import a_suggestion

from crm_store.clock import now_ms
from crm_store.database.session import connected
from crm_store.models.captures import AuditRow


@dataclass(frozen=True)
class Step:
    """One call, and what it is called in the log. path, body: ids by name go in, as {contact}. as_root: by an --admin
    token, else by the location's admin. keeps: under which name the answer's id is known to later steps."""

    operation: str
    path: str
    what: str
    body: object = None
    as_root: bool = False
    keeps: str = ""


# In an order in which each can be done: what is deleted is brought back before the next one needs it.
STEPS = [
    Step("POST /locations", "locations", "location.add", {"name": "Medan"}, as_root=True),
    Step("PATCH /locations/{location_id}", "locations/{mine}", "location.change", {"retention_days": 7}),
    Step("POST /users", "users", "user.add", {"name": "Eka", "email": "eka@eka.test"}, as_root=True, keeps="eka"),
    Step("PATCH /users/{user_id}", "users/{admin}", "user.change", {"undo_s": 7}),
    Step(
        "PUT /locations/{location_id}/members/{user_id}",
        "locations/{mine}/members/{eka}",
        "member.put",
        {"role": "operator"},
        as_root=True,
    ),
    Step(
        "POST /locations/{location_id}/members/{user_id}/bcc-address/replace",
        "locations/{mine}/members/{eka}/bcc-address/replace",
        "bcc_address.replace",
    ),
    Step(
        "POST /locations/{location_id}/members/{user_id}/bcc-address/test",
        "locations/{mine}/members/{eka}/bcc-address/test",
        "bcc_address.test",
    ),
    Step(
        "DELETE /locations/{location_id}/members/{user_id}/bcc-address",
        "locations/{mine}/members/{eka}/bcc-address",
        "bcc_address.switch_off",
    ),
    Step(
        "PUT /locations/{location_id}/provider",
        "locations/{mine}/provider",
        "provider.put",
        {"host": "127.0.0.1", "port": 25, "tls": "none"},
    ),
    Step("POST /locations/{location_id}/provider/test", "locations/{mine}/provider/test", "provider.test"),
    Step("POST /users/{user_id}/identities", "users/{admin}/identities", "identity.ask", {"address": "a@rumah.test"}),
    Step(
        "DELETE /users/{user_id}/identities", "users/{admin}/identities", "identity.remove", {"address": "a@rumah.test"}
    ),
    Step("DELETE /locations/{location_id}/provider", "locations/{mine}/provider", "provider.remove"),
    Step("DELETE /locations/{location_id}/members/{user_id}", "locations/{mine}/members/{eka}", "member.remove"),
    *(
        step
        for word, what in (
            ("allowed-senders", "allowed"),
            ("blocked-senders", "blocked"),
            ("never-log", "never_log"),
        )
        for step in (
            Step(f"POST /locations/{{location_id}}/{word}", f"locations/{{mine}}/{word}", what, {"pattern": "@x.test"}),
            Step(
                f"DELETE /locations/{{location_id}}/{word}",
                f"locations/{{mine}}/{word}",
                what,
                {"pattern": "@x.test"},
            ),
        )
    ),
    Step("POST /users/{user_id}/never-log", "users/{admin}/never-log", "never_log", {"pattern": "@x.test"}),
    Step("DELETE /users/{user_id}/never-log", "users/{admin}/never-log", "never_log", {"pattern": "@x.test"}),
    Step("POST /conversations/{conversation_id}/read", "conversations/{conversation}/read", "conversation.read"),
    Step(
        "POST /threads/{thread_id}/split",
        "threads/{thread}/split",
        "thread.split",
        {"entry_ids": ["{entry}"]},
        keeps="half",
    ),
    Step("POST /threads/{thread_id}/merge", "threads/{half}/merge", "thread.merge", {"into": "{thread}"}),
    Step(
        "POST /locations/{location_id}/contacts",
        "locations/{mine}/contacts",
        "contact.add",
        {"name": "Gita", "addresses": ["gita@gita.test"]},
        keeps="gita",
    ),
    Step("PATCH /contacts/{contact_id}", "contacts/{gita}", "contact.change", {"phone": "0812"}),
    Step("POST /threads/{thread_id}/move", "threads/{thread}/move", "thread.move", {"contact_id": "{gita}"}),
    Step("DELETE /entries/{entry_id}", "entries/{entry}", "entry.remove"),
    Step("POST /entries/{entry_id}/restore", "entries/{entry}/restore", "entry.restore"),
    Step("DELETE /contacts/{contact_id}", "contacts/{gita}", "contact.delete"),
    Step("POST /contacts/{contact_id}/restore", "contacts/{gita}/restore", "contact.restore"),
    Step("POST /contacts/{contact_id}/merge", "contacts/{gita}/merge", "contact.merge", {"into": "{contact}"}),
    Step("DELETE /merge-suggestions/{suggestion_id}", "merge-suggestions/{suggestion}", "merge_suggestion.dismiss"),
    Step("POST /captures/{capture_id}/approve", "captures/{held}/approve", "capture.approve"),
    Step("POST /captures/{capture_id}/undo", "captures/{held}/undo", "capture.undo"),
    Step("POST /captures/{capture_id}/reject", "captures/{held}/reject", "capture.reject"),
    Step(
        "POST /locations/{location_id}/captures/bulk",
        "locations/{mine}/captures/bulk",
        "capture.undo",
        {"ids": ["{held}"], "action": "undo"},
    ),
    Step("POST /captures/{capture_id}/retry", "captures/{held}/retry", "capture.retry"),
    Step(
        "POST /users/{user_id}/connections", "users/{admin}/connections", "connection.begin", {"location_id": "{mine}"}
    ),
    Step(
        "POST /locations/{location_id}/emails",
        "locations/{mine}/emails",
        "email.send",
        {"user_id": "{admin}", "to": ["citra@customer.test"], "text": "Halo"},
        keeps="email",
    ),
    Step("POST /emails/{email_id}/cancel", "emails/{email}/cancel", "email.cancel"),
    Step("POST /emails/{email_id}/retry", "emails/{email}/retry", "email.retry"),
    Step("POST /emails/{email_id}/resolve", "emails/{lost}/resolve", "email.resolve", {"sent": False}),
    *(
        Step(f"{method} /connections/{{connection_id}}{word}", f"connections/{{connection}}{word}", what, body)
        for method, word, what, body in (
            ("PATCH", "", "connection.change", {"daily_limit": 7}),
            ("POST", "/update", "connection.begin", None),
            ("POST", "/sync", "connection.sync", None),
            ("POST", "/backfill", "connection.backfill", {"days": 7}),
            ("DELETE", "/backfill", "connection.backfill_stop", None),
            ("DELETE", "", "connection.disconnect", None),
        )
    ),
]


@pytest.fixture
def ids(web, world, deliver, a_mail, blobs):
    """My location's things by the names that the steps use."""
    mine, bcc = world.mine.user, world.mine.user.bcc
    out = a_mail("budi@budi.test", "citra@customer.test", Cc=bcc)
    deliver(out, mine)
    deliver(a_mail("citra@customer.test", "budi@budi.test", Cc=bcc, In_Reply_To=str(out["Message-ID"])), mine)
    deliver(a_mail("stranger@stranger.test", "dewi@customer.test"), mine)
    token = world.mine.admin.token
    (conversation,) = web.call("GET", f"locations/{world.mine.id}/conversations", token=token).json["items"]
    entry, _ = web.call("GET", f"conversations/{conversation['id']}/entries", token=token).json["items"]
    (held,) = web.call("GET", f"locations/{world.mine.id}/captures?state=held", token=token).json["items"]
    contact_id = conversation["contact"]["id"]
    connection = connection_of(world.mine.admin.id, world.mine.id, now_ms=now_ms())
    with connected():
        lost = Outbox(blobs, now_ms()).unknown(world.mine.id, world.mine.admin.id)
    return {
        "mine": world.mine.id,
        "admin": world.mine.admin.id,
        "conversation": conversation["id"],
        "contact": contact_id,
        "suggestion": a_suggestion(int(world.mine.admin.id), int(world.mine.id), int(contact_id), now_ms=now_ms()),
        "thread": entry["thread_id"],
        "entry": entry["id"],
        "held": held["id"],
        "connection": connection,
        "lost": lost.id,
    }


def filled(value, ids):
    if isinstance(value, dict):
        return {name: filled(one, ids) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one, ids) for one in value]
    return value.format(**ids) if isinstance(value, str) else value


def test_every_operation_that_changes_something_is_driven_here(web):
    paths = web.call("GET", "/api/v1/openapi.json").json["paths"]
    changing = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in paths.items()
        for method in methods
        if method != "get"
    }
    assert changing == {step.operation for step in STEPS}


def test_every_change_by_a_person_is_in_the_audit_log(web, world, ids):
    with connected():
        seen = AuditRow.select().count()
    for step in STEPS:
        method = step.operation.split()[0]
        who, token = (world.root_id, world.root) if step.as_root else (world.mine.admin.id, world.mine.admin.token)
        answer = web.call(method, step.path.format(**ids), token=token, body=filled(step.body, ids))
        assert answer.status < 300, (step.operation, answer.text)
        if step.keeps:
            ids[step.keeps] = answer.json["id"]
        with connected():
            rows = list(AuditRow.select().order_by(AuditRow.id).offset(seen))
        seen += len(rows)
        assert rows, f"{step.operation} left no trace"
        assert {row.user_id for row in rows} == {who}, step.operation
        assert any(step.what in row.action for row in rows), (step.operation, [row.action for row in rows])
        if step.path.startswith(
            (
                "locations/",
                "contacts/",
                "threads/",
                "entries/",
                "captures/",
                "conversations/",
                "connections/",
                "emails/",
            )
        ):
            assert {row.location_id for row in rows} == {world.mine.id}, step.operation


def test_admins_of_the_location_read_it_and_nobody_else(web, world, ids):
    path = f"locations/{world.mine.id}/audit"
    web.call("PATCH", f"contacts/{ids['contact']}", token=world.mine.user.token, body={"phone": "0812"})
    (latest, *_) = web.call("GET", path, token=world.mine.admin.token).json["items"]
    when = latest.pop("when")
    assert when.endswith("Z")
    assert latest == {
        "who": {"id": str(world.mine.user.id), "name": "Budi"},
        "what": "contact.change",
        "subject": f"contact {ids['contact']}",
        "why": "",
    }
    first = web.call("GET", f"{path}?limit=1", token=world.mine.admin.token).json
    assert web.call("GET", f"{path}?limit=1&after={first['next']}", token=world.mine.admin.token).json["items"]
    *_, oldest = web.call("GET", path, token=world.mine.admin.token).json["items"]
    assert (oldest["what"], oldest["who"]) == ("location.add", None), "the command line made it"
    assert web.call("GET", path, token=world.mine.user.token).status == 403
    assert web.call("GET", path, token=world.theirs.admin.token).status == 404
    assert web.call("GET", path, token=world.root).status == 404
