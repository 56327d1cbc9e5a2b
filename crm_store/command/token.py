"""sunnyday token: what programs need to use the API."""

from typing import Annotated

import typer

from crm_store.command.invocation import Json, invocation_of, show


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Make tokens for the API.", rich_markup_mode=None)
    group.command("create")(create)
    group.callback()(lambda: None)
    app.add_typer(group, name="token")


def create(
    context: typer.Context,
    user: Annotated[str, typer.Option(metavar="U", help="Whose token it is: id or e-mail.")],
    admin: Annotated[bool, typer.Option("--admin", help="It also makes locations and users.")] = False,
    as_json: Json = False,
) -> None:
    """Make a token. It is shown once and kept nowhere."""
    from crm_store import clock, tokens, users
    from crm_store.command.database import up_to_date

    with up_to_date(invocation_of(context).settings):
        user_id = users.find(user)
        token = tokens.create(user_id, installation_admin=admin, by=None, now_ms=clock.now_ms())
    show({"token": token, "user_id": str(user_id)}, token, as_json=as_json)
