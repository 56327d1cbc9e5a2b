"""The dialogs of the RFCs that EHLO names, as transcripts: one row, one demand, each with its section."""

import pytest

EHLO = """
    C: EHLO client.test
    S: 250-mx.test
    S: 250-SIZE 1000000
    S: 250-8BITMIME
    S: 250-SMTPUTF8
    S: 250-PIPELINING
    S: 250-CHUNKING
    S: 250-LIMITS RCPTMAX=1000
    S: 250 ENHANCEDSTATUSCODES
"""
TO_ANA = """
    C: MAIL FROM:<ben@sender.test>
    S: 250 2.1.0
    C: RCPT TO:<ana@capture.test>
    S: 250 2.1.5
"""
TRANSCRIPTS = {
    "5321 §4.1.1.1: commands are heard in any case": "C: ehlo client.test\nS: 250-mx.test"
    + EHLO.split("250-mx.test")[1]
    + "C: mail from:<a@b.test>\nS: 250 2.1.0\nC: Rcpt To:<ana@capture.test>\nS: 250 2.1.5\nC: rSet\nS: 250 2.0.0",
    "5321 §4.1.1.5: RSET keeps EHLO": f"{EHLO}{TO_ANA} C: RSET\nS: 250 2.0.0\n{TO_ANA}",
    "5321 §4.1.4: NOOP, VRFY, HELP at any time": """
        C: NOOP
        S: 250 2.0.0
        C: VRFY x
        S: 252 2.5.2
        C: HELP
        S: 214 2.0.0
        C: QUIT
        S: 221 2.0.0
    """,
    "5321 §4.1.4: DATA takes no argument": f"{EHLO}{TO_ANA} C: DATA now\nS: 501 5.5.4",
    "5321 §4.5.3.1: a path as long as it may be": f"""{EHLO}
        C: MAIL FROM:<{"l" * 64}@{"d" * 60}.{"d" * 60}.{"d" * 60}.test>
        S: 250 2.1.0
    """,
    "5321 §3.3: no recipient was accepted": f"""{EHLO}
        C: MAIL FROM:<>
        S: 250 2.1.0
        C: RCPT TO:<nobody@capture.test>
        S: 550 5.1.1
        C: DATA
        S: 503 5.5.1
    """,
    "1870 §6.1: too large is told before it is sent": f"{EHLO} C: MAIL FROM:<> SIZE=1000001\nS: 552 5.3.4",
    "1870 §6.1: as large as allowed": f"{EHLO} C: MAIL FROM:<> SIZE=1000000\nS: 250 2.1.0",
    "1870 §3: a size that is none": f"{EHLO} C: MAIL FROM:<> SIZE=many\nS: 501 5.5.4",
    "1652 §3: BODY": f"""{EHLO}
        C: MAIL FROM:<> BODY=8BITMIME
        S: 250 2.1.0
        C: RSET
        S: 250 2.0.0
        C: MAIL FROM:<> BODY=7bit
        S: 250 2.1.0
        C: RSET
        S: 250 2.0.0
        C: MAIL FROM:<> BODY=BINARYMIME
        S: 555 5.5.4
    """,
    "2920 §3.1: a group in one piece": f"""{EHLO}
        C: MAIL FROM:<ben@sender.test>
        C: RCPT TO:<ana@capture.test>
        C: RCPT TO:<nobody@capture.test>
        C: DATA
        S: 250 2.1.0
        S: 250 2.1.5
        S: 550 5.1.1
        S: 354
        C: text
        C: .
        C: MAIL FROM:<>
        C: QUIT
        S: 250 2.0.0
        S: 250 2.1.0
        S: 221 2.0.0
    """,
    "2920 §3.1: all recipients refused, and DATA was sent already": f"""{EHLO}
        C: MAIL FROM:<ben@sender.test>
        C: RCPT TO:<nobody@capture.test>
        C: DATA
        C: RSET
        S: 250 2.1.0
        S: 550 5.1.1
        S: 503 5.5.1
        S: 250 2.0.0
    """,
    "3030 §4.1: one chunk": f"""{EHLO}{TO_ANA}
        C: BDAT 8 LAST\\r\\na: b\\r\\n.\\nQUIT
        S: 250 2.0.0
        S: 221 2.0.0
    """,
    "3030 §4.2: several chunks, pipelined, the last one empty": f"""{EHLO}
        C: MAIL FROM:<ben@sender.test>
        C: RCPT TO:<ana@capture.test>
        C: BDAT 5
        C: one
        C: BDAT 5
        C: two
        C: BDAT 0 LAST
        S: 250 2.1.0
        S: 250 2.1.5
        S: 250 2.0.0 5 octets
        S: 250 2.0.0 5 octets
        S: 250 2.0.0
    """,
    "3030 §2: without a mail the octets are read, and are no commands": f"""{EHLO}
        C: BDAT 6
        C: QUIT
        C: NOOP
        S: 503 5.5.1
        S: 250 2.0.0
    """,
    "3030 §2: DATA and RCPT do not go between chunks": f"""{EHLO}{TO_ANA}
        C: BDAT 5
        C: one
        S: 250 2.0.0
        C: DATA
        S: 503 5.5.1
        C: RCPT TO:<ana@capture.test>
        S: 503 5.5.1
        C: MAIL FROM:<>
        S: 503 5.5.1
        C: RSET
        S: 250 2.0.0
        {TO_ANA}
        C: DATA
        S: 354
        C: .
        S: 250 2.0.0
    """,
    "3030 §2: too large in sum": f"""{EHLO}{TO_ANA}
        C: BDAT 5
        C: one
        S: 250 2.0.0
        C: BDAT 999996\\r\\n{"x" * 999_994}
        S: 552 5.3.4
        C: BDAT 5 LAST
        C: two
        S: 503 5.5.1
    """,
    "3030 §2: a chunk of unknown size ends the session": f"{EHLO}{TO_ANA} C: BDAT -1 LAST\nS: 501 5.5.4\nS: ",
    "3030 §2: a chunk too large to be read ends the session": f"{EHLO}{TO_ANA} C: BDAT 99999999999\nS: 552 5.3.4\nS: ",
    "3207 §4: no certificate, no STARTTLS": f"{EHLO} C: STARTTLS\nS: 502 5.5.1",
    "6531 §3.1: addresses in UTF-8": f"""{EHLO}
        C: MAIL FROM:<j\\xc3\\xb6rg@m\\xc3\\xbcller.test> SMTPUTF8 BODY=8BITMIME
        S: 250 2.1.0
        C: RCPT TO:<\\xc3\\xa4na@capture.test>
        S: 550 5.1.1
    """,
    "4954, Exchange: AUTH=<> without AUTH": f"{EHLO} C: MAIL FROM:<> SIZE=10 AUTH=<>\nS: 250 2.1.0",
    "3461 §4: DSN parameters are taken and ignored": f"""{EHLO}
        C: MAIL FROM:<ben@sender.test> RET=HDRS ENVID=QQ314159
        S: 250 2.1.0
        C: RCPT TO:<ana@capture.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Bob@Example.COM
        S: 250 2.1.5
    """,
    "4954: nobody signs in": f"{EHLO} C: AUTH LOGIN\nS: 502 5.5.1\nC: AUTH PLAIN AGEAYg==\nS: 502 5.5.1",
}


@pytest.mark.parametrize("transcript", TRANSCRIPTS.values(), ids=TRANSCRIPTS.keys())
def test_rfc(receiver, transcript):
    receiver.connect().play(transcript)


def test_chunks_are_kept_as_they_are_whatever_is_in_them(receiver, client):
    client.say_all("MAIL FROM:<>", "RCPT TO:<ana@capture.test>")
    one, two = b"A: b\r\n\r\n.\r\n\r\n.\r\nQUIT\r\n\n.\n" + bytes(range(256)), b"y" * 300_000
    for size, last, octets in ((len(one), "", one), (len(two), " LAST", two)):
        client.send(b"BDAT %d%s\r\n" % (size, last.encode()) + octets)
        assert client.reply().startswith("250 2.0.0")
    (row,) = receiver.rows()
    assert receiver.text(row) == one + two
    assert row.envelope.recipients == ("ana@capture.test",)


def test_chunks_that_are_dropped_leave_nothing(receiver, client):
    for ending in ("RSET", "EHLO client.test", "QUIT"):
        client.say_all("MAIL FROM:<>", "RCPT TO:<ana@capture.test>")
        client.send(b"BDAT 400000\r\n" + b"z" * 400_000)
        assert client.reply().startswith("250 2.0.0 400000")
        assert client.say(ending)[0] == "2"
    receiver.stop()
    assert (receiver.rows(), receiver.spool_files()) == ([], [])


def test_a_connection_lost_between_chunks_leaves_nothing(receiver, client):
    client.say_all("MAIL FROM:<>", "RCPT TO:<ana@capture.test>")
    client.send(b"BDAT 400000\r\n" + b"z" * 400_000)
    client.reply()
    client.send(b"BDAT 400000 LAST\r\n" + b"z" * 300_000)
    client.close()
    receiver.stop()
    assert (receiver.rows(), receiver.spool_files()) == ([], [])


RECEIVED = b"Received: from a\r\n\tby b\r\n"


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        pytest.param(RECEIVED * 50 + b"\r\nx\r\n", "250 2.0.0", id="as many hops as may be"),
        pytest.param(RECEIVED * 51 + b"\r\nx\r\n", "554 5.4.6", id="one hop more"),
        pytest.param(RECEIVED * 51, "554 5.4.6", id="no body behind them"),
        pytest.param((RECEIVED * 51).replace(b"R", b"r").replace(b"\r", b"") + b"\r\n", "554 5.4.6", id="bare LF"),
        pytest.param(b"A: b\r\n\r\n" + RECEIVED * 51, "250 2.0.0", id="in the body they are text"),
        pytest.param(b"X: y\r\n" * 50_000 + RECEIVED * 51 + b"\r\n", "554 5.4.6", id="behind 300 KB of fields"),
        pytest.param(b"Delivered-To: ana@capture.test\r\n\r\n", "554 5.4.6", id="here before"),
        pytest.param(b"A: b\r\ndelivered-to:\r\n <ANA@capture.test>\r\n\r\n", "554 5.4.6", id="folded, in brackets"),
        pytest.param(b"Delivered-To: other@else.test\r\n\r\n", "250 2.0.0", id="delivered to somebody else"),
        pytest.param(b"A: b\r\n Delivered-To: ana@capture.test\r\n\r\n", "250 2.0.0", id="in another field's fold"),
        pytest.param(b"A: b\r\n\r\nDelivered-To: ana@capture.test\r\n", "250 2.0.0", id="quoted in the body"),
    ],
)
def test_a_mail_that_goes_in_circles(receiver, client, text, reply):
    assert client.mail("ana@capture.test", text=text).startswith(reply)
    assert client.mail("ana@capture.test").startswith("250 2.0.0")
    assert len(receiver.rows()) == (2 if reply.startswith("250") else 1)
