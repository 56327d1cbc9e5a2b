"""The steps of a connection, cursors whose text order is number order, and what was granted."""

import pytest

from crm_store.rules.connection import LEGAL_STEPS, LIVE, ConnectionState, ConnectionStep, is_legal, padded_cursor
from crm_store.rules.permissions import REQUESTED, Permission, granted, missing, scope_of

GMAIL = "https://www.googleapis.com/auth/gmail."
CONTACTS = "https://www.googleapis.com/auth/contacts"


@pytest.mark.parametrize(
    ("step", "state", "legal"),
    [
        pytest.param(
            ConnectionStep.PAUSE, ConnectionState.NEEDS_REAUTH, False, id="who waits for its user is not paused"
        ),
        pytest.param(ConnectionStep.RESUME, ConnectionState.NEEDS_REAUTH, False, id="and does not go on by itself"),
        pytest.param(ConnectionStep.SIGN_IN, ConnectionState.NEEDS_REAUTH, True, id="A5"),
        pytest.param(ConnectionStep.SIGN_IN, ConnectionState.DISCONNECTED, False, id="A4: reconnecting is anew"),
        pytest.param(ConnectionStep.DISCONNECT, ConnectionState.REPLACED, True, id="A3: after its last sync"),
        pytest.param(ConnectionStep.LOSE_ACCESS, ConnectionState.REPLACED, False, id="a replaced one asks nobody"),
        pytest.param(ConnectionStep.DISCONNECT, ConnectionState.DISCONNECTED, False, id="it ends once"),
    ],
)
def test_which_steps_are_legal(step: ConnectionStep, state: ConnectionState, legal: bool):
    assert is_legal(step, state) is legal


def test_every_step_leads_to_one_state_and_every_state_has_a_way_in():
    for step, steps in LEGAL_STEPS.items():
        assert len(set(steps.values())) == 1, step
    reached = {state for steps in LEGAL_STEPS.values() for state in steps.values()}
    assert reached == set(ConnectionState)
    assert all(is_legal(ConnectionStep.DISCONNECT, state) for state in LIVE), "A4: from anywhere"


@pytest.mark.parametrize(
    ("history_id", "padded"),
    [
        ("1", "00000000000000000001"),
        (987654321, "00000000000987654321"),
        (str(2**64 - 1), "18446744073709551615"),
        ("007", "00000000000000000007"),
    ],
)
def test_a_cursor_has_twenty_digits(history_id: str | int, padded: str):
    assert padded_cursor(history_id) == padded


@pytest.mark.parametrize("history_id", ["", "-1", "1.5", "١٢", str(2**64), "abc", " 1"])
def test_what_is_no_history_id_is_no_cursor(history_id: str):
    with pytest.raises(ValueError, match="history id"):
        padded_cursor(history_id)


@pytest.mark.parametrize(
    ("scope", "lacks"),
    [
        pytest.param(" ".join(REQUESTED), (), id="all"),
        pytest.param(None, (), id="RFC 6749 §5.1: not said is as asked"),
        pytest.param(f"openid {GMAIL}modify", (Permission.CONTACTS,), id="A2: contacts unticked"),
        pytest.param(f"openid {CONTACTS}.readonly", (Permission.MAIL,), id="A2: mail unticked"),
        pytest.param("openid email", (Permission.MAIL, Permission.CONTACTS), id="all unticked"),
        pytest.param(f"https://mail.google.com/ {CONTACTS}", (), id="wider ones include what we need"),
        pytest.param(
            f"{GMAIL}readonly {GMAIL}send {CONTACTS}.readonly", (Permission.MAIL,), id="without the read state (B14)"
        ),
    ],
)
def test_what_was_not_granted_is_named(scope: str | None, lacks: tuple[Permission, ...]):
    assert missing(granted(scope)) == lacks


def test_a_permission_is_named_by_the_scope_that_people_look_up():
    assert [scope_of(permission) for permission in Permission] == ["gmail.modify", "contacts.readonly"]
