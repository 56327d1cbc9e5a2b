"""What a restart keeps, what goes to the relay, and the command."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from google_sandbox import GoogleSandbox
from typer.testing import CliRunner

from crm_store.command.main import build
from crm_store.errors import Permanent
from crm_store.mail.read import read
from crm_store.settings import ListenAddress

MAIL = b"To: log+1@crm.example, gone@crm.example\r\nBcc: log+2@crm.example\r\nSubject: Halo\r\n\r\nIsi.\r\n"


class Relay:
    """Takes mail for log+…@, refuses the rest."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, list[str], bytes]] = []

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802 - aiosmtpd's name
        if not address.startswith("log+"):
            return "550 5.1.1 no such recipient"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 2.0.0 ok"


class OnAnyPort(Controller):
    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def relay():
    handler = Relay()
    controller = OnAnyPort(handler, hostname="127.0.0.1", port=0)
    controller.start()
    handler.port = controller.port
    yield handler
    controller.stop()


def test_mail_to_the_outside_goes_to_the_relay_and_what_it_refuses_bounces(relay):
    sandbox = GoogleSandbox()
    sandbox.ask("PUT", "/relay", {"address": f"127.0.0.1:{relay.port}"})
    sandbox.add_account("ana@g.test")
    sandbox.send("ana@g.test", MAIL)
    sandbox.ask("POST", "/settle")
    [(sender, recipients, data)] = relay.taken
    assert (sender, recipients) == ("ana@g.test", ["log+1@crm.example", "log+2@crm.example"])
    assert b"Bcc" not in data
    bounce, sent = sandbox.messages("ana@g.test")
    assert sent["label_ids"] == ["SENT"]
    raw = sandbox.google.store.row("select data from raws order by id desc limit 1")["data"]
    signs = read(bytes(raw))
    assert bounce["subject"] == "Delivery Status Notification (Failure)"
    assert signs.author.address == "mailer-daemon@googlemail.com"
    assert b"Final-Recipient: rfc822; gone@crm.example" in bytes(raw)
    sandbox.close()


def test_a_relay_that_is_down_bounces_too():
    sandbox = GoogleSandbox(relay=ListenAddress("127.0.0.1", 9))
    sandbox.add_account("ana@g.test")
    sandbox.send("ana@g.test", MAIL)
    sandbox.ask("POST", "/settle")
    assert len(sandbox.messages("ana@g.test")) == 2
    sandbox.close()


def test_a_restart_keeps_accounts_mail_history_and_tokens(tmp_path):
    sandbox = GoogleSandbox(tmp_path)
    sandbox.add_account("ana@g.test")
    sandbox.deliver("ana@g.test", MAIL)
    tokens = sandbox.tokens("ana@g.test")
    before, key = sandbox.ask("GET", "/accounts"), sandbox.google.key.id
    sandbox.close()
    again = GoogleSandbox(tmp_path)
    assert again.ask("GET", "/accounts") == before
    assert again.google.key.id == key
    assert again.store.count("select count(*) from access_tokens where token = ?", tokens["access_token"]) == 1
    again.close()


def test_the_command_serves_until_sigterm_and_tells_the_settings(tmp_path: Path):
    command = [sys.executable, "-P", "-m", "crm_store.command.main", "sandbox", "--listen", "127.0.0.1:0", "--json"]
    environ = {**os.environ, "SUNNYDAY_DATA": str(tmp_path)}
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    taken = told["url"].removeprefix("http://")
    second = CliRunner().invoke(build(), ["sandbox", "--listen", taken, "--data", str(tmp_path / "second")])
    assert isinstance(second.exception, Permanent)
    assert str(second.exception) == f"--listen {taken}: Address already in use"
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    process.stdout.close()
    assert told["settings"]["SUNNYDAY_GOOGLE_GMAIL_URL"] == told["url"]
    assert (tmp_path / "sandbox" / "google.sqlite3").is_file()
