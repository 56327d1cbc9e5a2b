"""Reads the answer to messages.get?format=raw as it comes in.

It is JSON with the whole mail in one string, base64url: read at once, a mail of 60 MB would stand in memory four times.
So the string is decoded on the way, and what is left is JSON of a few hundred bytes."""

import base64
import binascii
import json
import re
from collections.abc import Iterable
from typing import Any, BinaryIO

# No string of JSON has an unescaped quotation mark inside, so this can only be the key.
_KEY = re.compile(rb'"raw"\s*:\s*"')
_MAX_REST_BYTES = 1024 * 1024
_QUOTE, _BACKSLASH = b'"', b"\\"
_ESCAPED = {b"\\u003d": b"=", b"\\u003D": b"=", b"\\n": b"", b"\\r": b"", b"\\/": b"/"}
_ESCAPE_BYTES = 6


class Unreadable(ValueError):
    """What came is no such answer."""


class TooLarge(Unreadable):
    """The mail is more than anybody takes."""


def read_raw_reply(chunks: Iterable[bytes], mail: BinaryIO) -> dict[str, Any]:
    """Writes the mail's bytes to mail; the rest of the answer. Any: it is JSON.

    Raises: Unreadable, and what chunks raises; then part of the mail may have been written."""
    rest = bytearray()  # the answer without the mail
    text: _Text | None = None
    for chunk in chunks:
        if text is not None:
            rest += text.feed(chunk)
        else:
            rest += chunk
            if found := _KEY.search(rest):
                text, begun = _Text(mail), bytes(rest[found.end() :])
                del rest[found.end() :]
                rest += text.feed(begun)
        if len(rest) > _MAX_REST_BYTES:
            raise Unreadable("the answer around the mail is too large")
    if text is None or not text.ended:
        raise Unreadable("the answer ends before its mail does")
    try:
        answer = json.loads(bytes(rest))
    except (ValueError, RecursionError) as error:
        raise Unreadable("the answer is no JSON") from error
    if not isinstance(answer, dict):
        raise Unreadable("the answer is no object")
    return answer


class _Text:
    """The string of base64url, in whatever pieces it comes."""

    def __init__(self, mail: BinaryIO) -> None:
        self._mail = mail
        self._left = b""  # of the last piece: too short to be decoded
        self.ended = False

    def feed(self, data: bytes) -> bytes:
        """What of data comes after the string, its closing quotation mark included."""
        if self.ended:
            return data
        data = self._left + data
        text, quote, after = data.partition(_QUOTE)
        self.ended = bool(quote)
        cut = len(text)
        if not self.ended:  # an escape may have come in half
            escape = text.rfind(_BACKSLASH)
            cut = escape if escape >= 0 and len(text) - escape < _ESCAPE_BYTES else cut
        whole, held = _unescaped(text[:cut]), text[cut:]
        whole, odd = self._quartets(whole)
        self._write(whole)
        self._left = odd + held
        return quote + after

    def _quartets(self, text: bytes) -> tuple[bytes, bytes]:
        end = len(text) if self.ended else len(text) - len(text) % 4
        return text[:end], text[end:]

    def _write(self, text: bytes) -> None:
        text = text.rstrip(b"=")
        try:
            self._mail.write(base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4)))
        except binascii.Error as error:
            raise Unreadable("the mail is not base64") from error


def _unescaped(text: bytes) -> bytes:
    if _BACKSLASH in text:
        for escaped, plain in _ESCAPED.items():
            text = text.replace(escaped, plain)
    return text
