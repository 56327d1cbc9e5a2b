"""Secrets at rest: authenticated encryption, bound to the row that they are in.

A sealed text is VERSION.KEY-ID.BASE64, which is a nonce and what AES-256-GCM makes of the secret. Its associated data
is table, column and row, so that a text copied into another row opens no more than a forged one."""

import base64
import binascii
import secrets
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crm_store.errors import Permanent
from crm_store.secret_keys import secret_keys
from crm_store.settings import Settings

_VERSION = "1"
_NONCE_BYTES = 12  # NIST SP 800-38D §8.2; random: fine for 2^32 texts a key
_KEY_ID_BYTES = 4


class Unopenable(Permanent):
    """A sealed text that none of our keys opens: a key is missing in SUNNYDAY_SECRET_KEYS, or it was tampered with."""


class SealedAt(NamedTuple):
    """The place that a sealed text belongs to."""

    table: str
    column: str
    row_id: int

    def as_bytes(self) -> bytes:
        return f"{self.table}\n{self.column}\n{self.row_id}".encode()


class Sealer:
    """read_keys: called once, when something is first sealed or opened. Its repr tells nothing."""

    def __init__(self, read_keys: Callable[[], Sequence[str]]) -> None:
        self._read_keys = read_keys

    @classmethod
    def of(cls, settings: Settings) -> "Sealer":
        return cls(lambda: secret_keys(settings))

    def seal(self, secret: str, at: SealedAt) -> str:
        key_id, key = next(iter(self._keys.items()))
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + key.encrypt(nonce, secret.encode(), at.as_bytes())
        return f"{_VERSION}.{key_id}.{base64.b64encode(sealed).decode()}"

    def open(self, sealed: str, at: SealedAt) -> str:
        """Raises: Unopenable."""
        version, _, rest = sealed.partition(".")
        key_id, _, text = rest.partition(".")
        key = self._keys.get(key_id)
        if version != _VERSION or key is None:
            raise Unopenable(f"no key for {at.table}.{at.column} of row {at.row_id}")
        try:
            raw = base64.b64decode(text, validate=True)
            return key.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], at.as_bytes()).decode()
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise Unopenable(f"{at.table}.{at.column} of row {at.row_id} does not open") from error

    @cached_property
    def _keys(self) -> Mapping[str, AESGCM]:
        """By the id that sealed texts name; the one that seals in front."""
        return dict(_derived(words) for words in self._read_keys())


def _derived(words: str) -> tuple[str, AESGCM]:
    """From words of any length (RFC 5869). The id is derived apart from the key, and tells nothing of it."""
    made = HKDF(SHA256(), length=32 + _KEY_ID_BYTES, salt=None, info=b"sunnyday sealing 1").derive(words.encode())
    return made[32:].hex(), AESGCM(made[:32])
