"""The installation's secret keys: from SUNNYDAY_SECRET_KEYS, or one that is made once and kept in DATA."""

import os
import secrets
from pathlib import Path

from crm_store.errors import SettingsError
from crm_store.settings import MIN_SECRET_KEY_LENGTH, Settings

FILE_NAME = "secret.key"


def secret_keys(settings: Settings) -> tuple[str, ...]:
    """The first encrypts, all decrypt. Raises: SettingsError where the kept one can't be read or made."""
    if settings.secret_keys:
        return tuple(key.get_secret_value() for key in settings.secret_keys)
    return (_kept(settings.data),)


def _kept(folder: Path) -> str:
    path = folder / FILE_NAME
    try:
        if not path.exists():
            _make(path)
        key = path.read_text("ascii").strip()
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"{path} can't be used ({type(error).__name__}): set SUNNYDAY_SECRET_KEYS.") from error
    if len(key) < MIN_SECRET_KEY_LENGTH:
        raise SettingsError(f"{path} is damaged: restore it from a backup, or set SUNNYDAY_SECRET_KEYS.")
    return key


def _make(path: Path) -> None:
    """Whole or not at all, and flushed before anybody seals with it: a key that is lost loses what it sealed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ours = path.with_name(f"{FILE_NAME}.{secrets.token_hex(8)}")
    descriptor = os.open(ours, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(32).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(ours, path)  # of processes that start together the first one's is everybody's
        except FileExistsError:
            return
    finally:
        ours.unlink()
        _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
