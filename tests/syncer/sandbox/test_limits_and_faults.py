"""Quota, calls at once, batches, faults on demand, counters: facts/gmail.md 1.6, 1.7."""

import time
from concurrent.futures import ThreadPoolExecutor
from http.client import RemoteDisconnected

import pytest
from google.auth.exceptions import RefreshError
from googleapiclient.errors import BatchError, HttpError

MAIL = b"From: citra@toko.example\r\nTo: x@y.example\r\nSubject: Salam\r\n\r\nHalo.\r\n"
SEND = {"raw": "VG86IHhAeS5leGFtcGxlDQpTdWJqZWN0OiBTDQoNCkhpDQo="}


def refused(call) -> HttpError:
    with pytest.raises(HttpError) as raised:
        call.execute(num_retries=0)
    return raised.value


def profile(client):
    return client.users.getProfile(userId="me")


@pytest.mark.parametrize(
    ("refusal", "status", "words"),
    [
        ("403", 403, "Quota exceeded for quota metric 'Queries'"),
        ("429", 429, "User-rate limit exceeded.  Retry after 20"),
    ],
)
def test_a_users_units_run_out_until_the_next_minute(google, sandbox, refusal, status, words):
    ana, bo = google("ana"), google("bo")
    sandbox.limit(user_units_per_minute=3, refusal=refusal)
    for _ in range(3):
        profile(ana).execute()
    error = refused(profile(ana))
    assert error.status_code == status
    assert words in error.reason
    assert error.error_details[0]["reason"] == "rateLimitExceeded"
    profile(bo).execute()
    sandbox.behave(clock_skew_ms=60_000)
    profile(ana).execute()
    assert sandbox.units(ana.email) == 4


def test_the_project_has_a_limit_too(google, sandbox):
    ana, bo = google("ana"), google("bo")
    sandbox.limit(project_units_per_minute=1)
    profile(ana).execute()
    assert "'Queries per minute'" in refused(profile(bo)).reason


def test_units_are_what_the_page_of_may_2026_says(google, sandbox):
    ana = google("ana")
    message_id = sandbox.deliver(ana.email, MAIL)["id"]
    messages = ana.users.messages()
    since = profile(ana).execute()["historyId"]
    messages.get(userId="me", id=message_id).execute()
    messages.list(userId="me").execute()
    ana.users.history().list(userId="me", startHistoryId=since).execute()
    messages.send(userId="me", body=SEND).execute()
    assert sandbox.units(ana.email) == 1 + 20 + 5 + 2 + 100


def test_too_many_sends_in_a_day(google, sandbox):
    ana = google("ana")
    sandbox.limit(user_sends_per_day=1)
    ana.users.messages().send(userId="me", body=SEND).execute()
    error = refused(ana.users.messages().send(userId="me", body=SEND))
    assert error.status_code == 429
    assert "(Mail sending)" in error.reason


def test_too_many_calls_at_once(google, sandbox):
    ana = google("ana")
    sandbox.limit(user_calls_at_once=2)
    sandbox.behave(latency_ms=200)

    def status(_) -> int:
        try:
            ana.service("gmail.v1").users().getProfile(userId="me").execute()
        except HttpError as error:
            return error.status_code
        return 200

    with ThreadPoolExecutor(5) as pool:
        assert sorted(pool.map(status, range(5))) == [200, 200, 429, 429, 429]


def test_a_batch_costs_its_calls_and_its_parts_fail_alone(google, sandbox):
    ana = google("ana")
    ids = [sandbox.deliver(ana.email, MAIL)["id"], "gone"]
    answers = {}
    batch = ana.gmail.new_batch_http_request(lambda name, reply, error: answers.update({name: error or reply}))
    for message_id in ids:
        batch.add(ana.users.messages().get(userId="me", id=message_id, format="minimal"), request_id=message_id)
    batch.execute()
    assert answers[ids[0]]["id"] == ids[0]
    assert answers["gone"].status_code == 404
    assert sandbox.calls("gmail.users.messages.get", ana.email) == 2
    assert sandbox.units(ana.email) == 40


@pytest.mark.parametrize("path", ["/batch", "/batch/gmail/v1"])
def test_a_batch_runs_at_once_and_has_at_most_a_hundred_calls(google, sandbox, path):
    ana = google("ana")
    errors = []
    for count in (20, 101):
        batch = ana.gmail.new_batch_http_request(lambda _, __, error: errors.append(error))
        batch._batch_uri = sandbox.url + path
        for _ in range(count):
            batch.add(profile(ana))
        if count > 100:
            with pytest.raises((BatchError, HttpError)):
                batch.execute()
        else:
            batch.execute()
    assert [error.status_code for error in errors if error] == [429] * 10
    assert sum(error is None for error in errors) == 10


def test_a_batch_may_be_cut_as_a_whole(google, sandbox):
    ana = google("ana")
    sandbox.fault("gmail.users.getProfile", drop=True, times=0)
    batch = ana.gmail.new_batch_http_request()
    batch.add(profile(ana))
    with pytest.raises(RemoteDisconnected):
        batch.execute()


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"status": 503}, 503),
        ({"status": 500, "body": {"odd": 1}}, 500),
        ({"status": 429, "headers": {"Retry-After": "7"}}, 429),
    ],
)
def test_a_status_on_demand_strikes_the_nth_call(google, sandbox, fault, status):
    ana = google("ana")
    sandbox.fault("gmail.users.getProfile", account=ana.email, nth=2, **fault)
    profile(ana).execute()
    error = refused(profile(ana))
    assert error.status_code == status
    assert error.resp.get("retry-after") == fault.get("headers", {}).get("Retry-After")
    profile(ana).execute()


@pytest.mark.parametrize(("when", "sent"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize("how", [{"status": 503}, {"drop": True}])
def test_a_fault_before_or_after_the_effect(google, sandbox, when, sent, how):
    ana = google("ana")
    sandbox.fault("gmail.users.messages.send", when=when, times=2, **how)
    with pytest.raises((HttpError, RemoteDisconnected)):
        ana.users.messages().send(userId="me", body=SEND).execute(num_retries=0)
    # httplib2 posts once more by itself when the connection is cut (1.9): two calls, perhaps two mails.
    assert len(sandbox.messages(ana.email)) == sent * sandbox.calls("gmail.users.messages.send", ana.email)


def test_a_delay_and_a_latency(google, sandbox):
    ana = google("ana")
    sandbox.behave(latency_ms=30)
    sandbox.fault("gmail.*", delay_ms=60)
    began = time.monotonic()
    profile(ana).execute()
    assert time.monotonic() - began >= 0.09
    assert sandbox.ask("GET", "/faults")[0]["struck"] == 1


def test_a_fault_may_last_and_names_an_account(google, sandbox):
    ana, bo = google("ana"), google("bo")
    sandbox.fault("*", account=ana.email, status=503, times=0)
    for _ in range(3):
        assert refused(profile(ana)).status_code == 503
    profile(bo).execute()
    sandbox.ask("DELETE", "/faults")
    profile(ana).execute()


def test_wrong_calls(google, sandbox):
    ana, bo = google("ana"), google("bo")
    assert refused(ana.users.getProfile(userId=bo.email)).status_code == 403
    ana.users.getProfile(userId=ana.email).execute()
    assert refused(bo.users.settings().getImap(userId="me")).status_code == 501


def test_the_client_refreshes_an_old_token_and_a_dead_grant_surfaces_as_a_refresh_error(google, sandbox):
    ana = google("ana")
    sandbox.ask("POST", f"/accounts/{ana.email}/expire-access-tokens")
    profile(ana).execute()
    assert sandbox.calls("oauth.token", ana.email) == 1
    sandbox.fault("gmail.users.getProfile", status=401, reason="authError", message="Invalid Credentials")
    profile(ana).execute()
    sandbox.ask("DELETE", f"/accounts/{ana.email}/grants")
    with pytest.raises(RefreshError, match="invalid_grant"):
        profile(ana).execute()


def test_counters_tell_calls_units_and_statuses(google, sandbox):
    ana = google("ana")
    profile(ana).execute()
    refused(ana.users.messages().get(userId="me", id="gone"))
    counts = {one["method"]: one for one in sandbox.ask("GET", "/counters") if one["account"] == ana.email}
    assert counts["gmail.users.getProfile"]["statuses"] == {"200": 1}
    assert counts["gmail.users.messages.get"] | {"account": ""} == {
        "account": "", "method": "gmail.users.messages.get", "calls": 1, "units": 20, "statuses": {"404": 1},
    }  # fmt: skip
