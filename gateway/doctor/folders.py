"""Can the product write where it has to, and do we look with its eyes?"""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from crm_store.process.tree import TreeState
from crm_store.settings import Settings
from gateway.doctor.finding import Finding, ok, warning, wrong
from gateway.doctor.places import folders, standing


def check_folders(settings: Settings) -> list[Finding]:
    """Blocks. A file is really made, and gone with its name: permissions do not tell of a disk that is read-only."""
    places = folders(settings)
    refused = {name: problem for name, folder in places.items() if (problem := _problem(folder))}
    path = settings.sqlite_path
    if path is not None and path.exists() and not os.access(path, os.W_OK):
        refused[path.name] = "its owner does not let us write"
    if refused:
        found = "; ".join(f"{name} ({places.get(name, path)}): {problem}" for name, problem in refused.items())
        return [wrong("folders", found, "Let the user that runs SunnyDay Mail own them: chown -R USER FOLDER")]
    missing = [name for name, folder in places.items() if not folder.exists()]
    later = f"; not there yet, and can be made: {', '.join(missing)}" if missing else ""
    return [ok("folders", f"below {places['SUNNYDAY_DATA']} files can be written{later}")]


def check_user(trees: Sequence[TreeState]) -> list[Finding]:
    """Nothing where nothing runs, or the system does not tell whose a process is."""
    others = {uid for tree in trees if (uid := _user_of(tree.pid)) not in (None, os.geteuid())}
    if not others:
        return []
    found = f"this is user {os.geteuid()}, the product runs as {', '.join(map(str, others))}: files may look different"
    return [warning("user", found, "Run the doctor as the user that runs the product")]


def _problem(folder: Path) -> str:
    """Why no file can be made in it, or the folder itself can't; "" where it can."""
    try:
        with tempfile.TemporaryFile(dir=standing(folder)) as file:
            file.write(b"\0")
            file.flush()
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""


def _user_of(pid: int) -> int | None:
    try:
        return os.stat(f"/proc/{pid}").st_uid
    except OSError:
        return None
