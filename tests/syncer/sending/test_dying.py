"""kill -9 at every step of sending: each mail is at most once in Sent and at its receiver, and none is lost (E6)."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import sending_lives
from connected_account import SECRET_KEY
from followed_mailbox import Followed
from google_sandbox import GoogleSandbox
from outgoing import Outgoing, subjects

from crm_store.database import engine as database
from crm_store.database.migrate import migrate
from crm_store.fault_point import SEND_POINTS
from crm_store.settings import load

TOO_LARGE_BYTES = 100_000


class Dying:
    """An outbox whose worker dies; budi receives."""

    def __init__(self, ani: Outgoing, environ: Mapping[str, str]) -> None:
        self.ani, self._environ = ani, environ
        self.budi = ani.sandbox.new_email("budi")
        ani.sandbox.add_account(self.budi)
        ani.sandbox.limit(media_bytes=TOO_LARGE_BYTES, user_units_per_minute=0)
        self.mails: list[int] = []

    def post(self, count: int) -> None:
        self.mails += [self.ani.post(self.budi, subject=f"surat {len(self.mails) + one}") for one in range(count)]

    def post_what_is_refused(self) -> None:
        self.mails.append(self.ani.post(self.budi, subject="besar", text="x" * TOO_LARGE_BYTES))

    def live(self, *words: object, **environ: str) -> list[int]:
        """Until nothing is left to send; each life's exit status."""
        done = subprocess.run(
            [sys.executable, "-P", sending_lives.__file__, *map(str, words)],
            env={**os.environ, **self._environ, **environ},
            stdout=subprocess.PIPE,
            text=True,
            timeout=600,
            check=True,
        )
        return [int(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("life ")]

    def outcome(self) -> dict[str, int]:
        """Of all mails: how many are in Sent, how many of them more than once, at either end, and how many are lost:
        neither there nor in a state that says so."""
        ani = self.ani
        sent, received = Counter(ani.in_sent()), Counter(subjects(ani.mailbox, self.budi))
        wanted = Counter(str(ani.row(one).state) for one in self.mails)
        doubled = [subject for subject, times in (sent + received).items() if max(sent[subject], received[subject]) > 1]
        return {
            "mails": len(self.mails),
            "sent": len(sent),
            "doubled": len(doubled),
            "lost": len(self.mails) - len(sent) - wanted["failed"],
            "told otherwise": abs(wanted["sent"] - len(sent)),
        }


@pytest.fixture
def dying(
    sandbox: GoogleSandbox,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    empty_database: Callable[..., dict[str, str]],
) -> Iterator[Dying]:
    """request.param: the database."""
    environ = {
        "SUNNYDAY_DATA": str(tmp_path / "data"),
        "SUNNYDAY_SECRET_KEYS": SECRET_KEY,
        "SUNNYDAY_SYNC_INTERVAL_S": "1",
        **sandbox.settings,
        **empty_database(request.param, tmp_path),
    }
    migrate(load(environ))
    database.database.obj.close_all()
    with Followed.at(sandbox, load(environ)) as mailbox:
        mailbox.connect()
        mailbox.sync()
        yield Dying(Outgoing(mailbox), environ)


@pytest.mark.parametrize("dying", ["sqlite"], indirect=True)
def test_dying_between_any_two_steps_loses_and_doubles_nothing(dying: Dying, tmp_path):
    log = tmp_path / "struck"
    dying.post(4)
    dying.post_what_is_refused()
    lives = dying.live(0, 0, SUNNYDAY_FAULT_POINT=",".join(SEND_POINTS), SUNNYDAY_FAULT_LOG=str(log))
    assert sorted(log.read_text().split()) == sorted(SEND_POINTS), "a point that is not reached proves nothing"
    assert lives == [-9] * len(SEND_POINTS) + [0]
    assert dying.outcome() == {"mails": 5, "sent": 4, "doubled": 0, "lost": 0, "told otherwise": 0}
    dying.ani.mailbox.sync()
    assert len(dying.ani.mailbox.entries()) == 4
    assert dying.ani.mailbox.told() == (4, 4, 0, 0, 0)


@pytest.mark.parametrize("dying", ["sqlite"], indirect=True)
def test_the_control_that_looks_for_nothing_doubles(dying: Dying, tmp_path):
    """Or the test above would prove nothing."""
    dying.post(1)
    dying.live(0, 0, "careless", SUNNYDAY_FAULT_POINT="send.after-answer", SUNNYDAY_FAULT_LOG=str(tmp_path / "struck"))
    assert dying.outcome()["doubled"] == 1


@pytest.mark.soak
@pytest.mark.parametrize("dying", ["sqlite", "postgresql"], indirect=True)
def test_two_hundred_deaths_at_random(dying: Dying):
    seed = int(os.environ.get("FAULT_SEED", "20261124"))
    print(f"FAULT_SEED={seed}")
    dying.post(150)  # no more than a minute's units of whoever is left alive
    lives = dying.live(200, seed)
    outcome = dying.outcome()
    print(f"{lives.count(-9)} deaths: {outcome}")
    assert lives.count(-9) >= 100
    assert outcome == {"mails": 150, "sent": 150, "doubled": 0, "lost": 0, "told otherwise": 0}
    dying.ani.mailbox.sync()
    assert len(dying.ani.mailbox.entries()) == 150
