"""The outbox as people and programs see it: what became of an e-mail, and what they may do about it.

An e-mail is its sender's; admins of its location see it too. Who runs the installation acts for anybody, and of
locations that they are no member of they are told how it goes and not what it says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from peewee import SQL

from crm_store import audit, outbox_lanes, outbox_posting, outbox_sent, outbox_steps
from crm_store.access import Access
from crm_store.blobs.store import BlobStore
from crm_store.database.rows import tuples
from crm_store.database.session import lock_location, writing
from crm_store.errors import Conflict, Forbidden, NotFound
from crm_store.models.outbox import Delivery, Email, OutboxLane
from crm_store.outbox_posting import PreparedEmail
from crm_store.outbox_steps import VOID, DeliveryChanged, step
from crm_store.paging import Order, Page, PageRequest, page
from crm_store.rules.outbox import EmailKind, OutboxReason, OutboxState, OutboxStep
from crm_store.rules.states import Role

NOT_NOTICE = SQL("\"kind\" <> 'notice'")  # a literal, as in the indexes


@dataclass(frozen=True, slots=True)
class Recipient:
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class EmailView:
    """What an e-mail is in. reason: a word of OutboxReason or of a newer version's; None for nothing to tell.

    detail: what the other side said. counts: of its deliveries, by state. not_before_ms: of one that waits when it may
    go, of an unknown one when it is looked for next; None of all others, and where nobody can tell.
    text, html: "" and None of a sent one, whose entry has them. entry_id: None where there is none (yet), and of
    several deliveries."""

    id: int
    location_id: int
    user_id: int
    kind: EmailKind
    state: OutboxState
    reason: str | None
    detail: str
    counts: dict[OutboxState, int]
    not_before_ms: int | None
    entry_id: int | None
    sender: Recipient
    to: list[Recipient]
    cc: list[Recipient]
    bcc: list[Recipient]
    subject: str
    text: str
    html: str | None
    reply_to_entry_id: int | None
    created_at_ms: int


def post(access: Access, prepared: PreparedEmail, blobs: BlobStore, *, now_ms: int) -> EmailView:
    """Queue what outbox_posting prepared. Raises: Invalid where its connection has ended meanwhile."""
    return get(access, outbox_posting.queue(access, prepared, blobs, now_ms=now_ms))


def get(access: Access, email_id: int) -> EmailView:
    """Raises: NotFound."""
    (view,) = _views([_seen(access, email_id)])
    return view if view.location_id in access.roles else _without_content(view)


def notice(email_id: int) -> EmailView:
    """What became of mail of the product itself. Whom it is told to is the caller's to ask."""
    (view,) = _views([Email.get_by_id(email_id)])
    return view


def list_for(
    access: Access, location_id: int, request: PageRequest, *, state: OutboxState | None = None
) -> Page[EmailView]:
    """Newest first: one's own; all of the location for its admins. Raises: NotFound, Invalid."""
    access.reader_of(location_id)
    within: list[tuple[object, int | str]] = [(Email.location_id, location_id)]
    if access.roles[location_id] is not Role.ADMIN:
        within.append((Email.user_id, access.user_id))
    if state is not None:
        within.append((Email.state, state.value))
    order = Order(within, [Email.id], newest_first=True)  # type: ignore[arg-type]  # fields of several kinds
    return page(Email.select().where(NOT_NOTICE), order, request, _views)


def cancel(access: Access, email_id: int, *, now_ms: int) -> EmailView:
    """E7: what waits is not sent; of several what has left stays so. Raises: NotFound, Forbidden, Conflict."""
    return _act(access, _own(access, email_id), "cancel", lambda one: step(one, OutboxStep.CANCEL), now_ms=now_ms)


def retry(access: Access, email_id: int, *, now_ms: int) -> EmailView:
    """What failed or was cancelled is sent after all, as it was written, by the way that there is now (E8).

    Raises: NotFound, Forbidden, Conflict, Invalid where there is no way."""
    email = _own(access, email_id)
    before = OutboxLane.get_by_id(_first_delivery(email_id).lane_id)
    with writing():
        way = outbox_lanes.way_for(
            email.location_id,
            email.user_id,
            EmailKind(email.kind),
            from_address=email.from_address,
            in_mailboxes=[before.connection_id] if before.connection_id is not None else [],
        )
        lane_id = outbox_lanes.lane_of(way)
        # Another mailbox names its talks otherwise.
        told = {"lane_id": lane_id} if lane_id == before.id else {"lane_id": lane_id, "gmail_thread_id": None}
        if way.kind != before.kind:  # it has one delivery: only what is individual has two ways
            told |= outbox_posting.made_for(way.kind, email, _first_delivery(email_id))
        outbox_posting.make_due(lane_id, now_ms)
        return _act(
            access, email, "retry", lambda one: step(one, OutboxStep.RETRY, due_at_ms=now_ms, **told), now_ms=now_ms
        )


def resolve(
    access: Access,
    email_id: int,
    blobs: BlobStore,
    capture_domains: Collection[str],
    *,
    was_sent: bool,
    now_ms: int,
) -> EmailView:
    """Its user says what became of what nobody knows. Not sent, it goes again.

    Raises: NotFound, Forbidden, Conflict, StoreUnavailable."""
    email = _own(access, email_id)
    lane = OutboxLane.get_by_id(_first_delivery(email_id).lane_id)

    def is_sent(delivery_id: int) -> None:
        outbox_sent.taken_as_sent(delivery_id, OutboxReason.RESOLVED, blobs, capture_domains, now_ms=now_ms)

    def goes_again(delivery_id: int) -> None:
        outbox_steps.require(delivery_id, OutboxState.UNKNOWN)
        step(delivery_id, OutboxStep.PUT_BACK, OutboxReason.RESOLVED, due_at_ms=now_ms, **VOID)

    with writing():
        lock_location(email.location_id)  # before the lane: what was sent is filed
        outbox_posting.make_due(lane.id, now_ms)
        why = "it was sent" if was_sent else "it was not sent"
        return _act(access, email, "resolve", is_sent if was_sent else goes_again, why=why, now_ms=now_ms)


def _without_content(view: EmailView) -> EmailView:
    nobody = Recipient("", "")
    return replace(view, detail="", sender=nobody, to=[], cc=[], bcc=[], subject="", text="", html=None)


def _act(
    access: Access, email: Email, action: str, do: Callable[[int], None], *, why: str = "", now_ms: int
) -> EmailView:
    """With each of its deliveries for which it is legal; one at least."""
    done = 0
    with writing():
        ids = Delivery.select(Delivery.id).where(Delivery.email_id == email.id).order_by(Delivery.id)
        for (delivery_id,) in list(tuples(ids)):  # each locks the e-mail first
            try:
                do(delivery_id)
            except DeliveryChanged:
                continue
            done += 1
        if not done:
            raise Conflict(f"it is {Email.get_by_id(email.id).state}")
        subject = f"email {email.id}"
        audit.write(
            f"email.{action}", subject, by=access.user_id, now_ms=now_ms, location_id=email.location_id, why=why
        )
    return get(access, email.id)


def _seen(access: Access, email_id: int) -> Email:
    email: Email | None = Email.get_or_none(Email.id == email_id, NOT_NOTICE)
    if email is None or not _may_see(access, email):
        raise NotFound("no such e-mail")
    return email


def _may_see(access: Access, email: Email) -> bool:
    """What is sent is in a conversation, where all members see it."""
    if access.installation_admin:
        return True
    role = access.roles.get(email.location_id)
    is_told = email.user_id == access.user_id or role is Role.ADMIN or email.state == OutboxState.SENT
    return role is not None and is_told


def _own(access: Access, email_id: int) -> Email:
    email = _seen(access, email_id)
    if email.user_id != access.user_id and not access.installation_admin:
        raise Forbidden("only its sender may do this")
    return email


def _first_delivery(email_id: int) -> Delivery:
    first = Delivery.select().where(Delivery.email_id == email_id).order_by(Delivery.email_id, Delivery.id)
    row: Delivery | None = first.first()
    assert row is not None, "an e-mail has a delivery"
    return row


def _views(rows: Sequence[Email]) -> list[EmailView]:
    """At the cost of two queries: of an e-mail of many deliveries none of them is read."""
    alone = [row.id for row in rows if sum(_counts(row).values()) == 1]
    deliveries = {one.email_id: one for one in Delivery.select().where(Delivery.email_id.in_(alone))}
    places = {row.location_id for row in rows if row.id not in deliveries}
    of_provider = OutboxLane.location_id.in_(sorted(places)) & OutboxLane.connection_id.is_null()
    ids = sorted({one.lane_id for one in deliveries.values()})
    lanes = {lane.id: lane for lane in OutboxLane.select().where(OutboxLane.id.in_(ids))}
    shared = {lane.location_id: lane for lane in OutboxLane.select().where(of_provider)}
    return [
        _view(row, one, lanes[one.lane_id] if one else shared[row.location_id])
        for row in rows
        for one in [deliveries.get(row.id)]
    ]


def _view(row: Email, one: Delivery | None, lane: OutboxLane) -> EmailView:
    """one: its delivery; None where it has several. lane: theirs."""
    state = OutboxState(row.state)
    reason, detail = row.reason, one.detail if one else ""
    due_at_ms = one.due_at_ms if one else row.not_before_ms
    if state is OutboxState.WAITING and lane.reason is not None and _holds_up(lane, due_at_ms):
        reason, detail = lane.reason, lane.detail
        due_at_ms = lane.paused_until_ms
    return EmailView(
        id=row.id,
        location_id=row.location_id,
        user_id=row.user_id,
        kind=EmailKind(row.kind),
        state=state,
        reason=reason,
        detail=detail,
        counts=_counts(row),
        not_before_ms=due_at_ms if state in (OutboxState.WAITING, OutboxState.UNKNOWN) else None,
        entry_id=one.entry_id if one else None,
        sender=Recipient(row.from_name, row.from_address),
        to=_recipients(row.to),
        cc=_recipients(row.cc),
        bcc=_recipients(row.bcc),
        subject=row.subject,
        text=row.text,
        html=row.html,
        reply_to_entry_id=row.reply_to_entry_id,
        created_at_ms=row.created_at_ms,
    )


def _holds_up(lane: OutboxLane, due_at_ms: int | None) -> bool:
    """Whether the lane waits for longer than the delivery would by itself."""
    return lane.paused_until_ms is None or due_at_ms is None or lane.paused_until_ms > due_at_ms


def _counts(row: Email) -> dict[OutboxState, int]:
    return {state: getattr(row, state) for state in OutboxState}


def _recipients(named: list[dict[str, str]]) -> list[Recipient]:
    return [Recipient(one["name"], one["address"]) for one in named]
