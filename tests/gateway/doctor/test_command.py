"""sunnyday doctor as its user meets it: on the running product, on none, and with what it asks down or silent."""

import asyncio
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from dns_server import DnsServer
from mails import a_mail
from served_product import SUNNYDAY, Product
from store import Person, Store

from crm_store import clock, settings
from gateway.doctor.examination import Check, bounded, examine
from gateway.doctor.finding import State
from gateway.doctor.listening import check_listening, judge_listening
from gateway.doctor.smtp_probe import Seen

OK, WARNING, WRONG = State.OK, State.WARNING, State.WRONG


def doctor(product: Product) -> tuple[int, dict[str, list[dict[str, str]]]]:
    """Exit status, and findings by check."""
    done = product.run("doctor", "--json")
    assert done.stderr == ""
    found: dict[str, list[dict[str, str]]] = {}
    for one in json.loads(done.stdout)["findings"]:
        assert one.keys() == {"check", "state", "found", "mend"}
        assert bool(one["mend"]) is (one["state"] != "ok"), one
        found.setdefault(one["check"], []).append(one)
    return done.returncode, found


def states(found: dict[str, list[dict[str, str]]], check: str) -> list[str]:
    return [one["state"] for one in found.get(check, [])]


def test_a_running_product_with_nothing_wrong_gives_0(
    served, dns_server: DnsServer, make_certificate, database_environ, until
):
    dns_server.put("example.com", "A", "192.0.2.1")
    pair = make_certificate("mx.f.example", begins=-3000, days=3000)
    environ = {"SUNNYDAY_TLS_CERT": str(pair.cert), "SUNNYDAY_TLS_KEY": str(pair.key)}
    product = served(SUNNYDAY_RESOLVER=dns_server.address, **environ, **database_environ)

    status, found = doctor(product)
    assert status == 0, found
    for check in ("running", "listening", "starttls", "resolver", "database", "captures", "intake", "folders", "clock"):
        assert set(states(found, check)) == {"ok"}, check
    assert len(found["clock"]) == (2 if database_environ else 1), "PostgreSQL has a clock of its own"
    assert "as it runs" in found["open-files"][0]["found"]
    assert states(found, "certificate") == ["ok"] * 3

    dns_server.put("capture.localhost", "MX", (10, "mx.f.example"))
    dns_server.put("mx.f.example", "A", "127.0.0.1")
    ours = settings.load(product.environ)
    in_process = asyncio.run(examine(ours, now_ms=clock.now_ms, tell=lambda *_: None, smtp_port=product.smtp_port))
    seen = {one.check: one.state for one in in_process}
    assert (seen["mx"], seen["smtp-port"], seen["certificate"]) == (OK, OK, OK)

    other = make_certificate("mx.f.example", begins=-3000, days=3000)
    pair.cert.write_bytes(other.cert.read_bytes())
    _, starttls = asyncio.run(check_listening([product.tree], ours))
    assert (starttls.check, starttls.state) == ("starttls", WARNING)
    assert "tls_certificate" in starttls.mend
    pair.key.write_bytes(other.key.read_bytes())  # now both halves are there, and all receivers show them
    until(lambda: all(asyncio.run(check_listening([product.tree], ours))[1].state == OK for _ in range(4)))


def test_before_the_first_start_it_tells_what_to_do_and_leaves_nothing_behind(tmp_path: Path, dns_server: DnsServer):
    product = Product(tmp_path / "data", {"SUNNYDAY_RESOLVER": dns_server.address})
    status, found = doctor(product)
    assert status == 1
    assert "sunnyday serve" in found["running"][0]["mend"]
    assert "sunnyday migrate" in found["database"][0]["mend"]
    assert "listening" not in found
    assert list(tmp_path.iterdir()) == []


def test_for_people_each_finding_is_a_line_with_its_mend_below(tmp_path: Path, dns_server: DnsServer):
    done = Product(tmp_path, {"SUNNYDAY_RESOLVER": dns_server.address}).run("doctor")
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("wrong    running     nothing runs")
    assert lines[1].startswith("                     → Start it: sunnyday serve")
    assert any(line.startswith("ok       settings    ") for line in lines)
    assert any(line.startswith("warning  mx          ") for line in lines)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """UDP and TCP: what comes is taken, and nothing is ever answered."""
    tcp = socket.create_server(("127.0.0.1", 0))
    with tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(tcp.getsockname())
        yield tcp.getsockname()[1]


def test_with_dns_and_database_silent_it_ends_in_time_and_tells_the_rest(tmp_path: Path, silent_port: int):
    domains = ",".join(f"in{number}.firma.example" for number in range(50))
    product = Product(
        tmp_path,
        {
            "SUNNYDAY_RESOLVER": f"127.0.0.1:{silent_port}",
            "SUNNYDAY_DATABASE_URL": f"postgresql://crm:s3cret@127.0.0.1:{silent_port}/crm",
            "SUNNYDAY_CAPTURE_DOMAINS": domains,
            "SUNNYDAY_PUBLIC_URL": "https://crm.firma.example",
            "SUNNYDAY_TRUSTED_RELAYS": "8.8.4.4",
        },
    )
    began_s = time.monotonic()
    status, found = doctor(product)
    assert time.monotonic() - began_s < 45
    assert status == 1
    assert states(found, "resolver") == states(found, "database") == ["wrong"]
    assert states(found, "mx") == ["wrong"] * 50
    assert states(found, "spf") == states(found, "dmarc") == ["warning"] * 50
    assert states(found, "relay") == ["warning"]
    assert set(states(found, "folders") + states(found, "intake")) == {"ok"}
    assert "s3cret" not in json.dumps(found)


def test_a_database_that_is_down_is_told(tmp_path: Path, dns_server: DnsServer):
    url = "postgresql://crm:s3cret@127.0.0.1:1/crm"
    product = Product(tmp_path, {"SUNNYDAY_RESOLVER": dns_server.address, "SUNNYDAY_DATABASE_URL": url})
    status, found = doctor(product)
    assert status == 1
    assert states(found, "database") == ["wrong"]
    assert "SUNNYDAY_DATABASE_URL" in found["database"][0]["mend"]
    assert "s3cret" not in json.dumps(found)


def test_a_database_that_lacks_migrations_is_told(tmp_path: Path, dns_server: DnsServer, postgres_database: str):
    environ = {"SUNNYDAY_RESOLVER": dns_server.address, "SUNNYDAY_DATABASE_URL": postgres_database}
    _, found = doctor(Product(tmp_path, environ))
    assert states(found, "database") == ["wrong"]
    assert "0001_" in found["database"][0]["found"]
    assert "sunnyday migrate" in found["database"][0]["mend"]


def test_mail_that_waits_to_be_filed_for_long_is_told(store: Store, ani: Person):
    environ = {
        "SUNNYDAY_DATA": str(store.settings.data),
        "SUNNYDAY_RESOLVER": store.settings.resolver,
        "SUNNYDAY_DATABASE_URL": store.settings.database_url.get_secret_value(),
    }
    product = Product(store.settings.data, environ)
    store.now_ms = clock.now_ms() - 10 * 60_000
    store.receive(a_mail(message_id="<one@firma.example>"), ani.bcc)
    assert states(doctor(product)[1], "captures") == ["ok"]
    store.now_ms = clock.now_ms() - 20 * 60_000
    store.receive(a_mail(message_id="<two@firma.example>"), ani.bcc)
    (finding,) = doctor(product)[1]["captures"]
    assert finding["state"] == "warning"
    assert finding["found"].startswith("2 mails wait to be filed, the oldest for 12")


@pytest.mark.parametrize(
    ("words", "environ", "sentence"),
    [
        pytest.param(["--bogus"], {}, "No such option", id="no such option"),
        pytest.param([], {"SUNNYDAY_RESOLVER": "somewhere"}, "SUNNYDAY_RESOLVER", id="a wrong setting"),
    ],
)
def test_what_is_not_understood_gives_2(tmp_path: Path, words: list[str], environ: dict[str, str], sentence: str):
    done: subprocess.CompletedProcess[str] = Product(tmp_path, environ).run("doctor", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr


def test_it_explains_itself_and_is_listed(tmp_path: Path):
    assert "\n  doctor " in Product(tmp_path, {}).run("--help").stdout
    told = Product(tmp_path, {}).run("doctor", "--help")
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith("Usage: sunnyday doctor ")


@pytest.mark.parametrize(
    ("seen", "tls_set", "expected"),
    [
        pytest.param(Seen(problem="refused"), False, {"listening": WRONG}, id="nobody"),
        pytest.param(Seen("421 4.3.2 Stopping"), False, {"listening": WRONG}, id="it refuses"),
        pytest.param(Seen("220 x"), False, {"listening": OK, "starttls": WARNING}, id="TLS is not set"),
        pytest.param(Seen("220 x"), True, {"listening": OK, "starttls": WRONG}, id="TLS is set, and not offered"),
        pytest.param(
            Seen("220 x", offers=frozenset({"STARTTLS"}), tls_problem="NO_CIPHERS"),
            True,
            {"listening": OK, "starttls": WRONG},
            id="no TLS comes up",
        ),
        pytest.param(
            Seen("220 x", offers=frozenset({"STARTTLS"}), certificate=b"old"),
            True,
            {"listening": OK, "starttls": WARNING},
            id="another certificate",
        ),
        pytest.param(
            Seen("220 x", offers=frozenset({"STARTTLS"}), certificate=b"leaf"),
            True,
            {"listening": OK, "starttls": OK},
            id="all is right",
        ),
    ],
)
def test_where_the_product_listens(seen: Seen, tls_set: bool, expected: dict[str, State]):
    found = judge_listening("127.0.0.1:25", seen, tls_set=tls_set, leaf=b"leaf")
    assert {one.check: one.state for one in found} == expected


def test_a_check_that_hangs_is_a_finding():
    (finding,) = asyncio.run(bounded(Check("disk", lambda: asyncio.sleep(1000, []), steps=0)))
    assert (finding.check, finding.state) == ("disk", WRONG)
    assert "hangs" in finding.mend


def test_a_disk_that_hangs_does_not_keep_the_command_up(tmp_path: Path, dns_server: DnsServer):
    """A pipe that nobody writes to stands for it: whoever opens it for reading waits for ever."""
    (tmp_path / "run").mkdir()
    os.mkfifo(tmp_path / "run/serve.json")
    began_s = time.monotonic()
    status, found = doctor(Product(tmp_path, {"SUNNYDAY_RESOLVER": dns_server.address}))
    assert time.monotonic() - began_s < 45
    assert status == 1
    assert states(found, "running") == ["wrong"]
    assert states(found, "resolver") == ["warning"]


def test_progress_is_for_a_terminal_and_is_wiped(tmp_path: Path, dns_server: DnsServer):
    ours, theirs = os.openpty()
    product = Product(tmp_path, {"SUNNYDAY_RESOLVER": dns_server.address})
    command = [*SUNNYDAY, "doctor", "--json"]
    done = subprocess.run(command, env=product.environ, stdout=subprocess.PIPE, stderr=theirs, timeout=60)
    os.close(theirs)
    shown = os.read(ours, 4096).decode()
    os.close(ours)
    assert "\r1 of " in shown
    assert shown.endswith("\r\x1b[K")
    assert json.loads(done.stdout)["findings"]


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (RuntimeError("a subject"), "the check itself failed (RuntimeError)"),
        (PermissionError(13, "Permission denied", "/data"), "/data: Permission denied"),
    ],
)
def test_a_check_that_fails_is_a_finding(error: Exception, found: str):
    def fail() -> list[object]:
        raise error

    (finding,) = asyncio.run(bounded(Check("disk", lambda: asyncio.to_thread(fail))))
    assert (finding.check, finding.state, finding.found) == ("disk", WRONG, found)
