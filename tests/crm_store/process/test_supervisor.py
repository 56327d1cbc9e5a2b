"""The supervisor as its operator sees it: real processes, real signals."""

import os
import signal
import socket
import sys
import time
from pathlib import Path

import pytest

from crm_store.process.slot import restart_delay_s


def answer(address: str) -> list[str]:
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        return connection.makefile().read().split()


def test_it_says_it_is_ready_when_every_process_is_and_not_before(new_tree, tmp_path):
    tree = new_tree("behaves*2", "answers", "--first", "goes_first")
    state = None
    while not (state and state.services.get("goes_first", [None])[0]):
        state = tree.state
    assert not state.ready
    assert tree.pids("behaves") == [None, None], "the others wait for the first"
    (tmp_path / "go").touch()
    state = tree.until_ready()
    assert sorted(state.services) == ["answers", "behaves"]
    assert len({process.pid for kind in state.services.values() for process in kind}) == 3
    assert tree.process.stdout.readline() == f"ready {state.http[0]}\n"


def test_a_process_that_dies_is_started_again_and_the_others_stay(new_tree, until):
    tree = new_tree("behaves*2", "answers")
    tree.until_ready()
    killed, other = tree.pids("behaves")
    (answering,) = tree.pids("answers")
    os.kill(killed, signal.SIGKILL)
    until(lambda: killed not in tree.pids("behaves"))
    state = tree.until_ready()
    assert [process.restarts for process in state.services["behaves"]] == [1, 0]
    assert tree.pids("behaves")[1] == other
    assert tree.pids("answers") == [answering]
    assert [(event["status"], event["restart_in_s"]) for event in tree.events("process_died")] == [(-9, 0.0)]


def test_a_process_that_keeps_dying_is_started_again_ever_more_slowly(new_tree, until):
    tree = new_tree("behaves", "keeps_dying")
    until(lambda: len(tree.events("process_died")) >= 4)
    assert [event["restart_in_s"] for event in tree.events("process_died")[:4]] == [0.0, 0.1, 0.2, 0.4]
    assert not tree.state.ready
    assert tree.end()[0] == 0


@pytest.mark.parametrize(
    ("deaths", "expected_s"),
    [
        pytest.param(1, 0.0, id="at once the first time"),
        pytest.param(2, 0.1, id="then a little later"),
        pytest.param(4, 0.4, id="doubling"),
        pytest.param(8, 5.0, id="up to 5 s"),
        pytest.param(10_000, 5.0, id="and no further"),
    ],
)
def test_how_long_a_restart_waits(deaths, expected_s):
    assert restart_delay_s(deaths) == expected_s


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_cleanly(new_tree, number):
    tree = new_tree("behaves*2", "answers")
    tree.until_ready()
    status, took_s = tree.end(number)
    assert (status, tree.all_gone(), tree.state_file.exists()) == (0, True, False)
    assert took_s < 8  # when they would be killed


def test_a_process_that_will_not_stop_is_killed_within_ten_seconds(new_tree):
    tree = new_tree("behaves", "is_deaf")
    tree.until_ready()
    status, took_s = tree.end()
    assert (status, tree.all_gone()) == (1, True)
    assert 8 < took_s < 20


def test_ctrl_c_twice_on_a_terminal_is_a_clean_stop_without_tracebacks(new_tree, until):
    tree = new_tree("behaves*2", "answers")
    tree.until_ready()
    os.killpg(tree.process.pid, signal.SIGINT)  # the terminal sends it to the whole group
    os.killpg(tree.process.pid, signal.SIGINT)
    assert tree.process.wait(30) == 0
    assert tree.all_gone()
    assert "Traceback" not in tree.log


@pytest.mark.parametrize("after_s", [0.0, 0.05, 0.1, 0.2])
def test_ctrl_c_while_processes_load_their_modules_leaves_no_traceback(new_tree, until, after_s):
    tree = new_tree("behaves*2")
    until(lambda: len(tree.events("process_started")) == 2)
    time.sleep(after_s)  # into the time before the processes can say anything
    os.killpg(tree.process.pid, signal.SIGINT)
    assert tree.process.wait(30) == 0
    assert "Traceback" not in tree.log


@pytest.mark.parametrize(("service", "within_s"), [("behaves*2", 8), ("is_deaf", 30)])
def test_the_processes_go_with_a_supervisor_that_is_killed(new_tree, until, service, within_s):
    tree = new_tree(service)
    tree.until_ready()
    assert not tree.all_gone()
    tree.process.kill()
    until(tree.all_gone, within_s)


def test_all_processes_stay_in_the_group_of_the_supervisor(new_tree):
    tree = new_tree("behaves*2", "answers")
    tree.until_ready()
    assert {os.getpgid(pid) for pid in tree.pids("behaves") + tree.pids("answers")} == {tree.process.pid}


def test_processes_are_told_the_port_that_the_system_picked(new_tree):
    tree = new_tree("answers")
    (address,) = tree.until_ready().http
    assert not address.endswith(":0")
    assert answer(address) == [str(tree.pids("answers")[0]), address, "[]"]
    assert [(event["kind"], event["address"]) for event in tree.events("listening")] == [("http", address)]


def test_a_caller_waits_for_the_next_process_instead_of_being_refused(new_tree, until):
    tree = new_tree("answers")
    (address,) = tree.until_ready().http
    (killed,) = tree.pids("answers")
    os.kill(killed, signal.SIGSTOP)
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        os.kill(killed, signal.SIGKILL)
        pid, *_ = connection.makefile().read().split()
    assert int(pid) != killed


def test_a_socket_that_systemd_opened_is_used(new_tree):
    with socket.create_server(("127.0.0.1", 0)) as theirs:
        fd = theirs.fileno()
        # What systemd does between fork and exec.
        become = (
            "import os, sys; os.dup2(int(sys.argv[1]), 3);"
            "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1', LISTEN_FDNAMES='http');"
            "os.execv(sys.executable, [sys.executable, *sys.argv[2:]])"
        )
        fake_tree = Path(__file__).resolve().parents[2] / "fixtures/fake_tree.py"
        command = [sys.executable, "-c", become, fd, fake_tree]
        tree = new_tree("answers", command=command, pass_fds=[fd])
        (address,) = tree.until_ready().http
        assert address == f"127.0.0.1:{theirs.getsockname()[1]}"
        pid, _, told = answer(address)
        (child,) = tree.pids("answers")
        assert int(pid) == child
        assert told == "[]"


def test_a_wrong_setting_that_a_process_finds_stops_the_start(new_tree):
    tree = new_tree("behaves", "finds_a_wrong_setting")
    assert tree.process.wait(30) == 1
    assert tree.all_gone()
    assert [event["error"] for event in tree.events("service_misconfigured")] == [
        "SUNNYDAY_TLS_CERT=nowhere: No such file or directory."
    ]


def test_a_first_service_that_fails_stops_the_start(new_tree, tmp_path):
    (tmp_path / "fail").touch()
    tree = new_tree("behaves", "--first", "goes_first")
    assert tree.process.wait(30) == 1
    assert [event["name"] for event in tree.events("process_started")] == ["goes_first"]


def test_the_others_do_not_wait_for_ever_for_the_first(new_tree, until, tmp_path):
    tree = new_tree("behaves", "--first", "goes_first", "--first-within-s", "0.5")
    until(lambda: (state := tree.state) and [process for process in state.services["behaves"] if process.ready])
    assert not tree.state.ready, "what goes first is still missing"
    (tmp_path / "go").touch()
    tree.until_ready()


def test_a_process_that_hangs_makes_the_tree_unready(new_tree, until):
    tree = new_tree("behaves", "hangs")
    tree.until_ready()
    until(lambda: not tree.state.ready, within_s=40)
