"""sunnyday reparse: what is shown of mail, made again from its raw bytes."""

import sys
from typing import TYPE_CHECKING

import typer

from crm_store.command.invocation import Json, invocation_of, show

if TYPE_CHECKING:
    from crm_store.reparsing import Progress


def register(app: typer.Typer) -> None:
    app.command("reparse")(reparse)


def reparse(context: typer.Context, as_json: Json = False) -> None:
    """Read all mail again that is recorded or waits in the queue, after the reader has become better.

    The product may run meanwhile. Stopped half-way, it goes on where it was."""
    from rich.progress import Progress as Bar

    from crm_store import reparsing
    from crm_store.blobs.store import blob_store
    from crm_store.clock import now_ms
    from crm_store.command.database import up_to_date

    settings = invocation_of(context).settings
    with up_to_date(settings):
        blobs = blob_store(settings)
        progress = reparsing.begin(now_ms=now_ms())
        with Bar(transient=True, disable=as_json or not sys.stderr.isatty()) as bar:
            task = bar.add_task("reading mail again", total=progress.total, completed=progress.done)
            while not progress.finished:
                progress = reparsing.go_on(blobs, settings.capture_domains, now_ms=now_ms())
                bar.update(task, completed=progress.done)
    show(_told(progress), _for_people(progress), as_json=as_json)


def _told(progress: "Progress") -> dict[str, object]:
    return {"read": progress.read, "changed": progress.changed, "missing": progress.missing}


def _for_people(progress: "Progress") -> str:
    text = f"{progress.read} mails read again, {progress.changed} show something else now."
    return text if not progress.missing else f"{text} The raw bytes of {progress.missing} are gone."
