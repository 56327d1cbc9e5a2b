"""From a mail's 250 to its entry in the API, while 50 come in each second."""

import http.client
import json
import time
import urllib.parse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median, quantiles

from databases import both
from figures import Figure
from outside import Outside, User
from places import environ_of
from processes import ClientLoad, served
from served_product import Product

PER_S = 50
MAILS = 20 * PER_S
WARM_UP_MAILS = 3 * PER_S
LOOK_EVERY_S = 0.005
SEEN_WITHIN_S = 120


def measure(folder: Path) -> Iterator[Figure]:
    with both() as databases:
        for database, make in databases.items():
            with served(environ_of(folder / database, **make())) as product:
                outside = Outside(product)
                user = outside.add_user("ani@firma.example", outside.add_location("Toko Ani"))
                _send(product, user, WARM_UP_MAILS)
                waits_ms = sorted(_send(product, user, MAILS))
            yield Figure(
                f"from 250 to visible at {PER_S} mails/s, {database}, median",
                "ms",
                median(waits_ms),
                more={"99th": quantiles(waits_ms, n=100)[98], "most": waits_ms[-1]},
            )


def _send(product: Product, user: User, mails: int) -> list[float]:
    """How long each waited, in milliseconds."""
    tag = str(time.time_ns())
    load = ClientLoad(user.bcc, 2_000, mails, per_s=PER_S, tag=tag)
    with ThreadPoolExecutor(1) as thread:
        sending = thread.submit(load.run, product.smtp_port)
        seen_at_s = _watch(product, user, [f"{number}.{tag}@firma.example" for number in range(mails)])
        accepted_at_s = sending.result().accepted_at_s
    return [max(0.0, seen - accepted) * 1000 for seen, accepted in zip(seen_at_s, accepted_at_s, strict=True)]


def _watch(product: Product, user: User, message_ids: list[str]) -> list[float]:
    """When each was seen to have an entry. They are asked for one after the other: filed in order, seen in order."""
    api = http.client.HTTPConnection("127.0.0.1", int(product.http_url.rpartition(":")[2]), timeout=30)
    seen_at_s = []
    for message_id in message_ids:
        path = f"/api/v1/decisions?{urllib.parse.urlencode({'message_id': message_id})}"
        deadline = time.monotonic() + SEEN_WITHIN_S
        while not _has_entry(api, path, user.token):
            assert time.monotonic() < deadline, f"not visible after {SEEN_WITHIN_S} s"
            time.sleep(LOOK_EVERY_S)
        seen_at_s.append(time.time())
    api.close()
    return seen_at_s


def _has_entry(api: http.client.HTTPConnection, path: str, token: str) -> bool:
    api.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    answer = json.loads(api.getresponse().read())
    return any(decision["entry_id"] for decision in answer["items"])
