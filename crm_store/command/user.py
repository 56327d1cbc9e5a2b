"""sunnyday user: first set-up; the rest is done by the API."""

import sys
from typing import Annotated

import typer

from crm_store.command.invocation import Json, invocation_of, show
from crm_store.rules.states import Role


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Make users.", rich_markup_mode=None)
    group.command("add")(add)
    group.callback()(lambda: None)
    app.add_typer(group, name="user")


def add(
    context: typer.Context,
    email: str,
    name: Annotated[str, typer.Option(help="As people read it.")],
    location: Annotated[int, typer.Option(metavar="ID", help="Where the user works.")],
    role: Annotated[Role, typer.Option(help="What the user may do there.")],
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read a password, one line.")] = False,
    as_json: Json = False,
) -> None:
    """Make a user who works in a location, and their BCC address there. One who works elsewhere works here too then."""
    from crm_store import clock, members, users
    from crm_store.access import roles_of
    from crm_store.command.database import up_to_date
    from crm_store.database.session import writing
    from crm_store.errors import Conflict

    settings = invocation_of(context).settings
    hashed = users.hash_password(sys.stdin.readline().rstrip("\r\n")) if password_stdin else None
    now_ms = clock.now_ms()
    with up_to_date(settings), writing():  # without the location there is no user either
        known = users.known(email)
        if known is not None and location in roles_of(known.id):
            raise Conflict(
                f"a user with the e-mail {known.email} exists already, and is a member of location {location}"
            )
        user = known or users.add(email, users.UserSettings(name), password_hash=hashed, by=None, now_ms=now_ms)
        members.put(location, user.id, role, domain=settings.capture_domains[0], by=None, now_ms=now_ms)
    result = {"id": str(user.id), "email": user.email, "name": user.settings.name, "is_new": known is None}
    told = f"User {user.id}: {user.settings.name} <{user.email}>, {role} in location {location}"
    if known is not None:
        told += ". They were here before: name and password stay as they are."
    show(result, told, as_json=as_json)
