"""SIGTERM's way inside the process; the signal itself is in test_processes.py."""

import socket

import pytest


def test_an_idle_session_hears_421(receiver, client):
    receiver.begin_to_stop()
    assert client.reply().startswith("421 4.3.2")
    assert client.is_closed()


def test_a_mail_under_way_is_finished_and_then_the_session_ends(receiver, client):
    client.say_all("MAIL FROM:<>", "RCPT TO:<ana@capture.test>", "DATA")
    idle = receiver.hello()
    receiver.begin_to_stop()
    assert idle.reply().startswith("421 4.3.2")  # so the stop has begun
    client.send(b"to the end\r\n.\r\n")
    assert client.reply().startswith("250 2.0.0")
    assert client.reply().startswith("421 4.3.2")
    assert client.is_closed()
    receiver.stop()
    assert [row.body for row in receiver.rows()] == [b"to the end\r\n"]


def test_a_transaction_that_is_dropped_while_stopping_ends_the_session(receiver, client):
    client.say("MAIL FROM:<>")
    idle = receiver.hello()
    receiver.begin_to_stop()
    assert idle.reply().startswith("421 4.3.2")
    assert client.say("RCPT TO:<ana@capture.test>").startswith("250 ")
    assert client.say("RSET").startswith("250 ")
    assert client.reply().startswith("421 4.3.2")


def test_a_mail_that_never_ends_is_cut_off(receiver, client):
    client.say_all("MAIL FROM:<>", "RCPT TO:<ana@capture.test>", "DATA")
    client.send(b"x" * 500_000)
    idle = receiver.hello()
    receiver.begin_to_stop()
    assert idle.reply().startswith("421 4.3.2")  # so the time of grace has begun
    receiver.let_pass(3)
    receiver.stop()
    assert client.is_closed()
    assert (receiver.rows(), receiver.spool_files()) == ([], [])


def test_nobody_is_taken_any_more(receiver, client):
    receiver.begin_to_stop()
    assert client.reply().startswith("421 4.3.2")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", receiver.port), timeout=5)
