"""kill -9 at every step of sending through a relay: each mail arrives at most once, and none is lost: what may have
left is unknown to us, and everything else is sent (E6)."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import sending_lives
from providers_outbox import ProvidersOutbox

from crm_store.fault_point import RELAY_POINTS
from crm_store.models.outbox import Delivery

# Each life begins one mail, and then in the commit that says that it was sent one or two more, as the relay is swift.
LEFT_IN_DOUBT = (
    "send.after-begin-commit",
    "relay.after-content",
    "relay.after-answer",
    "send.before-sent-commit",
    "send.after-sent-commit",
)
POINTS = ("send.after-take", "send.before-begin-commit", *LEFT_IN_DOUBT)
RECIPIENTS = 10


def live(place: ProvidersOutbox, *words: object, **environ: str) -> list[int]:
    """Until nothing is left to do; each life's exit status."""
    settings = place.store.settings
    done = subprocess.run(
        [sys.executable, "-P", sending_lives.__file__, *map(str, words)],
        env={
            **os.environ,
            "SUNNYDAY_DATA": str(settings.data),
            "SUNNYDAY_DATABASE_URL": settings.database_url.get_secret_value(),
            **environ,
        },
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
        check=True,
    )
    return [int(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("life ")]


def outcome(place: ProvidersOutbox) -> Counter[str]:
    """Of all deliveries, by state; and what must not be."""
    arrived, told = Counter(place.arrived()), Counter()
    for row in Delivery.select():
        (address,) = row.recipients
        told[str(row.state)] += 1
        told["doubled"] += max(0, arrived[address] - 1)
        told["said to be sent, and is not"] += row.state == "sent" and not arrived[address]
        told["arrived, and nobody says so"] += row.state not in ("sent", "unknown") and bool(arrived[address])
        told["sent without an entry"] += row.state == "sent" and row.entry_id is None
    return +told


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_dying_between_any_two_steps_doubles_nothing_and_loses_nothing(
    providers_outbox: ProvidersOutbox, tmp_path: Path
):
    assert set(RELAY_POINTS) < set(POINTS)
    log = tmp_path / "struck"
    providers_outbox.post(*(f"p{number}@x.test" for number in range(RECIPIENTS)))
    lives = live(providers_outbox, 0, 0, SUNNYDAY_FAULT_POINT=",".join(POINTS), SUNNYDAY_FAULT_LOG=str(log))
    assert sorted(log.read_text().split()) == sorted(POINTS), "a point that is not reached proves nothing"
    assert lives == [-9] * len(POINTS) + [0]
    told = outcome(providers_outbox)
    assert set(told) == {"sent", "unknown"}, told
    assert told.total() == RECIPIENTS
    assert 0 <= told["unknown"] - len(LEFT_IN_DOUBT) <= 1


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("point", "arrived"),
    [
        pytest.param("relay.after-content:5", 4, id="all but the end of its fourth is written"),
        pytest.param("relay.after-answer:5", 5, id="its fourth was taken"),
        pytest.param("send.before-sent-commit:2", 12, id="all of it was taken"),
    ],
)
def test_what_dies_amid_many_leaves_those_in_doubt_and_no_others(
    providers_outbox: ProvidersOutbox, tmp_path: Path, point: str, arrived: int
):
    """The first life begins one, and then the eleven others at once."""
    providers_outbox.post(*(f"p{number}@x.test" for number in range(12)))
    lives = live(
        providers_outbox,
        *(0, 0, "many"),
        SUNNYDAY_FAULT_POINT=point,
        SUNNYDAY_FAULT_LOG=str(tmp_path / "struck"),
    )
    assert lives == [-9, 0]
    assert len(providers_outbox.arrived()) == arrived
    assert outcome(providers_outbox) == {"sent": 1, "unknown": 11}


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_the_control_that_takes_unknown_for_unsent_doubles(providers_outbox: ProvidersOutbox, tmp_path: Path):
    """Or the tests above would prove nothing."""
    providers_outbox.post(*(f"p{number}@x.test" for number in range(4)))
    struck = {"SUNNYDAY_FAULT_POINT": "relay.after-answer", "SUNNYDAY_FAULT_LOG": str(tmp_path / "struck")}
    live(providers_outbox, 0, 0, "careless", **struck)
    assert outcome(providers_outbox) == {"sent": 4, "doubled": 1}


@pytest.mark.soak
def test_dying_at_any_moment(providers_outbox: ProvidersOutbox):
    deaths = 0
    for seed in range(20):
        providers_outbox.post(*(f"p{seed}-{number}@x.test" for number in range(60)))
        deaths += live(providers_outbox, 10, seed).count(-9)
        told = outcome(providers_outbox)
        assert set(told) <= {"sent", "unknown"}, told
    print(f"relay kills: {deaths} deaths, {dict(told)}")
    assert deaths >= 50


@pytest.mark.soak
def test_the_control_doubles_at_any_moment(providers_outbox: ProvidersOutbox):
    doubled = 0
    for seed in range(20):
        providers_outbox.post(*(f"p{seed}-{number}@x.test" for number in range(60)))
        live(providers_outbox, 10, seed, "careless")
        doubled = outcome(providers_outbox)["doubled"]
        if doubled:
            break
    print(f"the control: {doubled} doubled")
    assert doubled
