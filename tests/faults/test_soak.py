"""The long form: round after round of kills and power cuts until the time is up, and a table of what came of it.

make soak                 SOAK_MINUTES=20 in all, half for each database; FAULT_SEED=…"""

import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from forgetful_disk import ForgetfulDisk, cut_power_while_mail_comes
from kills import Points, kill_while_mail_comes, send_until_all_have_struck
from mail_traffic import Traffic
from outside import Outside
from served_product import Product

from crm_store.fault_point import POINTS

MINUTES = float(os.environ.get("SOAK_MINUTES", "20"))
LARGEST_BYTES = 5_000_000
# The disk that forgets copies a log at each flush: with 5 MB in each mail nothing else would be done.
LARGEST_BYTES_AT_POWER_CUTS = 600_000


class Score:
    """What all rounds on one database came to."""

    def __init__(self) -> None:
        self.rounds: Counter[str] = Counter()
        self.killed: Counter[str] = Counter()
        self.points: Counter[str] = Counter()
        self.mails: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()

    def add(self, kind: str, traffic: Traffic) -> None:
        """After a round: first what was acknowledged, then all of it, sent again until it was taken."""
        first = traffic.until_settled()
        traffic.send_what_was_not_taken(300)
        traffic.send_once_each(range(0, len(traffic.attempts), 5))
        last = traffic.until_settled()
        self.rounds[kind] += 1
        self.answers += traffic.answers
        for name in ("sent", "acknowledged", "filed"):
            self.mails[name] += getattr(last, name)
        for tally in (first, last):
            self.mails["lost"] += len(tally.lost)
            self.mails["doubled"] += len(tally.doubled) + len(tally.again)
            self.mails["altered"] += len(tally.altered)
        print(f"{kind:12} {last}", flush=True)
        assert first.nothing_wrong, first
        assert last.nothing_wrong, last
        assert last.filed == last.sent

    def __str__(self) -> str:
        parts = {"rounds": self.rounds, "mails": self.mails, "answers": self.answers, "killed": self.killed}
        lines = [
            f"{title:8} " + ", ".join(f"{name} {n}" for name, n in found.items()) for title, found in parts.items()
        ]
        return "\n".join([*lines, "points", *(f"  {name:30} {self.points[name]:5}" for name in POINTS)])


@pytest.mark.soak
def test_soak(served, database_environ, forgetful_disk, tmp_path, seed):
    random, score = Random(seed), Score()
    environ = {"SUNNYDAY_TRUSTED_RELAYS": "127.0.0.1", **database_environ}
    over = time.monotonic() + MINUTES / 2 * 60
    disk = forgetful_disk(tmp_path / "data-1")
    try:
        product, on_disk = served(**environ), served(**environ, **disk.environ)
        on_disk.kill()  # two that use one PostgreSQL database would do each other's work
        while not score.rounds or time.monotonic() < over:
            kill_at_points(product, random, score, tmp_path)
            kill_by_chance(product, random, score)
            with in_place_of(product, on_disk):
                cut_power_often(on_disk, disk, random, score)
    finally:
        print(f"\n{'PostgreSQL' if database_environ else 'SQLite'}, seed {seed}\n{score}", flush=True)
    assert not set(POINTS) - score.points.keys(), "points that never struck"


def kill_at_points(product: Product, random: Random, score: Score, folder: Path) -> None:
    """Each of them once: at the first, the second or the third time that a process comes there."""
    log = folder / f"struck-{score.rounds.total()}"
    last = {name: 1 if name.startswith("erasure.") else 3 for name in POINTS}  # of erasures there is one a round
    points = Points(log, [f"{name}:{random.randint(1, last[name])}" for name in POINTS])
    traffic = new_traffic(product, random)
    restart(product, points.environ)
    send_until_all_have_struck(traffic, points, range(120))
    restart(product, dict.fromkeys(points.environ, ""))
    score.points += Counter(name.partition(":")[0] for name in points.hits.elements())
    score.add("points", traffic)


def kill_by_chance(product: Product, random: Random, score: Score) -> None:
    traffic = new_traffic(product, random)
    score.killed += kill_while_mail_comes(traffic, random, range(150), 15)
    score.add("kills", traffic)


def cut_power_often(product: Product, disk: ForgetfulDisk, random: Random, score: Score) -> None:
    traffic = new_traffic(product, random, LARGEST_BYTES_AT_POWER_CUTS)
    for first in range(0, 90, 30):
        cut_power_while_mail_comes(traffic, disk, random, range(first, first + 30))
        score.killed["power"] += 1
    score.add("power cuts", traffic)


@contextmanager
def in_place_of(product: Product, other: Product) -> Iterator[None]:
    product.kill()
    other.start()
    yield
    other.kill()
    product.start()


def restart(product: Product, environ: Mapping[str, str]) -> None:
    product.kill()
    product.environ.update(environ)
    product.start()


def new_traffic(product: Product, random: Random, largest_bytes: int = LARGEST_BYTES) -> Traffic:
    outside = Outside(product)
    location = outside.add_location("Toko Ani")
    user = outside.add_user(f"ani{random.getrandbits(32)}@firma.example", location)
    return Traffic(outside, user, random.getrandbits(32), (1_000, largest_bytes))
