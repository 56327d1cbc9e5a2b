"""sunnyday sandbox: the stand-in for Google, for trying, tests and benches."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crm_store.command.invocation import Json, invocation_of, show

if TYPE_CHECKING:
    from crm_store.settings import ListenAddress

_LISTEN = "127.0.0.1:4200"


def register(app: typer.Typer) -> None:
    app.command("sandbox")(sandbox)


def sandbox(
    context: typer.Context,
    listen: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where it serves; port 0 picks one.")] = _LISTEN,
    data: Annotated[Path | None, typer.Option(help="Its own folder; default: sandbox in SUNNYDAY_DATA.")] = None,
    smtp: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where mail to other addresses goes; default: nowhere.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Run a stand-in for Google on this machine: OAuth, Gmail, contacts, push.

    Prints the settings that make this product use it. Two accounts are there from the start."""
    from crm_store import logs
    from syncer.sandbox.service import serve

    settings = invocation_of(context).settings
    logs.configure(settings.log, "sandbox")

    def tell(address: "ListenAddress") -> None:
        from syncer.sandbox.client_settings import client_settings

        told = client_settings(f"http://{address}")
        lines = "\n".join(f"{name}={value}" for name, value in told.items())
        text = f"The sandbox is ready: http://{address}/sandbox\nSettings that make SunnyDay Mail use it:\n{lines}"
        show({"url": f"http://{address}", "settings": told}, text, as_json=as_json)

    serve(
        _address("--listen", listen),
        data or settings.data / "sandbox",
        _address("--smtp", smtp) if smtp else None,
        tell,
    )


def _address(option: str, value: str) -> "ListenAddress":
    from crm_store.settings import ListenAddress

    host, colon, port = value.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise typer.BadParameter(f"{value!r} is not HOST:PORT", param_hint=option)
    return ListenAddress(host.strip("[]"), int(port))
