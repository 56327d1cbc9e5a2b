"""What the log says of an error: its kind and the lines of code, and no word of a mail."""

import errno
import logging

import pytest
import structlog

from crm_store import logs

SECRET = "budi@pelanggan.example"


@pytest.fixture
def logged(capsys):
    """logged(): what was written since. The log is put back as it was."""
    root, levels = logging.getLogger(), {}
    handlers, level = root.handlers[:], root.level
    for name in ("mail.log", "peewee", "asyncio", "uvicorn.access"):
        levels[name] = logging.getLogger(name).level
    kept = structlog.get_config()
    yield lambda: capsys.readouterr().err
    structlog.configure(**kept)
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def fail():
    try:
        raise OSError(errno.ENOSPC, SECRET)
    except OSError as error:
        raise ValueError(f"duplicate key ({SECRET})") from error


@pytest.mark.parametrize("form", ["json", "text"])
@pytest.mark.parametrize("ours", [True, False], ids=["our logger", "a library's"])
def test_an_error_is_told_by_kind_and_place_without_its_text(logged, form, ours):
    logs.configure(form, "worker")
    log = structlog.get_logger() if ours else logging.getLogger("somebody")
    try:
        fail()
    except ValueError:
        log.exception("it_failed")
    written = logged()
    assert SECRET not in written
    assert all(word in written for word in ("it_failed", "ValueError", "OSError ENOSPC", "in fail"))
