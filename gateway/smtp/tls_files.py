"""The certificate of STARTTLS: read at the start, and again when its files change: a renewal needs no restart."""

import ssl
from pathlib import Path

import structlog

from crm_store.errors import SettingsError

log = structlog.get_logger()

_Seen = tuple[tuple[int, int, int], ...]


class TlsFiles:
    def __init__(self, cert: Path, key: Path) -> None:
        """Raises: SettingsError where the two cannot be used."""
        self._cert, self._key = cert, key
        try:
            self._seen = self._look()
            self.context = self._read()
        except (OSError, ssl.SSLError) as error:
            raise SettingsError(f"SUNNYDAY_TLS_CERT and SUNNYDAY_TLS_KEY: {error}.") from error

    def refresh(self) -> None:
        """Use what has changed, from the next handshake on. Where it can't be used, what was there goes on."""
        try:
            seen = self._look()
            if seen == self._seen:
                return
            self._seen = seen
            self._read()  # of a pair that does not match, the context in use would have taken the half
            self.context.load_cert_chain(self._cert, self._key)
        except (OSError, ssl.SSLError) as error:
            log.warning("tls_certificate_not_reloaded", error=type(error).__name__)
        else:
            log.info("tls_certificate_reloaded")

    def _look(self) -> _Seen:
        """Raises: OSError."""
        stats = (path.stat() for path in (self._cert, self._key))
        return tuple((stat.st_mtime_ns, stat.st_ino, stat.st_size) for stat in stats)

    def _read(self) -> ssl.SSLContext:
        """Raises: OSError, ssl.SSLError."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self._cert, self._key)
        return context
