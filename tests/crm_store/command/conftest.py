import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def sunnyday(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """sunnyday("settings", "--json", SUNNYDAY_X="…"): the command in an empty folder, as its user runs it."""

    def run(*words: str, given: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("SUNNYDAY_")}
        return subprocess.run(
            [sys.executable, "-P", "-m", "crm_store.command.main", *words],
            input=given, capture_output=True, text=True, cwd=tmp_path, env=ours | environ, timeout=60,
        )  # fmt: skip

    return run
