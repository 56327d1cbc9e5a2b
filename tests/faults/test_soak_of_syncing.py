"""The long forms of following mailboxes: kills, an ill Google and lost history while mail flows; and very many at once.

make soak                 SOAK_MINUTES=20: a quarter of them for the kills, half for each database; FAULT_SEED=…"""

import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from statistics import median

import pytest
import structlog
from conditions import until
from connected_account import SECRET_KEY
from followed_mailbox import Followed
from gmail_traffic import GmailTraffic, Tally
from google_sandbox import GoogleSandbox
from kills import Points, kill9
from served_product import Product
from sync_service import SyncService, sync_service
from true_counts import assert_counts_are_true

from crm_store import connections
from crm_store.clock import now_ms
from crm_store.database.migrate import migrate
from crm_store.database.session import connected
from crm_store.fault_point import SYNC_POINTS
from crm_store.models.connections import Connection
from crm_store.models.mailboxes import Mailbox
from crm_store.settings import load

MINUTES = float(os.environ.get("SOAK_MINUTES", "20"))
COLLEAGUES = 5
PUSH = {"TOPIC": "projects/crm/topics/gmail", "AUDIENCE": "crm", "ACCOUNT": "push@sandbox.iam.gserviceaccount.com"}
SETTLED_WITHIN_S = 300
MAILBOXES, MAILS_EACH = 500, 4

pytestmark = pytest.mark.soak


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The sandbox is in this process, and tells of every push."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    yield
    structlog.reset_defaults()


class Soak:
    """Two sync services on one database, real pushes, and people who press "sync now"."""

    def __init__(self, product: Product, sandbox: GoogleSandbox, traffic: GmailTraffic, random: Random) -> None:
        self.product, self.sandbox, self.traffic, self.random = product, sandbox, traffic, random
        self.rounds, self.killed, self.points, self.compared = Counter[str](), Counter[str](), Counter[str](), 0

    def strike_points(self, log: Path) -> None:
        """Each of them once: at the first, the second or the third time that the syncer comes there."""
        points = Points(log, [f"{name}:{self.random.randint(1, 3)}" for name in SYNC_POINTS])
        self.restart(points.environ)
        deadline = time.monotonic() + 240
        while points.missing and time.monotonic() < deadline:
            self.traffic.go_on(2)
            one = self.random.choice(self.traffic.mailboxes)
            connections.want_backfill(one.access, one.place_id, 1, now_ms=now_ms())
            time.sleep(0.2)
        assert not points.missing, points.missing
        self.restart(dict.fromkeys(points.environ, ""))
        self.points += Counter(name.partition(":")[0] for name in points.hits.elements())
        self.settle("points")

    def kill_by_chance(self, second: SyncService, events: int, kills: int) -> None:
        due = sorted(self.random.sample(range(events), kills))
        with self.wishes():
            for number in range(events):
                self.traffic.go_on(1, with_faults=True)
                time.sleep(self.random.uniform(0, 0.05))
                if number in due:
                    self.kill_one(second)
        self.product.until_up()
        self.settle("kills")

    def kill_one(self, second: SyncService) -> None:
        victim = self.random.choices(["syncer", "second", "both", "all"], [4, 4, 2, 1])[0]
        if victim in ("second", "both"):
            second.kill9()
        if victim in ("syncer", "both"):
            tree = until(lambda: self.product.tree)
            for process in tree.services.get("syncer", ()):
                if process.pid:
                    kill9(process.pid)
        if victim == "all":
            self.restart({})
        self.killed[victim] += 1

    def settle(self, kind: str) -> None:
        """Nothing lost, nothing doubled, the counts add up, and a whole comparison finds nothing (B16)."""
        self.sandbox.ask("DELETE", "/faults")
        tally = _when_settled(self.traffic)
        self.rounds[kind] += 1
        print(f"{kind:8} {tally}", flush=True)
        assert tally.nothing_wrong, tally
        self.traffic.assert_ledgers_are_the_mailboxes()
        assert_counts_are_true()
        seen = self.traffic.want_a_whole_comparison()
        for one in self.traffic.mailboxes:
            connections.want_sync(one.access, one.place_id, now_ms=now_ms())
        until(self.traffic.is_compared, 120)
        self.compared += len(self.traffic.mailboxes)
        assert self.traffic.tally().seen == seen

    def restart(self, environ: dict[str, str]) -> None:
        self.product.kill()
        self.product.environ.update(environ)
        self.product.start()
        # Its port is another one now.
        push = {"endpoint": f"{self.product.http_url}/push/gmail", "audience": PUSH["AUDIENCE"], "per_second": 0}
        self.sandbox.ask("PATCH", "/push", push)

    @contextmanager
    def wishes(self) -> Iterator[None]:
        """Somebody presses "sync now" all the time."""
        over = threading.Event()

        def press() -> None:
            with connected():
                while not over.wait(0.1):
                    for one in self.traffic.mailboxes:
                        if one.row.state in ("active", "importing", "paused"):
                            connections.want_sync(one.access, one.place_id, now_ms=now_ms())

        pressing = threading.Thread(target=press)
        pressing.start()
        try:
            yield
        finally:
            over.set()
            pressing.join()

    def __str__(self) -> str:
        parts = {"rounds": self.rounds, "killed": self.killed, "points": self.points, "happened": self.traffic.happened}
        lines = [
            f"{title:9} " + ", ".join(f"{name} {n}" for name, n in sorted(found.items()))
            for title, found in parts.items()
        ]
        return "\n".join([*lines, f"compared  {self.compared} mailboxes, to the end", str(self.traffic.tally())])


def test_kills_an_ill_google_and_lost_history_lose_and_double_nothing(
    served: Callable[..., Product], database_environ: dict[str, str], sandbox: GoogleSandbox, tmp_path: Path, seed: int
):
    told = {f"SUNNYDAY_GOOGLE_PUBSUB_{name}": value for name, value in PUSH.items()}
    common = {"SUNNYDAY_SYNC_INTERVAL_S": "1", "SUNNYDAY_SECRET_KEYS": SECRET_KEY, **told, **sandbox.settings}
    product, random = served(**common, **database_environ), Random(seed)
    over = time.monotonic() + MINUTES / 8 * 60
    with Followed.at(sandbox, load(product.environ)) as first:
        sandbox.limit(user_units_per_minute=1_000_000, project_units_per_minute=10_000_000)
        colleagues = [
            first,
            *(Followed(sandbox, first.settings, "bagus", first.location_id) for _ in range(COLLEAGUES)),
        ]
        for one in colleagues:
            one.connect()
        soak = Soak(product, sandbox, GmailTraffic(colleagues, random), random)
        soak.restart({})
        try:
            while not soak.rounds or time.monotonic() < over:
                soak.strike_points(tmp_path / f"struck-{soak.rounds.total()}")
                with sync_service(product.environ, product.data / "run" / "second.json") as second:
                    soak.kill_by_chance(second, 120, 12)
        finally:
            name = "PostgreSQL" if database_environ else "SQLite"
            print(f"\n{name}, seed {seed}\n{soak}", flush=True)
            waited = product.log.count("sync_waits_for_store"), product.log.count("sync_failed")
            print(f"runs that waited for the store, or failed for another reason than Google: {waited}", flush=True)
    assert not set(SYNC_POINTS) - soak.points.keys(), "points that never struck"


def test_500_mailboxes_on_one_worker(database_environ: dict[str, str], sandbox: GoogleSandbox, tmp_path: Path):
    """Each gets mail, a few at a time; all is recorded, and none waits for the others' sake."""
    environ = {
        "SUNNYDAY_DATA": str(tmp_path / "data"),
        "SUNNYDAY_SECRET_KEYS": SECRET_KEY,
        "SUNNYDAY_SYNC_INTERVAL_S": "60",
        **sandbox.settings,
        **database_environ,
    }
    settings = load(environ)
    migrate(settings)
    with Followed.at(sandbox, settings) as first:
        sandbox.limit(project_units_per_minute=100_000_000)
        many = [first, *(Followed(sandbox, settings, "ani", first.location_id) for _ in range(MAILBOXES - 1))]
        for one in many:
            one.connect()
        budi, random = first.contact("budi"), Random(1)
        with sync_service(environ, tmp_path / "run" / "sync.json"):
            took_s = _took_s(lambda: _wait(lambda: _synced(many)))
            print(f"\n{MAILBOXES} mailboxes first looked at in {took_s:.0f} s", flush=True)
            began_s, order = time.monotonic(), many * MAILS_EACH
            random.shuffle(order)
            for number, one in enumerate(order):
                one.deliver(budi, subject=f"surat {number}")
            delivered_s = time.monotonic() - began_s
            _wait(lambda: _recorded(many) == len(order))
            took_s = time.monotonic() - began_s
            counts = {one.told() for one in many}
        lags_s = _lags_s(many)
    print(f"{len(order)} mails delivered in {delivered_s:.0f} s, all recorded after {took_s:.0f} s", flush=True)
    print(
        f"last look at a mailbox: {min(lags_s):.1f} to {max(lags_s):.1f} s ago, median {median(lags_s):.1f}", flush=True
    )
    assert counts == {(MAILS_EACH, MAILS_EACH, 0, 0, 0)}
    assert max(lags_s) < settings.sync_interval_s + took_s  # none was left out of a round


def _synced(many: Sequence[Followed]) -> bool:
    ids = [one.place_id for one in many]
    return Connection.select().where(Connection.place_id.in_(ids), Connection.last_synced_at_ms.is_null()).count() == 0


def _recorded(many: Sequence[Followed]) -> int:
    return sum(row.recorded for row in Mailbox.select(Mailbox.recorded))


def _lags_s(many: Sequence[Followed]) -> list[float]:
    rows = Connection.select(Connection.last_synced_at_ms).where(
        Connection.place_id.in_([one.place_id for one in many])
    )
    return [(now_ms() - row.last_synced_at_ms) / 1000 for row in rows]


def _when_settled(traffic: GmailTraffic) -> Tally:
    """As soon as nothing is wrong; what is wrong by then, stays so."""
    deadline = time.monotonic() + SETTLED_WITHIN_S
    while not (tally := traffic.tally()).nothing_wrong and time.monotonic() < deadline:
        time.sleep(0.2)
    return tally


def _wait(condition: Callable[[], bool]) -> None:
    """The sandbox is in this process: whoever asks all the time takes its time away."""
    deadline = time.monotonic() + 900
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(1)


def _took_s(work: Callable[[], object]) -> float:
    began_s = time.monotonic()
    work()
    return time.monotonic() - began_s
