import pytest

from crm_store.process.tree import TREE_VARIABLE, ProcessState, TreeState, not_up, read_tree, write_tree

NOW_MS = 1_800_000_000_000
UP = ProcessState(pid=7, ready=True, alive_at_ms=NOW_MS - 1000, restarts=0)


def tree_of(*processes: ProcessState) -> TreeState:
    return TreeState(pid=1, ready=True, smtp=(), http=(), services={"web": processes})


@pytest.mark.parametrize(
    ("process", "expected"),
    [
        pytest.param(UP, [], id="ready and heard of"),
        pytest.param(UP.model_copy(update={"alive_at_ms": NOW_MS - 10_000}), [], id="silent for 10 s exactly"),
        pytest.param(
            UP.model_copy(update={"alive_at_ms": NOW_MS - 11_000}),
            ["web (7): no sign of life for 11 s"],
            id="silent longer",
        ),
        pytest.param(UP.model_copy(update={"ready": False}), ["web (7): not ready"], id="still starting"),
        pytest.param(
            ProcessState(pid=None, ready=False, alive_at_ms=None, restarts=3),
            ["web (being restarted): not ready"],
            id="dead",
        ),
    ],
)
def test_what_keeps_a_tree_from_being_ready(process, expected):
    assert not_up(tree_of(UP, process), NOW_MS) == expected


def test_a_tree_is_read_as_it_was_written(tmp_path, monkeypatch):
    path = tmp_path / "run" / "tree.json"
    write_tree(path, tree_of(UP))
    monkeypatch.setenv(TREE_VARIABLE, str(path))
    assert read_tree() == tree_of(UP)
    assert [file.name for file in path.parent.iterdir()] == ["tree.json"]


def test_who_is_not_supervised_has_no_tree(tmp_path, monkeypatch):
    monkeypatch.delenv(TREE_VARIABLE, raising=False)
    assert read_tree() is None
    assert read_tree(tmp_path / "gone.json") is None
