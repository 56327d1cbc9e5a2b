"""The running product, driven from outside: SMTP, HTTP and the command line only."""

import json
import smtplib
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from conditions import until
from postgres_server import PostgresServer
from served_product import Product

FILED_WITHIN_S = 60.0


@dataclass(frozen=True)
class User:
    """A user as the product told of them. bcc: in their first location."""

    id: str
    location_id: str
    email: str
    token: str
    bcc: str


class Outside:
    """What a mail client, a program and an operator can do with a running product."""

    def __init__(self, product: Product) -> None:
        self.product = product

    def add_location(self, name: str) -> str:
        return str(self.product.run_json("location", "add", name)["id"])

    def add_user(self, email: str, location_id: str, role: str = "admin") -> User:
        words = ("user", "add", email, "--name", email.split("@")[0], "--location", location_id, "--role", role)
        user_id = str(self.product.run_json(*words)["id"])
        token = str(self.product.run_json("token", "create", "--user", user_id, "--admin")["token"])
        shown = self.get(token, f"/locations/{location_id}/members/{user_id}/bcc-address")
        return User(user_id, location_id, email, token, shown["address"])

    def get(self, token: str, path: str) -> Any:
        return json.loads(self.get_bytes(token, path))

    def get_bytes(self, token: str, path: str) -> bytes:
        with urllib.request.urlopen(self._request(token, path), timeout=30) as answer:
            return bytes(answer.read())

    def call(self, token: str, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status and JSON of any answer, also of a refusal."""
        asked = self._request(token, path)
        asked.method = method
        if body is not None:
            asked.data = json.dumps(body).encode()
            asked.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def send(self, raw: bytes, *recipients: str) -> str:
        """One mail in one session; the receipt's id. Raises what smtplib raises where it is not answered 250."""
        with smtplib.SMTP("127.0.0.1", self.product.smtp_port, timeout=60) as smtp:
            smtp.ehlo()
            smtp.mail("relay@firma.example")
            for recipient in recipients:
                code, said = smtp.rcpt(recipient)
                if code != 250:
                    raise smtplib.SMTPResponseException(code, said)
            code, said = smtp.data(raw)
            if code != 250:
                raise smtplib.SMTPResponseException(code, said)
        return str(said.decode())

    def decisions(self, user: User, message_id: str) -> list[Any]:
        query = urllib.parse.urlencode({"message_id": message_id, "limit": 200})
        return list(self.get(user.token, f"/decisions?{query}")["items"])

    def until_decided(self, user: User, message_id: str, count: int = 1) -> list[Any]:
        return until(lambda: found if len(found := self.decisions(user, message_id)) >= count else [], FILED_WITHIN_S)

    def entries(self, user: User) -> list[Any]:
        """Every entry of the user's first location, page by page."""
        found = []
        for conversation in self.items(user.token, f"/locations/{user.location_id}/conversations"):
            found += self.items(user.token, f"/conversations/{conversation['id']}/entries")
        return found

    def items(self, token: str, path: str) -> list[Any]:
        found, after = [], ""
        while after is not None:
            page = self.get(token, f"{path}?limit=200{after}")
            found += page["items"]
            after = None if page["next"] is None else f"&after={urllib.parse.quote(page['next'])}"
        return found

    def _request(self, token: str, path: str) -> urllib.request.Request:
        url = f"{self.product.http_url}/api/v1{path}"
        return urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture(params=["sqlite", "postgresql"])
def database_environ(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Settings that choose the database: each test that asks for it runs on both."""
    if request.param == "sqlite":
        yield {}
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.create_database()
    yield {"SUNNYDAY_DATABASE_URL": url}
    server.drop_database(url)


@pytest.fixture
def outside(served: Callable[..., Product], database_environ: dict[str, str]) -> Outside:
    """A product that is up, with loopback as the submission host that vouches for its senders."""
    return Outside(served(SUNNYDAY_TRUSTED_RELAYS="127.0.0.1", **database_environ))


@pytest.fixture
def outside_of() -> type[Outside]:
    return Outside
