"""Programs that other people wrote, as they come from Debian, send us mail."""

import json
import smtplib
import ssl
from ipaddress import ip_network
from pathlib import Path

import pytest
from real_programs import WIRE_MAIL, program, run

from gateway.smtp.tls_files import TlsFiles


@pytest.fixture
def receiver(start_receiver, certificate):
    return start_receiver(
        tls=TlsFiles(*certificate).context, trusted_proxies=[ip_network("127.0.0.0/8")], max_mail_bytes=30_000_000
    )


def the_mail(receiver):
    (row,) = receiver.rows()
    text = receiver.text(row)
    assert text.rstrip().endswith(WIRE_MAIL.partition(b"\r\n\r\n")[2].rstrip())  # swaks adds a line
    return row


@pytest.mark.parametrize("options", [(), ("--pipeline",), ("--xclient", "ADDR=192.0.2.7")], ids=str)
def test_swaks(receiver, options):
    swaks = (program("swaks"), "--server", f"127.0.0.1:{receiver.port}", "--ehlo", "swaks.test", "--data", "-")
    run(*swaks, "--from", "ben@sender.test", "--to", "ana@capture.test,postmaster@capture.test", *options)
    row = the_mail(receiver)
    assert row.envelope.recipients == ("ana@capture.test", "postmaster@capture.test")
    assert row.envelope.peer == ("192.0.2.7" if "--xclient" in options else "127.0.0.1")


@pytest.mark.parametrize("tls", ["on", "off"])
def test_msmtp(receiver, tls):
    msmtp = (program("msmtp"), "--file=/dev/null", "--host=127.0.0.1", f"--port={receiver.port}", "--auth=off")
    run(*msmtp, f"--tls={tls}", "--tls-certcheck=off", "--from=ben@sender.test", "ana@capture.test")
    assert the_mail(receiver).envelope.tls == (tls == "on")


def test_smtplib(receiver):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with smtplib.SMTP("127.0.0.1", receiver.port, timeout=20) as client:
        client.starttls(context=context)
        client.sendmail("ben@sender.test", ["ana@capture.test"], WIRE_MAIL, ["SIZE=200000", "BODY=8BITMIME"])
    assert the_mail(receiver).envelope.tls


NODEMAILER = Path("/usr/share/nodejs/nodemailer")
SEND = """
const [port, ignoreTLS] = JSON.parse(process.argv[1])
const transport = require(process.argv[2]).createTransport(
  { host: "127.0.0.1", port, ignoreTLS, pool: true, maxConnections: 1, tls: { rejectUnauthorized: false } })
const mail = n => transport.sendMail({ from: "ben@sender.test", to: ["ana@capture.test", "j\u00f6rg@elsewhere.test"],
  subject: `selamat ${n}`, text: ".a dot\\n..two\\n", attachments: [{ content: Buffer.alloc(300000, n) }] })
mail(1).then(() => mail(2)).then(told => console.log(told.response, told.rejected)).finally(() => transport.close())
"""


@pytest.mark.parametrize("plain", [True, False], ids=["plain", "STARTTLS"])
def test_nodemailer(receiver, plain):
    """Two mails over one connection, each with a recipient that is not here, in UTF-8."""
    node = program("node")
    if not NODEMAILER.exists():
        pytest.skip("nodemailer is not installed")
    run(node, "-e", SEND, json.dumps([receiver.port, plain]), str(NODEMAILER))
    rows = receiver.rows()
    assert [(row.envelope.recipients, row.envelope.tls) for row in rows] == [(("ana@capture.test",), not plain)] * 2
    assert all(b"\r\n.a dot\r\n..two\r\n" in receiver.text(row) for row in rows)
