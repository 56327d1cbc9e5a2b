"""The keys by which Google signs, as it publishes them: kept as long as it says, and fetched beside the requests.

Nobody's thread waits for them: whoever needs them waits on the event loop, and for a bounded time."""

import asyncio
import base64
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass

import requests
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from urllib3.exceptions import HTTPError

from crm_store.errors import Temporary

Keys = Mapping[str, bytes]  # by kid: a certificate, or a public key, in PEM

log = structlog.get_logger()

WAIT_S = 5.0
AGAIN_S = 5.0  # so long after one fetch no other one begins, whatever kids are made up
_CONNECT_S, _READ_S = 3.05, 5.0
_GIVEN_UP_S = 30.0
_MAX_REPLY_BYTES = 100_000
_MIN_AGE_S, _DEFAULT_AGE_S, _MAX_AGE_S = 60, 3600, 86_400
_STALE_S = 86_400.0  # so long after their time keys are still taken, while no new ones are to be had
_MAX_AGE = re.compile(r"max-age=([0-9]{1,9})", re.IGNORECASE)


class KeysUnavailable(Temporary):
    """Google's keys are not to be had now, and there are none from before."""


@dataclass(frozen=True, slots=True)
class _Fetched:
    """fresh_for_s: since it was fetched."""

    keys: Keys
    fresh_for_s: int


@dataclass(frozen=True, slots=True)
class _Fetch:
    begun_at_s: float
    done: "Future[_Fetched]"


class SigningKeys:
    """url: certificates by kid (…/oauth2/v1/certs), or a JWK set (…/oauth2/v3/certs, RFC 7517). Safe to share.

    clock: seconds that never go back."""

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: tuple[Keys, float] = ({}, 0.0)  # and until when they are fresh
        self._fetch: _Fetch | None = None
        self._next_fetch_s = 0.0

    async def keys(self, kid: str) -> Keys:
        """Keys with that of kid, where Google has it. Raises: KeysUnavailable.

        A kid that is new is asked for at once, as Google may have changed its keys; keys that have had their time are
        used once more, and others are fetched meanwhile."""
        now_s = self._clock()
        kept, fresh_until_s = self._kept
        if now_s > fresh_until_s + _STALE_S:
            kept = {}
        if kid in kept:
            if now_s > fresh_until_s:
                self._begin(now_s)
            return kept
        fetch = self._begin(now_s)
        if fetch is not None:
            try:
                return (await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(fetch.done)), WAIT_S)).keys
            except (KeysUnavailable, TimeoutError):
                log.warning("signing_keys_not_fetched")
        if not kept:
            raise KeysUnavailable("Google's signing keys are not to be had just now")
        return kept

    def _begin(self, now_s: float) -> _Fetch | None:
        """The fetch that is under way, or is begun; None where there was one just now."""
        with self._lock:
            if self._fetch is not None and now_s < self._fetch.begun_at_s + _GIVEN_UP_S:
                return self._fetch
            if now_s < self._next_fetch_s:
                return None
            fetch = self._fetch = _Fetch(now_s, Future())
        threading.Thread(target=self._run, args=(fetch,), name="signing-keys", daemon=True).start()
        return fetch

    def _run(self, fetch: _Fetch) -> None:
        try:
            fetched = _fetched(self._url)
        except Exception as error:  # noqa: BLE001  # whoever waits is to hear of it, whatever it is
            self._end(fetch, None)
            log.warning("signing_keys_unavailable", error=type(error).__name__)
            fetch.done.set_exception(KeysUnavailable(type(error).__name__))
        else:
            self._end(fetch, fetched)
            fetch.done.set_result(fetched)

    def _end(self, fetch: _Fetch, fetched: _Fetched | None) -> None:
        with self._lock:
            now_s = self._clock()
            if fetched is not None:
                self._kept = fetched.keys, now_s + fetched.fresh_for_s
            self._next_fetch_s = now_s + AGAIN_S
            if self._fetch is fetch:
                self._fetch = None


def _fetched(url: str) -> _Fetched:
    """Raises: OSError, HTTPError, ValueError; what else a reply can bring about."""
    with requests.get(url, timeout=(_CONNECT_S, _READ_S), stream=True, allow_redirects=False, auth=_nobody) as reply:
        body = reply.raw.read(_MAX_REPLY_BYTES, decode_content=True)
        if reply.status_code != 200:
            raise HTTPError(f"answered {reply.status_code}")
        age_s = max_age_s(reply.headers)
    return _Fetched(keys_of(body), age_s)


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Without an auth of ours requests would look for one in ~/.netrc."""
    return request


def max_age_s(headers: Mapping[str, str]) -> int:
    """How long a reply may be kept (RFC 9111 §4.2). headers: by name, whatever the case."""
    found = _MAX_AGE.search(headers.get("Cache-Control", ""))
    if found is None:
        return _DEFAULT_AGE_S
    age = headers.get("Age", "0").strip()
    aged_s = int(age) if age.isascii() and age.isdecimal() and len(age) < 10 else 0
    return min(_MAX_AGE_S, max(_MIN_AGE_S, int(found[1]) - aged_s))


def keys_of(body: bytes) -> Keys:
    """Raises: ValueError where it is neither of the two forms, or has no key."""
    document = json.loads(body)
    if not isinstance(document, dict):
        raise ValueError("no object")
    listed = document.get("keys")
    if isinstance(listed, list):
        keys = {str(one["kid"]): _pem(one) for one in listed if _is_rsa(one)}
    else:
        keys = {kid: pem.encode() for kid, pem in document.items() if isinstance(pem, str)}
    if not keys:
        raise ValueError("no keys")
    return keys


def _is_rsa(key: object) -> bool:
    return isinstance(key, dict) and key.get("kty") == "RSA" and {"kid", "n", "e"} <= key.keys()


def _pem(key: Mapping[str, str]) -> bytes:
    """RFC 7518 §6.3.1."""
    e, n = (int.from_bytes(base64.urlsafe_b64decode(key[name] + "==")) for name in ("e", "n"))
    return RSAPublicNumbers(e, n).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
