"""The main job through the real doors: SMTP, HTTP and the command line. It imports nothing of the product.

`make demo` stays up for a look around; `make demo ONCE=1` ends after the last step, with 0 only if each was as it
should be."""

import argparse
import contextlib
import itertools
import json
import os
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Any, NoReturn, TypeVar

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data" / "demo"
SUNNYDAY = Path(sys.executable).with_name("sunnyday")
UP_WITHIN_S = 60
FILED_WITHIN_S = 30
STEPS = itertools.count(1)
T = TypeVar("T")

ANI = "Ani Lestari <ani@tokoani.example>"
BUDI = "Budi Santoso <budi@pelanggan.example>"


class OffError(Exception):
    """A step whose outcome is not as it should be."""


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--once", action="store_true", help="end after the last step")
    once = arguments.parse_args().once
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    shutil.rmtree(DATA, ignore_errors=True)
    DATA.mkdir(parents=True)
    with serving(environment()) as product:
        try:
            play(product)
        except OffError as off:
            print(f"\n  ✗ {off}\n    The product's log: {product.log_file}", flush=True)
            return 1
        print(f"\nAll as it should be. Look around: {product.url}/   (API: {product.url}/api/v1/openapi.json)")
        if not once:
            print(f"Your token for it: {product.token}\nCtrl-C stops it.", flush=True)
            product.process.wait()
    return 0


class Product:
    """The running product, by its doors. token: of Ani, an admin."""

    def __init__(self, process: subprocess.Popen[bytes], environ: dict[str, str]) -> None:
        self.process = process
        self.environ = environ
        self.log_file = DATA / "serve.log"
        self.url = ""
        self.smtp: tuple[str, int] = ("", 0)
        self.token = ""

    def command(self, *words: str) -> dict[str, Any]:
        done = subprocess.run(
            [SUNNYDAY, *words, "--json"], env=self.environ, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise OffError(f"sunnyday {' '.join(words)}: {done.stderr.strip()}")
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def get(self, path: str) -> Any:
        return json.loads(self.get_bytes(path))

    def get_bytes(self, path: str) -> bytes:
        asked = urllib.request.Request(f"{self.url}/api/v1{path}", headers={"Authorization": f"Bearer {self.token}"})
        try:
            with urllib.request.urlopen(asked, timeout=20) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            raise OffError(f"GET {path}: {error.code} {error.read().decode()}") from error

    def send(self, mail: EmailMessage, *recipients: str) -> str:
        """Hand a mail to the receiver as a submission host does; its last answer."""
        with smtplib.SMTP(*self.smtp, timeout=20) as smtp:
            smtp.ehlo()
            smtp.mail("ani@tokoani.example")
            for recipient in recipients:
                code, said = smtp.rcpt(recipient)
                if code != 250:
                    raise OffError(f"RCPT TO:<{recipient}> was answered {code} {said.decode()}")
            code, said = smtp.data(mail.as_bytes(policy=SMTP))
            if code != 250:
                raise OffError(f"the mail was answered {code} {said.decode()}")
            return f"{code} {said.decode()}"


def play(product: Product) -> None:
    step("A location, a user and a token, by the command line")
    location = product.command("location", "add", "Toko Ani")["id"]
    user = product.command(
        "user", "add", "ani@tokoani.example", "--name", "Ani Lestari", "--location", location, "--role", "admin"
    )["id"]
    product.token = product.command("token", "create", "--user", user, "--admin")["token"]
    done(f"location {location}, user {user}")

    step("Ani's BCC address, by the API")
    address = product.get(f"/locations/{location}/members/{user}/bcc-address")["address"]
    done(address)

    step("Ani writes to a prospect nobody knows yet, with that address in Bcc")
    first = a_mail("Penawaran untuk Pak Budi", "Selamat pagi Pak Budi,\n\nterlampir penawaran kami.\n\nAni\n")
    done(product.send(first, address))

    step("The prospect is a contact now, with a conversation and an outbound entry")
    decision = until(lambda: decided(product, first), "the mail was decided")
    check("decision", (decision["outcome"], decision["rule"]), ("recorded", "C2"))
    (contact,) = product.get(f"/locations/{location}/contacts?{query(address='budi@pelanggan.example')}")["items"]
    check("contact", (contact["name"], contact["source"]), ("Budi Santoso", "bcc"))
    (conversation,) = product.get(f"/locations/{location}/conversations?{query(contact_id=contact['id'])}")["items"]
    (entry,) = product.get(f"/conversations/{conversation['id']}/entries")["items"]
    check("entry", (entry["direction"], entry["paths"]), ("outbound", ["bcc"]))
    check("subject", entry["message"]["subject"], "Penawaran untuk Pak Budi")
    shown = [party["address"] for party in (*entry["message"]["to"], *entry["message"]["cc"], *entry["message"]["bcc"])]
    check("recipients shown, the BCC address not among them", shown, ["budi@pelanggan.example"])
    done(f"contact {contact['id']} “{contact['name']}”, conversation {conversation['id']}, rule {entry['rule']}")

    step("Ani follows up in the same thread, under another subject")
    second = a_mail("Diskon khusus", "Pak Budi, ada diskon minggu ini.\n", answers=str(first["Message-ID"]))
    done(product.send(second, address))
    decision = until(lambda: decided(product, second), "the follow-up was decided")
    check("decision", (decision["outcome"], decision["rule"]), ("recorded", "B9"))
    entries = product.get(f"/conversations/{conversation['id']}/entries")["items"]
    check("entries", len(entries), 2)
    check("threads", len({one["thread_id"] for one in entries}), 1)
    done(f"two entries, one thread ({entries[0]['thread_id']})")

    step("The same mail is handed over again, as after a lost answer")
    product.send(second, address)
    decisions = f"/decisions?{query(message_id=str(second['Message-ID']))}"
    until(lambda: len(product.get(decisions)["items"]) == 2, "the second copy was decided")
    check("entries", len(product.get(f"/conversations/{conversation['id']}/entries")["items"]), 2)
    done("still two entries")

    step("The raw mail comes back as it was")
    raw = product.get_bytes(f"/entries/{entry['id']}/raw")
    check("raw mail", raw, first.as_bytes(policy=SMTP))
    done(f"{len(raw)} bytes")

    step("An address that is none of ours is refused at once")
    with smtplib.SMTP(*product.smtp, timeout=20) as smtp:
        smtp.ehlo()
        smtp.mail("ani@tokoani.example")
        code, said = smtp.rcpt("nobody-" + address)
    check("answer", (code, said[:5]), (550, b"5.1.1"))
    done(f"{code} {said.decode()}")


def a_mail(subject: str, text: str, *, answers: str | None = None) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = ANI, BUDI, subject
    mail["Date"], mail["Message-ID"] = formatdate(localtime=True), make_msgid(domain="tokoani.example")
    if answers is not None:
        mail["In-Reply-To"] = mail["References"] = answers
    mail.set_content(text)
    return mail


def decided(product: Product, mail: EmailMessage) -> Any:
    items = product.get(f"/decisions?{query(message_id=str(mail['Message-ID']))}")["items"]
    return items[0] if items else None


def query(**values: str) -> str:
    return urllib.parse.urlencode(values)


def until(ask: Callable[[], T], what: str) -> T:
    """Ask until there is an answer. Raises: OffError when it takes too long."""
    deadline = time.monotonic() + FILED_WITHIN_S
    while not (answer := ask()):
        if time.monotonic() > deadline:
            raise OffError(f"after {FILED_WITHIN_S} s it is not so that {what}")
        time.sleep(0.05)
    return answer


def check(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise OffError(f"{what}: {found!r}, and it should be {expected!r}")


def step(text: str) -> None:
    print(f"\n{next(STEPS)}. {text}", flush=True)


def done(outcome: str) -> None:
    print(f"  ✓ {outcome}", flush=True)


def environment() -> dict[str, str]:
    """Embedded defaults, and loopback as the submission host that vouches for its senders."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SUNNYDAY_")}
    return {
        **environ,
        "SUNNYDAY_DATA": str(DATA),
        "SUNNYDAY_TRUSTED_RELAYS": "127.0.0.0/8,::1",
        "SUNNYDAY_SMTP_LISTEN": f"127.0.0.1:{free_or_any(8025)}",
        "SUNNYDAY_HTTP_LISTEN": f"127.0.0.1:{free_or_any(8000)}",
        "SUNNYDAY_LOG": "json",
    }


def free_or_any(port: int) -> int:
    """The port, or 0 for any where somebody has it already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port


@contextlib.contextmanager
def serving(environ: dict[str, str]) -> Iterator[Product]:
    print("Starting SunnyDay Mail on embedded defaults …", flush=True)
    with (DATA / "serve.log").open("ab") as log:
        process = subprocess.Popen([SUNNYDAY, "serve"], env=environ, stdout=log, stderr=log)
    product = Product(process, environ)
    try:
        wait_until_up(product)
        print(f"  pages and API at {product.url}, mail at {product.smtp[0]}:{product.smtp[1]}, data in {DATA}")
        yield product
    except KeyboardInterrupt:
        print("\nStopping …")
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_until_up(product: Product) -> None:
    """DATA/run/serve.json tells the ports; /readyz tells that every part is up."""
    deadline = time.monotonic() + UP_WITHIN_S
    while True:
        if product.process.poll() is not None or time.monotonic() > deadline:
            stop_with_log(product)
        with contextlib.suppress(OSError, ValueError, KeyError, IndexError):
            told = json.loads((DATA / "run" / "serve.json").read_text())
            host, _, port = told["smtp"][0].rpartition(":")
            product.smtp, product.url = (host, int(port)), f"http://{told['http'][0]}"
            with urllib.request.urlopen(f"{product.url}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        time.sleep(0.05)


def stop_with_log(product: Product) -> NoReturn:
    print(f"It did not come up. Its log, {product.log_file}, ends:\n", file=sys.stderr)
    print("\n".join(product.log_file.read_text().splitlines()[-15:]), file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    sys.exit(main())
