"""Every bound is a setting; a client meets it in a real session, /metrics counts it and the log tells it."""

import json
from dataclasses import asdict
from typing import get_args

import pytest
from conditions import until
from prometheus_client import CollectorRegistry

from crm_store.settings import Settings, load
from gateway.intake.acceptor import Acceptor
from gateway.intake.intake import Intake
from gateway.smtp import figures
from gateway.smtp.figures import Figures
from gateway.smtp.gate import GateLimits
from gateway.smtp.limits import Limits
from gateway.smtp.refusals import Limit
from gateway.web.metrics import ReceiverCollector

TO_ANA = ("MAIL FROM:<>", "RCPT TO:<ana@capture.test>")


def connect_again(receiver):
    receiver.hello()
    return receiver.connect().greeting


def come_and_go(receiver):
    receiver.hello().say("QUIT")
    return receiver.connect().greeting


def guess(receiver):
    return receiver.hello().say_all("MAIL FROM:<>", *["RCPT TO:<guess@capture.test>"] * 2)[-1]


def many_recipients(receiver):
    for n in range(100):
        receiver.addresses.add(f"r{n}")
    return receiver.hello().say_all(*TO_ANA, *(f"RCPT TO:<r{n}@capture.test>" for n in range(100)))[-1]


def errors(receiver):
    return receiver.hello().say_all("ETRN", "ETRN")[-1]


def commands(receiver):
    client = receiver.hello()
    client.send(b"NOOP\r\n" * 200)
    return [client.reply() for _ in range(200)][-1]


def large_mail(receiver):
    client = receiver.hello()
    client.say_all(*TO_ANA, "DATA")
    return client.say("x" * 1025 + "\r\n.")


def looped_mail(receiver):
    return receiver.hello().mail("ana@capture.test", text=b"Received: x\r\n" * 11 + b"\r\n")


def full_intake(receiver):
    client = receiver.hello()
    client.mail("ana@capture.test", text=b"x" * 1024**2 + b"\r\n")
    receiver.run(receiver.intake.measure_backlog())
    return client.say("MAIL FROM:<>")


def silence(receiver):
    client = receiver.hello()
    receiver.let_pass(8)
    return client.reply()


def old_session(receiver):
    """Not a silent one."""
    client = receiver.hello()
    receiver.let_pass(200)
    client.say("NOOP")
    receiver.let_pass(200)
    return client.reply()


def mail_that_trickles(receiver):
    client = receiver.hello()
    client.say_all(*TO_ANA, "DATA")
    receiver.let_pass(200)
    client.send(b"x" * 1000)
    until(lambda: any(session._patience._mail_bytes for session in receiver.server._sessions))
    receiver.let_pass(200)
    return client.reply()


def long_mail(receiver):
    client = receiver.hello()
    client.say_all(*TO_ANA, "DATA")
    receiver.let_pass(61)
    return client.reply()


# The setting: its value, how it is met, the code of the answer, and its name in the log and in /metrics.
BOUNDS = {
    "smtp_connections": (1, connect_again, "421 4.7.0", "connections"),
    "smtp_connections_per_network": (1, connect_again, "421 4.7.0", "connections_per_network"),
    "smtp_connections_per_minute": (1, come_and_go, "421 4.7.0", "connection_rate"),
    "smtp_unknown_recipients_per_minute": (1, guess, "450 4.7.1", "unknown_recipients_per_network"),
    "smtp_unknown_recipients": (1, guess, "421 4.7.0", "unknown_recipients"),
    "smtp_recipients": (100, many_recipients, "452 4.5.3", "recipients"),
    "smtp_errors": (1, errors, "421 4.7.0", "errors"),
    "smtp_commands": (200, commands, "421 4.7.0", "commands"),
    "smtp_max_bytes": (1024, large_mail, "552 5.3.4", "mail_size"),
    "smtp_received_fields": (10, looped_mail, "554 5.4.6", "loop"),
    "smtp_backlog_bytes": (1024**2, full_intake, "452 4.3.1", "room"),
    "smtp_idle_s": (7, silence, "421 4.4.2", "idle"),
    "smtp_session_s": (300, old_session, "421 4.4.2", "session_time"),
    "smtp_min_bytes_per_s": (20, mail_that_trickles, "421 4.4.2", "mail_pace"),
    "smtp_mail_s": (60, long_mail, "421 4.4.2", "mail_pace"),
}
NO_BOUNDS = {"smtp_listen", "smtp_loop", "smtp_processes", "smtp_proxies_speak", "smtp_unlimited_networks"}


def test_every_setting_of_the_receiver_and_every_limit_has_its_row():
    assert BOUNDS.keys() | NO_BOUNDS == {name for name in Settings.model_fields if name.startswith("smtp_")}
    assert {limit for *_, limit in BOUNDS.values()} == set(get_args(Limit))


@pytest.mark.parametrize("name", BOUNDS)
def test_a_bound(start_receiver, tmp_path, capsys, name):
    value, meet, answer, limit = BOUNDS[name]
    settings = load({f"SUNNYDAY_{name.upper()}": str(value), "SUNNYDAY_SMTP_UNLIMITED_NETWORKS": "192.0.2.0/24"})
    limits = asdict(Limits.of(settings))
    receiver = start_receiver(
        max_mail_bytes=limits.pop("mail_bytes"),
        gate_limits=GateLimits.of(settings, in_process=60_000),
        intake=lambda folder, size: Intake(folder, size, max_backlog_bytes=settings.smtp_backlog_bytes),
        **limits,
    )
    assert meet(receiver).startswith(answer)
    assert receiver.refusals.counts == {limit: 1}
    capsys.readouterr()
    receiver.refusals.log_news()
    said = json.loads(capsys.readouterr().out)
    assert (said["event"], said[limit]) == ("smtp_limits_reached", 1)
    assert shown(tmp_path / "other", receiver.refusals.counts, limit) == 1


def shown(folder, counts, limit):
    """What /metrics says."""
    acceptor = Acceptor(folder, "one")
    acceptor.ensure()
    figures.tell(acceptor.folder, Figures(0, counts))
    registry = CollectorRegistry()
    registry.register(ReceiverCollector(folder))
    found = registry.get_sample_value("sunnyday_smtp_limits_reached_total", {"receiver": "one", "limit": limit})
    acceptor.release()
    return found
