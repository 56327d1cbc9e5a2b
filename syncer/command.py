"""sunnyday sync: one mailbox, now."""

from typing import TYPE_CHECKING, Annotated

import typer

from crm_store.command.invocation import Json, invocation_of, show

if TYPE_CHECKING:
    from crm_store.mailboxes import MailboxCounts, SyncState
    from crm_store.settings import Settings


def register(app: typer.Typer) -> None:
    app.command("sync")(sync)


def sync(
    context: typer.Context,
    connection: Annotated[int, typer.Argument(metavar="CONNECTION", help="Its id, as the API and the page show it.")],
    as_json: Json = False,
) -> None:
    """Look for new mail in one mailbox now, until all of it is done.

    Works beside a running `serve`, and without one."""
    from crm_store import mailboxes
    from crm_store.command.database import up_to_date

    settings = invocation_of(context).settings
    with up_to_date(settings):
        state = _follow(settings, connection)
        counts = mailboxes.counts([state.connection_id])[state.connection_id]
    result = {"id": str(connection), "state": str(state.state), "counts": _shown(counts)}
    text = "  ".join(f"{count} {word.replace('_', ' ')}" for word, count in _shown(counts).items())
    show(result, f"connection {connection}  {state.state}  {text}", as_json=as_json)


def _shown(counts: "MailboxCounts") -> dict[str, int]:
    return {
        "seen": counts.seen,
        "recorded": counts.recorded,
        "not_recorded": counts.not_recorded,
        "failed": counts.failed,
        "pending": counts.pending,
    }


def _follow(settings: "Settings", place_id: int) -> "SyncState":
    """Raises: NotFound; Conflict where it can't be synced; Temporary where it could not be this time."""
    import time

    from crm_store import mailboxes
    from crm_store.clock import now_ms
    from crm_store.errors import Conflict, Temporary
    from crm_store.rules.connection import SYNCING
    from syncer.composition import engine_of
    from syncer.history.run import run

    engine = engine_of(settings, role="command")
    begun_at_ms = now_ms()
    mailboxes.free(engine.name, now_ms=begun_at_ms)  # what a command that was killed had in its hands
    while True:
        state = mailboxes.sync_state(place_id, now_ms=now_ms())
        if state.state not in SYNCING:
            raise Conflict(f"connection {place_id} is {state.state}: {state.problem or 'its user connects it again'}")
        if state.last_synced_at_ms is not None and state.last_synced_at_ms >= begun_at_ms:
            return state
        ring = None if state.is_held else mailboxes.ring_for(state.connection_id, now_ms=now_ms())
        if ring is not None and not run(engine, ring):
            after = mailboxes.sync_state(place_id, now_ms=now_ms())
            if after.attempts > state.attempts:
                raise Temporary(
                    f"connection {place_id} could not be synced: {after.problem or 'Google does not answer'}"
                )
        time.sleep(0.05)
