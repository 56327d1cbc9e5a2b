"""How many mails a second are taken where each flush takes 10 ms more, against stock aiosmtpd with a file a mail."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from figures import Figure
from flood import LOOPS, Contender, Flood, race, receiver, told
from processes import stock

ROUNDS = 3
FLUSH_US = 10_000
PEER = "stock aiosmtpd"
SOURCE = Path(__file__).parents[1] / "faults/slow_flush.c"
# What takes a few seconds; by sessions: ours, the peer's, and the goals on asyncio and on uvloop.
FLOODS = ((100, 3_000, 200, (20.0, 20.0)), (1, 150, 150, (1.0, 1.0)))


def measure(folder: Path) -> Iterator[Figure]:
    """A folder's flush is as fast as ever: the peer needs one for each mail as well, and is not charged for it."""
    compiler = shutil.which("cc")
    if compiler is None:
        print("a slow disk: not measured, there is no C compiler")
        return
    library = folder / "slow_flush.so"
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"], check=True)
    slow = {"LD_PRELOAD": str(library), "SLOW_FLUSH_US": str(FLUSH_US)}
    with ExitStack() as stack:
        contenders = {loop: stack.enter_context(receiver(folder / loop, loop, slow)) for loop in LOOPS}
        peer = stack.enter_context(stock(folder / "stock", slow))
        contenders[PEER] = Contender(peer, contenders["asyncio"].recipient)
        for sessions, mails, mails_of_peer, goals in FLOODS:
            floods = dict.fromkeys(LOOPS, Flood(2_000, mails, sessions))
            floods[PEER] = Flood(2_000, mails_of_peer, sessions)
            found = race(contenders, floods.__getitem__, ROUNDS)
            yield from told(floods[PEER].name("flushes 10 ms slower"), found, contenders, PEER, goals)
