"""sunnyday settings: every setting, its value, and who set it."""

import json

import typer

from crm_store.command.invocation import Json, WrongSetting, invocation_of


def register(app: typer.Typer) -> None:
    app.command("settings")(settings)


def settings(context: typer.Context, as_json: Json = False) -> None:
    """List every setting with its value and where that comes from. Secrets stay hidden."""
    from crm_store.errors import SettingsError
    from crm_store.settings import origins

    try:
        found = origins(env_file=invocation_of(context).env_file)
    except SettingsError as error:
        raise WrongSetting(str(error)) from error
    if as_json:
        print(json.dumps({line.name: line._asdict() for line in found}, ensure_ascii=False))
        return
    width = max(len(line.name) for line in found)
    for line in found:
        print(f"{line.name:<{width}}  {line.value or '(empty)'}")
        print(f"{'':<{width}}  {line.origin}: {line.description}")
