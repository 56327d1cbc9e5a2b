"""One client's behaviour does not keep others from being served."""

import contextlib
import threading
from dataclasses import replace

from gateway.smtp import patience, session
from gateway.smtp.gate import GateLimits

FLOOD_BYTES = 100_000_000
WIDE = GateLimits(60_000, 60_000, 60_000, 60_000, (), 60_000)


def test_a_flood_from_one_client_holds_up_nobody_else(start_receiver):
    """One sender pours a large mail in as fast as it is taken: what others send meanwhile is taken, mail by mail."""
    receiver = start_receiver(max_mail_bytes=FLOOD_BYTES)
    flood = receiver.hello()
    flood.say_all("MAIL FROM:<>", "RCPT TO:<ana@capture.test>", "DATA")
    block, poured, enough = b"x" * 65_534 + b"\r\n", [0], threading.Event()

    def pour():
        with contextlib.suppress(OSError):
            while not enough.is_set() and poured[0] < FLOOD_BYTES / len(block) - 1:
                flood.send(block)
                poured[0] += 1

    pouring = threading.Thread(target=pour)
    pouring.start()
    other = receiver.hello()
    before = poured[0]
    for _ in range(10):
        assert other.mail("ana@capture.test").startswith("250 2.0.0")
    enough.set()
    pouring.join(20)
    assert poured[0] > before  # it did pour meanwhile
    assert len(receiver.rows()) == 10


def test_clients_that_say_nothing_give_way_where_places_are_rare(start_receiver, monkeypatch):
    """Of 20 places 19 are taken by silent ones: they are asked to leave, long before SUNNYDAY_SMTP_IDLE_S."""
    monkeypatch.setattr(patience, "_CROWDED_IDLE_S", 0.2)
    monkeypatch.setattr(session, "_LOOK_EVERY_S", 0.1)
    receiver = start_receiver(gate_limits=replace(WIDE, connections=20))
    silent = [receiver.connect() for _ in range(19)]
    assert silent[0].reply().startswith("421 4.4.2")
    assert receiver.hello().mail("ana@capture.test").startswith("250 2.0.0")


def test_a_mail_a_byte_at_a_time_costs_others_nothing(start_receiver):
    """Slow-loris: many mails that hardly move, each with a block in memory at most."""
    receiver = start_receiver()
    slow = [receiver.hello() for _ in range(50)]
    for client in slow:
        client.say_all("MAIL FROM:<>", "RCPT TO:<ana@capture.test>", "DATA")
    for byte in (b"S", b"u", b"b"):
        for client in slow:
            client.send(byte)
    assert receiver.hello().mail("ana@capture.test").startswith("250 2.0.0")
    for client in slow:
        client.send(b"ject: x\r\n.\r\n")
    assert all(client.reply().startswith("250 2.0.0") for client in slow)
    assert len(receiver.rows()) == 51
