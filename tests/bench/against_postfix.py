"""How many mails a second are taken, against Postfix, which flushes them into its queue and then discards them."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from figures import Figure
from flood import LOOPS, SMTP_SOURCE, Contender, Flood, race, receiver, told
from postfix_receiver import before_250_s, missing, postfix

PEER = "Postfix"
# How often, and the goal on either loop; the CPU of a mail of 2 KB is to be 0.35 of Postfix's or less.
FLOODS = (
    (Flood(2_000, 1_500, 100), 5, 2.5),
    (Flood(30_000, 1_000, 100), 5, 1.8),
    (Flood(5_000_000, 100, 100), 3, 1.0),
)


def measure(folder: Path) -> Iterator[Figure]:
    """CPU: of all of Postfix; "before 250" leaves out its queue manager and its transport."""
    if reason := missing() or ("" if SMTP_SOURCE else "smtp-source is not installed"):
        print(f"against Postfix: not measured, {reason}")
        return
    with ExitStack() as stack:
        contenders = {loop: stack.enter_context(receiver(folder / loop, loop)) for loop in LOOPS}
        peer = stack.enter_context(postfix(folder / "postfix"))
        contenders[PEER] = Contender(peer, contenders["asyncio"].recipient)
        for flood, rounds, goal in FLOODS:
            race(contenders, lambda _, flood=flood: flood, 1)  # a warm-up
            begun_s = before_250_s(peer)
            found = race(contenders, lambda _, flood=flood: flood, rounds)
            before_250_us = (before_250_s(peer) - begun_s) * 1e6 / flood.mails / rounds
            for figure in told(flood.name("taken"), found, contenders, PEER, (goal, goal)):
                figure.more["Postfix's CPU µs before 250"] = round(before_250_us)
                yield figure
