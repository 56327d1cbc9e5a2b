"""How many connections may the receivers hold before the system refuses them files?"""

import re
import resource
from collections.abc import Sequence
from pathlib import Path

from crm_store.process.tree import TreeState
from gateway.doctor.finding import Finding, ok, warning, wrong

_OWN_FILES = 100  # database, segments, pipes
_FILES_A_CONNECTION = 2  # the socket, and a spool file while a large mail comes
_FEW_CONNECTIONS = 50
_ENOUGH_CONNECTIONS = 450  # what the usual limit of 1,024 gives one process
_LIMIT = re.compile(r"^Max open files +(\d+|unlimited)", re.MULTILINE)


def check_open_files(trees: Sequence[TreeState], processes: int) -> list[Finding]:
    """processes: how many receivers there are to be. Blocks."""
    running = [p.pid for tree in trees for p in tree.services.get("receiver", ()) if p.pid is not None]
    limits = [limit for pid in running if (limit := _limit_of(pid)) is not None]
    if limits:
        return [judge_open_files(min(limits), len(running), "as it runs")]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]  # a receiver takes as many as it may
    return [judge_open_files(hard, processes, "as started from this shell")]


def judge_open_files(limit: int, processes: int, how: str) -> Finding:
    """limit: files that one process may have open at once; negative: as many as it likes."""
    if limit == resource.RLIM_INFINITY:
        return ok("open-files", f"no limit, {how}")
    connections = max(0, limit - _OWN_FILES) // _FILES_A_CONNECTION
    told = f"{limit:,} for each of {processes} receivers, {how}: {connections:,} connections at once in each"
    mend = "LimitNOFILE=65536 in the systemd unit, ulimits in compose, or ulimit -n 65536 in the shell that starts it"
    if connections < _FEW_CONNECTIONS:
        return wrong("open-files", told, mend)
    return ok("open-files", told) if connections >= _ENOUGH_CONNECTIONS else warning("open-files", told, mend)


def _limit_of(pid: int) -> int | None:
    """The soft one; None where the system does not tell."""
    try:
        found = _LIMIT.search(Path(f"/proc/{pid}/limits").read_text())
    except OSError:
        return None
    if found is None:
        return None
    return resource.RLIM_INFINITY if found[1] == "unlimited" else int(found[1])
