"""The doorbell between processes of one machine."""

from pathlib import Path

from crm_store.bell import Bell, ring


def test_a_ring_ends_the_wait_and_many_rings_fold_into_one(tmp_path: Path):
    path = tmp_path / "run" / "x.bell"
    with Bell(path) as bell:
        assert not bell.wait(0)
        for _ in range(100_000):  # more than a pipe holds
            ring(path)
        assert bell.wait(30)
        while bell.wait(0):
            pass
        ring(path)
        assert bell.wait(30)


def test_ringing_where_nobody_listens_does_nothing(tmp_path: Path):
    path = tmp_path / "x.bell"
    ring(path)
    Bell(path).close()
    ring(path)
    with Bell(path) as bell:
        assert not bell.wait(0), "a ring that nobody heard is not kept"


def test_a_path_longer_than_a_socket_takes(tmp_path: Path):
    path = tmp_path / ("f" * 100) / ("g" * 100) / "x.bell"
    with Bell(path) as bell:
        ring(path)
        assert bell.wait(30)
