"""Does the CRM's database answer, is it migrated, does its clock agree, and does work wait in it?"""

from collections.abc import Callable, Iterator

from crm_store import notice_status, status
from crm_store.command.database import up_to_date
from crm_store.database.engine import database, on_sqlite
from crm_store.errors import Permanent, StoreUnavailable
from crm_store.settings import Settings
from gateway.doctor.clock import judge_clock
from gateway.doctor.finding import Finding, ok, warning, wrong

_SLOW_MS = 200
# What waits for the DNS may do so for a day (C4) and is told apart by nothing here, so this never is more than a hint.
_OLD_CAPTURE_MS = 15 * 60_000


def check_database(settings: Settings, now_ms: Callable[[], int]) -> list[Finding]:
    """Blocks. One connection for all of it: each part would have to wait for a database that is silent."""
    began_ms = now_ms()
    try:
        with up_to_date(settings):
            return list(_look_inside(began_ms, now_ms))
    except StoreUnavailable:
        mend = "Start it, or set SUNNYDAY_DATABASE_URL right. Mail is taken in the meantime, and filed when it is back"
        return [wrong("database", "it does not answer", mend)]
    except Permanent as error:
        return [wrong("database", str(error).rstrip("."), "sunnyday migrate, or sunnyday serve, which does it first")]


def _look_inside(began_ms: int, now_ms: Callable[[], int]) -> Iterator[Finding]:
    """began_ms: when the connection was asked for."""
    kind, took_ms = "SQLite" if on_sqlite() else "PostgreSQL", now_ms() - began_ms
    if took_ms > _SLOW_MS and not on_sqlite():
        mend = "Bring it nearer: its distance is part of each mail's filing and of each page"
        yield warning("database", f"{kind} answers, is migrated, and took {took_ms} ms for that", mend)
    else:
        yield ok("database", f"{kind} answers and is migrated")
    if not on_sqlite():
        asked_ms = now_ms()
        ((theirs_ms,),) = database.execute_sql("SELECT (extract(epoch from clock_timestamp()) * 1000)::bigint")
        yield judge_clock("the database", int(theirs_ms), asked_ms, now_ms())
    yield _judge_captures(status.of_store(now_ms=now_ms()))
    yield judge_notices(notice_status.status())


def _judge_captures(found: status.StoreStatus) -> Finding:
    told = f"{found.waiting} mails wait to be filed"
    if found.waiting:
        told += f", the oldest for {found.oldest_waiting_ms // 1000} s; {found.failed} of them failed before"
    if found.oldest_waiting_ms <= _OLD_CAPTURE_MS:
        return ok("captures", told)
    mend = "Is the worker up, and does the resolver answer? Mail whose sender's DNS is down waits for up to a day"
    return warning("captures", told, mend)


def judge_notices(found: notice_status.NoticeStatus) -> Finding:
    if not found.without_provider:
        return ok("notices", "each location has an e-mail provider, by which the product mails its people")
    named = ", ".join(map(str, found.without_provider)) + (" and others" if found.is_partial else "")
    told = f"no e-mail provider in location {named}: who has to sign in with Google again there reads it on pages alone"
    return warning("notices", told, "PUT /locations/{id}/provider sets one, deploy/provider.md tells how")
