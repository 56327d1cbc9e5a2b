"""Connections to Gmail."""

from typing import Literal

from pydantic import Field, StrictBool, StrictInt, with_config
from typing_extensions import TypedDict

from crm_store.connection_wording import problem_sentence
from crm_store.connections import ConnectionView
from gateway.web.shapes.fields import Body, Id, Shape, Time, shown_time, shown_time_or_none


class NewConnection(Body):
    """location_id: where the Google account's contacts go."""

    location_id: Id


class Days(Body):
    days: StrictInt


@with_config(extra="forbid")
class ConnectionChanges(TypedDict, total=False):
    """Only what is given changes."""

    daily_limit: StrictInt
    import_contacts: StrictBool


class Authorization(Shape):
    authorization_url: str = Field(description="where the person signs in with Google and grants the permissions")


class Backfill(Shape):
    state: str
    done: int
    total: int | None = Field(description="Google's estimate; null before it gave one")


class Counts(Shape):
    """seen = recorded + not_recorded + failed + pending."""

    seen: int
    recorded: int
    not_recorded: int
    failed: int
    pending: int


class Connection(Shape):
    id: str
    user_id: str
    location_id: str
    email: str
    state: Literal["active", "importing", "paused", "needs_reauth", "disconnected"]
    problem: str | None = Field(description="what is wrong and what helps, in the reader's language")
    paused_until: Time | None
    connected_at: Time
    last_synced_at: Time | None
    lag_s: int | None = Field(description="since the last sync; null before the first, and when disconnected")
    sent_24h: int
    daily_limit: int
    import_contacts: bool
    backfill: Backfill | None
    counts: Counts


def connection(view: ConnectionView, locale: str | None) -> Connection:
    """locale: the reader's."""
    backfill, counts = view.backfill, view.counts
    return Connection.model_validate(
        {
            "id": str(view.id),
            "user_id": str(view.user_id),
            "location_id": str(view.location_id),
            "email": view.email,
            "state": view.state.value,
            "problem": None if view.problem is None else problem_sentence(view.problem, locale),
            "paused_until": shown_time_or_none(view.paused_until_ms),
            "connected_at": shown_time(view.connected_at_ms),
            "last_synced_at": shown_time_or_none(view.last_synced_at_ms),
            "lag_s": None if view.lag_ms is None else view.lag_ms // 1000,
            "sent_24h": view.sent_24h,
            "daily_limit": view.daily_limit,
            "import_contacts": view.import_contacts,
            "backfill": None
            if backfill is None
            else Backfill(state=backfill.state, done=backfill.done, total=backfill.total),
            "counts": Counts(
                seen=counts.seen,
                recorded=counts.recorded,
                not_recorded=counts.not_recorded,
                failed=counts.failed,
                pending=counts.pending,
            ),
        }
    )
