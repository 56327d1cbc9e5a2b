"""sunnyday explain: F2 at the command line, on both databases."""

import json

import pytest
from mails import a_mail
from store import Person, Store

from crm_store import decisions
from crm_store.models.captures import DecisionRow
from crm_store.rules.rule import Reason, Rule
from crm_store.rules.states import CaptureState


@pytest.fixture
def explain(store: Store, sunnyday):
    """explain(words…): the command on the store's database."""
    environ = {
        "SUNNYDAY_DATA": str(store.settings.data),
        "SUNNYDAY_DATABASE_URL": store.settings.database_url.get_secret_value(),
    }
    return lambda *words: sunnyday("explain", *words, **{name: value for name, value in environ.items() if value})


@pytest.mark.parametrize("asked", ["<one@firma.example>", "one@firma.example"])
def test_each_location_that_got_a_message_has_a_line_with_rule_and_reason(
    store: Store, ani: Person, explain, asked: str
):
    dewi = store.user("dewi@firma.example", store.location("Toko Dewi"))
    store.capture(a_mail(message_id="<one@firma.example>"), ani.bcc, dewi.bcc)

    done = explain(asked)
    assert (done.returncode, done.stderr) == (0, "")
    here, there = done.stdout.splitlines()
    assert f"  bcc    location {ani.location_id}  recorded  C2  It begins a talk with somebody new" in here
    assert f"  bcc    location {dewi.location_id}  held  C4  Its sender is neither the owner" in there
    told = json.loads(explain(asked, "--json").stdout)
    assert told["message"] == asked
    assert [(one["path"], one["location_id"], one["outcome"], one["rule"]) for one in told["decisions"]] == [
        ("bcc", str(ani.location_id), "recorded", "C2"),
        ("bcc", str(dewi.location_id), "held", "C4"),
    ]
    assert told["decisions"][0].keys() == {"at", "path", "location_id", "outcome", "rule", "reason"}
    assert told["decisions"][0]["at"].endswith("Z")


def test_what_no_location_recorded_is_told_too_also_by_gmails_id(store: Store, ani: Person, explain):
    decisions.write_mailbox(
        ani.user_id,
        "18f0a1",
        CaptureState.IGNORED,
        Rule.B4,
        Reason.NO_CONTACT,
        message_id="two@f",
        location_id=None,
        entry_id=None,
        now_ms=store.now_ms,
    )
    by_gmail, by_message = explain("18f0a1"), explain("two@f")
    assert by_gmail.stdout == by_message.stdout
    assert by_gmail.stdout.endswith("  gmail  no location  ignored  B4  Nobody in it is a contact (B4).\n")
    assert json.loads(explain("18f0a1", "--json").stdout)["decisions"][0]["location_id"] is None


def test_a_reason_that_only_a_newer_version_knows_is_told_by_its_rule(store: Store, ani: Person, explain):
    store.capture(a_mail(message_id="<one@firma.example>"), ani.bcc)
    DecisionRow.update(reason="of-tomorrow", rule="Z9").execute()
    assert explain("one@firma.example").stdout.endswith("(Z9).\n")


def test_a_message_that_nobody_knows_is_one_sentence_and_1(store: Store, ani: Person, explain):
    done = explain("<nobody@knows.example>")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Nothing is known of <nobody@knows.example>")
    assert len(done.stderr.splitlines()) == 1
