"""Links between users and their Gmail accounts, and how they come about and end (rules A)."""

from peewee import SQL, BigIntegerField, BlobField, BooleanField, CharField, Check, IntegerField, TextField, fn

from crm_store.models.base import StoreModel
from crm_store.models.fields import one_of, reference
from crm_store.rules.connection import ConnectionState
from crm_store.rules.oauth_flow import BegunBy, FlowKind


class Connection(StoreModel):
    """One user's link to one Gmail account.

    place_id: what people and programs know it by: the id of the first row of its place. Another account that takes the
    place (A3) is a row of its own with the same place_id, so that the old one's mailbox stays apart; the rows before it
    have replaced_at_ms. None only inside the transaction that makes the row.
    google_sub: who it is; the address may change (facts/gmail.md 0.10).
    refresh_token, access_token: sealed; None once the connection has ended.
    epoch: grows whenever what a running sync holds is void: at Disconnect, Update and signing in again. Whoever syncs
    writes with the epoch that it began with, or not at all.
    first_cursor: the mailbox's history id at connecting, 20 digits; what is not after it is not recorded (A6).
    first_cursor_at_ms: when that was, by Google's clock; None where Google did not tell.
    sync_wanted_at_ms, backfill_days: wishes for the syncer, None where there are none; 0 days: no backfill any more.
    ends_at_ms: by when a replaced one ends, whatever its last sync says."""

    place_id = BigIntegerField(null=True)
    user_id = reference("crm_user", on_delete="CASCADE")
    location_id = reference("location", on_delete="CASCADE")
    google_sub = TextField()
    email = TextField()
    state = CharField(max_length=16, constraints=[Check(one_of("state", ConnectionState))])
    problem = CharField(max_length=64, null=True)
    paused_until_ms = BigIntegerField(null=True)
    connected_at_ms = BigIntegerField()
    last_synced_at_ms = BigIntegerField(null=True)
    scopes = TextField()  # as granted, with blanks between
    refresh_token = TextField(null=True)
    access_token = TextField(null=True)
    access_token_until_ms = BigIntegerField(null=True)
    epoch = IntegerField(default=1)
    first_cursor = CharField(max_length=20)
    daily_limit = IntegerField(default=500, constraints=[Check('"daily_limit" BETWEEN 1 AND 2000')])  # E3
    import_contacts = BooleanField(default=True)  # B15
    sync_wanted_at_ms = BigIntegerField(null=True)
    backfill_days = IntegerField(null=True)
    ends_at_ms = BigIntegerField(null=True)
    replaced_at_ms = BigIntegerField(null=True)
    first_cursor_at_ms = BigIntegerField(null=True)


# A7. Literals: a parameter would not match the index of a query.
IS_LIVE = SQL("\"state\" NOT IN ('disconnected', 'replaced')")
Connection.add_index(
    Connection.index(Connection.google_sub, unique=True, name="connection_live_account", where=IS_LIVE)
)

# Whom a push is about; it names nothing but an address.
Connection.add_index(Connection.index(fn.LOWER(Connection.email), name="connection_live_email", where=IS_LIVE))

Connection.add_index(
    Connection.index(
        Connection.place_id, unique=True, name="connection_of_place", where=Connection.replaced_at_ms.is_null()
    )
)

# Whose last sync still runs (A3).
Connection.add_index(
    Connection.index(Connection.place_id, name="connection_replaced", where=Connection.state == SQL("'replaced'"))
)

# A user's list.
Connection.add_index(
    Connection.index(
        Connection.user_id, Connection.place_id, name="connection_shown", where=Connection.replaced_at_ms.is_null()
    )
)

Connection.add_index(
    Connection.index(
        Connection.sync_wanted_at_ms,
        Connection.id,
        name="connection_wanted",
        where=Connection.sync_wanted_at_ms.is_null(False),
    )
)

Connection.add_index(
    Connection.index(
        Connection.ends_at_ms, Connection.id, name="connection_ending", where=Connection.ends_at_ms.is_null(False)
    )
)


class OAuthFlow(StoreModel):
    """One way through Google's consent, from Connect or Update to the callback.

    state_hash: SHA-256 of the state, which lives in the user's browser alone.
    connection_id, epoch: what Update and signing in again are about, as it was when they began; None for Connect.
    begun_by_user_id: whose session or token it was. session_id: the session that it is bound to, if it began on a
    page; no reference, as a session may end. verifier: PKCE's, sealed. code: Google's, sealed, while the person is
    asked once more; confirm_hash: SHA-256 of what their answer carries. used_at_ms: when its state came back; it is
    good for once."""

    state_hash = BlobField(unique=True)
    kind = CharField(max_length=16, constraints=[Check(one_of("kind", FlowKind))])
    user_id = reference("crm_user", on_delete="CASCADE")
    location_id = reference("location", on_delete="CASCADE")
    connection_id = reference("connection", null=True, on_delete="CASCADE")
    epoch = IntegerField(null=True)
    begun_by_user_id = reference("crm_user", on_delete="CASCADE")
    begun_by = CharField(max_length=16, constraints=[Check(one_of("begun_by", BegunBy))])
    session_id = BigIntegerField(null=True)
    redirect_uri = TextField()
    verifier = TextField(default="")
    code = TextField(null=True)
    confirm_hash = BlobField(null=True, unique=True)
    expires_at_ms = BigIntegerField()
    used_at_ms = BigIntegerField(null=True)

    class Meta:
        table_name = "oauth_flow"
        indexes = ((("expires_at_ms",), False), (("user_id",), False))


class Revocation(StoreModel):
    """A token that Google is to be told to forget: at Disconnect, and where a grant was not kept. Done, it is gone.

    token: sealed. google_sub: Google takes the account's whole grant away (facts/gmail.md 1.8), so a token is dropped
    and not revoked where the account has a live connection."""

    google_sub = TextField()
    token = TextField(default="")
    next_try_at_ms = BigIntegerField()
    attempts = IntegerField(default=0)
    created_at_ms = BigIntegerField()

    class Meta:
        indexes = ((("next_try_at_ms", "id"), False), (("google_sub",), False))
