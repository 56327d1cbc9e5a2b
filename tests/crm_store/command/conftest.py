import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from prepared_start import COMMANDS


@pytest.fixture
def sunnyday(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """sunnyday("settings", "--json", SUNNYDAY_X="…"): the command in an empty folder."""

    def run(*words: str, given: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        return COMMANDS.run(words, _not_ours() | environ, folder=tmp_path, given=given)

    return run


@pytest.fixture
def started_sunnyday(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """As sunnyday, started as its user starts it."""

    def run(*words: str, given: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-P", "-m", "crm_store.command.main", *words],
            input=given, capture_output=True, text=True, cwd=tmp_path, env=_not_ours() | environ, timeout=60,
        )  # fmt: skip

    return run


def _not_ours() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("SUNNYDAY_")}
