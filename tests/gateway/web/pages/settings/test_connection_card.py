"""A connection in words: the state from the data, never "connected" where nothing is synced."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from crm_store.connections import BackfillView, ConnectionView
from crm_store.mailboxes import MailboxCounts
from crm_store.rules.connection import ConnectionProblem, ConnectionState
from gateway.web.pages.reader import Reader
from gateway.web.pages.settings.connection_card import STUCK_AFTER_MS, card

NOW_MS = 1_795_000_000_000
MINUTE_MS = 60_000
ENGLISH = Reader("en", ZoneInfo("Asia/Jakarta"), NOW_MS)
VIEW = ConnectionView(
    id=1,
    user_id=1,
    location_id=1,
    email="ani@gmail.example",
    state=ConnectionState.ACTIVE,
    problem=None,
    paused_until_ms=None,
    connected_at_ms=NOW_MS - 3 * MINUTE_MS,
    last_synced_at_ms=NOW_MS - MINUTE_MS,
    lag_ms=MINUTE_MS,
    sent_24h=0,
    daily_limit=500,
    import_contacts=True,
    backfill=None,
    counts=MailboxCounts(),
)
IMPORTING = replace(VIEW, state=ConnectionState.IMPORTING)
PAUSED = replace(VIEW, state=ConnectionState.PAUSED)


@pytest.mark.parametrize(
    ("view", "tone", "state"),
    [
        pytest.param(VIEW, "good", "Connected", id="synced a minute ago"),
        pytest.param(replace(VIEW, last_synced_at_ms=None), "warn", "Connected, first sync under way", id="never synced"),
        pytest.param(IMPORTING, "good", "Importing", id="a backfill of which nothing is known"),
        pytest.param(replace(IMPORTING, backfill=BackfillView("running", 70, None)), "good", "Importing, 70 so far", id="without an estimate"),
        pytest.param(replace(IMPORTING, backfill=BackfillView("running", 1204, 5000)), "good", "Importing 1,204 of about 5,000", id="with one"),
        pytest.param(replace(PAUSED, paused_until_ms=NOW_MS + MINUTE_MS), "warn", f"Paused until {ENGLISH.clock(NOW_MS + MINUTE_MS)}", id="paused until then"),
        pytest.param(PAUSED, "warn", "Paused", id="paused, nobody knows until when"),
        pytest.param(replace(VIEW, state=ConnectionState.NEEDS_REAUTH), "bad", "Sign in again", id="A5"),
        pytest.param(replace(VIEW, state=ConnectionState.DISCONNECTED), "", "Disconnected", id="A4"),
    ],
)  # fmt: skip
def test_what_a_card_says(view: ConnectionView, tone: str, state: str):
    shown = card(view, ENGLISH, 60)
    assert (shown.tone, shown.state, shown.problem) == (tone, state, "")


@pytest.mark.parametrize(
    ("view", "interval_s", "is_stuck"),
    [
        pytest.param(replace(VIEW, last_synced_at_ms=NOW_MS - STUCK_AFTER_MS), 60, False, id="not yet"),
        pytest.param(replace(VIEW, last_synced_at_ms=NOW_MS - STUCK_AFTER_MS - 1), 60, True, id="ten minutes"),
        pytest.param(replace(VIEW, last_synced_at_ms=NOW_MS - STUCK_AFTER_MS - 1), 600, False, id="looked at hourly"),
        pytest.param(replace(IMPORTING, last_synced_at_ms=NOW_MS - STUCK_AFTER_MS - 1), 60, True, id="importing for ever"),
        pytest.param(replace(VIEW, last_synced_at_ms=None, connected_at_ms=0), 60, True, id="never synced, long connected"),
        pytest.param(replace(PAUSED, last_synced_at_ms=0), 60, False, id="a pause is no fault"),
        pytest.param(replace(VIEW, state=ConnectionState.DISCONNECTED, last_synced_at_ms=0), 60, False, id="over"),
    ],
)  # fmt: skip
def test_one_that_is_stuck_is_told(view: ConnectionView, interval_s: int, is_stuck: bool):
    shown = card(view, ENGLISH, interval_s)
    assert shown.problem.startswith("Nothing was synced") is is_stuck
    assert shown.tone == "warn" or not is_stuck


@pytest.mark.parametrize("language", ["en", "id"])
def test_every_problem_has_words_of_its_own_and_so_has_one_of_a_newer_version(language: str):
    reader = replace(ENGLISH, language=language)
    said = [card(replace(VIEW, problem=word), reader, 60).problem for word in [*ConnectionProblem, "of-tomorrow"]]
    assert len(set(said)) == len(said)
    assert all(sentence.endswith(".") for sentence in said)


def test_what_can_be_done_with_it():
    lost, over = replace(VIEW, state=ConnectionState.NEEDS_REAUTH), replace(VIEW, state=ConnectionState.DISCONNECTED)
    can = [
        (one.can_sync, one.is_live, one.needs_sign_in)
        for one in (card(view, ENGLISH, 60) for view in (VIEW, lost, over))
    ]
    assert can == [(True, True, False), (False, True, True), (False, False, False)]
