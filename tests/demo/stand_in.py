"""`sunnyday sandbox`, the stand-in for Google, and what people do in its mailboxes; by HTTP."""

import contextlib
import json
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from browsing import Browser
from doors import DATA, SUNNYDAY, end, free_or_any
from telling import OffError

ANI = "ani@gmail.sandbox"
BUDI = "budi@gmail.sandbox"  # he and Ana are there from the start
ANA = "ana@gmail.sandbox"
INDRA = "indra@gmail.sandbox"


class StandIn:
    """settings: those that make the product take it for Google."""

    def __init__(self, url: str, settings: Mapping[str, str]) -> None:
        self.url, self.settings = url, settings

    def add_account(self, email: str, name: str) -> None:
        page = Browser()
        page.open(f"{self.url}/sandbox")
        page.press("Add", email=email, name=name)

    def hand_mail_to(self, host: str, port: int) -> None:
        """What goes to an address that is none of its own."""
        self._ask("PUT", "/relay", json.dumps({"address": f"{host}:{port}"}).encode())

    def send(self, email: str, mail: EmailMessage, thread_id: str = "") -> Any:
        """The owner sends it in the web interface: {id, thread_id, rfc822_id …}. Its Message-ID is a new one."""
        return self._ask("POST", f"/accounts/{email}/send?{_query(thread_id=thread_id)}", mail.as_bytes(policy=SMTP))

    def messages(self, email: str) -> list[Any]:
        return list(self._ask("GET", f"/accounts/{email}/messages"))

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Any:
        kind = "application/json" if method == "PUT" else "message/rfc822"
        asked = urllib.request.Request(f"{self.url}/sandbox/api{path}", body, {"Content-Type": kind}, method=method)
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return json.loads(answer.read() or b"null")


@contextlib.contextmanager
def standing_in(environ: dict[str, str]) -> Iterator[StandIn]:
    print("Starting a stand-in for Google …", flush=True)
    listen = f"127.0.0.1:{free_or_any(4200)}"
    with (DATA / "sandbox.log").open("wb") as log:
        process = subprocess.Popen(
            [SUNNYDAY, "sandbox", "--listen", listen, "--json"],
            env={**environ, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=log,
        )
    try:
        assert process.stdout is not None
        told = process.stdout.readline()
        if not told:
            raise OffError(f"the sandbox did not come up: {(DATA / 'sandbox.log').read_text()}")
        ready = json.loads(told)
        print(f"  its mailboxes at {ready['url']}/sandbox", flush=True)
        yield StandIn(ready["url"], ready["settings"])
    finally:
        end(process)


def _query(**values: str) -> str:
    return urllib.parse.urlencode(values)
