"""How long after its delivery a mail is visible, while a hundred mailboxes are followed."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from statistics import median

from conditions import until
from figures import Figure
from followed_mailbox import Followed
from processes import served
from sync_service import sync_service

from crm_store.models.connections import Connection
from crm_store.models.mailboxes import Mailbox

INTERVAL_S, MAILS = 10, 25
PUSH = {"TOPIC": "projects/crm/topics/gmail", "AUDIENCE": "crm", "ACCOUNT": "push@sandbox.iam.gserviceaccount.com"}


def by_polling(environ: Mapping[str, str], many: Sequence[Followed], author: str) -> Figure:
    told = {**environ, "SUNNYDAY_SYNC_INTERVAL_S": str(INTERVAL_S)}
    with sync_service(told, Path(environ["SUNNYDAY_DATA"]) / "polling.json"):
        until_all_were_looked_at(many)
        lags_s = _lags_s(many, author)
    return _figure("by polling", lags_s, {"interval_s": INTERVAL_S, "mailboxes": len(many)})


def by_push(environ: Mapping[str, str], many: Sequence[Followed], author: str) -> Figure:
    """Google's signed push over HTTP, to a product that would poll in an hour."""
    push = {f"SUNNYDAY_GOOGLE_PUBSUB_{name}": value for name, value in PUSH.items()}
    with served({**environ, **push, "SUNNYDAY_SYNC_INTERVAL_S": "3600"}) as product:
        endpoint = {"endpoint": f"{product.http_url}/push/gmail", "audience": PUSH["AUDIENCE"], "per_second": 0}
        many[0].sandbox.ask("PATCH", "/push", endpoint)
        until_all_were_looked_at(many)
        lags_s = _lags_s(many, author)
    return _figure("by push", lags_s, {"mailboxes": len(many)})


def until_all_were_looked_at(many: Sequence[Followed]) -> None:
    """Since now, whatever interval they had before; where pushes are wanted, their watches have begun by then."""
    began_ms, ids = many[0].now_ms(), [one.row.id for one in many]
    Mailbox.update(next_run_at_ms=began_ms).where(Mailbox.connection_id.in_(ids)).execute()
    late = Connection.select().where(Connection.id.in_(ids), Connection.last_synced_at_ms < began_ms)
    while late.count():
        time.sleep(0.2)


def _lags_s(many: Sequence[Followed], author: str) -> list[float]:
    """Of mails that come to different mailboxes, at moments that no poll knows of."""
    chosen, waits = many[:MAILS], Random(1)
    before = {one.mailbox.id: one.counts().recorded for one in chosen}
    begun_s, lags_s = dict[int, float](), dict[int, float]()

    def look() -> bool:
        for row in Mailbox.select(Mailbox.id, Mailbox.recorded).where(Mailbox.id.in_(list(begun_s))):
            if row.recorded > before[row.id]:
                lags_s.setdefault(row.id, time.perf_counter() - begun_s[row.id])
        return len(lags_s) == len(begun_s)

    for one in chosen:
        mailbox_id = one.mailbox.id
        one.deliver(author, subject="lekas")
        begun_s[mailbox_id] = time.perf_counter()
        over_s = time.perf_counter() + waits.uniform(0.1, 0.6)
        while time.perf_counter() < over_s:
            look()
            time.sleep(0.01)
    until(look, 120)
    return list(lags_s.values())


def _figure(how: str, lags_s: Sequence[float], more: dict[str, object]) -> Figure:
    told: dict[str, object] = {"longest s": max(lags_s), "mails": len(lags_s), **more}
    return Figure(f"syncing: delivery to visible, {how}", "s", median(lags_s), more=told)
