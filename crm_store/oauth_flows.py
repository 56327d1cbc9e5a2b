"""Ways through Google's consent, from Connect or Update to the callback (contract, /oauth/google/callback).

The state goes out once, in the authorization URL, and is good for one callback within 10 minutes. Nothing here knows a
token: what Google gives is the connecting transaction's."""

import hashlib
import secrets
from dataclasses import dataclass, field
from enum import StrEnum

from crm_store import audit
from crm_store.database.session import writing
from crm_store.errors import Permanent
from crm_store.models.connections import OAuthFlow
from crm_store.models.people import User
from crm_store.rules.oauth_flow import STATE_LIVES_MS, BegunBy, FlowKind
from crm_store.sealing import SealedAt, Sealer

_KEPT_MS = 86_400_000  # so that a late callback is told that it is late, and not that nobody knows it


@dataclass(frozen=True, slots=True)
class Beginner:
    """Who began a flow, and how. session_id: the session that is to end it, where it began on a page."""

    user_id: int
    by: BegunBy
    session_id: int | None = None


@dataclass(frozen=True, slots=True)
class About:
    """What a flow is about. connection: (row, epoch) as they are now; None for Connect."""

    kind: FlowKind
    user_id: int
    location_id: int
    connection: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """For the authorization URL: the state, and the verifier whose digest goes with it (RFC 7636)."""

    state: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Flow:
    """One that came back. user_name, user_email: of the CRM user whose connection it is to be."""

    id: int
    about: About
    begun_by: BegunBy
    begun_by_user_id: int
    user_name: str
    user_email: str
    redirect_uri: str
    verifier: str = field(repr=False)


class FlowRefusal(StrEnum):
    UNKNOWN = "unknown"  # no state, or none of ours
    EXPIRED = "expired"
    USED = "used"  # a page that was loaded again, or somebody who looked over a shoulder
    OTHER_SESSION = "other_session"


class FlowRefused(Permanent):
    """This callback ends no flow."""

    def __init__(self, refusal: FlowRefusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


def begin(about: About, beginner: Beginner, redirect_uri: str, sealer: Sealer, *, now_ms: int) -> Begun:
    begun = Begun(state=secrets.token_urlsafe(32), verifier=secrets.token_urlsafe(48))
    row_id, epoch = about.connection or (None, None)
    with writing():
        OAuthFlow.delete().where(OAuthFlow.expires_at_ms < now_ms - _KEPT_MS).execute()
        row = OAuthFlow.create(
            state_hash=_hash(begun.state),
            kind=about.kind,
            user_id=about.user_id,
            location_id=about.location_id,
            connection_id=row_id,
            epoch=epoch,
            begun_by_user_id=beginner.user_id,
            begun_by=beginner.by,
            session_id=beginner.session_id,
            redirect_uri=redirect_uri,
            expires_at_ms=now_ms + STATE_LIVES_MS,
        )
        sealed = sealer.seal(begun.verifier, _at("verifier", row.id))
        OAuthFlow.update(verifier=sealed).where(OAuthFlow.id == row.id).execute()
        audit.write(
            "connection.begin",
            f"user {about.user_id}",
            by=beginner.user_id,
            now_ms=now_ms,
            location_id=about.location_id,
            why=about.kind.value,
        )
    return begun


def take(state: str, session_id: int | None, sealer: Sealer, *, now_ms: int) -> Flow:
    """The flow of a callback; whatever comes of it, its state is used. session_id: of who comes back; None for nobody.

    Raises: FlowRefused, Unopenable."""
    row: OAuthFlow | None = OAuthFlow.get_or_none(OAuthFlow.state_hash == _hash(state))
    if row is None:
        raise FlowRefused(FlowRefusal.UNKNOWN)
    unused = (OAuthFlow.id == row.id) & OAuthFlow.used_at_ms.is_null()
    with writing():
        if not OAuthFlow.update(used_at_ms=now_ms).where(unused).execute():
            raise FlowRefused(FlowRefusal.USED)
    if now_ms >= row.expires_at_ms:
        raise FlowRefused(FlowRefusal.EXPIRED)
    if row.session_id is not None and row.session_id != session_id:
        raise FlowRefused(FlowRefusal.OTHER_SESSION)
    return _flow(row, sealer)


def ask_once_more(flow: Flow, code: str, sealer: Sealer, *, now_ms: int) -> str:
    """Keep the code until the person has answered; what their answer is to carry, which only their page knows."""
    word = secrets.token_urlsafe(32)
    with writing():
        OAuthFlow.update(
            code=sealer.seal(code, _at("code", flow.id)),
            confirm_hash=_hash(word),
            expires_at_ms=now_ms + STATE_LIVES_MS,
        ).where(OAuthFlow.id == flow.id).execute()
    return word


def confirmed(word: str, sealer: Sealer, *, now_ms: int) -> tuple[Flow, str]:
    """The flow that the person agreed to, and its code; once. Raises: FlowRefused, Unopenable."""
    row: OAuthFlow | None = OAuthFlow.get_or_none(OAuthFlow.confirm_hash == _hash(word))
    if row is None or row.code is None:
        raise FlowRefused(FlowRefusal.USED)
    asked = (OAuthFlow.id == row.id) & (OAuthFlow.confirm_hash == row.confirm_hash)
    with writing():
        if not OAuthFlow.update(confirm_hash=None, code=None).where(asked).execute():
            raise FlowRefused(FlowRefusal.USED)
    if now_ms >= row.expires_at_ms:
        raise FlowRefused(FlowRefusal.EXPIRED)
    return _flow(row, sealer), sealer.open(row.code, _at("code", row.id))


def _flow(row: OAuthFlow, sealer: Sealer) -> Flow:
    user = User.get_by_id(row.user_id)
    connection = None if row.connection_id is None else (row.connection_id, row.epoch or 0)
    return Flow(
        id=row.id,
        about=About(FlowKind(row.kind), row.user_id, row.location_id, connection),
        begun_by=BegunBy(row.begun_by),
        begun_by_user_id=row.begun_by_user_id,
        user_name=user.name,
        user_email=user.email,
        redirect_uri=row.redirect_uri,
        verifier=sealer.open(row.verifier, _at("verifier", row.id)),
    )


def _hash(word: str) -> bytes:
    """256 random bits: a plain hash is as good as a slow one, and is looked up by index."""
    return hashlib.sha256(word.encode("utf-8", "replace")).digest()


def _at(column: str, row_id: int) -> SealedAt:
    return SealedAt("oauth_flow", column, row_id)
