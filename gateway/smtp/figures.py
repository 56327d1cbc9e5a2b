"""What each receiver tells of itself to the process that answers /metrics: a small file in its place in the intake."""

import json
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from gateway.intake import segment

_FILE = "figures.json"


class Figures(NamedTuple):
    """connections: that stand. limits_reached: since the receiver's start, by limit."""

    connections: int
    limits_reached: dict[str, int]


def tell(acceptor_folder: Path, figures: Figures) -> None:
    """Nothing where the disk fails: figures are not worth a mail."""
    unfinished = acceptor_folder / f".{_FILE}"
    with suppress(OSError):
        unfinished.write_text(json.dumps(figures._asdict()))
        unfinished.rename(acceptor_folder / _FILE)


def told(intake_folder: Path) -> dict[str, Figures]:
    """Of the receivers that live, by their ids. Raises: OSError."""
    found = {}
    for acceptor in segment.acceptors(intake_folder):
        with suppress(FileNotFoundError):
            if not segment.is_dead(acceptor):
                found[acceptor.name] = Figures(**json.loads((acceptor / _FILE).read_text()))
    return found
