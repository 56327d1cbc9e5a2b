"""What holds for every page there is, walked by the application's own routes: a page that comes is asked the same."""

import re
from collections.abc import Callable

import pytest
from connected_account import connection_of
from fastapi.routing import APIRoute, iter_route_contexts
from suggested_merge import a_suggestion

from crm_store import draft_sending, drafts, web_sessions
from crm_store.access import by_token
from crm_store.clock import now_ms
from crm_store.database.session import connected
from crm_store.drafts import Written
from crm_store.models.captures import Capture, Receipt
from crm_store.models.contacts import Conversation
from crm_store.models.messages import Attachment, Entry
from crm_store.models.people import User
from crm_store.models.web import InstallationAdmin
from crm_store.settings import load
from gateway.web.app import make_app
from gateway.web.pages.page_route import PageRoute

ROUTES = [one.original_route for one in iter_route_contexts(make_app(load({})).routes)]
PAGES = [
    (method, route.path)
    for route in ROUTES
    if isinstance(route, PageRoute)
    for method in sorted((route.methods or set()) - {"HEAD"})
]
# Pages that are there for who is not signed in.
OPEN = {
    "GET /sign-in",
    "POST /sign-in",
    "POST /sign-out",
    "GET /first-run/{token}",
    "POST /first-run/{token}",
    "GET /sign-in/google",
    "GET /oauth/google/callback",
    "POST /oauth/google/answer",
    "GET /identity/{token}",
    "POST /identity/{token}",
    "GET /digest/{token}",
    "POST /digest/{token}/off",
}
LOCATION = "{location_id}"
_PARAMETER = re.compile(r"\{(\w+)\}")


def call(tab, method: str, path: str, **said):
    return tab.get(path) if method == "GET" else tab.post(path, **said)


@pytest.fixture
def theirs(world, deliver, a_mail, blobs):
    """What a stranger's page addresses name, by the parameter. A parameter that is not here fails: name one."""
    stranger = world.theirs.user
    with connected():
        token = web_sessions.begin(stranger.id, agent="", now_ms=now_ms())
        session_id = web_sessions.by_token(token, now_ms=now_ms()).session_id
    mail = a_mail(stranger.email, "Citra <citra@pelanggan.test>")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="a.pdf")
    deliver(mail, stranger)
    with connected():
        entry = Entry.get(Entry.location_id == world.theirs.id)
        contact_id = Conversation.get_by_id(entry.conversation_id).contact_id
        attachment_id = Attachment.get(Attachment.location_id == world.theirs.id).id
    return {
        "location_id": world.theirs.id,
        "session_id": session_id,
        "token": "x" * 43,
        "capture_id": capture_of(world.theirs),
        "view": "nothing",
        "word": "nothing",
        "user_id": stranger.id,
        "subject_id": 1,
        "conversation_id": entry.conversation_id,
        "thread_id": entry.thread_id,
        "entry_id": entry.id,
        "contact_id": contact_id,
        "attachment_id": attachment_id,
        "suggestion_id": a_suggestion(stranger.id, world.theirs.id, contact_id, now_ms=now_ms()),
        "connection_id": connection_of(stranger.id, world.theirs.id, now_ms=now_ms()),
        **written_by(stranger, world.theirs, blobs),
    }


def written_by(person, place, blobs) -> dict[str, int]:
    """A draft, and another that is sent."""
    written = Written(to="citra@pelanggan.test", subject="Halo", text="Halo")
    with connected():
        access, now = by_token(person.token), now_ms()
        one, other = (drafts.save(access, place.id, key * 22, written, now_ms=now) for key in "ab")
        email_id = draft_sending.send(access, place.id, other.id, blobs, send_at_ms=None, now_ms=now)
    return {"draft_id": one.id, "email_id": email_id}


def capture_of(place) -> int:
    """One that waits there."""
    with connected():
        receipt = Receipt.create(intake_id="0" * 26, received_at_ms=now_ms())
        held = {"state": "held", "rule": "C4", "reason": "sender-not-allowed"}
        return Capture.create(receipt_id=receipt.id, location_id=place.id, received_at_ms=now_ms(), **held).id


def filled(path: str, values) -> str:
    return _PARAMETER.sub(lambda found: str(values[found[1]]), path)


def test_there_are_pages_and_nothing_else_answers_html():
    assert len(PAGES) > 8
    others = {route.path for route in ROUTES if isinstance(route, APIRoute) and not isinstance(route, PageRoute)}
    machines = {"/healthz", "/readyz", "/metrics", "/static/{version}/{name}", "/push/gmail"}
    # Their addresses are their authority.
    machines |= {"/digest/{token}", "/remote-image/{location_id}/{entry_id}/{user_id}/{day}/{mac}/{url}"}
    assert {path for path in others if not path.startswith("/api/v1")} == machines


def pages_where(wanted: Callable[[str, str], object]) -> list[tuple[str, str]]:
    """Never none: a walk over nothing proves nothing."""
    chosen = [page for page in PAGES if wanted(*page)]
    assert chosen
    return chosen


def test_another_locations_pages_are_not_there(tab, world, theirs):
    """Nor for who runs the installation, and is a member nowhere."""
    with connected():
        root = User.get_by_id(world.root_id)
        InstallationAdmin.create(user_id=root.id, created_at_ms=now_ms())
    strangers = [tab(person) for person in (world.mine.admin, world.mine.user, root)]
    for method, path in pages_where(lambda _method, path: LOCATION in path):
        for person in strangers:
            assert call(person, method, filled(path, theirs)).status == 404, (method, path)


def test_what_is_of_others_is_not_in_ones_own_location_either(tab, world, theirs):
    mine, values = tab(world.mine.admin), {**theirs, "location_id": world.mine.id}
    for method, path in pages_where(lambda _method, path: LOCATION in path and len(_PARAMETER.findall(path)) > 1):
        assert call(mine, method, filled(path, values)).status == 404, (method, path)


def test_what_is_no_id_names_nothing(tab, world, theirs):
    mine = tab(world.mine.admin)
    for method, path in pages_where(lambda _method, path: LOCATION in path):
        for odd in ("0", "-1", "x", "%00", "9" * 30, "%2e%2e"):
            values = dict.fromkeys(_PARAMETER.findall(path), odd)
            assert call(mine, method, filled(path, values)).status == 404, (method, path, odd)


def test_who_is_not_signed_in_is_shown_the_way(tab, theirs):
    for method, path in pages_where(lambda method, path: f"{method} {path}" not in OPEN):
        stranger = tab()
        stranger.cookie = "anything"
        answer = call(stranger, method, filled(path, theirs))
        assert answer.status == 303, (method, path)
        assert re.match(r"/sign-in(\?next=/|$)", answer.headers["Location"])


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"token": ""}, id="without a token"),
        pytest.param({"token": "0" * 64}, id="with a wrong one"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, id="from another site"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, id="from a neighbour"),
        pytest.param({"Origin": "https://evil.example"}, id="from another origin"),
        pytest.param({"Origin": "null"}, id="from nowhere"),
        pytest.param({"Origin": "http://["}, id="from what is no address"),
    ],
)
def test_a_form_that_is_not_ours_is_refused(tab, world, theirs, said):
    mine, values = tab(world.mine.admin), {**theirs, "location_id": world.mine.id}
    cookie = mine.cookie
    for _, path in pages_where(lambda method, _path: method == "POST"):
        answer = mine.post(filled(path, values), **said)
        assert answer.status == 403, path
        assert "This form was not sent from here" in answer.text
        assert mine.cookie == cookie, "still signed in"


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"Sec-Fetch-Site": "same-origin"}, id="by Fetch Metadata"),
        pytest.param({"Origin": "http://127.0.0.1:{port}", "Host": "127.0.0.1:{port}"}, id="by its origin"),
        pytest.param({}, id="by its token alone"),
    ],
)
def test_a_form_that_is_ours_is_taken(tab, world, said):
    mine = tab(world.mine.admin)
    headers = {name: value.format(port=mine.web.port) for name, value in said.items()}
    assert mine.post("/sign-out", **headers).status == 303


def test_the_token_of_one_session_is_none_of_another(tab, world):
    mine, other = tab(world.mine.admin), tab(world.mine.admin)
    path = f"/l/{world.mine.id}/settings/security"
    assert mine.token_on(path) != other.token_on(path)
    assert mine.post("/sign-out", token=other.token_on(path)).status == 403
    assert mine.post("/sign-out", token=mine.token_on(path)).status == 303


def test_every_page_has_its_policy_and_is_kept_by_nobody(tab, world, theirs):
    mine, values = tab(world.mine.admin), {**theirs, "location_id": world.mine.id}
    for _, path in pages_where(lambda method, _path: method == "GET"):
        answer = mine.get(filled(path, values))
        assert answer.headers["Cache-Control"] == "private, no-store", path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        if answer.status == 303 or not answer.headers["Content-Type"].startswith("text/html"):
            continue
        assert answer.headers["Referrer-Policy"] == "same-origin", "else browsers say that our forms come from nowhere"
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"\son\w+=|\sstyle=|<style|<script(?! type=\"module\" src)", answer.text), path
