"""The running product by its doors: the command line, HTTP and SMTP. It imports nothing of the product."""

import contextlib
import json
import os
import smtplib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any, NoReturn

from telling import OffError

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data" / "demo"
SUNNYDAY = Path(sys.executable).with_name("sunnyday")
UP_WITHIN_S = 60


class Product:
    """The running product, by its doors. token: of Ani, an admin."""

    def __init__(self, process: subprocess.Popen[bytes], environ: dict[str, str]) -> None:
        self.process = process
        self.environ = environ
        self.log_file = DATA / "serve.log"
        self.url = ""
        self.smtp: tuple[str, int] = ("", 0)
        self.token = ""

    def command(self, *words: str, given: str = "") -> dict[str, Any]:
        """given: its standard input."""
        done = subprocess.run(
            [SUNNYDAY, *words, "--json"], env=self.environ, input=given, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise OffError(f"sunnyday {' '.join(words)}: {done.stderr.strip()}")
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def get(self, path: str) -> Any:
        return json.loads(self.get_bytes(path))

    def post(self, path: str, body: object) -> Any:
        return json.loads(self._ask(path, json.dumps(body).encode()))

    def put(self, path: str, body: object) -> Any:
        return json.loads(self._ask(path, json.dumps(body).encode(), "PUT"))

    def patch(self, path: str, body: object) -> Any:
        return json.loads(self._ask(path, json.dumps(body).encode(), "PATCH"))

    def get_bytes(self, path: str) -> bytes:
        return self._ask(path)

    def _ask(self, path: str, body: bytes | None = None, method: str | None = None) -> bytes:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        asked = urllib.request.Request(f"{self.url}/api/v1{path}", body, headers, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=20) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            raise OffError(f"{asked.get_method()} {path}: {error.code} {error.read().decode()}") from error

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


def environment() -> dict[str, str]:
    """Embedded defaults, loopback as the submission host that vouches for its senders, and quick polling."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SUNNYDAY_")}
    return {
        **environ,
        "SUNNYDAY_DATA": str(DATA),
        "SUNNYDAY_TRUSTED_RELAYS": "127.0.0.0/8,::1",
        "SUNNYDAY_SMTP_LISTEN": f"127.0.0.1:{free_or_any(8025)}",
        "SUNNYDAY_HTTP_LISTEN": f"127.0.0.1:{free_or_any(8000)}",
        "SUNNYDAY_SYNC_INTERVAL_S": "1",
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
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
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
