"""The processes that are measured, and the client that is not."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import psutil
from conditions import until
from served_product import Product

from crm_store.process.tree import read_tree

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Server:
    """port: where it takes mail; 0 for one that takes none. settle: lets its work end and takes away what it keeps."""

    process: psutil.Process
    port: int
    settle: Callable[[], object] = lambda: None

    def cpu_s(self) -> float:
        """User and system time of all its processes so far."""
        family = [self.process, *self.process.children(recursive=True)]
        return sum(times.user + times.system for times in (one.cpu_times() for one in family))

    def peak_mb(self) -> float:
        """The most that the largest of its processes had in memory so far, what it shares with others included."""
        family = [self.process, *self.process.children(recursive=True)]
        return max(_peak_kb(one.pid) for one in family) / 1024

    def flushes(self, load: "ClientLoad") -> float | None:
        """fsync and fdatasync calls a mail, counted in a run that is not timed; None where there is no strace."""
        strace = shutil.which("strace")
        if strace is None:
            return None
        pids = [one.pid for one in [self.process, *self.process.children(recursive=True)]]
        counting = subprocess.Popen(
            [strace, "-f", "-q", "-e", "trace=fsync,fdatasync", *(f"--attach={pid}" for pid in pids)],
            stderr=subprocess.PIPE,
            text=True,
        )
        assert counting.stderr is not None
        until(lambda: all(_is_traced(pid) for pid in pids))
        load.run(self.port)
        counting.terminate()
        return sum("sync(" in line for line in counting.stderr.read().splitlines()) / load.mails


def _peak_kb(pid: int) -> int:
    (line,) = [one for one in Path(f"/proc/{pid}/status").read_text().splitlines() if one.startswith("VmHWM")]
    return int(line.split()[1])


def _is_traced(pid: int) -> bool:
    return "TracerPid:\t0\n" not in Path(f"/proc/{pid}/status").read_text()


@dataclass(frozen=True)
class Sent:
    """seconds: that all took. The others for each mail, in their order."""

    seconds: float
    to_250_ms: list[float]
    whole_ms: list[float]
    accepted_at_s: list[float]


@dataclass(frozen=True)
class ClientLoad:
    """What smtp_client.py is told. per_s: in place of sessions."""

    recipient: str
    size_bytes: int
    mails: int
    sessions: int = 1
    reuse: bool = False
    per_s: float | None = None
    tag: str | None = None

    def run(self, port: int) -> Sent:
        said = {"port": port, "size-bytes": self.size_bytes, "mails": self.mails, "sessions": self.sessions}
        said |= {name: value for name in ("per_s", "tag") if (value := getattr(self, name)) is not None}
        words = [f"--{name.replace('_', '-')}={value}" for name, value in said.items()] + ["--reuse"] * self.reuse
        client = [sys.executable, HERE / "smtp_client.py", self.recipient, *words]
        return Sent(**json.loads(subprocess.run(client, check=True, stdout=subprocess.PIPE).stdout))


@contextlib.contextmanager
def ours(environ: Mapping[str, str], *services: str) -> Iterator[Server]:
    """These services of the product, up."""
    data = Path(environ["SUNNYDAY_DATA"])
    state_file = data / f"run/bench-{'-'.join(services)}.json"
    with (
        (data / "bench.log").open("ab") as log,
        _running(["services.py", state_file, *services], environ, log) as process,
    ):
        tree = until(lambda: (tree := read_tree(state_file)) and tree.ready and tree, 60)
        port = int(tree.smtp[0].rpartition(":")[2]) if tree.smtp else 0
        yield Server(psutil.Process(process.pid), port, lambda: _empty(data / "intake/acceptors", "*/spool/*"))


@contextlib.contextmanager
def served(environ: Mapping[str, str]) -> Iterator[Product]:
    """All of the product, up."""
    product = Product(Path(environ["SUNNYDAY_DATA"]), dict(environ))
    product.start()
    try:
        yield product
    finally:
        product.stop()


@contextlib.contextmanager
def stock(folder: Path, environ: Mapping[str, str] | None = None) -> Iterator[Server]:
    """aiosmtpd as it comes, with a file a mail."""
    kept = folder / "kept"
    kept.mkdir(parents=True)
    log_file = folder / "bench.log"
    with log_file.open("w+b") as log, _running(["stock_receiver.py", kept], environ or {}, log) as process:
        yield Server(psutil.Process(process.pid), int(until(log_file.read_text)), lambda: _empty(kept, "*"))


def _empty(folder: Path, pattern: str) -> None:
    for file in folder.glob(pattern):
        file.unlink(missing_ok=True)


@contextlib.contextmanager
def sink(folder: Path) -> Iterator[int]:
    """The port of a server that takes every mail and keeps none."""
    log_file = folder / "sink.log"
    with log_file.open("w+b") as log, _running(["mail_sink.py"], {}, log):
        yield int(until(log_file.read_text))


@contextlib.contextmanager
def _running(words: Sequence[object], environ: Mapping[str, str], log: BinaryIO) -> Iterator[subprocess.Popen[bytes]]:
    script, *arguments = map(str, words)
    process = subprocess.Popen(
        [sys.executable, HERE / script, *arguments], env={**os.environ, **environ}, stdout=log, stderr=log
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)
