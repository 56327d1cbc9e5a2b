"""What following Gmail costs and how fast it is, against the sandbox with 30 ms latency; beside a naive syncer."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from conditions import until
from connected_account import SECRET_KEY
from figures import Figure
from followed_mailbox import Followed
from google_sandbox import GoogleSandbox
from naive_syncer import fetch_all
from places import environ_of

from crm_store import mailboxes
from crm_store.database.migrate import migrate
from crm_store.database.session import connected
from crm_store.settings import Settings, load
from syncer.history.run import run

LATENCY_MS = 30
MESSAGES = 40
MAILBOXES, MESSAGES_EACH, THREADS = 100, 5, 8
LAGS = 8
STRANGER = "Eko <eko@asing.example>"


def measure(folder: Path) -> Iterator[Figure]:
    sandbox = GoogleSandbox()
    environ = environ_of(folder, SUNNYDAY_SECRET_KEYS=SECRET_KEY, SUNNYDAY_SYNC_INTERVAL_S="1", **sandbox.settings)
    settings = load(environ)
    migrate(settings)
    try:
        with Followed.at(sandbox, settings) as ani:
            ani.connect()
            ani.sync()
            budi = ani.contact("budi")
            yield from _one_mailbox(ani, settings, "recorded", budi)
            yield from _one_mailbox(ani, settings, "unrecorded", STRANGER)
            yield _many_mailboxes(ani, settings, budi)
            yield _lag(ani, environ, budi, folder)
    finally:
        sandbox.close()


def _one_mailbox(ani: Followed, settings: Settings, kind: str, author: str) -> Iterator[Figure]:
    peer = Followed(ani.sandbox, settings, "naif", ani.location_id)
    for mailbox in (ani, peer):
        for number in range(MESSAGES):
            mailbox.deliver(author, subject=f"{kind} {number}")
    token = ani.sandbox.tokens(peer.email)["access_token"]
    ani.sandbox.behave(latency_ms=LATENCY_MS)
    ani.sandbox.forget_calls()
    ours_s = _took_s(ani.sync)
    naive_s = _took_s(lambda: fetch_all(settings.google_gmail_url, token))
    ani.sandbox.behave(latency_ms=0)
    for unit, count in (("units", ani.sandbox.units), ("requests", lambda email: ani.sandbox.calls("*", email))):
        ours, naive = count(ani.email) / MESSAGES, count(peer.email) / MESSAGES
        yield Figure(f"syncing: {unit} a message, {kind}", unit, ours, "naive", naive, ours / naive)
    ours, naive = MESSAGES / ours_s, MESSAGES / naive_s
    more: dict[str, object] = {"messages": MESSAGES, "latency_ms": LATENCY_MS}
    yield Figure(f"syncing: messages a second, one mailbox, {kind}", "/s", ours, "naive", naive, ours / naive, more)


def _many_mailboxes(ani: Followed, settings: Settings, budi: str) -> Figure:
    many = [Followed(ani.sandbox, settings, "banyak", ani.location_id) for _ in range(MAILBOXES)]
    for one in many:
        one.connect()
        for number in range(MESSAGES_EACH):
            one.deliver(budi, subject=f"surat {number}")
    rings = [one.ring() for one in many]

    def follow(ring: mailboxes.Ring) -> bool:
        with connected():
            return run(ani.engine, ring)

    ani.sandbox.behave(latency_ms=LATENCY_MS)
    with ThreadPoolExecutor(THREADS) as threads:
        took_s = _took_s(lambda: list(threads.map(follow, rings)))
    ani.sandbox.behave(latency_ms=0)
    recorded = sum(one.counts().recorded for one in many)
    more: dict[str, object] = {"threads": THREADS, "recorded": recorded, "of": MAILBOXES * MESSAGES_EACH}
    return Figure(f"syncing: messages a second, {MAILBOXES} mailboxes", "/s", recorded / took_s, more=more)


def _lag(ani: Followed, environ: dict[str, str], budi: str, folder: Path) -> Figure:
    """By polling every second, in the service as it is started. All mailboxes are polled meanwhile."""
    ani.sandbox.behave(latency_ms=LATENCY_MS)
    command = [sys.executable, str(Path(__file__).with_name("services.py")), str(folder / "state.json"), "syncer"]
    with (folder / "syncer.log").open("wb") as log:
        process = subprocess.Popen(command, env={**os.environ, **environ}, stdout=log, stderr=log)
    lags: list[float] = []
    try:
        for number in range(LAGS + 1):
            before = ani.counts().recorded
            ani.deliver(budi, subject=f"lekas {number}")
            lags.append(_took_s(lambda before=before: until(lambda: ani.counts().recorded > before)))  # type: ignore[misc]  # mypy does not infer a lambda's default
    finally:
        process.terminate()
        process.wait(30)
    lags = lags[1:]  # the first waited for the process to start
    more: dict[str, object] = {"longest s": max(lags), "mailboxes": MAILBOXES + 1, "interval_s": 1}
    return Figure("syncing: delivery to visible, by polling", "s", median(lags), more=more)


def _took_s(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s
