"""An answer's body, bounded in time and size."""

import time
from collections.abc import Iterator

import requests

_PIECE_BYTES = 64 * 1024


class Endless(requests.RequestException):
    """An answer that does not end."""


def pieces_of(response: requests.Response, within_s: float, most_bytes: int | None) -> Iterator[bytes]:
    """What it unpacks to, as it comes. most_bytes: None where the caller counts.

    Each read has its time-out, but an answer may come a byte at a time for ever. So each asks the network once only:
    iter_content waits until a piece is full. Raises: Endless, and what reading raises."""
    until_s, size_bytes = time.monotonic() + within_s, 0
    while piece := response.raw.read1(_PIECE_BYTES, decode_content=True):
        size_bytes += len(piece)
        if time.monotonic() > until_s or (most_bytes is not None and size_bytes > most_bytes):
            raise Endless
        yield piece
