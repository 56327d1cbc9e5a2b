"""sunnyday doctor: what is wrong with this installation, and how to mend it."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from crm_store.command.invocation import Json, invocation_of, show

if TYPE_CHECKING:
    from gateway.doctor.finding import Finding


def register(app: typer.Typer) -> None:
    app.command("doctor")(doctor)


def doctor(context: typer.Context, as_json: Json = False) -> None:
    """Check this installation, and tell how to mend what is wrong.

    DNS, ports, certificate, relays, database, disk, clock. Changes nothing. Exit status 1: something is wrong."""
    from crm_store import clock
    from gateway.doctor.examination import examine
    from gateway.doctor.finding import State

    settings = invocation_of(context).settings
    findings = asyncio.run(examine(settings, now_ms=clock.now_ms, tell=_tell))
    show({"findings": [asdict(finding) for finding in findings]}, _text(findings), as_json=as_json)
    if any(finding.state is State.WRONG for finding in findings):
        raise typer.Exit(1)


def _tell(done: int, of: int) -> None:
    """On a terminal alone; the last one wipes the line."""
    if sys.stderr.isatty():
        text = f"\r{done} of {of} checks are done" if done < of else "\r\033[K"
        sys.stderr.write(text)
        sys.stderr.flush()


def _text(findings: "Sequence[Finding]") -> str:
    width = max(len(finding.check) for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{finding.state:<7}  {finding.check:<{width}}  {finding.found}")
        if finding.mend:
            lines.append(f"{'':<7}  {'':<{width}}  → {finding.mend}")
    return "\n".join(lines)
