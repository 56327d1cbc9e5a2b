"""The rule that a test which nobody runs must not pass for one that holds."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.mark.parametrize(
    ("ci", "expected"),
    [pytest.param("true", 1, id="in CI it fails the run"), pytest.param("", 0, id="elsewhere it is just told")],
)
@pytest.mark.parametrize("how", [[], ["-n", "1"]], ids=["alone", "with workers"])
def test_a_skip(tmp_path, ci, expected, how):
    (tmp_path / "test_it.py").write_text(
        "import pytest\n\ndef test_a(): pass\n\ndef test_b(): pytest.skip('no tool')\n"
    )
    environ = {**os.environ, "CI": ci, "PYTHONPATH": str(FIXTURES), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-p", "xdist", "-p", "skips_in_ci", "-q", *how, "test_it.py"]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True)
    assert done.returncode == expected, done.stdout
    assert ("skipped, and not in allowed_skips.txt: test_it.py::test_b" in done.stdout) is bool(expected)
    assert "1 passed, 1 skipped" in done.stdout.splitlines()[-1]
