import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from conditions import until

from crm_store.process.tree import TreeState, read_tree

ROOT = Path(__file__).resolve().parents[3]
FAKE_TREE = ROOT / "tests/fixtures/fake_tree.py"


def runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class Tree:
    """A supervisor of fake services in a process group of its own."""

    def __init__(self, data: Path, *words: str, command: list[object] | None = None, **how: object) -> None:
        environ = {
            "SUNNYDAY_DATA": str(data),
            "SUNNYDAY_HTTP_LISTEN": "127.0.0.1:0",
            "PYTHONPATH": str(FAKE_TREE.parent),
        }
        environ["PYTHONPATH"] += os.pathsep + str(ROOT)
        self.state_file = data / "run" / "tree.json"
        self._log = data / "log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [*map(str, command or [sys.executable, FAKE_TREE]), *words],
                stdout=subprocess.PIPE, stderr=log, env={**os.environ, **environ}, start_new_session=True, text=True, **how,
            )  # fmt: skip
        self._seen: set[int] = set()

    def until_ready(self) -> TreeState:
        return until(lambda: (tree := self.state) and tree.ready and tree)

    @property
    def state(self) -> TreeState | None:
        assert self.process.poll() is None, self.log
        tree = read_tree(self.state_file)
        self._seen |= (
            {process.pid for kind in tree.services.values() for process in kind if process.pid} if tree else set()
        )
        return tree

    @property
    def log(self) -> str:
        return self._log.read_text()

    def events(self, name: str) -> list[dict[str, object]]:
        found = [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]
        return [event for event in found if event["event"] == name]

    def pids(self, name: str) -> list[int | None]:
        state = self.state
        return [process.pid for process in state.services.get(name, ())] if state else []

    def all_gone(self) -> bool:
        return not any(map(runs, self._seen))

    def end(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Exit status, and seconds that it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        return self.process.wait(40), time.monotonic() - began

    def clean_up(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def new_tree(tmp_path: Path) -> Iterator[Callable[..., Tree]]:
    """Starts trees that end with the test. Arguments: the words of fake_tree.py."""
    trees: list[Tree] = []

    def make(*words: str, **how: object) -> Tree:
        trees.append(Tree(tmp_path, *words, **how))
        return trees[-1]

    yield make
    for tree in trees:
        tree.clean_up()
