"""What a service declares about itself, and what it is given when it runs.

A package names its services by entry point, group "sunnyday.services": `receiver = "gateway.services:RECEIVER"`. The
module that holds the constant imports nothing heavy; `run` is imported in the service's own process alone.
"""

import importlib
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Literal, cast

from crm_store.errors import SettingsError
from crm_store.settings import Settings

GROUP = "sunnyday.services"

Part = Literal["smtp", "web", "worker"]
SocketKind = Literal["smtp", "http"]


@dataclass(frozen=True)
class Context:
    """What a running service is given.

    settings  as the supervisor read them, save that *_listen name the addresses that were bound (never port 0)
    sockets   by kind, listening, inherited; a service has the kinds that it declared and no others
    ready     call once, when work can be taken
    alive     call at least every 5 s from the loop that does the work (not from a helper thread): silence for 10 s
              makes /readyz fail. Cheap: calls within a second of the last one send nothing.
    """

    settings: Settings
    sockets: Mapping[str, list[socket.socket]]
    ready: Callable[[], None]
    alive: Callable[[], None]


Run = Callable[[Context], None]


def load_run(target: str) -> Run:
    """target: "module:function"."""
    module, _, function = target.partition(":")
    return cast(Run, getattr(importlib.import_module(module), function))


@dataclass(frozen=True)
class Service:
    """One kind of process. run: "module:function", called with a Context; it installs its own handler for SIGTERM and
    returns within 8 s of it. Returning, raising or exiting before that counts as dying: it is started again."""

    name: str
    part: Part
    run: str
    processes: Callable[[Settings], int]
    sockets: tuple[SocketKind, ...] = ()


def one(_settings: Settings) -> int:
    """For services of which a machine has one."""
    return 1


def installed(part: Part | None = None) -> list[Service]:
    """The services that installed packages declare, by name; part None: all.

    Raises: SettingsError where the installation is incomplete."""
    services = [cast(Service, found.load()) for found in entry_points(group=GROUP)]
    chosen = sorted((s for s in services if part in (None, s.part)), key=lambda s: s.name)
    if not chosen:
        raise SettingsError(f"No service of {part or 'any part'} is installed: install sunnyday-mail as a package.")
    return chosen
