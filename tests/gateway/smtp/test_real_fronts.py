"""Programs of Debian's that stand in front of us or relay to us, with the files that deploy/ recommends."""

import os
import re
import shutil
import smtplib
import socket
import subprocess
import threading
from contextlib import contextmanager, suppress
from ipaddress import ip_network
from pathlib import Path

import pytest
from conditions import until
from real_programs import WIRE_MAIL, program, run

from gateway.smtp.tls_files import TlsFiles

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"


@pytest.fixture
def receiver(start_receiver, certificate):
    return start_receiver(
        tls=TlsFiles(*certificate).context, trusted_proxies=[ip_network("127.0.0.0/8")], max_mail_bytes=30_000_000
    )


def the_mail(receiver):
    (row,) = until(receiver.rows, 60)
    assert receiver.text(row).rstrip().endswith(WIRE_MAIL.partition(b"\r\n\r\n")[2].rstrip())
    return row


def test_haproxy_finds_its_configuration_well_formed(tmp_path):
    run(program("haproxy"), "-c", "-f", str(DEPLOY / "haproxy.cfg"))


@contextmanager
def haproxy(folder: Path, receiver_port: int):
    """Gives its port. It inherits its socket, so no port has to be guessed."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = (DEPLOY / "haproxy.cfg").read_text().replace("bind :25", f"bind fd@{listener.fileno()}")
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


@pytest.mark.parametrize("unit", ["sunnyday.service", "sunnyday.socket"])
def test_systemd_finds_nothing_to_say_about_our_units(tmp_path, unit):
    systemd = program("systemd-analyze")
    command = tmp_path / "sunnyday"
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    for name in ("sunnyday.service", "sunnyday.socket"):
        text = (DEPLOY / "systemd" / name).read_text()
        (tmp_path / name).write_text(text.replace("/opt/sunnyday/.venv/bin/sunnyday", str(command)))
    done = subprocess.run(
        [systemd, "verify", "--recursive-errors=no", str(tmp_path / unit)], capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_systemd_finds_the_service_shut_in(tmp_path):
    """0 is shut in, 10 is open; what others ship stands at 9.6 where nothing is said."""
    shutil.copy(DEPLOY / "systemd" / "sunnyday.service", tmp_path)
    run(program("systemd-analyze"), "security", "--offline=yes", "--threshold=20", str(tmp_path / "sunnyday.service"))


def setting_blocks() -> list[str]:
    """What deploy/postfix.md says for main.cf and for master.cf."""
    return re.findall(r"^```\n(.*?)^```$", (DEPLOY / "postfix.md").read_text(), re.DOTALL | re.MULTILINE)[:2]


MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
multi_instance_enable = yes
myhostname = front.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = /dev/stdout
authorized_submit_users = static:anyone
alias_maps =
"""
MASTER = """
pickup unix n - n 1 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
smtp unix - - n - - smtp
error unix - - n - - error
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@contextmanager
def postfix(folder: Path, main: str, master: str = ""):
    """An instance of its own with its own queue. Gives a command that submits a mail."""
    config = folder / "config"
    for name in ("config", "queue", "data"):
        (folder / name).mkdir()
    for up in (folder, *folder.parents):  # its daemons are not root
        if up.stat().st_mode & 0o005 != 0o005 and up.owner() == "root" and up != Path("/"):
            up.chmod(up.stat().st_mode | 0o005)
    shutil.chown(folder / "data", "postfix")
    (config / "main.cf").write_text(MAIN.format(folder=folder) + main)
    (config / "master.cf").write_text(MASTER + master)
    (config / "dynamicmaps.cf").write_text("")
    command = program("postfix")
    log = (folder / "log").open("wb")
    process = subprocess.Popen([command, "-c", str(config), "start-fg"], stdout=log, stderr=subprocess.STDOUT)
    try:
        yield program("sendmail"), "-C", str(config)
    finally:
        subprocess.run([command, "-c", str(config), "stop"], capture_output=True, timeout=30, check=False)
        process.wait(20)
        log.close()
    # What it does not know it ignores, and says so.
    assert not re.search(r"warning: .*(main\.cf|master\.cf|unused parameter|overriding)", (folder / "log").read_text())


class Recorder:
    """A relay of bytes before the receiver. said: each block that the client sent."""

    def __init__(self, port: int) -> None:
        self.said: list[bytes] = []
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._to))
                threading.Thread(target=self._pass, args=(server, client, []), daemon=True).start()
                threading.Thread(target=self._pass, args=(client, server, self.said), daemon=True).start()

    @staticmethod
    def _pass(source: socket.socket, to: socket.socket, said: list[bytes]) -> None:
        with suppress(OSError):
            while block := source.recv(65_536):
                said.append(block)
                to.sendall(block)
            to.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self._listener.close()


@pytest.mark.soak  # it takes its time to pick a mail up: 10 s
def test_postfix_passes_a_mail_on(receiver, tmp_path):
    """Over TLS, and it says by XFORWARD that it came from no address: Postfix does not pass for the sender."""
    main = f"relayhost = [127.0.0.1]:{receiver.port}\nsmtp_tls_security_level = may\nsmtp_send_xforward_command = yes\n"
    with postfix(tmp_path, main) as sendmail:
        run(*sendmail, "-f", "ben@sender.test", "ana@capture.test")
        row = the_mail(receiver)
    assert (row.envelope.tls, row.envelope.mail_from, row.envelope.peer) == (True, "ben@sender.test", "")


@pytest.mark.soak
def test_postfix_sends_a_group_of_commands_in_one_piece(receiver, tmp_path):
    """PIPELINING; chunks are not for it to send: its smtp(8) knows no BDAT."""
    recorder = Recorder(receiver.port)
    with postfix(tmp_path, f"relayhost = [127.0.0.1]:{recorder.port}\n") as sendmail:
        run(*sendmail, "-f", "ben@sender.test", "ana@capture.test")
        the_mail(receiver)
    recorder.close()
    assert any(re.match(rb"MAIL FROM:.*\r\nRCPT TO:.*\r\nDATA\r\n", block) for block in recorder.said), recorder.said


@pytest.mark.soak
def test_a_mail_waits_in_postfix_while_we_cannot_take_it(receiver, tmp_path):
    """Its queue: 451 at first, and the mail is there later, once."""
    receiver.addresses.down = True
    main = f"relayhost = [127.0.0.1]:{receiver.port}\nminimal_backoff_time = 1s\nmaximal_backoff_time = 2s\n"
    with postfix(tmp_path, main + "queue_run_delay = 1s\n") as sendmail:
        run(*sendmail, "-f", "ben@sender.test", "ana@capture.test")
        until(lambda: "451 4.3.0" in (tmp_path / "log").read_text(), 60)
        receiver.addresses.down = False
        the_mail(receiver)


@pytest.mark.soak
def test_postfix_in_front_as_deploy_says(receiver, tmp_path):
    """It asks us for each recipient, and tells by XFORWARD who sent a mail."""
    main, master = setting_blocks()
    main, master = (text.replace("capture.example.com", "capture.test") for text in (main, master))
    main = main.replace("10.0.0.11]:8025", f"127.0.0.1]:{receiver.port}")
    assert str(receiver.port) in main
    # An address of loopback that is this process's alone: nobody else can have taken its port.
    own = f"127.{1 + os.getpid() // 62_500 % 250}.{1 + os.getpid() // 250 % 250}.{1 + os.getpid() % 250}"
    master += f"{own}:10025 inet n - n - - smtpd\n"
    with postfix(tmp_path, main, master), until(lambda: connected(own), 30) as client:
        client.ehlo("far.test")
        client.mail("ben@sender.test")
        told = [client.rcpt(f"{name}@capture.test") for name in ("ana", "nobody")]
        assert [code for code, _ in told] == [250, 550]
        assert client.rcpt("ana@elsewhere.test")[0] == 554
        assert client.data(WIRE_MAIL)[0] == 250
        row = the_mail(receiver)
    assert (row.envelope.peer, row.envelope.helo) == ("127.0.0.9", "far.test")


def connected(address: str) -> smtplib.SMTP | None:
    with suppress(OSError):
        return smtplib.SMTP(address, 10025, timeout=60, source_address=("127.0.0.9", 0))
    return None
