"""What sending costs and how fast it is: by Gmail against the sandbox with 30 ms latency; by a location's provider, a
local SMTP sink, against a bare smtplib loop that hands it the same mails over one connection."""

import smtplib
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from connected_gmail import Mailbox
from databases import both
from figures import Figure, compared
from google_sandbox import GoogleSandbox
from outside import Outside, User
from places import environ_of
from processes import served, sink

LATENCY_MS = 30
BY_GMAIL = 12
ROUNDS = 3
RECIPIENTS = 200
LOOK_EVERY_S = {"individual": 0.005, "bulk": 0.1}  # asking takes time from the sending
TEXT = "Selamat pagi, terlampir penawaran kami. Kami tunggu kabar baiknya.\n" * 29  # some 2 KB
SENT_WITHIN_S = 300.0


def measure(folder: Path) -> Iterator[Figure]:
    sandbox = GoogleSandbox()
    try:
        with both() as databases:
            for database, make in databases.items():
                # An hour: so that no polling is among the calls that are counted.
                environ = environ_of(folder / database, SUNNYDAY_SYNC_INTERVAL_S="3600", **sandbox.settings, **make())
                with served(environ) as product:
                    outside = Outside(product)
                    ani = outside.add_user("ani@firma.example", outside.add_location("Toko Ani"))
                    assert outside.call(ani.token, "PATCH", f"/users/{ani.id}", {"undo_s": 0})[0] == 200
                    yield from _by_gmail(Mailbox.connect(outside, sandbox, ani), database)
                    yield _by_provider(outside, ani, database, folder)
    finally:
        sandbox.close()


def _by_gmail(mailbox: Mailbox, database: str) -> Iterator[Figure]:
    sandbox, to = mailbox.sandbox, [{"name": "Budi", "address": mailbox.budi}]
    _until_sent(mailbox.outside, mailbox.user, {"kind": "individual", "to": to})  # the first fetches an access token
    sandbox.behave(latency_ms=LATENCY_MS)
    sandbox.forget_calls()
    took_s = [_until_sent(mailbox.outside, mailbox.user, {"kind": "individual", "to": to}) for _ in range(BY_GMAIL)]
    calls, units = sandbox.calls("*", mailbox.email) / BY_GMAIL, sandbox.units(mailbox.email) / BY_GMAIL
    sandbox.behave(latency_ms=0)
    more: dict[str, object] = {"most": max(took_s) * 1000, "latency_ms": LATENCY_MS, "calls": calls, "units": units}
    yield Figure(f"sending: POST to sent by Gmail, {database}, median", "ms", median(took_s) * 1000, more=more)


def _by_provider(outside: Outside, ani: User, database: str, folder: Path) -> Figure:
    """A mail to each of many contacts-to-be; with all that makes it durable, found again, and an entry."""
    per_s: dict[str, list[float]] = {"ours": [], "peer": []}
    with sink(folder) as port:
        path = f"/locations/{ani.location_id}/provider"
        status, answer = outside.call(ani.token, "PUT", path, {"host": "127.0.0.1", "port": port, "tls": "none"})
        assert status in (200, 201), answer
        for number in range(ROUNDS):
            to = [{"name": f"Tamu {one}", "address": f"tamu{one}@g{number}.example"} for one in range(RECIPIENTS)]
            per_s["ours"].append(RECIPIENTS / _until_sent(outside, ani, {"kind": "bulk", "to": to}))
            per_s["peer"].append(RECIPIENTS / _bare_loop_s(port, [one["address"] for one in to]))
    name = f"sending: mails a second by the provider, {database}"
    return compared(name, "/s", per_s["ours"], "a bare smtplib loop", per_s["peer"], {"mails": RECIPIENTS})


def _until_sent(outside: Outside, user: User, mail: dict[str, Any]) -> float:
    """Seconds from asking to the state that says so."""
    body = {"user_id": user.id, "subject": "Penawaran", "text": TEXT, **mail}
    began_s = time.perf_counter()
    status, asked = outside.call(user.token, "POST", f"/locations/{user.location_id}/emails", body)
    assert status == 202, asked
    while outside.get(user.token, f"/emails/{asked['id']}")["state"] != "sent":
        assert time.perf_counter() - began_s < SENT_WITHIN_S, "not sent"
        time.sleep(LOOK_EVERY_S[mail["kind"]])
    return time.perf_counter() - began_s


def _bare_loop_s(port: int, addresses: list[str]) -> float:
    head = "From: Ani <ani@firma.example>\r\nSubject: Penawaran\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\n"
    rest = "\r\n" + TEXT.replace("\n", "\r\n")
    began_s = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port, local_hostname="bench.example") as server:
        for number, address in enumerate(addresses):
            mail = f"{head}To: {address}\r\nMessage-ID: <{number}@firma.example>\r\n{rest}"
            server.sendmail("ani@firma.example", [address], mail)
    return time.perf_counter() - began_s
