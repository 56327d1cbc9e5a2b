"""sunnyday migrate: bring the database to the newest schema."""

import typer

from crm_store.command.invocation import Json, invocation_of, show


def register(app: typer.Typer) -> None:
    app.command("migrate")(migrate)


def migrate(context: typer.Context, as_json: Json = False) -> None:
    """Bring the database to the newest schema. Running it twice is harmless, at the same time too."""
    from crm_store.database.migrate import migrate as bring_up_to_date

    applied = bring_up_to_date(invocation_of(context).settings)
    text = "\n".join(f"applied {name}" for name in applied) or "The database is up to date."
    show({"applied": applied}, text, as_json=as_json)
