"""sunnyday status: what waits, for how long, and what is up."""

import typer

from crm_store.command.invocation import Json, invocation_of, show


def register(app: typer.Typer) -> None:
    app.command("status")(status)


def status(context: typer.Context, as_json: Json = False) -> None:
    """Show what waits, for how long, and whether all processes of `serve` are up."""
    from crm_store import clock, notice_status, outbox_status, sync_status
    from crm_store import status as store
    from crm_store.command.database import up_to_date
    from crm_store.process.tree import not_up, read_tree
    from crm_store.search import filling

    settings = invocation_of(context).settings
    now_ms = clock.now_ms()
    with up_to_date(settings):
        found = store.of_store(now_ms=now_ms)
        sync = sync_status.of_sync(now_ms=now_ms)
        outbox = outbox_status.status(now_ms=now_ms)
        search = filling.status()
        notices = notice_status.status()
    tree = read_tree(settings.data / "run" / "serve.json")
    problems = ["not running on this machine"] if tree is None else not_up(tree, now_ms)
    oldest_waiting_s = found.oldest_waiting_ms // 1000
    result = {
        "captures": {"waiting": found.waiting, "failed": found.failed, "oldest_waiting_s": oldest_waiting_s},
        "sync": {
            "connections": sync.connections,
            "pending": sync.pending,
            "failed": sync.failed,
            "overdue_s": sync.overdue_ms // 1000,
            "is_partial": sync.is_partial,
        },
        "outbox": {
            **{str(state): count for state, count in outbox.by_state.items()},
            "oldest_due_s": outbox.oldest_due_ms // 1000,
        },
        "search": {"filled": search.filled, "left": search.left},
        "notices": {"locations_without_provider": notices.without_provider, "is_partial": notices.is_partial},
        "serve": {"up": not problems, "problems": problems},
    }
    lines = [
        f"captures  {found.waiting} waiting, of them {found.failed} after a failure; {oldest_waiting_s} s the oldest"
    ]
    if sync.connections:
        states = ", ".join(f"{count} {state}" for state, count in sync.connections.items())
        states += f" (of the first {sync_status.MOST_COUNTED})" if sync.is_partial else ""
        waits = f"{sync.pending} messages waiting, {sync.failed} set aside; {sync.overdue_ms // 1000} s the longest due"
        lines.append(f"gmail     connections: {states}; {waits}")
    counts = ", ".join(f"{count} {state}" for state, count in outbox.by_state.items())
    lines.append(f"outbox    {counts}; {outbox.oldest_due_ms // 1000} s the longest due")
    if search.left:
        lines.append(f"search    {search.filled} of what was there before can be found; {search.left} at most are left")
    if notices.without_provider:
        named = ", ".join(map(str, notices.without_provider)) + (" and others" if notices.is_partial else "")
        lines.append(f"notices   no e-mail provider in location {named}: what is to be told there, only pages tell")
    lines += [f"serve     {problem}" for problem in problems or ["all processes are up"]]
    show(result, "\n".join(lines), as_json=as_json)
