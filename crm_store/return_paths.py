"""Where bounces of mail that a location's provider carried come home: at the capture domain (see rules/return_path)."""

from collections.abc import Callable, Sequence
from functools import cached_property

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from crm_store.rules import return_path
from crm_store.secret_keys import secret_keys
from crm_store.settings import Settings


class ReturnPaths:
    """read_keys: called once, when the first address is made or looked at."""

    def __init__(self, read_keys: Callable[[], Sequence[str]]) -> None:
        self._read_keys = read_keys

    @classmethod
    def of(cls, settings: Settings) -> "ReturnPaths":
        return cls(lambda: secret_keys(settings))

    def address(self, token: str, domain: str, *, now_ms: int) -> str:
        return f"{return_path.local_part(token, self._keys, now_ms=now_ms)}@{domain}"

    def token_of(self, address: str, *, now_ms: int) -> str | None:
        """The delivery that a recipient is the return address of. address: normalised, at a capture domain."""
        return return_path.token_of(address.rpartition("@")[0], self._keys, now_ms=now_ms)

    def tokens_of(self, addresses: Sequence[str], *, now_ms: int) -> tuple[str, ...]:
        """The deliveries that any of them are the return addresses of."""
        return tuple(token for one in addresses if (token := self.token_of(one, now_ms=now_ms)) is not None)

    @cached_property
    def _keys(self) -> list[bytes]:
        """Apart from what seals: a proof that is seen tells nothing of those keys."""
        return [_derived(words) for words in self._read_keys()]


def _derived(words: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=b"sunnyday return paths 1").derive(words.encode())
