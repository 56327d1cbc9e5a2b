"""What large mails cost others: memory while 50 come at once, and how long small ones take while 5 streams run."""

import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from figures import Figure, compared
from flood import LOOPS, SMTP_SOURCE, Contender, Flood, receiver
from processes import ClientLoad, stock

ROUNDS = 3
LARGE_BYTES = 25_000_000
AT_ONCE = Flood(LARGE_BYTES, 50, 50)
STREAMS = Flood(LARGE_BYTES, 1_000_000, 5)  # as long as they are let
SMALL_MAILS = 30
PEER = "stock aiosmtpd"
MEMORY_GOAL_MB = 100
TIME_GOAL = 0.35


def measure(folder: Path) -> Iterator[Figure]:
    if SMTP_SOURCE is None:
        print("large mails: not measured, smtp-source is not installed")
        return
    with ExitStack() as stack:
        contenders = {loop: stack.enter_context(receiver(folder / loop, loop)) for loop in LOOPS}
        for loop, one in contenders.items():
            yield _memory(loop, one)
        peer = stack.enter_context(stock(folder / "stock"))
        contenders[PEER] = Contender(peer, contenders["asyncio"].recipient)
        yield from _small_ones(contenders)


def _memory(loop: str, one: Contender) -> Figure:
    """Of the process that takes mail; the supervisor beside it does nothing."""
    (acceptor,) = one.server.process.children()
    with _peak_pss_mb(acceptor.pid) as most:
        took_s, _ = AT_ONCE.run(one)
    one.server.settle()
    more: dict[str, object] = {"goal ≤": MEMORY_GOAL_MB, "before": most[0], "MB/s": AT_ONCE.mails * 25 / took_s}
    return Figure(f"peak memory, 50 mails of 25 MB at once, {loop}", "MB", max(most), more=more)


@contextmanager
def _peak_pss_mb(pid: int) -> Iterator[list[float]]:
    """Its share of memory, looked at again and again in the block; the first is from before."""
    seen = [_pss_mb(pid)]
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.01):
            seen.append(_pss_mb(pid))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        over.set()
        looking.join()


def _pss_mb(pid: int) -> float:
    (line,) = [one for one in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines() if one.startswith("Pss:")]
    return int(line.split()[1]) / 1024


def _small_ones(contenders: Mapping[str, Contender]) -> Iterator[Figure]:
    took_ms: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, one in contenders.items():
            with _streams_to(one):
                took_ms[name].append(
                    median(ClientLoad(one.recipient, 2_000, SMALL_MAILS).run(one.server.port).whole_ms)
                )
            one.server.settle()
    for loop in LOOPS:
        name = f"a small mail while 5 streams of 25 MB run, {loop}"
        yield compared(name, "ms", took_ms[loop], PEER, took_ms[PEER], {"goal ≤": TIME_GOAL})


@contextmanager
def _streams_to(one: Contender) -> Iterator[None]:
    streams = subprocess.Popen(STREAMS.command(one), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        streams.kill()
        streams.wait(20)
