"""What a page of a list costs at 1,000,000 messages, against one at 1,000 of the same product on the same machine."""

import http.client
import json
import multiprocessing
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from databases import both
from figures import Figure
from many_messages import BIG_CONVERSATION, ROUND, Place, fill, gather_statistics
from places import environ_of, store_of
from processes import served
from served_product import Product

from crm_store import tokens
from crm_store.database import engine
from crm_store.models.bcc import BccAddress
from crm_store.rules.states import Role

FEW, MANY = 3 * ROUND, 1_000_000 // ROUND * ROUND
TURNS = 100


@dataclass(frozen=True)
class Filled:
    """A product's data. location_id, token: of the one who asks."""

    environ: Mapping[str, str]
    location_id: int
    token: str


def measure(folder: Path) -> Iterator[Figure]:
    with both() as databases:
        wanted = [
            (environ_of(folder / f"{database}-{messages}", **make()), messages)
            for messages in (MANY, FEW)  # the long ones first
            for database, make in databases.items()
        ]
        # Each in a process of its own: a process speaks to one database, and this takes minutes.
        with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as processes:
            filled = list(processes.map(_fill, *zip(*wanted, strict=True)))
        for database, few, many in zip(databases, filled[2:], filled[:2], strict=True):
            yield from _compare(database, few, many)


def _fill(environ: dict[str, str], messages: int) -> Filled:
    with store_of(environ) as store:
        people = [store.user(f"u{n}@firma.example", store.location(f"L{n}"), Role.ADMIN) for n in range(5)]
        places = [
            Place(one.location_id, one.user_id, BccAddress.get(BccAddress.address == one.bcc).id) for one in people
        ]
        fill(places, after=0, upto=messages)
        if not engine.on_sqlite():
            gather_statistics()
        token = tokens.create(people[0].user_id, installation_admin=False, by=None, now_ms=store.now_ms)
    return Filled(environ, people[0].location_id, token)


def _compare(database: str, few: Filled, many: Filled) -> Iterator[Figure]:
    with ExitStack() as stack:
        apis = [Api(stack.enter_context(served(one.environ)), one.token) for one in (few, many)]
        for name, path in {
            "contacts": f"/locations/{few.location_id}/contacts",
            "conversations": f"/locations/{few.location_id}/conversations",
            "entries of a conversation": f"/conversations/{BIG_CONVERSATION}/entries",
        }.items():
            for page, asked in {
                "first page": [path, path],
                "a page in the middle": [api.middle(path) for api in apis],
            }.items():
                ms = [[api.ms(one) for api, one in zip(apis, asked, strict=True)] for _ in range(TURNS)]
                at_few, at_many = zip(*ms, strict=True)
                yield Figure(
                    f"{name}, {page}, {MANY:,} messages, {database}",
                    "ms",
                    median(at_many),
                    f"the same at {FEW:,}",
                    median(at_few),
                    median(at_many) / median(at_few),
                )


class Api:
    """One asker's GETs, on a connection that stays open."""

    def __init__(self, product: Product, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", int(product.http_url.rpartition(":")[2]), timeout=60)
        self._headers = {"Authorization": f"Bearer {token}"}

    def ms(self, path: str) -> float:
        began_at_s = time.perf_counter()
        self._get(path)
        return (time.perf_counter() - began_at_s) * 1000

    def middle(self, path: str) -> str:
        """The address of the page in the middle of a list."""
        pages = [path]
        while (
            after := json.loads(self._get(f"{pages[-1]}{'&' if '?' in pages[-1] else '?'}limit=200"))["next"]
        ) is not None:
            pages.append(f"{path}?after={urllib.parse.quote(after)}")
        return pages[len(pages) // 2]

    def _get(self, path: str) -> bytes:
        try:
            answer = self._ask(path)
        except (
            http.client.RemoteDisconnected
        ):  # closed since: the other product was asked for longer than it stays open
            self._connection.close()
            answer = self._ask(path)
        assert answer.status == 200, answer.read()
        return answer.read()

    def _ask(self, path: str) -> http.client.HTTPResponse:
        self._connection.request("GET", f"/api/v1{path}", headers=self._headers)
        return self._connection.getresponse()
