"""Limits over all connections, and over all processes of a machine."""

import os
from dataclasses import replace
from ipaddress import ip_network

import pytest

from gateway.intake import segment
from gateway.intake.acceptor import Acceptor
from gateway.smtp import replies
from gateway.smtp.gate import Gate, GateLimits
from gateway.smtp.tally import Counts, Tally, network_of

LIMITS = GateLimits(
    connections=6,
    per_network=2,
    begun_per_minute=4,
    unknown_recipients_per_minute=3,
    unlimited=(ip_network("10.0.0.0/8"),),
    in_process=5,
)


class Machine:
    """Receivers that share an intake."""

    def __init__(self, folder):
        self.folder = folder
        self.minute = 1
        self.acceptors = []
        self.tallies = []

    def receiver(self, limits=LIMITS):
        acceptor = Acceptor(self.folder, f"acceptor{len(self.acceptors)}")
        acceptor.ensure()
        self.acceptors.append(acceptor)
        self.tallies.append(Tally(self.folder, acceptor.folder))
        self.refresh()
        return Gate(limits, self.tallies[-1], lambda: self.minute)

    def refresh(self):
        for _ in range(2):  # who looked before the others were there looks again
            for tally in self.tallies:
                tally.refresh()


@pytest.fixture
def machine(tmp_path):
    machine = Machine(tmp_path / "intake")
    yield machine
    for tally, acceptor in zip(machine.tallies, machine.acceptors, strict=True):
        tally.close()
        acceptor.release()


@pytest.mark.parametrize(
    ("peer", "network"),
    [
        pytest.param("192.0.2.1", b"\xc0\x00\x02\x01", id="IPv4: each address"),
        pytest.param("2001:db8::1", b"\x20\x01\x0d\xb8\0\0\0\0", id="IPv6: a /64"),
        pytest.param("2001:db8:0:0:ffff::", b"\x20\x01\x0d\xb8\0\0\0\0", id="another of the same /64"),
        pytest.param("", b"", id="gone before it was asked"),
        pytest.param("unix", b"", id="no address"),
    ],
)
def test_whose_connections_are_counted_together(peer, network):
    assert network_of(peer) == network


def test_a_network_has_its_share_and_gets_it_back(machine):
    gate = machine.receiver()
    assert [gate.admit("192.0.2.1") for _ in range(3)] == ["", "", replies.TOO_MANY_FROM_NETWORK]
    assert gate.admit("192.0.2.2") == ""
    gate.leave("192.0.2.1")
    assert gate.admit("192.0.2.1") == ""


def test_the_limits_hold_over_processes(machine):
    one, two = machine.receiver(), machine.receiver()
    assert [one.admit("192.0.2.1"), two.admit("192.0.2.1")] == ["", ""]
    assert one.admit("192.0.2.1") == two.admit("192.0.2.1") == replies.TOO_MANY_FROM_NETWORK
    assert [two.admit(f"192.0.2.{n}") for n in range(10, 15)] == ["", "", "", "", replies.TOO_MANY_CONNECTIONS]
    assert one.crowded
    assert two.crowded


def test_what_a_dead_process_held_is_free_again(machine):
    one, two = machine.receiver(), machine.receiver()
    one.admit("192.0.2.1")
    one.admit("192.0.2.1")
    machine.acceptors[0].release()  # as the kernel does on kill -9
    machine.tallies[1].refresh()
    assert two.admit("192.0.2.1") == ""


def test_a_process_does_not_take_more_than_its_files_allow(machine):
    gate = machine.receiver(replace(LIMITS, connections=100))
    assert [gate.admit(f"192.0.2.{n}") for n in range(6)] == [""] * 5 + [replies.TOO_MANY_CONNECTIONS]


def test_connections_of_a_minute(machine):
    one, two = machine.receiver(), machine.receiver()
    for gate in (one, two, one, two):
        assert gate.admit("192.0.2.1") == ""
        gate.leave("192.0.2.1")
    assert one.admit("192.0.2.1") == two.admit("192.0.2.1") == replies.TOO_OFTEN_FROM_NETWORK
    machine.minute += 1
    assert one.admit("192.0.2.1") == ""


def test_who_brings_many_clients_is_counted_in_all_alone(machine):
    gate = machine.receiver()
    assert [gate.admit("10.1.1.1") for _ in range(6)] == [""] * 5 + [replies.TOO_MANY_CONNECTIONS]
    for _ in range(5):
        gate.recipient_unknown("10.1.1.1")
    assert gate.may_ask("10.1.1.1")


def test_guesses_of_a_network(machine):
    one, two = machine.receiver(), machine.receiver()
    for gate in (one, two, one):
        assert gate.may_ask("2001:db8::1")
        gate.recipient_unknown("2001:db8::2")
    assert not one.may_ask("2001:db8::3")
    assert not two.may_ask("2001:db8::3")
    assert two.may_ask("2001:db9::3")
    machine.minute += 1
    assert two.may_ask("2001:db8::3")


def test_an_intake_taken_away_is_told_anew(machine):
    machine.receiver()
    machine.receiver()
    one, two = machine.tallies
    one.add(b"net", 1, opened=1)
    os.unlink(machine.acceptors[0].folder / "connections")
    one.refresh()
    two._others.clear()
    two.refresh()
    assert two.of(b"net", 1) == Counts(open=1)


def test_without_a_disk_a_process_counts_alone(tmp_path):
    tally = Tally(tmp_path / "none", tmp_path / "none" / "x")
    tally.refresh()
    tally.add(b"net", 7, opened=1, begun=1)
    assert tally.of(b"net", 7) == Counts(1, 1, 0)
    tally.tell_all(1)
    assert tally.open_in_all() == 1


def test_one_too_many_hears_421_and_another_who_leaves_makes_room(start_receiver):
    receiver = start_receiver(gate_limits=replace(LIMITS, per_network=1, begun_per_minute=100))
    first = receiver.hello()
    assert receiver.connect().greeting.startswith("421 4.7.0")
    first.say("QUIT")
    assert first.is_closed()
    assert receiver.connect().greeting.startswith("220 ")
    assert receiver.refusals.counts == {"connections_per_network": 1}


def test_after_many_guesses_live_and_dead_recipients_wait_alike(start_receiver):
    receiver = start_receiver(gate_limits=replace(LIMITS, begun_per_minute=100))
    client = receiver.hello()
    client.say("MAIL FROM:<>")
    said = client.say_all(*["RCPT TO:<guess@capture.test>"] * 4, "RCPT TO:<ana@capture.test>")
    assert [reply[:9] for reply in said] == ["550 5.1.1"] * 3 + ["450 4.7.1"] * 2
    receiver.minute += 1
    assert client.say("RCPT TO:<ana@capture.test>").startswith("250 2.1.5")


def test_the_drainer_sees_no_segment_in_the_file(machine):
    machine.receiver()
    assert segment.segments(machine.acceptors[0].folder) == []
