"""sunnyday serve, smtp, web, worker: processes that stay up until they are told to stop."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from crm_store.command.invocation import Invocation, invocation_of

if TYPE_CHECKING:
    from crm_store.process.service import Part, Service
    from crm_store.process.tree import TreeState
    from crm_store.settings import Settings


def register(app: typer.Typer) -> None:
    app.command("serve")(serve)
    app.command("smtp")(smtp)
    app.command("web")(web)
    app.command("worker")(worker)


def serve(context: typer.Context) -> None:
    """Run all parts on this machine.

    Migrates first, then takes mail, serves pages and the API, and files what was taken.
    DATA/run/serve.json tells the addresses and the processes while it runs."""
    from crm_store.process.service import Service, installed, one

    migration = Service("migration", part="worker", run="crm_store.process.migration:run", processes=one)
    _run(invocation_of(context), installed(), "serve.json", first=migration)


def smtp(context: typer.Context) -> None:
    """Run the part that takes mail.

    Its database must be migrated: sunnyday migrate."""
    _run_part(context, "smtp")


def web(context: typer.Context) -> None:
    """Run the part that serves pages and the API.

    Its database must be migrated: sunnyday migrate."""
    _run_part(context, "web")


def worker(context: typer.Context) -> None:
    """Run the part that files what was taken.

    Its database must be migrated: sunnyday migrate."""
    _run_part(context, "worker")


def _run_part(context: typer.Context, part: "Part") -> None:
    from crm_store.process.service import installed

    # With its number: many of one part may share a machine and a data folder.
    _run(invocation_of(context), installed(part), f"{part}-{os.getpid()}.json")


def _run(
    invocation: Invocation, services: "Sequence[Service]", state_name: str, first: "Service | None" = None
) -> None:
    import structlog

    from crm_store import logs, settings
    from crm_store.process.supervisor import Plan, supervise

    ours = invocation.settings
    logs.configure(ours.log, "supervisor")
    for name in settings.unknown_names():
        structlog.get_logger().warning("unknown_setting", name=name)
    plan = Plan(
        settings=ours,
        services=services,
        state_file=ours.data / "run" / state_name,
        env_file=_absolute(invocation.env_file),
        first=first,
        on_ready=lambda tree: print(_ready(tree, ours), flush=True),
    )
    raise typer.Exit(supervise(plan))


def _ready(tree: "TreeState", settings: "Settings") -> str:
    """What a person reads when all is up; the last line is where to begin."""
    from crm_store.process import first_run_link

    if not (settings.public_url or tree.http):
        return f"SunnyDay Mail is ready{': smtp://' + tree.smtp[0] if tree.smtp else ''}"
    address = settings.public_url or f"http://{tree.http[0]}"
    ready = f"SunnyDay Mail is ready: {address}/"
    token = first_run_link.take(settings)
    return f"{ready}\nMake the first account here, once: {address}/first-run/{token}" if token else ready


def _absolute(path: Path | None) -> Path | None:
    return path.absolute() if path else None
