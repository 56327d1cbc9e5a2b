"""sunnyday location: first set-up; the rest is done by the API."""

import typer

from crm_store.command.invocation import Json, invocation_of, show


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Make locations.", rich_markup_mode=None)
    group.command("add")(add)
    group.callback()(lambda: None)  # or typer would take the only command for the group itself
    app.add_typer(group, name="location")


def add(context: typer.Context, name: str, as_json: Json = False) -> None:
    """Make a location."""
    from crm_store import clock, locations
    from crm_store.command.database import up_to_date

    with up_to_date(invocation_of(context).settings):
        made = locations.add(locations.LocationSettings(name), by=None, now_ms=clock.now_ms())
    result = {"id": str(made.id), "name": made.settings.name}
    show(result, f"Location {made.id}: {made.settings.name}", as_json=as_json)
