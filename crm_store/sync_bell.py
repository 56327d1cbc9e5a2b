"""Whoever wishes for a sync rings here, so that the syncer of this machine takes the wish at once."""

from pathlib import Path

from crm_store import bell
from crm_store.settings import Settings


def bell_path(settings: Settings) -> Path:
    return settings.data / "run" / "sync.bell"


def ring(settings: Settings) -> None:
    """After the wish is committed. Never waits; on another machine the wish is found by looking."""
    bell.ring(bell_path(settings))
