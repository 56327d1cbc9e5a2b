"""What comes out of a mail: bytes as a file to keep, never shown or guessed at; and its HTML as a page, made safe."""

from urllib.parse import quote

from fastapi import Response

# What a browser can open without running anything in it. All else is bytes.
_SAFE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain"})
_BYTES = "application/octet-stream"
# facts/ui.md 2.4, measured: with it nothing of a hostile mail is fetched or run, in a frame or opened by itself.
_MAIL_POLICY = (
    "default-src 'none'; img-src {images}; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
_MAX_NAME_OCTETS = 200  # file systems end at 255
# RFC 8187 §3.2.1, attr-char, without the ones that quote() keeps by itself
_ATTR_CHARS = "!#$&+^`|"


def attachment(content: bytes, name: str, content_type: str) -> Response:
    """name, content_type: as the mail says, believed in nothing."""
    return _download(content, name, content_type if content_type in _SAFE_TYPES else _BYTES)


def raw_mail(content: bytes, name: str) -> Response:
    return _download(content, name, "message/rfc822")


def page_of_mail(source: str, remote: int, *, own_images: bool = False) -> Response:
    """For a frame with sandbox="allow-popups allow-popups-to-escape-sandbox" in a page of ours.

    own_images: pictures may come from us, to whom the frame is a stranger without a cookie.
    X-Remote-Content: how many things were taken out that would be fetched from elsewhere."""
    return Response(
        source,
        media_type="text/html",
        headers={
            "Content-Security-Policy": _MAIL_POLICY.format(images="'self' data:" if own_images else "data:"),
            "X-Frame-Options": "SAMEORIGIN",
            "X-Remote-Content": str(remote),
        },
    )


def _download(content: bytes, name: str, content_type: str) -> Response:
    return Response(
        content,
        headers={
            # As a header, not as media_type: that would say charset=utf-8 of a text whose charset nobody knows.
            "Content-Type": content_type,
            "Content-Disposition": disposition(name),
            "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
        },
    )


def disposition(name: str) -> str:
    """RFC 6266: the name in UTF-8 for everybody, and in ASCII for who knows no better."""
    safe = _safe_name(name)
    ascii_name = "".join(char if char.isascii() and char not in '"\\%' else "_" for char in safe)
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(safe, safe=_ATTR_CHARS)}"


def _safe_name(name: str) -> str:
    """The last part of a path, without what is not printed: control characters, line ends, marks that turn the writing
    round so that "exe" looks like "pdf"; and not hidden."""
    last = name.replace("\\", "/").rpartition("/")[2]
    printable = "".join(char for char in last if char.isprintable()).strip(" .")
    stem, dot, suffix = printable.rpartition(".")
    if not dot or len(suffix.encode()) > 20:
        stem, dot, suffix = printable, "", ""
    room = _MAX_NAME_OCTETS - len(suffix.encode()) - 1
    return stem.encode()[:room].decode("utf-8", "ignore") + dot + suffix or "attachment"
