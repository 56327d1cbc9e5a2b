"""The address at which we show a picture from elsewhere: signed, so that nobody uses us to fetch what they like.

The frame in which it stands has no cookie (facts/ui.md 2.4), so the address alone carries who may ask."""

import base64
import binascii
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crm_store.errors import NotFound
from crm_store.secret_keys import secret_keys
from crm_store.settings import Settings

ROOT = "/remote-image"
_DAY_MS = 86_400_000
_MAC_OCTETS = 16


class ImageOf(NamedTuple):
    """In whose reading of which entry a picture is shown."""

    location_id: int
    entry_id: int
    user_id: int


@dataclass(frozen=True, slots=True)
class Asked:
    """An address as it comes: nothing of it is believed before its mac is."""

    whose: ImageOf
    day: int
    mac: str
    encoded_url: str


class Signer:
    """read_keys: called once, when something is first signed or checked."""

    def __init__(self, read_keys: Callable[[], Sequence[str]]) -> None:
        self._read_keys = read_keys

    @classmethod
    def of(cls, settings: Settings) -> "Signer":
        return cls(lambda: secret_keys(settings))

    def address(self, whose: ImageOf, url: str, *, now_ms: int) -> str:
        """Works today and tomorrow (UTC)."""
        day = now_ms // _DAY_MS
        encoded = base64.urlsafe_b64encode(url.encode()).rstrip(b"=").decode()
        mac = self._mac(self._keys[0], whose, day, encoded)
        return f"{ROOT}/{whose.location_id}/{whose.entry_id}/{whose.user_id}/{day}/{mac}/{encoded}"

    def url_of(self, asked: Asked, *, now_ms: int) -> str:
        """Raises: NotFound for an address that we have not made, or whose day is over."""
        right = [self._mac(key, asked.whose, asked.day, asked.encoded_url) for key in self._keys]
        is_ours = any(hmac.compare_digest(mac.encode(), asked.mac.encode("utf-8", "replace")) for mac in right)
        if not is_ours or not 0 <= now_ms // _DAY_MS - asked.day <= 1:
            raise NotFound("no such picture")
        try:
            padded = asked.encoded_url + "=" * (-len(asked.encoded_url) % 4)
            return base64.urlsafe_b64decode(padded).decode()
        except (binascii.Error, ValueError) as error:
            raise NotFound("no such picture") from error

    @staticmethod
    def _mac(key: bytes, whose: ImageOf, day: int, encoded_url: str) -> str:
        said = f"{whose.location_id}\n{whose.entry_id}\n{whose.user_id}\n{day}\n{encoded_url}"
        return hmac.digest(key, said.encode(), "sha256")[:_MAC_OCTETS].hex()

    @cached_property
    def _keys(self) -> list[bytes]:
        """The one that signs in front; all of them check."""
        return [_derived(words) for words in self._read_keys()]


def _derived(words: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=b"sunnyday remote images 1").derive(words.encode())
