"""The folders that the product writes to, and the file systems that hold them."""

import os
from collections.abc import Iterable
from pathlib import Path

from crm_store.settings import Settings


def folders(settings: Settings) -> dict[str, Path]:
    """By what people call them; those that are not there yet, too."""
    found = {
        "SUNNYDAY_DATA": settings.data,
        "run": settings.data / "run",
        "intake": settings.intake_folder,
        "blobs": settings.blobs_folder,
    }
    if settings.sqlite_path is not None:
        found["database"] = settings.sqlite_path.parent
    return {name: path.absolute() for name, path in found.items()}


def standing(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that is there."""
    while not folder.exists():
        folder = folder.parent
    return folder


def one_for_each_disk(paths: Iterable[Path]) -> list[Path]:
    """Raises: OSError."""
    by_device: dict[int, Path] = {}
    for path in paths:
        by_device.setdefault(os.stat(standing(path)).st_dev, standing(path))
    return list(by_device.values())
