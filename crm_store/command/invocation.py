"""What every command gets from the command line's root, and how results are shown."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crm_store.errors import SettingsError

if TYPE_CHECKING:
    from crm_store.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@dataclass(frozen=True)
class Invocation:
    """env_file: as given by --env-file; None: the environment alone."""

    env_file: Path | None = None

    @cached_property
    def settings(self) -> "Settings":
        """Imported here: reading settings takes longer than --help may.

        Raises: WrongSetting (exit status 2) with one sentence that names the setting."""
        from crm_store import settings

        try:
            return settings.load(env_file=self.env_file)
        except SettingsError as error:
            raise WrongSetting(str(error)) from error


class WrongSetting(SettingsError):
    """A setting can't be understood: exit status 2, as for words on the command line that can't be."""


def invocation_of(context: typer.Context) -> Invocation:
    invocation = context.find_object(Invocation)
    assert invocation is not None
    return invocation


def shown_time(at_ms: int) -> str:
    """RFC 3339, in UTC, as the API shows it."""
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def show(result: Mapping[str, object], text: str, *, as_json: bool) -> None:
    """One JSON object for programs, or text for people, on standard output."""
    print(json.dumps(result, ensure_ascii=False) if as_json else text)
