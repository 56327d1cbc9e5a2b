"""Addresses that a user says are theirs (Words: identity): asked about by a mail to the address itself, added once who
reads that confirms it, and removed again.

The mail goes to the form in which the address counts: whoever has ani+shop@firma.example, at a host where that is
somebody else's mailbox, has not shown to be ani@firma.example."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass

from crm_store import audit, mail_counts, product_mail, typed_address, users, waiting_notices
from crm_store.access import Access, hash_token
from crm_store.blobs.store import BlobStore
from crm_store.database.engine import on_sqlite
from crm_store.database.prepared import PreparedInsert
from crm_store.database.session import writing
from crm_store.errors import Conflict, Forbidden, Invalid, NotFound
from crm_store.mail.parsed_mail import Mailbox
from crm_store.models.connections import Connection
from crm_store.models.notices import PendingIdentity
from crm_store.models.people import Identity, User
from crm_store.notice_wording import Notice, is_anothers, verify
from crm_store.outbox_posting import PreparedEmail
from crm_store.reader_locale import locale_of
from crm_store.rules.address import domain_of, fold_identity
from crm_store.rules.connection import LIVE
from crm_store.rules.notices import NoticeTopic
from crm_store.rules.states import IdentityOrigin
from crm_store.users import MAX_IDENTITIES

LINK_PATH = "/identity"
LINK_LIVES_MS = 86_400_000
MOST_PENDING = 20
MOST_MAILS_OF_A_USER = 20  # in 24 hours
MOST_MAILS_TO_AN_ADDRESS = 3
NO_PROVIDER = (
    "nobody could mail this address: none of the user's locations has an e-mail provider; an admin sets one in the "
    "settings, or by PUT /locations/{id}/provider"
)

_CLEARED_AT_ONCE = 20
_IDENTITIES = PreparedInsert(Identity)


@dataclass(frozen=True, slots=True)
class AddressView:
    address: str
    origin: IdentityOrigin
    is_removable: bool


@dataclass(frozen=True, slots=True)
class PendingView:
    address: str
    asked_at_ms: int
    ends_at_ms: int


@dataclass(frozen=True, slots=True)
class Question:
    """What the mail's link asks: is address this user's? language: the user's own, None where they have none."""

    address: str
    user_name: str
    user_email: str
    language: str | None


@dataclass(frozen=True, slots=True)
class Asking:
    """A mail that is ready. token_hash: of what its link holds."""

    user_id: int
    address: str
    folded: str
    token_hash: bytes
    mail: PreparedEmail


class NobodyCanMail(Conflict):
    """None of the user's locations has a provider."""


def of_user(access: Access, user_id: int) -> list[AddressView]:
    """Oldest first. Raises: NotFound."""
    live = _live_accounts(user_id)
    return [
        AddressView(one.address, one.origin, _is_removable(one.origin, fold_identity(one.address), live))
        for one in users.get(access, user_id).identities
    ]


def pending(access: Access, user_id: int, *, now_ms: int) -> list[PendingView]:
    """Those whose link still works, oldest first; none for who may only see the user. Raises: NotFound."""
    users.get(access, user_id)
    if not _is_own(access, user_id):
        return []
    rows = PendingIdentity.select().where(PendingIdentity.user_id == user_id).order_by(PendingIdentity.folded)
    open_ones = (row for row in rows if row.ends_at_ms > now_ms)
    return [_view(row) for row in sorted(open_ones, key=lambda row: (row.asked_at_ms, row.id))]


def prepare(
    access: Access,
    user_id: int,
    typed: str,
    blobs: BlobStore,
    base_url: str,
    capture_domains: Collection[str],
    *,
    preferred_id: int | None = None,
    now_ms: int,
) -> Asking:
    """The mail that asks the address whether it is this user's. Of an address that is somebody else's its reader is
    told, and nobody else: the answer is the same. Nothing is queued yet.

    preferred_id: the location whose provider is to carry it, if it can. base_url: of our pages.
    Raises: NotFound, Forbidden, Invalid, Conflict for one's own address, NobodyCanMail, StoreUnavailable."""
    _require_own(access, user_id)
    shown, folded = _checked(typed, capture_domains)
    _require_room(user_id, folded, now_ms)
    carrier_id = product_mail.carrier_for(user_id, preferred_id)
    if carrier_id is None:
        raise NobodyCanMail(NO_PROVIDER)
    token = secrets.token_urlsafe(32)
    words = _words(user_id, carrier_id, shown, folded, f"{base_url}{LINK_PATH}/{token}")
    try:
        mail = product_mail.prepare(carrier_id, user_id, Mailbox("", folded), words, blobs, now_ms=now_ms)
    except Invalid as error:
        raise Invalid("address", str(error)) from error
    return Asking(user_id, shown, folded, hash_token(token), mail)


def ask(access: Access, asking: Asking, blobs: BlobStore, *, now_ms: int) -> PendingView:
    """Mail it. Asked again, the link from before is worth nothing. Raises: NotFound, Forbidden, TooOften."""
    user_id, folded = asking.user_id, asking.folded
    _require_own(access, user_id)
    with writing():
        mail_counts.count(f"user {user_id}", MOST_MAILS_OF_A_USER, now_ms=now_ms)
        mail_counts.count(f"address {folded}", MOST_MAILS_TO_AN_ADDRESS, now_ms=now_ms)
        row = _keep(asking, now_ms)
        product_mail.queue(NoticeTopic.IDENTITY, row.id, asking.mail, blobs, now_ms=now_ms)
        audit.write("identity.ask", f"user {user_id}", by=access.user_id, now_ms=now_ms)
    return _view(row)


def question(token: str, *, now_ms: int) -> Question:
    """What this link asks. Raises: NotFound for one that is used, over, or was replaced."""
    row = _asked_by(token, now_ms)
    user: User = User.get_by_id(row.user_id)
    return Question(row.address, user.name, user.email, user.locale)


def answer(token: str, *, is_theirs: bool, now_ms: int) -> Question:
    """What its reader said; the link is used up. Raises: NotFound; Conflict where the address became another's."""
    with writing():
        asked, row = question(token, now_ms=now_ms), _asked_by(token, now_ms)
        is_free = not _is_anothers(row.user_id, row.folded)
        if is_theirs and is_free:
            _IDENTITIES.insert_new(
                user_id=row.user_id,
                address=row.address,
                folded=row.folded,
                origin=IdentityOrigin.ALIAS,
                created_at_ms=now_ms,
            )
        _forget(row)
        what = "identity.add" if is_theirs and is_free else "identity.decline"
        audit.write(what, f"user {row.user_id}", by=row.user_id if is_theirs else None, now_ms=now_ms)
    if is_theirs and not is_free:
        raise Conflict("the address is another user's by now")
    return asked


def remove(access: Access, user_id: int, typed: str, *, now_ms: int) -> None:
    """An address that was added, or waits to be confirmed. What is recorded stays.

    Raises: NotFound, Forbidden; Conflict for the login, and the account of a connection."""
    _require_own(access, user_id)
    folded = fold_identity(typed)
    with writing():
        waits = _pending_of(user_id, folded)
        if waits is not None:
            _forget(waits)
        row: Identity | None = Identity.get_or_none(Identity.user_id == user_id, Identity.folded == folded)
        if row is None and waits is None:
            raise NotFound("this is none of the user's addresses")
        if row is not None:
            if not _is_removable(IdentityOrigin(row.origin), folded, _live_accounts(user_id)):
                raise Conflict("the user signs in with it, or its Gmail account is connected: disconnect that first")
            Identity.delete().where(Identity.id == row.id).execute()
        audit.write("identity.remove", f"user {user_id}", by=access.user_id, now_ms=now_ms)


def _checked(typed: str, capture_domains: Collection[str]) -> tuple[str, str]:
    shown, normal = typed_address.check(typed)
    if domain_of(normal) in capture_domains:
        raise Invalid("address", "is at a domain of BCC addresses, where nobody writes from")
    return shown, fold_identity(shown)


def _require_room(user_id: int, folded: str, now_ms: int) -> None:
    if Identity.select().where(Identity.user_id == user_id, Identity.folded == folded).exists():
        raise Conflict("it is the user's address already")
    open_ones = PendingIdentity.select().where(
        PendingIdentity.user_id == user_id, PendingIdentity.folded != folded, PendingIdentity.ends_at_ms > now_ms
    )
    if open_ones.count() >= MOST_PENDING:
        raise Conflict(f"{MOST_PENDING} addresses wait to be confirmed: confirm or remove one of them first")
    if Identity.select().where(Identity.user_id == user_id).count() >= MAX_IDENTITIES:
        raise Conflict(f"a user has at most {MAX_IDENTITIES} addresses: remove one first")


def _words(user_id: int, carrier_id: int, shown: str, folded: str, link: str) -> Notice:
    """In the user's language: of the reader nothing is known but that they may be one and the same."""
    user: User = User.get_by_id(user_id)
    locale = locale_of(Access(user_id, {}), carrier_id)
    if _is_anothers(user_id, folded):
        return is_anothers(shown, name=user.name, email=user.email, locale=locale)
    return verify(shown, name=user.name, email=user.email, link=link, locale=locale)


def _is_anothers(user_id: int, folded: str) -> bool:
    return Identity.select().where(Identity.folded == folded, Identity.user_id != user_id).exists()


def _keep(asking: Asking, now_ms: int) -> PendingIdentity:
    """What is over, of anybody, is cleared away."""
    over = PendingIdentity.select().where(PendingIdentity.ends_at_ms <= now_ms)
    for ended in list(over.order_by(PendingIdentity.ends_at_ms).limit(_CLEARED_AT_ONCE)):
        _forget(ended)
    said = {
        "address": asking.address,
        "token_hash": asking.token_hash,
        "asked_at_ms": now_ms,
        "ends_at_ms": now_ms + LINK_LIVES_MS,
    }
    PendingIdentity.insert(user_id=asking.user_id, folded=asking.folded, **said).on_conflict(
        conflict_target=[PendingIdentity.user_id, PendingIdentity.folded],
        update={getattr(PendingIdentity, name): value for name, value in said.items()},
    ).execute()
    row = _pending_of(asking.user_id, asking.folded)
    assert row is not None, "it was written just now"
    return row


def _pending_of(user_id: int, folded: str) -> PendingIdentity | None:
    row: PendingIdentity | None = PendingIdentity.get_or_none(
        PendingIdentity.user_id == user_id, PendingIdentity.folded == folded
    )
    return row


def _asked_by(token: str, now_ms: int) -> PendingIdentity:
    """In a transaction, whoever opens the same link waits until it ends."""
    rows = PendingIdentity.select().where(PendingIdentity.token_hash == hash_token(token))
    row: PendingIdentity | None = rows.for_update(not on_sqlite()).first()
    if row is None or row.ends_at_ms <= now_ms:
        raise NotFound("this link is used, over, or was replaced by a newer one")
    return row


def _forget(row: PendingIdentity) -> None:
    waiting_notices.withdraw(NoticeTopic.IDENTITY, row.id)
    PendingIdentity.delete().where(PendingIdentity.id == row.id).execute()


def _is_removable(origin: IdentityOrigin, folded: str, live_accounts: set[str]) -> bool:
    return origin is not IdentityOrigin.LOGIN and folded not in live_accounts


def _live_accounts(user_id: int) -> set[str]:
    """Of the user's connections; folded."""
    live = Connection.select(Connection.email).where(
        Connection.user_id == user_id, Connection.replaced_at_ms.is_null(), Connection.state.in_(LIVE)
    )
    return {fold_identity(one.email) for one in live}


def _require_own(access: Access, user_id: int) -> None:
    users.get(access, user_id)
    if not _is_own(access, user_id):
        raise Forbidden("only they themselves may change this")


def _is_own(access: Access, user_id: int) -> bool:
    return user_id == access.user_id or access.installation_admin


def _view(row: PendingIdentity) -> PendingView:
    return PendingView(row.address, row.asked_at_ms, row.ends_at_ms)
