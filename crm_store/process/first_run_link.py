"""How the first run's link comes from the migration, which asks the database, to the supervisor, which tells people."""

from pathlib import Path

from crm_store.settings import Settings


def leave(settings: Settings, token: str | None) -> None:
    """None: there is none, and an older one is over."""
    path = _path(settings)
    path.unlink(missing_ok=True)
    if token is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(token)


def take(settings: Settings) -> str | None:
    """The token, told once."""
    path = _path(settings)
    try:
        token = path.read_text()
        path.unlink()
    except FileNotFoundError:
        return None
    return token


def _path(settings: Settings) -> Path:
    return settings.data / "run" / "first-run"
