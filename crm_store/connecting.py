"""The transaction in which a Google account is connected, signs in again, or takes another one's place (A1–A7)."""

from dataclasses import dataclass, field
from enum import StrEnum

import structlog

from crm_store import audit, outbox_endings, outbox_turns, revocations, waiting_notices
from crm_store.access import roles_of
from crm_store.connection_work import add_identities, sealed_at
from crm_store.database.prepared import PreparedInsert
from crm_store.database.session import writing
from crm_store.models.connections import Connection
from crm_store.oauth_flows import Flow
from crm_store.rules.connection import LEGAL_STEPS, LIVE, ConnectionState, ConnectionStep
from crm_store.rules.notices import NoticeTopic
from crm_store.rules.oauth_flow import FlowKind
from crm_store.sealing import Sealer

_LAST_SYNC_TAKES_AT_MOST_MS = 86_400_000

log = structlog.get_logger()
_CONNECTIONS = PreparedInsert(Connection)


@dataclass(frozen=True, slots=True)
class Grant:
    """What Google gave. google_sub: who; first_cursor: 20 digits, the mailbox's history id before anything was read.
    first_cursor_at_ms: when that was, by Google's clock; None where it does not tell.

    refresh_token: None where Google gave none, as it may to an account that has one. aliases: verified send-as."""

    google_sub: str
    email: str
    scopes: frozenset[str]
    first_cursor: str
    aliases: tuple[str, ...]
    refresh_token: str | None = field(repr=False)
    access_token: str = field(repr=False)
    access_token_until_ms: int
    first_cursor_at_ms: int | None = None


class Outcome(StrEnum):
    CONNECTED = "connected"
    SIGNED_IN = "signed_in"
    REPLACED = "replaced"
    ACCOUNT_TAKEN = "account_taken"  # A7
    OTHER_ACCOUNT = "other_account"  # A5: signing in again takes the same one
    CHANGED_MEANWHILE = "changed_meanwhile"  # disconnected, or updated in another tab
    NOT_A_MEMBER = "not_a_member"  # of the location, any more
    NO_LASTING_ACCESS = "no_lasting_access"  # no refresh token


@dataclass(frozen=True, slots=True)
class Ended:
    """connection_id: of the place; None where nothing was connected."""

    outcome: Outcome
    connection_id: int | None = None


class _Refused(Exception):
    """Rolls back what the transaction did so far."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


def connect(flow: Flow, grant: Grant, safety: int | None, sealer: Sealer, *, now_ms: int) -> Ended:
    """All of it or nothing. safety: the revocation that was noted before this, for a process that dies; it is taken
    back where the grant is kept."""
    try:
        with writing():
            outcome, row_id = _Connecting(flow, grant, sealer, now_ms).end()
            add_identities(flow.about.user_id, grant.email, grant.aliases, now_ms=now_ms)
            if safety is not None:
                revocations.done(safety)
            place_id = Connection.get_by_id(row_id).place_id
            audit.write(
                f"connection.{outcome}",
                f"connection {place_id}",
                by=flow.begun_by_user_id,
                now_ms=now_ms,
                location_id=flow.about.location_id,
            )
    except _Refused as refused:
        log.info("connection_refused", flow_id=flow.id, outcome=refused.outcome.value)
        return Ended(refused.outcome)
    log.info("connection_made", flow_id=flow.id, connection_id=row_id, outcome=outcome.value)
    return Ended(outcome, place_id)


@dataclass(frozen=True, slots=True)
class _Connecting:
    flow: Flow
    grant: Grant
    sealer: Sealer
    now_ms: int

    def end(self) -> tuple[Outcome, int]:
        """What came of it, and the row that has the place. Call inside a transaction. Raises: _Refused."""
        about = self.flow.about
        if about.connection is None:
            return Outcome.CONNECTED, self._connect(self._place_of_before())
        row_id, epoch = about.connection
        row: Connection | None = Connection.get_or_none(Connection.id == row_id, Connection.epoch == epoch)
        if row is None:
            raise _Refused(Outcome.CHANGED_MEANWHILE)
        if row.google_sub == self.grant.google_sub and row.state in LIVE:
            return Outcome.SIGNED_IN, self._sign_in(row)
        if about.kind is FlowKind.REAUTH and row.google_sub != self.grant.google_sub:
            raise _Refused(Outcome.OTHER_ACCOUNT)
        was_live = row.state in LIVE
        return Outcome.REPLACED if was_live else Outcome.CONNECTED, self._connect(row)

    def _place_of_before(self) -> Connection | None:
        """Where the same account comes back, it comes back to its place; all else is as with a new one (A4)."""
        about = self.flow.about
        row: Connection | None = (
            Connection.select()
            .where(
                Connection.user_id == about.user_id,
                Connection.replaced_at_ms.is_null(),
                Connection.location_id == about.location_id,
                Connection.google_sub == self.grant.google_sub,
                Connection.state == ConnectionState.DISCONNECTED,
            )
            .order_by(Connection.place_id.desc())
            .first()
        )
        return row

    def _sign_in(self, row: Connection) -> int:
        """A5: the cursor and connected_at stay, so that the gap is filled."""
        self._change(
            row,
            ConnectionStep.SIGN_IN,
            problem=None,
            paused_until_ms=None,
            email=self.grant.email,
            scopes=" ".join(sorted(self.grant.scopes)),
            sync_wanted_at_ms=self.now_ms,
        )
        self._keep_tokens(row.id)
        outbox_turns.wake(row.id, now_ms=self.now_ms)
        waiting_notices.withdraw(NoticeTopic.ACCESS, row.id)
        return int(row.id)

    def _connect(self, place: Connection | None) -> int:
        """A row of its own. place: what had the place before, None for a new one."""
        about, grant = self.flow.about, self.grant
        if about.location_id not in roles_of(about.user_id):
            raise _Refused(Outcome.NOT_A_MEMBER)
        if grant.refresh_token is None:
            raise _Refused(Outcome.NO_LASTING_ACCESS)
        if place is not None:
            self._give_way(place)
        kept = {} if place is None else {"daily_limit": place.daily_limit, "import_contacts": place.import_contacts}
        row_id = _CONNECTIONS.insert_new(
            user_id=about.user_id,
            location_id=about.location_id,
            google_sub=grant.google_sub,
            email=grant.email,
            state=ConnectionState.ACTIVE,
            connected_at_ms=self.now_ms,
            scopes=" ".join(sorted(grant.scopes)),
            first_cursor=grant.first_cursor,
            first_cursor_at_ms=grant.first_cursor_at_ms,
            sync_wanted_at_ms=self.now_ms,
            **kept,
        )
        if row_id is None:
            raise _Refused(Outcome.ACCOUNT_TAKEN)
        place_id = row_id if place is None else place.place_id
        Connection.update(place_id=place_id).where(Connection.id == row_id).execute()
        self._keep_tokens(row_id)
        return row_id

    def _give_way(self, place: Connection) -> None:
        """A3: the last sync of the old account runs first, where it still can. Two who want one place: one gets it."""
        if place.state == ConnectionState.DISCONNECTED:
            self._change(place, None, replaced_at_ms=self.now_ms)
            return
        lasts_ms = 0 if place.state == ConnectionState.NEEDS_REAUTH else _LAST_SYNC_TAKES_AT_MOST_MS
        self._change(
            place,
            ConnectionStep.REPLACE,
            problem=None,
            paused_until_ms=None,
            backfill_days=None,
            sync_wanted_at_ms=self.now_ms,
            ends_at_ms=self.now_ms + lasts_ms,
            replaced_at_ms=self.now_ms,
        )
        outbox_endings.connection_replaced(place.id)
        waiting_notices.withdraw(NoticeTopic.ACCESS, place.id)

    def _change(self, row: Connection, step: ConnectionStep | None, **values: object) -> None:
        """step: None where the state stays. The epoch grows: what runs with the one before writes nothing more."""
        mine = (Connection.id == row.id) & (Connection.epoch == row.epoch)
        if step is not None:
            (values["state"],) = set(LEGAL_STEPS[step].values())
            mine &= Connection.state.in_(list(LEGAL_STEPS[step]))
        if not Connection.update(epoch=row.epoch + 1, **values).where(mine).execute():
            raise _Refused(Outcome.CHANGED_MEANWHILE)

    def _keep_tokens(self, row_id: int) -> None:
        grant = self.grant
        tokens: dict[str, object] = {
            "access_token": self.sealer.seal(grant.access_token, sealed_at("access_token", row_id)),
            "access_token_until_ms": grant.access_token_until_ms,
        }
        if grant.refresh_token is not None:
            tokens["refresh_token"] = self.sealer.seal(grant.refresh_token, sealed_at("refresh_token", row_id))
        Connection.update(**tokens).where(Connection.id == row_id).execute()
