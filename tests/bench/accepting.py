"""How many mails a second are taken so that a power cut loses none, against stock aiosmtpd with a file a mail."""

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from figures import Figure, compared
from places import environ_of, store_of
from processes import ClientLoad, Server, ours, stock

from crm_store.rules.states import Role

ROUNDS = 5
COUNTED_MAILS = 200
SIZES_BYTES = (2_000, 30_000)
MAILS = {1: 500, 20: 1_000, 100: 1_000}  # by sessions: what takes about a second
PEER = "stock aiosmtpd"


def measure(folder: Path) -> Iterator[Figure]:
    """One receiver process against the peer's one; what the two of a machine with two cores take is told beside it."""
    environ = environ_of(folder / "ours")
    with store_of(environ) as store:
        recipient = store.user("ani@firma.example", store.location(), Role.ADMIN).bcc
    with ExitStack() as stack:
        one, two = (
            stack.enter_context(ours({**environ, "SUNNYDAY_SMTP_PROCESSES": str(processes)}, "receiver"))
            for processes in (1, 2)
        )
        servers = {"one": one, "two": two, "peer": stack.enter_context(stock(folder / "stock"))}
        for reuse in (False, True):
            for size_bytes in SIZES_BYTES:
                for sessions, mails in MAILS.items():
                    yield _compare(servers, ClientLoad(recipient, size_bytes, mails, sessions, reuse))


def _compare(servers: Mapping[str, Server], load: ClientLoad) -> Figure:
    per_s: dict[str, list[float]] = {name: [] for name in servers}
    cpu_us: dict[str, list[float]] = {name: [] for name in servers}
    to_250_ms: dict[str, list[float]] = {name: [] for name in servers}
    for _ in range(ROUNDS):
        for name, server in servers.items():
            before_s = server.cpu_s()
            sent = load.run(server.port)
            cpu_us[name].append((server.cpu_s() - before_s) * 1e6 / load.mails)
            per_s[name].append(load.mails / sent.seconds)
            to_250_ms[name] += sent.to_250_ms
    counted = dataclasses.replace(load, mails=COUNTED_MAILS)
    return compared(
        f"accepted, {load.size_bytes // 1000} KB, {load.sessions} sessions, "
        f"{'kept open' if load.reuse else 'a connection each'}",
        "mails/s",
        per_s["one"],
        PEER,
        per_s["peer"],
        {
            "two processes": median(per_s["two"]),
            "ratio of two": median(a / b for a, b in zip(per_s["two"], per_s["peer"], strict=True)),
            "CPU µs": [round(median(cpu_us[name])) for name in ("one", "peer")],
            "flushes": [servers[name].flushes(counted) for name in ("one", "peer")],
            "median ms to 250": [round(median(to_250_ms[name]), 2) for name in ("one", "peer")],
        },
    )
