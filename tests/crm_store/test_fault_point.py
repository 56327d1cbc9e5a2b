"""Named places to die at: off unless asked for, once each, and a name that does not exist is refused."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crm_store.fault_point import IMPORT_POINTS, NOTICE_POINTS, POINTS, RELAY_POINTS, SEND_POINTS, SYNC_POINTS

PROJECT = Path(__file__).resolve().parents[2]
REACH_THREE_TIMES = """
from crm_store import fault_point
for time in range(3):
    fault_point.reach("worker.after-claim")
    print(time)
"""


@pytest.fixture
def run(tmp_path):
    def run_with(points, log=tmp_path / "struck"):
        environ = {**os.environ, "SUNNYDAY_FAULT_POINT": points, "SUNNYDAY_FAULT_LOG": str(log or "")}
        command = [sys.executable, "-c", REACH_THREE_TIMES]
        return subprocess.run(command, env=environ, cwd=PROJECT, capture_output=True, text=True)

    return run_with


@pytest.mark.parametrize(
    ("points", "reached"),
    [
        pytest.param("", 3, id="nothing is armed"),
        pytest.param("worker.after-read", 3, id="another point"),
        pytest.param("worker.after-claim", 0, id="the first time"),
        pytest.param("worker.after-claim:3", 2, id="the third time"),
        pytest.param("worker.after-read, worker.after-claim:2", 1, id="one of two"),
        pytest.param("worker.after-claim:4", 3, id="a time that does not come"),
    ],
)
def test_a_process_dies_where_it_is_asked_to(run, points, reached):
    done = run(points)
    assert len(done.stdout.split()) == reached
    assert done.returncode == (0 if reached == 3 else -signal.SIGKILL)


def test_each_strikes_once_however_often_the_process_is_started_again(run, tmp_path):
    points = "worker.after-claim,worker.after-claim:2"
    assert [len(run(points).stdout.split()) for _ in range(3)] == [0, 1, 3]
    assert (tmp_path / "struck").read_text().split() == points.split(",")


@pytest.mark.parametrize("points", ["worker.after-lunch", "worker.after-claim:", "worker.after-claim:x"])
def test_a_name_that_does_not_exist_is_an_error(run, points):
    done = run(points)
    assert done.returncode == 1
    assert f"SUNNYDAY_FAULT_POINT: there is no '{points}'" in done.stderr


def test_without_a_log_nothing_is_armed_for_ever(run):
    assert "SUNNYDAY_FAULT_LOG is missing" in run("worker.after-claim", log=None).stderr


def test_every_point_is_reached_somewhere_and_no_other():
    sources = [path for part in ("crm_store", "gateway", "syncer") for path in PROJECT.glob(f"{part}/**/*.py")]
    reached = {name for path in sources for name in re.findall(r'fault_point\.reach\("([^"]+)"\)', path.read_text())}
    assert reached == {*POINTS, *SYNC_POINTS, *IMPORT_POINTS, *SEND_POINTS, *RELAY_POINTS, *NOTICE_POINTS}
