"""Whole dialogs against the real server."""

import pytest

TRANSCRIPTS = {
    "EHLO, one mail, QUIT": """
        C: EHLO client.test
        S: 250-mx.test
        S: 250-SIZE 1000000
        S: 250-8BITMIME
        S: 250-SMTPUTF8
        S: 250-PIPELINING
        S: 250-CHUNKING
        S: 250-LIMITS RCPTMAX=1000
        S: 250 ENHANCEDSTATUSCODES
        C: MAIL FROM:<ben@sender.test>
        S: 250 2.1.0
        C: RCPT TO:<ana@capture.test>
        S: 250 2.1.5
        C: DATA
        S: 354
        C: Subject: hello
        C:
        C: text
        C: .
        S: 250 2.0.0
        C: QUIT
        S: 221 2.0.0
    """,
    "HELO is told no extensions": """
        C: HELO client.test
        S: 250 mx.test
        C: MAIL FROM:<ben@sender.test>
        S: 250 2.1.0
    """,
    "commands in the wrong order": """
        C: MAIL FROM:<ben@sender.test>
        S: 503 5.5.1
        C: EHLO
        S: 501 5.5.4
        C: EHLO client.test
        S: 250-mx.test
        S: 250-SIZE 1000000
        S: 250-8BITMIME
        S: 250-SMTPUTF8
        S: 250-PIPELINING
        S: 250-CHUNKING
        S: 250-LIMITS RCPTMAX=1000
        S: 250 ENHANCEDSTATUSCODES
        C: RCPT TO:<ana@capture.test>
        S: 503 5.5.1
        C: DATA
        S: 503 5.5.1
        C: MAIL FROM:<ben@sender.test>
        S: 250 2.1.0
        C: MAIL FROM:<ben@sender.test>
        S: 503 5.5.1
        C: DATA
        S: 503 5.5.1
        C: RSET
        S: 250 2.0.0
        C: MAIL FROM:<ben@sender.test>
        S: 250 2.1.0
    """,
    "a second EHLO drops the mail": """
        C: HELO client.test
        S: 250 mx.test
        C: MAIL FROM:<ben@sender.test>
        S: 250 2.1.0
        C: HELO client.test
        S: 250 mx.test
        C: RCPT TO:<ana@capture.test>
        S: 503 5.5.1
    """,
    "what is not offered, and what tells nothing": """
        C: VRFY ana@capture.test
        S: 252 2.5.2
        C: VRFY nobody@capture.test
        S: 252 2.5.2
        C: EXPN staff
        S: 502 5.5.1
        C: HELP
        S: 214 2.0.0
        C: AUTH PLAIN AGFuYQBzZWNyZXQ=
        S: 502 5.5.1
        C: STARTTLS
        S: 502 5.5.1
        C: NOOP whatever
        S: 250 2.0.0
        C: ETRN capture.test
        S: 500 5.5.1
        C:
        S: 500 5.5.1
    """,
    "a mail to a live and a dead address": """
        C: HELO client.test
        S: 250 mx.test
        C: MAIL FROM:<>
        S: 250 2.1.0
        C: RCPT TO:<nobody@capture.test>
        S: 550 5.1.1
        C: RCPT TO:<ana@capture.test>
        S: 250 2.1.5
        C: DATA
        S: 354
        C: .
        S: 250 2.0.0
    """,
}


@pytest.mark.parametrize("transcript", TRANSCRIPTS.values(), ids=TRANSCRIPTS.keys())
def test_dialog(receiver, transcript):
    client = receiver.connect()
    assert client.greeting == "220 mx.test ESMTP"
    client.play(transcript)


def test_ehlo_comes_in_one_piece(receiver):
    client = receiver.connect()
    client.send(b"EHLO client.test\r\n")
    assert client.socket.recv(4096).endswith(b"250 ENHANCEDSTATUSCODES\r\n")


def test_an_accepted_mail_is_on_disk_with_all_that_was_said_about_it(receiver, client):
    receiver.addresses.add("budi")
    reply = client.mail("Ana@Capture.TEST", "budi@capture.test", "ana@capture.test", text=b"A: b\r\n\r\n.dot\r\n")
    (row,) = receiver.rows()
    assert reply == f"250 2.0.0 {row.receipt_id} kept"
    assert row.body == b"A: b\r\n\r\n.dot\r\n"
    assert row.size_bytes == len(row.body)
    said = row.envelope
    assert (said.mail_from, said.recipients) == ("ana@sender.test", ("ana@capture.test", "budi@capture.test"))
    assert (said.peer, said.helo, said.tls) == ("127.0.0.1", "client.test", False)


def test_the_null_sender_is_an_empty_string(receiver, client):
    client.mail("ana@capture.test", sender="")
    assert [row.envelope.mail_from for row in receiver.rows()] == [""]


def test_several_mails_in_one_session_are_separate(receiver, client):
    client.mail("ana@capture.test", text=b"one\r\n")
    client.mail("postmaster@capture.test", text=b"two\r\n")
    assert [(row.body, row.envelope.recipients) for row in receiver.rows()] == [
        (b"one\r\n", ("ana@capture.test",)),
        (b"two\r\n", ("postmaster@capture.test",)),
    ]


def test_commands_sent_without_waiting_are_answered_in_order(receiver):
    client = receiver.connect()
    one = b"MAIL FROM:<a@b.test>\r\nRCPT TO:<ana@capture.test>\r\nDATA\r\nfirst\r\n.\r\n"
    client.send(b"EHLO c\r\n" + one + b"RSET\r\n" + one.replace(b"first", b"second") + b"QUIT\r\n")
    codes = [client.reply().split("\n")[-1][:3] for _ in range(11)]
    assert codes == ["250", "250", "250", "354", "250", "250", "250", "250", "354", "250", "221"]
    assert [row.body for row in receiver.rows()] == [b"first\r\n", b"second\r\n"]
    assert client.is_closed()


def test_a_client_that_closes_its_half_still_hears_that_its_mail_is_kept(receiver):
    client = receiver.connect()
    client.send(b"HELO c\r\nMAIL FROM:<>\r\nRCPT TO:<ana@capture.test>\r\nDATA\r\nlast words\r\n.\r\n")
    client.socket.shutdown(1)
    assert [client.reply()[:3] for _ in range(5)] == ["250", "250", "250", "354", "250"]
    assert [row.body for row in receiver.rows()] == [b"last words\r\n"]
    assert client.is_closed()


def test_a_recipient_made_a_moment_ago_is_not_bounced(receiver, client):
    assert client.say_all("MAIL FROM:<>", "RCPT TO:<new@capture.test>")[1].startswith("550 5.1.1")
    receiver.addresses.add("new")
    assert client.say_all("RSET", "MAIL FROM:<>", "RCPT TO:<new@capture.test>")[2].startswith("250 ")


def test_unknown_off_and_over_answer_with_the_same_text(receiver, client):
    receiver.addresses.add("off", 0)
    receiver.addresses.add("over", 1_700_000_000_000)
    client.say("MAIL FROM:<>")
    replies = client.say_all(*(f"RCPT TO:<{name}@capture.test>" for name in ("unknown", "off", "over")))
    assert set(replies) == {"550 5.1.1 No such recipient"}


def test_an_address_with_an_end_in_the_future_is_live(receiver, client):
    receiver.addresses.add("grace", 9_999_999_999_999)
    assert client.mail("grace@capture.test").startswith("250 2.0.0")


@pytest.mark.parametrize(
    ("path", "reply"),
    [
        pytest.param("<ana@elsewhere.test>", "550 5.7.1", id="outside the capture domains"),
        pytest.param("<ana@sub.capture.test>", "550 5.7.1", id="a sub-domain is outside"),
        pytest.param("<nobody@capture.test>", "550 5.1.1", id="nobody"),
        pytest.param("<postmaster>", "250 2.1.5", id="postmaster without a domain"),
        pytest.param("<Postmaster@CAPTURE.test>", "250 2.1.5", id="postmaster in any case"),
        pytest.param("<abuse@capture.test>", "250 2.1.5", id="abuse"),
        pytest.param("<postmaster@elsewhere.test>", "550 5.7.1", id="somebody else's postmaster"),
        pytest.param("<ana>", "501 5.1.3", id="no domain"),
        pytest.param("<>", "501 5.1.3", id="nobody at all"),
        pytest.param("ana@capture.test", "501 5.1.3", id="no brackets"),
        pytest.param("<ana@capture.test", "501 5.1.3", id="unclosed"),
        pytest.param("<@relay.test,@b.test:ana@capture.test>", "250 2.1.5", id="a source route is ignored"),
        pytest.param("<ana@capture.test> NOTIFY=NEVER ORCPT=rfc822;a@b", "250 2.1.5", id="DSN parameters are ignored"),
        pytest.param("<ana@capture.test.>", "250 2.1.5", id="a dot behind the domain"),
        pytest.param(f"<{'a' * 320}@capture.test>", "501 5.1.3", id="too long"),
        pytest.param("<ana@[127.0.0.1]>", "550 5.7.1", id="an address literal"),
        pytest.param("<änä@capture.test>", "550 5.1.1", id="UTF-8"),
    ],
)
def test_rcpt(client, path, reply):
    client.say("MAIL FROM:<>")
    assert client.say(f"RCPT TO:{path}").startswith(reply)


@pytest.mark.parametrize(
    ("argument", "reply"),
    [
        pytest.param("<>", "250 2.1.0", id="null sender"),
        pytest.param(" <ben@sender.test>", "250 2.1.0", id="a blank before the path"),
        pytest.param("<> AUTH=<>", "250 2.1.0", id="AUTH as relays send it"),
        pytest.param("<a@b.test> RET=HDRS ENVID=x BODY=8BITMIME SMTPUTF8 SIZE=10", "250 2.1.0", id="all we may meet"),
        pytest.param("<a@b.test> XYZZY=1 FLAG", "250 2.1.0", id="unknown but harmless"),
        pytest.param("<a@b.test> BODY=BINARYMIME", "555 5.5.4", id="binary needs BDAT"),
        pytest.param("<a@b.test> SIZE=1000000", "250 2.1.0", id="as large as allowed"),
        pytest.param("<a@b.test> SIZE=1000001", "552 5.3.4", id="declared too large"),
        pytest.param("<a@b.test> SIZE=99999999999999999999", "552 5.3.4", id="declared absurdly large"),
        pytest.param("<a@b.test> SIZE=x", "501 5.5.4", id="no size"),
        pytest.param('<"a b>c"@b.test>', "250 2.1.0", id="quoted"),
        pytest.param('<"a\\"b"@b.test>', "250 2.1.0", id="quoted quote"),
        pytest.param(f"<{'v' * 200}@b.test>", "250 2.1.0", id="VERP is longer than 64"),
        pytest.param("<jörg@müller.test>", "250 2.1.0", id="UTF-8 without SMTPUTF8"),
        pytest.param("<ben@sender.test", "501 5.1.7", id="unclosed"),
        pytest.param("<ben>", "501 5.1.7", id="no domain"),
        pytest.param("ben@sender.test", "501 5.1.7", id="no brackets"),
        pytest.param("<a@b@c>", "501 5.1.7", id="two domains"),
        pytest.param("<a@b.test>SIZE=1", "501 5.1.7", id="no blank before parameters"),
        pytest.param("", "501 5.1.7", id="nothing"),
    ],
)
def test_mail(client, argument, reply):
    assert client.say(f"MAIL FROM:{argument}").startswith(reply)


def test_a_sender_that_is_not_utf_8_is_taken(receiver, client):
    client.send(b"MAIL FROM:<j\xf6rg@sender.test>\r\n")
    assert client.reply().startswith("250 ")
    client.say("RCPT TO:<ana@capture.test>")
    client.say("DATA")
    assert client.say(".").startswith("250 2.0.0")
    assert [row.envelope.mail_from for row in receiver.rows()] == ["j\ufffdrg@sender.test"]


def test_recipients_end_at_a_thousand(receiver, client):
    for n in range(1001):
        receiver.addresses.add(f"r{n}")
    client.send(b"MAIL FROM:<>\r\n" + b"".join(b"RCPT TO:<r%d@capture.test>\r\n" % n for n in range(1001)))
    replies = [client.reply() for _ in range(1002)]
    assert {reply[:9] for reply in replies[1:-1]} == {"250 2.1.5"}
    assert replies[-1].startswith("452 4.5.3")


def test_a_command_line_over_the_limit_is_refused_and_the_next_one_is_heard(client):
    assert client.say("NOOP " + "x" * 5000).startswith("500 5.5.6")
    assert client.say("NOOP").startswith("250 ")


def test_a_line_without_an_end_closes_the_connection(client):
    client.send(b"x" * 200_000)
    assert client.reply().startswith("500 5.5.6")
    assert client.is_closed()


def test_lines_of_other_clients_do_not_change_what_is_allowed(receiver, client):
    long = "MAIL FROM:<a@b.test> X=" + "y" * 600
    assert client.say(long).startswith("250 ")
    for _ in range(3):
        receiver.hello()
    assert client.say_all("RSET", long)[1].startswith("250 ")


def test_who_knows_no_command_is_sent_away(client):
    replies = client.say_all(*["GET / HTTP/1.1"] * 21)
    assert [reply[:3] for reply in replies] == ["500"] * 20 + ["421"]
    assert client.is_closed()


def test_a_silent_client_is_told_so_and_cut_off(start_receiver):
    client = start_receiver(idle_s=0.2).hello()
    assert client.reply().startswith("421 4.4.2")
    assert client.is_closed()


def test_a_slow_mail_is_not_cut_off_while_something_comes(start_receiver, until):
    receiver = start_receiver(idle_s=300, min_bytes_per_s=1)
    client = receiver.hello()
    client.say_all("MAIL FROM:<>", "RCPT TO:<ana@capture.test>", "DATA")
    (session,) = receiver.server._sessions
    for n in range(1, 11):
        client.send(b"x" * 298 + b"\r\n")
        until(lambda n=n: session._patience._mail_bytes == 300 * n)
        receiver.let_pass(290)
    assert client.say(".").startswith("250 2.0.0")


def test_a_mail_that_stops_coming_is_cut_off_and_leaves_nothing(start_receiver):
    receiver = start_receiver(idle_s=0.3)
    client = receiver.hello()
    client.say_all("MAIL FROM:<>", "RCPT TO:<ana@capture.test>", "DATA")
    client.send(b"x" * 600_000)
    assert client.reply().startswith("421 4.4.2")
    receiver.stop()
    assert (receiver.rows(), receiver.spool_files()) == ([], [])
