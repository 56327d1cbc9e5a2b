"""What following Gmail costs and how fast it is, against the sandbox with 30 ms latency; beside a naive syncer.

BENCH_LONG=1: the worker's memory up to 100,000 messages, which takes half an hour."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from conditions import until
from connected_account import SECRET_KEY
from figures import Figure
from followed_mailbox import Followed
from google_sandbox import SandboxControl
from naive_syncer import fetch_all
from places import environ_of
from sandbox_process import sandbox_process
from sync_service import sync_service
from syncing_lag import by_polling, by_push, until_all_were_looked_at

from crm_store import mailboxes
from crm_store.database.migrate import migrate
from crm_store.database.session import connected
from crm_store.models.mailboxes import Mailbox
from crm_store.settings import Settings, load
from syncer.history.run import run

LATENCY_MS = 30
MESSAGES = 40
MAILBOXES, MESSAGES_EACH, THREADS = 100, 5, 8
IN_MEMORY = (10_000, 100_000) if os.environ.get("BENCH_LONG") else (500, 2_500)
STRANGER = "Eko <eko@asing.example>"
MB = 1024 * 1024


def measure(folder: Path) -> Iterator[Figure]:
    with sandbox_process() as sandbox:
        environ = environ_of(folder, SUNNYDAY_SECRET_KEYS=SECRET_KEY, **sandbox.settings)
        settings = load(environ)
        migrate(settings)
        with Followed.at(sandbox, settings) as ani:
            ani.connect()
            ani.sync()
            budi = ani.contact("budi")
            yield from _one_mailbox(ani, settings, "recorded", budi)
            yield from _one_mailbox(ani, settings, "unrecorded", STRANGER)
            many = [Followed(sandbox, settings, "banyak", ani.location_id) for _ in range(MAILBOXES)]
            yield _many_mailboxes(ani, many, budi)
            with _slow(sandbox):
                yield by_polling(environ, many, budi)
                yield by_push(environ, many, budi)
            yield from _memory(environ, many)


def _one_mailbox(ani: Followed, settings: Settings, kind: str, author: str) -> Iterator[Figure]:
    peer = Followed(ani.sandbox, settings, "naif", ani.location_id)
    for mailbox in (ani, peer):
        ani.sandbox.fill(mailbox.email, MESSAGES, sender=author, subject=kind)
    token = ani.sandbox.tokens(peer.email)["access_token"]
    ani.sandbox.forget_calls()
    with _slow(ani.sandbox):
        ours_s = _took_s(ani.sync)
        naive_s = _took_s(lambda: fetch_all(settings.google_gmail_url, token))
    for unit, count in (("units", ani.sandbox.units), ("requests", lambda email: ani.sandbox.calls("*", email))):
        ours, naive = count(ani.email) / MESSAGES, count(peer.email) / MESSAGES
        yield Figure(f"syncing: {unit} a message, {kind}", unit, ours, "naive", naive, ours / naive)
    ours, naive = MESSAGES / ours_s, MESSAGES / naive_s
    more: dict[str, object] = {"messages": MESSAGES, "latency_ms": LATENCY_MS}
    yield Figure(f"syncing: messages a second, one mailbox, {kind}", "/s", ours, "naive", naive, ours / naive, more)


def _many_mailboxes(ani: Followed, many: Sequence[Followed], budi: str) -> Figure:
    for one in many:
        one.connect()
        one.sandbox.fill(one.email, MESSAGES_EACH, sender=budi)
    rings = [one.ring() for one in many]

    def follow(ring: mailboxes.Ring) -> bool:
        with connected():
            return run(ani.engine, ring)

    with _slow(ani.sandbox), ThreadPoolExecutor(THREADS) as threads:
        took_s = _took_s(lambda: list(threads.map(follow, rings)))
    recorded = sum(one.counts().recorded for one in many)
    more: dict[str, object] = {"threads": THREADS, "recorded": recorded, "of": MAILBOXES * MESSAGES_EACH}
    return Figure(f"syncing: messages a second, {MAILBOXES} mailboxes", "/s", recorded / took_s, more=more)


def _memory(environ: dict[str, str], many: Sequence[Followed]) -> Iterator[Figure]:
    """Of one worker's life, after so many messages; of strangers, as most mail is."""
    sandbox, seen = many[0].sandbox, _seen()
    with sync_service(
        {**environ, "SUNNYDAY_SYNC_INTERVAL_S": "1"}, Path(environ["SUNNYDAY_DATA"]) / "memory.json"
    ) as service:
        until_all_were_looked_at(many)
        filled = 0
        for count in IN_MEMORY:
            for one in many:
                sandbox.fill(one.email, (count - filled) // len(many), sender=STRANGER)
            filled = count
            began_s = time.perf_counter()
            until(lambda count=count: _seen() - seen >= count, 3600)  # type: ignore[misc]  # mypy does not infer a lambda's default
            more: dict[str, object] = {"s": time.perf_counter() - began_s}
            yield Figure(
                f"syncing: the worker's memory after {count:,} messages", "MB", service.peak_rss_bytes / MB, more=more
            )


def _seen() -> int:
    """Messages that were looked at."""
    return sum(row.not_recorded for row in Mailbox.select(Mailbox.not_recorded))


@contextmanager
def _slow(sandbox: SandboxControl) -> Iterator[None]:
    """Google is as far away as it is."""
    sandbox.behave(latency_ms=LATENCY_MS)
    yield
    sandbox.behave(latency_ms=0)


def _took_s(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s
