"""Programs that other people wrote, as they come from Debian, against the receiver."""

import shutil
import smtplib
import socket
import ssl
import subprocess
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path

import pytest

from gateway.smtp.tls_files import TlsFiles

HAPROXY_CFG = Path(__file__).resolve().parents[3] / "deploy" / "haproxy.cfg"
MAIL = b"From: Ben <ben@sender.test>\nSubject: hello\n\n.a dot\n" + b"a line of text, as mails have them\n" * 3000
WIRE_MAIL = MAIL.replace(b"\n", b"\r\n")


def program(name: str) -> str:
    found = shutil.which(name) or shutil.which(f"/usr/sbin/{name}")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@pytest.fixture
def receiver(start_receiver, certificate):
    return start_receiver(
        tls=TlsFiles(*certificate).context, trusted_proxies=[ip_network("127.0.0.0/8")], max_mail_bytes=30_000_000
    )


def run(*words: str, text: bytes = MAIL) -> None:
    done = subprocess.run(words, input=text, capture_output=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


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


@contextmanager
def haproxy(folder: Path, receiver_port: int):
    """Gives its port. It inherits its socket, so no port has to be guessed."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = HAPROXY_CFG.read_text().replace("bind :25", f"bind fd@{listener.fileno()}")
    config = config.replace("10.0.0.11:8025", f"127.0.0.1:{receiver_port}")
    config = "\n".join(line for line in config.splitlines() if "server two" not in line) + "\n"
    (folder / "haproxy.cfg").write_text(config)
    process = subprocess.Popen(
        [program("haproxy"), "-db", "-f", str(folder / "haproxy.cfg")],
        pass_fds=[listener.fileno()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield listener.getsockname()[1]
    finally:
        process.kill()
        process.wait(10)
        listener.close()


def test_haproxy_with_the_configuration_that_we_recommend(receiver, tmp_path):
    with (
        haproxy(tmp_path, receiver.port) as port,
        smtplib.SMTP("127.0.0.1", port, timeout=20, source_address=("127.0.0.9", 0)) as client,
    ):
        client.sendmail("ben@sender.test", ["ana@capture.test"], WIRE_MAIL)
    assert the_mail(receiver).envelope.peer == "127.0.0.9"


POSTFIX_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
multi_instance_enable = yes
myhostname = front.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relayhost = [127.0.0.1]:{port}
maillog_file = /dev/stdout
authorized_submit_users = static:anyone
smtp_tls_security_level = may
smtp_send_xforward_command = yes
alias_maps =
"""
POSTFIX_MASTER = """
pickup unix n - n 1 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
smtp unix - - n - - smtp
error unix - - n - - error
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@contextmanager
def postfix(folder: Path, receiver_port: int):
    """An instance of its own with its own queue. Gives a command that submits a mail."""
    config = folder / "config"
    for name in ("config", "queue", "data"):
        (folder / name).mkdir()
    for up in (folder, *folder.parents):  # its daemons are not root
        if up.stat().st_mode & 0o005 != 0o005 and up.owner() == "root" and up != Path("/"):
            up.chmod(up.stat().st_mode | 0o005)
    shutil.chown(folder / "data", "postfix")
    (config / "main.cf").write_text(POSTFIX_MAIN.format(folder=folder, port=receiver_port))
    (config / "master.cf").write_text(POSTFIX_MASTER)
    (config / "dynamicmaps.cf").write_text("")
    command = program("postfix")
    process = subprocess.Popen(
        [command, "-c", str(config), "start-fg"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        yield (program("sendmail"), "-C", str(config))
    finally:
        subprocess.run([command, "-c", str(config), "stop"], capture_output=True, timeout=30, check=False)
        process.wait(20)


@pytest.mark.soak  # it takes its time to pick a mail up: 10 s
def test_postfix_passes_a_mail_on(receiver, tmp_path, until):
    """Over TLS, in chunks, and says by XFORWARD that it came from no address: Postfix does not pass for the sender."""
    with postfix(tmp_path, receiver.port) as sendmail:
        run(*sendmail, "-f", "ben@sender.test", "ana@capture.test")
        until(receiver.rows)
    row = the_mail(receiver)
    assert (row.envelope.tls, row.envelope.mail_from, row.envelope.peer) == (True, "ben@sender.test", "")
