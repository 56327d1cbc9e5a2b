"""What keeps people from connecting Gmail is told, with what to do about it."""

import pytest

from crm_store.settings import load
from gateway.doctor.finding import State
from gateway.doctor.google import check_google, judge_google, judge_keys

CLIENT = {
    "SUNNYDAY_GOOGLE_CLIENT_ID": "1-a.apps.googleusercontent.com",
    "SUNNYDAY_GOOGLE_CLIENT_SECRET": "GOCSPX-hush",
    "SUNNYDAY_PUBLIC_URL": "https://crm.example.com",
}


@pytest.mark.parametrize(
    ("change", "state", "told"),
    [
        pytest.param({"PUBLIC_URL": "http://crm.example.com"}, State.WRONG, "not https", id="Google wants https"),
        pytest.param({"PUBLIC_URL": "https://203.0.113.5"}, State.WRONG, "domain name", id="no addresses"),
        pytest.param({"PUBLIC_URL": "https://crm"}, State.WRONG, "domain name", id="no names of the own network"),
        pytest.param({"PUBLIC_URL": ""}, State.WARNING, "on this machine alone", id="nobody else comes back"),
        pytest.param({"GOOGLE_CLIENT_ID": "my client"}, State.WRONG, ".apps.googleusercontent.com", id="no client id"),
        pytest.param({"GOOGLE_GMAIL_URL": "http://proxy.example"}, State.WARNING, "GMAIL_URL", id="tokens in the open"),
        pytest.param(
            {"GOOGLE_PUBSUB_TOPIC": "projects/p/topics/t"}, State.WRONG, "PUBSUB_ACCOUNT", id="pushes of anybody"
        ),
    ],
)
def test_what_is_wrong_with_the_settings_is_told(change: dict[str, str], state: State, told: str):
    environ = {**CLIENT, **{f"SUNNYDAY_{name}": value for name, value in change.items()}}
    (finding,) = judge_google(load(environ))
    assert (finding.state, told in finding.found, bool(finding.mend)) == (state, True, True), finding
    assert "hush" not in f"{finding}"


@pytest.mark.parametrize("url", ["https://crm.example.com", "http://localhost:8000", "http://127.0.0.1:8000"])
def test_nothing_is_said_of_what_google_takes(url: str):
    assert judge_google(load({**CLIENT, "SUNNYDAY_PUBLIC_URL": url})) == []


def test_a_key_that_one_machine_has_alone_is_told_where_the_database_is_shared():
    shared = {**CLIENT, "SUNNYDAY_DATABASE_URL": "postgresql://host/name"}
    assert [finding.state for finding in judge_keys(load(shared))] == [State.WARNING]
    assert judge_keys(load({**shared, "SUNNYDAY_SECRET_KEYS": "k" * 32})) == []
    assert judge_keys(load(CLIENT)) == []


def test_without_a_client_it_is_said_that_nobody_can_connect():
    (finding,) = check_google(load({}))
    assert (finding.state, "deploy/google.md" in finding.found) == (State.OK, True)


@pytest.mark.parametrize(
    ("change", "state", "told"),
    [
        pytest.param({}, State.OK, "knows the client", id="as it should be"),
        pytest.param({"CLIENT_SECRET": "another"}, State.WRONG, "does not know", id="another secret"),
        pytest.param({"CLIENT_ID": "another"}, State.WRONG, "does not know", id="another client"),
        pytest.param({"TOKEN_URL": "http://127.0.0.1:1"}, State.WARNING, "does not answer", id="no way out"),
    ],
)
def test_google_is_asked_whether_it_knows_the_client(sandbox, change: dict[str, str], state: State, told: str):
    changed = {f"SUNNYDAY_GOOGLE_{name}": value for name, value in change.items()}
    environ = {"SUNNYDAY_PUBLIC_URL": "http://localhost:8000", **sandbox.settings, **changed}
    (finding,) = check_google(load(environ))
    assert (finding.state, told in finding.found) == (state, True), finding
