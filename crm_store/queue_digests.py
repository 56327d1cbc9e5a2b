"""Once a day, at eight of their clock, who decides about captures is told what waits in the queue: how many, why, and
how many are about to be erased; nothing of what they say. Nothing is mailed while nothing waits."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import structlog

from crm_store import digest_plans, fault_point, product_mail
from crm_store.access import Access, roles_of
from crm_store.blobs.store import BlobStore
from crm_store.database.rows import tuples
from crm_store.database.session import writing
from crm_store.digest_plans import NOT_PLANNED, DueDigest
from crm_store.digest_wording import QueueFigures, queue_digest
from crm_store.errors import StoreUnavailable
from crm_store.mail.parsed_mail import Mailbox
from crm_store.models.captures import Capture
from crm_store.models.people import Location, User
from crm_store.outbox_posting import PreparedEmail
from crm_store.paging import Order, along
from crm_store.reader_locale import locale_of
from crm_store.rules.notices import NoticeTopic, day_of, next_digest_at_ms
from crm_store.rules.states import CaptureState, Role

MOST_COUNTED = 1000  # a longer queue is "more than" that: no mail costs more than this
ABOUT_TO_BE_ERASED_DAYS = 3
_DAY_MS = 86_400_000

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Links:
    """Where a digest leads to. base_url: of our pages. off: by user, the address that switches it off."""

    base_url: str
    off: Callable[[int], str]


def sweep(blobs: BlobStore, links: Links, *, now_ms: int, limit: int = 20) -> int:
    """Mail what is due; how many were looked at. Safe to run by several at once. Raises: StoreUnavailable."""
    due = digest_plans.due(now_ms=now_ms, limit=limit)
    for one in due:
        settle(one, blobs, links, now_ms=now_ms)
    return len(due)


def settle(one: DueDigest, blobs: BlobStore, links: Links, *, now_ms: int) -> None:
    """Once, whoever else has it in hand. Raises: StoreUnavailable."""
    zone = ZoneInfo(one.time_zone)
    prepared = None
    try:
        prepared = _prepared(one, zone, blobs, links, now_ms)
    except StoreUnavailable:
        raise
    except Exception:  # whatever it is, it is told tomorrow, and holds up nobody's mail
        log.exception("digest_failed", location_id=one.location_id, user_id=one.user_id)
    with writing():
        told_day = None if prepared is None else day_of(now_ms, zone)
        if not digest_plans.move_on(one, next_digest_at_ms(now_ms, zone), told_day) or prepared is None:
            return
        product_mail.queue(NoticeTopic.DIGEST, one.id, prepared, blobs, now_ms=now_ms)
        fault_point.reach("digest.before-commit")
    fault_point.reach("digest.after-commit")
    log.info("digest_queued", location_id=one.location_id, user_id=one.user_id)


def _prepared(one: DueDigest, zone: ZoneInfo, blobs: BlobStore, links: Links, now_ms: int) -> PreparedEmail | None:
    """None where it is not time, nobody wants it, nobody can be mailed, or there is nothing to tell."""
    if one.planned_at_ms == NOT_PLANNED or not one.is_wanted or one.last_day == day_of(now_ms, zone):
        return None
    role = roles_of(one.user_id).get(one.location_id)
    figures = _figures(one.location_id, now_ms) if role is not None and role.rank >= Role.OPERATOR.rank else None
    carrier_id = product_mail.carrier_for(one.user_id, one.location_id)
    if figures is None or carrier_id is None:
        return None
    user: User = User.get_by_id(one.user_id)
    off = links.off(user.id)
    words = queue_digest(
        figures,
        name=user.name,
        link=f"{links.base_url}/l/{one.location_id}/queue",
        off=off,
        locale=locale_of(Access(user.id, {}), one.location_id),
    )
    # RFC 8058 §3.1: a program of the reader's may switch it off by one POST, and only by https.
    one_click = (("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),) if off.startswith("https://") else ()
    fields = (("List-Unsubscribe", f"<{off}>"), *one_click)
    to = Mailbox(user.name, user.email)
    return product_mail.prepare(carrier_id, user.id, to, words, blobs, fields=fields, now_ms=now_ms)


def _figures(location_id: int, now_ms: int) -> QueueFigures | None:
    """None where nothing waits. The oldest are counted, and so whatever is about to be erased is among them."""
    waiting = Order([(Capture.location_id, location_id), (Capture.state, CaptureState.HELD)], [Capture.id])
    columns = (Capture.reason, Capture.rule, Capture.received_at_ms)
    rows = list(tuples(along(Capture.select(*columns), waiting, limit=MOST_COUNTED + 1)))
    if not rows:
        return None
    counted = rows[:MOST_COUNTED]
    location: Location = Location.get_by_id(location_id)
    erased_ms = (location.retention_days - ABOUT_TO_BE_ERASED_DAYS) * _DAY_MS
    return QueueFigures(
        location=location.name,
        count=len(counted),
        is_more=len(rows) > MOST_COUNTED,
        reasons=Counter((reason or "", rule or "") for reason, rule, _ in counted).most_common(),
        oldest_days=max(0, now_ms - min(at_ms for _, _, at_ms in counted)) // _DAY_MS,
        soon_erased=sum(at_ms <= now_ms - erased_ms for _, _, at_ms in counted),
        erased_within_days=ABOUT_TO_BE_ERASED_DAYS,
    )
