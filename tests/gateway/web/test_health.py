"""/healthz, /readyz, /metrics."""

import re

import pytest

from crm_store.clock import now_ms
from crm_store.database import engine
from crm_store.process.tree import ProcessState, TreeState
from crm_store.settings import load


def test_it_is_alive_and_ready_when_all_parts_are(web):
    assert (web.call("GET", "/healthz").status, web.call("GET", "/healthz").text) == (200, "ok")
    ready = web.call("GET", "/readyz")
    assert (ready.status, ready.json) == (200, {"ready": True, "not_up": []})
    assert web.call("HEAD", "/readyz").status == 200


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "receiver",
    [
        pytest.param(ProcessState(pid=7, ready=False, alive_at_ms=now_ms(), restarts=0), id="it starts"),
        pytest.param(ProcessState(pid=None, ready=False, alive_at_ms=None, restarts=3), id="it died"),
        pytest.param(ProcessState(pid=7, ready=True, alive_at_ms=now_ms() - 60_000, restarts=0), id="it hangs"),
    ],
)
def test_it_is_not_ready_while_the_receiver_is_not_up(web, tree, receiver):
    web_itself = ProcessState(pid=8, ready=True, alive_at_ms=now_ms(), restarts=0)
    services = {"receiver": (receiver,), "web": (web_itself,)}
    tree.state = TreeState(pid=1, ready=False, smtp=(), http=(), services=services)
    answer = web.call("GET", "/readyz")
    assert (answer.status, answer.json["ready"]) == (503, False)
    assert len(answer.json["not_up"]) == 1
    assert answer.json["not_up"][0].startswith("receiver ")
    assert web.call("GET", "/healthz").status == 200


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_it_is_not_ready_where_nobody_tells_how_the_parts_are(web, tree):
    tree.state = None
    assert web.call("GET", "/readyz").status == 503


@pytest.mark.parametrize("gone", ["/nowhere", "postgresql://nobody@127.0.0.1:1/none"], ids=["sqlite", "postgres"])
@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_without_its_database_it_is_alive_not_ready_and_still_measured(web, world, settings, gone):
    url = gone if gone.startswith("postgresql") else f"sqlite://{gone}/crm.sqlite3"
    engine.configure(load({"SUNNYDAY_DATABASE_URL": url}))
    try:
        assert web.call("GET", "/healthz").status == 200
        ready = web.call("GET", "/readyz")
        assert (ready.status, ready.json["ready"]) == (503, False)
        assert ready.json["not_up"][0].startswith("database")
        assert "nobody" not in ready.text
        answer = web.call("GET", "locations", token=world.root)
        assert (answer.status, answer.json["title"]) == (503, "Service Unavailable")
        assert answer.headers["Retry-After"]
        metrics = web.call("GET", "/metrics")
        assert metrics.status == 200
        assert "sunnyday_captures_waiting" not in metrics.text
        assert "sunnyday_http_requests_total" in metrics.text
    finally:
        engine.configure(settings)


def value(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert found, f"{name} is not in {text}"
    return float(found[1])


def test_metrics_count_requests_by_route_and_what_waits(web_over, world, blobs):
    web = web_over(blobs)
    web.call("GET", f"locations/{world.mine.id}", token=world.mine.user.token)
    web.call("GET", f"locations/{world.theirs.id}", token=world.mine.user.token)
    web.call("GET", "/some-secret-path?token=x")
    web.call("BREW", "locations")
    answer = web.call("GET", "/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    route = 'method="GET",route="/api/v1/locations/{location_id}"'
    assert value(answer.text, f'sunnyday_http_requests_total{{{route},status="200"}}') == 1
    assert value(answer.text, f'sunnyday_http_requests_total{{{route},status="404"}}') == 1
    assert value(answer.text, f"sunnyday_http_request_duration_seconds_count{{{route}}}") == 2
    assert value(answer.text, 'sunnyday_http_requests_total{method="GET",route="none",status="404"}') == 1
    assert 'method="other"' in answer.text
    assert "BREW" not in answer.text
    assert "secret" not in answer.text
    for gauge in ("sunnyday_captures_waiting", "sunnyday_captures_failed", "sunnyday_oldest_waiting_seconds"):
        assert value(answer.text, gauge) == 0
    for state in ("waiting", "sending", "unknown"):
        assert value(answer.text, f'sunnyday_outbox_deliveries{{state="{state}"}}') == 0
    assert value(answer.text, "sunnyday_outbox_oldest_due_seconds") == 0
