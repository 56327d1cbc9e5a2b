"""The command's root: finds the commands of all parts, and turns errors into one sentence and an exit status.

Exit statuses: 0 done; 1 understood, and failed; 2 the words or a setting could not be understood.
"""

import sys
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Annotated

import typer

from crm_store.command.invocation import Invocation, WrongSetting
from crm_store.errors import Invalid, ProductError

# name → "module:function"; each function takes the app and registers its commands. It runs for --help too.
GROUP = "sunnyday.commands"


def main() -> None:
    try:
        build()(prog_name="sunnyday")
    except ProductError as error:
        print(_sentence(error), file=sys.stderr)
        sys.exit(2 if isinstance(error, WrongSetting) else 1)
    except OSError as error:
        # Most often a folder that may not be written; a traceback would say less.
        if error.filename is None:
            raise
        sys.exit(f"{error.filename}: {error.strerror}.")


def build() -> typer.Typer:
    """The app with the commands of every installed part."""
    app = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for found in sorted(entry_points(group=GROUP), key=lambda found: found.name):
        found.load()(app)
    return app


def _root(
    context: typer.Context,
    env_file: Annotated[
        Path | None,
        typer.Option("--env-file", metavar="PATH", help="Read settings from here too; the environment wins."),
    ] = None,
    _version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=lambda asked: _tell_version(asked), help="Show the version."),
    ] = False,
) -> None:
    """SunnyDay Mail: BCC capture and Gmail sync for a CRM."""
    context.obj = Invocation(env_file)


def _tell_version(asked: bool) -> None:
    if asked:
        print(f"sunnyday {version('sunnyday-mail')}")
        raise typer.Exit


def _sentence(error: ProductError) -> str:
    text = f"{error.field}: {error}" if isinstance(error, Invalid) else str(error) or type(error).__name__
    return text if text.endswith(".") else f"{text[0].upper()}{text[1:]}."


if __name__ == "__main__":
    main()
