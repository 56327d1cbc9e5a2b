"""A connection to Gmail as its card tells it: the state from the data, in words, and what can be done about it."""

from dataclasses import dataclass

from crm_store.connection_wording import problem_sentence
from crm_store.connections import ConnectionView
from crm_store.rules.connection import LIVE, SYNCING, ConnectionState
from gateway.web.pages.reader import Reader, say

# After so long without a sync something is wrong, and the page says so rather than "connected".
STUCK_AFTER_MS = 10 * 60_000
STUCK_AFTER_INTERVALS = 5

_STUCK = say("Nothing was synced for a while, and it should have been. Whoever runs this installation finds out why.")


@dataclass(frozen=True, slots=True)
class ConnectionCard:
    """tone: good, warn, bad, or "" for what is over. problem: one or two sentences; "" where all is well."""

    view: ConnectionView
    tone: str
    state: str
    problem: str

    @property
    def can_sync(self) -> bool:
        return self.view.state in SYNCING

    @property
    def is_live(self) -> bool:
        return self.view.state in LIVE

    @property
    def needs_sign_in(self) -> bool:
        return self.view.state is ConnectionState.NEEDS_REAUTH


def card(view: ConnectionView, reader: Reader, sync_interval_s: int) -> ConnectionCard:
    stuck = _is_stuck(view, reader.now_ms, sync_interval_s)
    tone, state = _state(view, reader)
    problem = problem_sentence(view.problem, reader.language) if view.problem else ""
    if stuck and not problem:
        tone, problem = "warn", reader.gettext(_STUCK)
    return ConnectionCard(view, tone, state, problem)


def _is_stuck(view: ConnectionView, now_ms: int, sync_interval_s: int) -> bool:
    if view.state not in (ConnectionState.ACTIVE, ConnectionState.IMPORTING):
        return False
    since_ms = view.last_synced_at_ms or view.connected_at_ms
    return now_ms - since_ms > max(STUCK_AFTER_MS, STUCK_AFTER_INTERVALS * sync_interval_s * 1000)


def _state(view: ConnectionView, reader: Reader) -> tuple[str, str]:
    match view.state:
        case ConnectionState.ACTIVE if view.last_synced_at_ms is None:
            return "warn", reader.gettext("Connected, first sync under way")
        case ConnectionState.ACTIVE:
            return "good", reader.gettext("Connected")
        case ConnectionState.IMPORTING:
            return "good", _importing(view, reader)
        case ConnectionState.PAUSED if view.paused_until_ms is not None:
            return "warn", reader.gettext("Paused until %(time)s", time=reader.clock(view.paused_until_ms))
        case ConnectionState.PAUSED:
            return "warn", reader.gettext("Paused")
        case ConnectionState.NEEDS_REAUTH:
            return "bad", reader.gettext("Sign in again")
        case _:
            return "", reader.gettext("Disconnected")


def _importing(view: ConnectionView, reader: Reader) -> str:
    if view.backfill is None:
        return reader.gettext("Importing")
    done = reader.number(view.backfill.done)
    if not view.backfill.done:
        return reader.gettext("Importing")
    if view.backfill.total is None:
        return reader.gettext("Importing, %(done)s so far", done=done)
    return reader.gettext("Importing %(done)s of about %(total)s", done=done, total=reader.number(view.backfill.total))
