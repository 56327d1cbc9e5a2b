"""As many mails at once as a server takes: by Postfix's smtp-source, which costs little, else by our own client."""

import resource
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import NamedTuple

from figures import Figure, compared
from places import environ_of, store_of
from processes import ClientLoad, Server, ours

from crm_store.rules.states import Role

SMTP_SOURCE = shutil.which("smtp-source")
LOOPS = ("asyncio", "uvloop")


class Contender(NamedTuple):
    """recipient: whom it takes mail for."""

    server: Server
    recipient: str


@contextmanager
def receiver(folder: Path, loop: str, environ: Mapping[str, str] | None = None) -> Iterator[Contender]:
    """One receiver process of ours, and nothing that takes its mails on."""
    settings = environ_of(folder, SUNNYDAY_SMTP_LOOP=loop, SUNNYDAY_SMTP_PROCESSES="1", **(environ or {}))
    with store_of(settings) as store:
        recipient = store.user("ani@firma.example", store.location(), Role.ADMIN).bcc
    with ours(settings, "receiver") as server:
        yield Contender(server, recipient)


@dataclass(frozen=True)
class Flood:
    """mails: in all, over so many sessions at once. reuse: all of a session's mails on one connection."""

    size_bytes: int
    mails: int
    sessions: int
    reuse: bool = False

    def name(self, what: str) -> str:
        kb = self.size_bytes // 1000
        size = f"{kb} KB" if kb < 1000 else f"{kb // 1000} MB"
        sessions = f"{self.sessions} session{'s' * (self.sessions > 1)}"
        return f"{what}, {size}, {sessions}{', kept open' * self.reuse}"

    def run(self, to: Contender) -> tuple[float, float]:
        """Seconds that it took, and how much of that the client was busy: at 1 it was the client that was measured."""
        used_s, began_at_s = _children_cpu_s(), time.perf_counter()
        if SMTP_SOURCE is None:
            ClientLoad(to.recipient, self.size_bytes, self.mails, self.sessions, self.reuse).run(to.server.port)
        else:
            subprocess.run(self.command(to), check=True, stdout=subprocess.DEVNULL)
        took_s = time.perf_counter() - began_at_s
        return took_s, (_children_cpu_s() - used_s) / took_s

    def command(self, to: Contender) -> list[str]:
        """Of smtp-source."""
        assert SMTP_SOURCE is not None
        numbers = ["-s", str(self.sessions), "-m", str(self.mails), "-l", str(self.size_bytes), *["-d"] * self.reuse]
        names = ["-M", "client.example", "-f", "ani@firma.example", "-t", to.recipient]
        return [SMTP_SOURCE, *numbers, *names, f"127.0.0.1:{to.server.port}"]


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@dataclass
class Rounds:
    """What one of them did, a figure for each round."""

    per_s: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    client: list[float] = field(default_factory=list)


def race(
    contenders: Mapping[str, Contender],
    flood_of: Callable[[str], Flood],
    rounds: int,
) -> dict[str, Rounds]:
    """Each in turn, and again. flood_of: what each gets, by its name."""
    found = {name: Rounds() for name in contenders}
    for _ in range(rounds):
        for name, one in contenders.items():
            flood = flood_of(name)
            before_s = one.server.cpu_s()
            took_s, client = flood.run(one)
            one.server.settle()
            found[name].per_s.append(flood.mails / took_s)
            found[name].cpu_us.append((one.server.cpu_s() - before_s) * 1e6 / flood.mails)
            found[name].client.append(client)
    return found


def told(
    what: str, found: Mapping[str, Rounds], contenders: Mapping[str, Contender], peer: str, goals: Sequence[float]
) -> Iterator[Figure]:
    """A figure for each loop of ours. goals: the least ratio of each."""
    for loop, goal in zip(LOOPS, goals, strict=True):
        pair = (loop, peer)
        cpu = median(a / b for a, b in zip(found[loop].cpu_us, found[peer].cpu_us, strict=True))
        more: dict[str, object] = {"goal ≥": goal} if goal else {}
        more |= {
            "CPU µs": [round(median(found[name].cpu_us)) for name in pair],
            "CPU ×": cpu,
            "peak MB": [round(contenders[name].server.peak_mb()) for name in pair],
            "client busy": [median(found[name].client) for name in pair],
        }
        yield compared(f"{what}, {loop}", "mails/s", found[loop].per_s, peer, found[peer].per_s, more)
