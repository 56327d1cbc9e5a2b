"""The link by which somebody signs in for the first time: made by each start, until there is somebody."""

import pytest

from crm_store import first_run, users
from crm_store.clock import now_ms
from crm_store.command.serving import _ready
from crm_store.database import engine
from crm_store.database.session import connected
from crm_store.errors import NotFound
from crm_store.process import first_run_link, migration
from crm_store.process.service import Context
from crm_store.process.tree import TreeState
from crm_store.settings import load
from crm_store.users import UserSettings


@pytest.fixture
def settings(tmp_path):
    yield load({"SUNNYDAY_DATA": str(tmp_path / "data")})
    if engine.database.obj is not None:  # not every test opens it
        engine.database.obj.close_all()


def start(settings) -> str | None:
    """What the first process of `sunnyday serve` leaves for the supervisor."""
    migration.run(Context(settings, {}, ready=lambda: None, alive=lambda: None))
    return first_run_link.take(settings)


def test_each_start_makes_a_new_link_until_there_is_a_user(settings):
    first, second = start(settings), start(settings)
    assert first != second
    with connected():
        first_run.check(second)
        with pytest.raises(NotFound):
            first_run.check(first)
        users.add("ani@firma.example", UserSettings("Ani"), password_hash=None, by=None, now_ms=now_ms())
    assert start(settings) is None


def test_its_file_is_read_by_nobody_else_and_only_once(settings):
    first_run_link.leave(settings, "token")
    (path,) = (settings.data / "run").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [first_run_link.take(settings) for _ in range(2)] == ["token", None]
    first_run_link.leave(settings, "token")
    first_run_link.leave(settings, None)
    assert first_run_link.take(settings) is None


@pytest.mark.parametrize(
    ("public_url", "http", "token", "lines"),
    [
        pytest.param(
            "", ("127.0.0.1:8000",), None, ["SunnyDay Mail is ready: http://127.0.0.1:8000/"], id="an address"
        ),
        pytest.param(
            "https://mail.firma.example",
            ("127.0.0.1:8000",),
            "T0ken",
            [
                "SunnyDay Mail is ready: https://mail.firma.example/",
                "Make the first account here, once: https://mail.firma.example/first-run/T0ken",
            ],
            id="a link, where people reach it",
        ),
        pytest.param("", (), "T0ken", ["SunnyDay Mail is ready: smtp://127.0.0.1:25"], id="no pages"),
    ],
)
def test_the_last_line_tells_where_to_begin(tmp_path, public_url, http, token, lines):
    settings = load({"SUNNYDAY_DATA": str(tmp_path), "SUNNYDAY_PUBLIC_URL": public_url})
    first_run_link.leave(settings, token)
    tree = TreeState(pid=1, ready=True, smtp=("127.0.0.1:25",), http=http, services={})
    assert _ready(tree, settings).splitlines() == lines
