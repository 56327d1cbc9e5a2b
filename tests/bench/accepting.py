"""How many mails a second are taken so that a power cut loses none, against stock aiosmtpd with a file a mail."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from figures import Figure
from flood import LOOPS, Contender, Flood, race, receiver, told
from processes import ClientLoad, stock

COUNTED = ClientLoad("", 2_000, 200, 100)
PEER = "stock aiosmtpd"
# What takes a second or so, how often, and the goals on asyncio and on uvloop; 0: none was set.
FLOODS = (
    (Flood(2_000, 2_000, 100), 5, (2.4, 3.3)),
    (Flood(30_000, 1_000, 100), 5, (2.5, 3.2)),
    (Flood(5_000_000, 100, 100), 3, (4.7, 4.7)),
    (Flood(2_000, 400, 1), 5, (0.0, 0.0)),
    (Flood(2_000, 2_000, 100, reuse=True), 5, (0.0, 0.0)),
)


def measure(folder: Path) -> Iterator[Figure]:
    """One receiver process against the peer's one."""
    with ExitStack() as stack:
        contenders = {loop: stack.enter_context(receiver(folder / loop, loop)) for loop in LOOPS}
        peer = stack.enter_context(stock(folder / "stock"))
        contenders[PEER] = Contender(peer, contenders["asyncio"].recipient)
        for flood, rounds, goals in FLOODS:
            race(contenders, lambda _, flood=flood: flood, 1)  # a warm-up
            found = race(contenders, lambda _, flood=flood: flood, rounds)
            yield from told(flood.name("accepted"), found, contenders, PEER, goals)
        yield from _flushes(contenders)


def _flushes(contenders: Mapping[str, Contender]) -> Iterator[Figure]:
    """Counted in runs that are not timed, where there is strace."""
    counted: dict[str, float | None] = {}
    for name, one in contenders.items():
        load = ClientLoad(one.recipient, COUNTED.size_bytes, COUNTED.mails, COUNTED.sessions)
        counted[name] = one.server.flushes(load)
    if (ours := counted.pop("asyncio")) is not None:
        yield Figure("flushes a mail, 2 KB, 100 sessions", "", ours, more=dict(counted))
