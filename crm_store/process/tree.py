"""The state of a process tree, as its supervisor tells it to whoever asks on the same machine (/readyz, the demo)."""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

TREE_VARIABLE = "SUNNYDAY_TREE"  # set by the supervisor for its children: the path of the state file
SILENT_AFTER_MS = 10_000


class ProcessState(BaseModel):
    """One process that is to be kept up. pid: None while it waits to be started again. alive_at_ms: the last sign of
    life; None before the first."""

    model_config = ConfigDict(frozen=True)

    pid: int | None
    ready: bool
    alive_at_ms: int | None
    restarts: int


class TreeState(BaseModel):
    """pid: the supervisor's. smtp, http: addresses as HOST:PORT, never port 0. services: by name, all their processes.
    ready: every process is up."""

    model_config = ConfigDict(frozen=True)

    pid: int
    ready: bool
    smtp: tuple[str, ...]
    http: tuple[str, ...]
    services: dict[str, tuple[ProcessState, ...]]


def read_tree(path: Path | None = None) -> TreeState | None:
    """The tree that this process belongs to, or the one in path; None where nobody supervises or the file is gone."""
    if path is None:
        named = os.environ.get(TREE_VARIABLE)
        if not named:
            return None
        path = Path(named)
    try:
        return TreeState.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def write_tree(path: Path, tree: TreeState) -> None:
    """Replaces the file at once; readers see the old or the new state. Not flushed: a power cut ends the tree too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{tree.pid}.new")
    new.write_text(tree.model_dump_json())
    new.replace(path)


def not_up(tree: TreeState, now_ms: int) -> list[str]:
    """What keeps the tree from being ready, one sentence each; empty: all is up. A process that is silent for more than
    10 s counts as down."""
    return [
        f"{name} ({process.pid or 'being restarted'}): {problem}"
        for name, processes in sorted(tree.services.items())
        for process in processes
        if (problem := _problem(process, now_ms))
    ]


def _problem(process: ProcessState, now_ms: int) -> str | None:
    if not process.ready or process.alive_at_ms is None:
        return "not ready"
    silent_ms = now_ms - process.alive_at_ms
    return f"no sign of life for {silent_ms // 1000} s" if silent_ms > SILENT_AFTER_MS else None
