"""Which process trees of ours run on this machine, and whether all of each is up."""

import os
from collections.abc import Sequence
from pathlib import Path

from crm_store.process.tree import TreeState, not_up, read_tree
from gateway.doctor.finding import Finding, ok, warning, wrong

_MANY_RESTARTS = 5


def running_trees(data: Path) -> list[TreeState]:
    """Of `serve` and of single parts. What a killed supervisor left behind is none."""
    found = (read_tree(path) for path in sorted(data.glob("run/*.json")))
    return [tree for tree in found if tree is not None and _lives(tree.pid)]


def check_running(trees: Sequence[TreeState], data: Path, now_ms: int) -> list[Finding]:
    if not trees:
        return [
            wrong(
                "running",
                f"nothing runs on this machine that keeps its files in {data.absolute()}: no mail is taken",
                "Start it: sunnyday serve. If it runs, give the doctor the same settings (--env-file, SUNNYDAY_DATA)",
            )
        ]
    return [_judge(tree, now_ms) for tree in trees]


def _judge(tree: TreeState, now_ms: int) -> Finding:
    names = ", ".join(tree.services)
    restarts = sum(process.restarts for processes in tree.services.values() for process in processes)
    if problems := not_up(tree, now_ms):
        return wrong("running", f"process {tree.pid}: {'; '.join(problems)}", "Its log tells why: process_died")
    if restarts >= _MANY_RESTARTS:
        found = f"process {tree.pid}: {names} are up, after {restarts} restarts"
        return warning("running", found, "Its log tells what died: process_died")
    return ok("running", f"process {tree.pid}: {names} are up")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is another user's
        pass
    return True
