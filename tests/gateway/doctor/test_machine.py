"""Disk, files, clock, processes: what this machine has for the product."""

import os
import resource
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from crm_store.process.tree import ProcessState, TreeState, write_tree
from crm_store.settings import load
from gateway.doctor.backlog import check_backlog
from gateway.doctor.clock import check_file_clock, judge_clock
from gateway.doctor.disk import check_disk, judge_disk
from gateway.doctor.finding import State
from gateway.doctor.folders import check_folders, check_user
from gateway.doctor.open_files import check_open_files, judge_open_files
from gateway.doctor.running import check_running, running_trees
from gateway.doctor.settings_check import check_names
from gateway.intake import segment
from gateway.intake.envelope import Envelope
from gateway.intake.segment import IntakeMail

OK, WARNING, WRONG = State.OK, State.WARNING, State.WRONG
NOW_MS = 1_795_000_000_000
FLOOR_BYTES = 100_000_000


@pytest.mark.parametrize(
    ("free_bytes", "files", "expected"),
    [
        pytest.param(FLOOR_BYTES - 4096, (10**6, 10**6), {"disk": WRONG, "inodes": OK}, id="below the floor"),
        pytest.param(FLOOR_BYTES + 4096, (10**6, 10**6), {"disk": WARNING, "inodes": OK}, id="just above the floor"),
        pytest.param(10**10, (10**6, 10**6), {"disk": OK, "inodes": OK}, id="room enough"),
        pytest.param(10**10, (10**6, 999), {"disk": OK, "inodes": WRONG}, id="no inodes"),
        pytest.param(10**10, (10**6, 19_999), {"disk": OK, "inodes": WARNING}, id="few inodes"),
        pytest.param(10**10, (0, 0), {"disk": OK}, id="a file system without a number of inodes"),
    ],
)
def test_room_for_mail(free_bytes: int, files: tuple[int, int], expected: dict[str, State]):
    disk = SimpleNamespace(f_bavail=free_bytes // 4096, f_frsize=4096, f_files=files[0], f_favail=files[1])
    found = list(judge_disk(Path("/data"), disk, FLOOR_BYTES))
    assert {one.check: one.state for one in found} == expected
    assert [bool(one.mend) for one in found] == [one.state is not OK for one in found]


def test_the_disk_is_measured_against_the_floor_of_the_intake(tmp_path: Path):
    """A mail of the largest size has to fit above 64 MB: with a limit beyond any disk nothing is taken."""
    settings = load({"SUNNYDAY_DATA": str(tmp_path / "not/there/yet"), "SUNNYDAY_SMTP_MAX_BYTES": str(10**15)})
    assert next(one for one in check_disk(settings) if one.check == "disk").state is WRONG
    settings = load({"SUNNYDAY_DATA": str(tmp_path / "not/there/yet")})
    assert {one.check for one in check_disk(settings)} <= {"disk", "inodes"}


@pytest.mark.parametrize(
    ("limit", "state"),
    [
        pytest.param(150, WRONG, id="hardly any"),
        pytest.param(256, WARNING, id="few: macOS"),
        pytest.param(1024, OK, id="the usual limit"),
        pytest.param(resource.RLIM_INFINITY, OK, id="no limit"),
    ],
)
def test_open_files(limit: int, state: State):
    finding = judge_open_files(limit, 2, "as it runs")
    assert finding.state is state
    assert ("LimitNOFILE" in finding.mend) is (state is not OK)


def test_the_limit_of_a_receiver_that_runs_goes_before_ours():
    """What counts is how the product was started, not the shell of whoever asks."""
    command = "import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (140, 140)); print(1, flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as receiver:
        assert receiver.stdout.readline() == b"1\n"
        (finding,) = check_open_files([tree(receiver.pid)], 2)
    assert finding.state is WRONG
    assert finding.found.startswith("140 for each of 1 receivers")


def test_where_nothing_runs_the_limit_of_this_shell_is_told():
    (finding,) = check_open_files([], 3)
    assert "of 3 receivers, as started from this shell" in finding.found


@pytest.mark.parametrize(
    ("theirs_ms", "state", "words"),
    [
        pytest.param(NOW_MS - 5_000, OK, "", id="five seconds"),
        pytest.param(NOW_MS - 6_000, WARNING, "6 s ahead of", id="theirs is behind"),
        pytest.param(NOW_MS + 100 + 7_000, WARNING, "7 s behind", id="theirs is ahead"),
        pytest.param(NOW_MS + 50, OK, "", id="in between"),
    ],
)
def test_two_clocks(theirs_ms: int, state: State, words: str):
    finding = judge_clock("the database", theirs_ms, NOW_MS, NOW_MS + 100)
    assert finding.state is state
    assert words in finding.found
    assert ("timedatectl" in finding.mend) is (state is not OK)


def test_the_clock_that_dates_files(tmp_path: Path):
    (finding,) = check_file_clock(tmp_path, lambda: NOW_MS)  # files are dated with the time of this test
    assert finding.state is WARNING
    assert list(tmp_path.iterdir()) == []
    assert check_file_clock(tmp_path / "not there", lambda: NOW_MS) == []


@pytest.mark.parametrize(
    ("environ", "state", "words"),
    [
        pytest.param({"SUNNYDAY_DATA": "{}/new/data"}, OK, "can be made: SUNNYDAY_DATA, run", id="not there yet"),
        pytest.param({"SUNNYDAY_DATA": "{}"}, OK, "can be made: run", id="there"),
        pytest.param({"SUNNYDAY_DATA": "/proc/data"}, WRONG, "SUNNYDAY_DATA (/proc/data)", id="where nobody can write"),
        pytest.param(
            {"SUNNYDAY_DATA": "{}", "SUNNYDAY_BLOBS_URL": "file:///proc/b"}, WRONG, "blobs (/proc/b)", id="blobs"
        ),
        pytest.param({"SUNNYDAY_DATA": "{}/file"}, WRONG, "SUNNYDAY_DATA", id="a file in its place"),
    ],
)
def test_folders(tmp_path: Path, environ: dict[str, str], state: State, words: str):
    (tmp_path / "file").touch()
    (finding,) = check_folders(load({name: value.format(tmp_path) for name, value in environ.items()}))
    assert finding.state is state
    assert words in finding.found
    assert ("chown" in finding.mend) is (state is not OK)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_who_looks_is_who_runs_it():
    assert check_user([tree(os.getpid())]) == []
    assert check_user([]) == []
    if os.geteuid() == 0:
        with subprocess.Popen(["sleep", "60"], user=65534) as other:
            (finding,) = check_user([tree(other.pid)])
            other.kill()
        assert finding.state is WARNING
        assert "65534" in finding.found


def tree(pid: int, *, ready: bool = True, restarts: int = 0, alive_at_ms: int = NOW_MS) -> TreeState:
    process = ProcessState(pid=pid, ready=ready, alive_at_ms=alive_at_ms, restarts=restarts)
    return TreeState(pid=pid, ready=ready, smtp=("127.0.0.1:1",), http=(), services={"receiver": (process,)})


@pytest.mark.parametrize(
    ("trees", "state", "words"),
    [
        pytest.param([], WRONG, "sunnyday serve", id="nothing runs"),
        pytest.param([tree(1)], OK, "", id="all is up"),
        pytest.param([tree(1, ready=False)], WRONG, "log", id="not ready"),
        pytest.param([tree(1, alive_at_ms=NOW_MS - 11_000)], WRONG, "log", id="hangs"),
        pytest.param([tree(1, restarts=5)], WARNING, "process_died", id="dies again and again"),
    ],
)
def test_running(trees: list[TreeState], state: State, words: str):
    (finding,) = check_running(trees, Path("data"), NOW_MS)
    assert finding.state is state
    assert words in finding.mend


def test_trees_of_parts_are_found_and_what_a_killed_one_left_behind_is_not(tmp_path: Path):
    dead = subprocess.Popen(["true"])
    dead.wait()
    write_tree(tmp_path / "run/serve.json", tree(dead.pid))
    write_tree(tmp_path / "run/smtp-7.json", tree(os.getpid()))
    (tmp_path / "run/other.json").write_text("{}")
    assert [found.pid for found in running_trees(tmp_path)] == [os.getpid()]
    assert running_trees(tmp_path / "not there") == []


def intake_with_a_mail(folder: Path) -> Path:
    """Its segment; the mail came at NOW_MS."""
    acceptor = segment.acceptors_folder(folder) / "A"
    segment.spool_folder(acceptor).mkdir(parents=True)
    path = segment.segment_path(acceptor, 1)
    segment.create(path)
    writer = segment.open_for_append(path)
    envelope = Envelope(mail_from="", recipients=("a@b",), peer="", helo="", tls=False, received_at_ms=NOW_MS)
    segment.append(writer, [IntakeMail("R" * 26, envelope, 1, b"", b"x", None)])
    writer.close()
    return path


@pytest.mark.parametrize(
    ("age_ms", "running", "state", "words"),
    [
        pytest.param(60_000, True, OK, "", id="just taken"),
        pytest.param(61_000, True, WRONG, "mail_not_drained", id="nobody moves it"),
        pytest.param(61_000, False, WARNING, "sunnyday serve", id="nothing runs that could"),
    ],
)
def test_mail_that_waits_in_the_intake(tmp_path: Path, age_ms: int, running: bool, state: State, words: str):
    intake_with_a_mail(tmp_path)
    (finding,) = check_backlog(tmp_path, NOW_MS + age_ms, running=running)
    assert finding.state is state
    assert words in finding.mend


def test_a_segment_that_cannot_be_read_is_told(tmp_path: Path):
    intake_with_a_mail(tmp_path).write_bytes(b"no database" * 1000)
    (finding,) = check_backlog(tmp_path, NOW_MS, running=True)
    assert finding.state is WRONG
    assert "A/000001.sqlite3" in finding.found


def test_an_intake_that_is_not_there_yet_has_no_backlog(tmp_path: Path):
    assert [one.state for one in check_backlog(tmp_path / "intake", NOW_MS, running=True)] == [OK]


def test_a_misspelt_setting_is_told():
    finding = check_names(["SUNNYDAY_SMTP_LISTN", "SUNNYDAY_TREE"])
    assert finding.state is WARNING
    assert finding.found.endswith(": SUNNYDAY_SMTP_LISTN")
    assert check_names(["SUNNYDAY_TREE"]).state is OK
