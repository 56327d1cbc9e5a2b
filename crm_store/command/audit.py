"""sunnyday audit: what was changed, by whom (F4). Location admins see their location's part by the API."""

from typing import TYPE_CHECKING, Annotated

import typer

from crm_store.command.invocation import Json, invocation_of, show, shown_time

if TYPE_CHECKING:
    from crm_store.audit import AuditView


def register(app: typer.Typer) -> None:
    app.command("audit")(audit)


def audit(
    context: typer.Context,
    location: Annotated[int | None, typer.Option(metavar="ID", help="Of this location alone.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, at most.")] = 100,
    as_json: Json = False,
) -> None:
    """Tell the latest changes that people and commands made, also those that are no location's."""
    from crm_store import audit as audit_log
    from crm_store import locations
    from crm_store.command.database import up_to_date

    with up_to_date(invocation_of(context).settings):
        if location is not None:
            locations.require(location)
        changes = [_told(change) for change in audit_log.latest(location, limit)]
    text = "\n".join(map(_line, changes))
    show({"changes": changes}, text, as_json=as_json)


def _told(change: "AuditView") -> dict[str, str | None]:
    """who: a user's id; None for the command line. The rest is named as in the API."""
    return {
        "when": shown_time(change.at_ms),
        "location_id": None if change.location_id is None else str(change.location_id),
        "who": None if change.who is None else f"user {change.who.user_id}",
        "what": change.what,
        "subject": change.subject,
        "why": change.why,
    }


def _line(change: dict[str, str | None]) -> str:
    place = f"location {change['location_id']}" if change["location_id"] else "installation"
    who = change["who"] or "command line"
    return f"{change['when']}  {place}  {who}  {change['what']}  {change['subject']}  {change['why']}".rstrip()
