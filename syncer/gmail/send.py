"""Handing one mail to Gmail. Not idempotent: the same call twice is two mails (facts/gmail.md 0.6)."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httplib2
from googleapiclient.errors import HttpError, MediaUploadSizeError
from googleapiclient.http import HttpRequest, MediaUpload

from syncer.errors import MayBeDone, TooLarge, Unreachable
from syncer.gmail.asking import failed
from syncer.gmail.errors import Call
from syncer.gmail.transport import Transport
from syncer.remote import Accepted

# JSON with `raw` breaks at some 5 MB, one of 1 MB was seen to (facts/gmail.md 1.3): so always an upload, and above this
# in parts, that a dropped connection costs one part.
_IN_ONE_BYTES = 3 * 1024 * 1024
PART_BYTES = 2 * 1024 * 1024  # a multiple of 256 KiB, as resumable uploads ask for
_MOST_FAILURES = 5  # of one upload
_MAX_ID_CHARACTERS = 64


def send(messages: Any, travelling: "Parts", raw: bytes, thread_id: str | None) -> Accepted:
    """messages: the client's resource (Any: made from the document).

    Raises: MayBeDone where nobody knows; after anything else, what syncer/errors.py lists, nothing was sent."""
    mail = RawMail(raw)
    body = {} if thread_id is None else {"body": {"threadId": thread_id}}
    try:
        request = messages.send(userId="me", media_body=mail, **body)
    except MediaUploadSizeError as error:  # 36,700,160 bytes, by the document
        raise TooLarge("send: too large") from error
    answer = _in_parts(request, travelling) if mail.resumable() else _in_one(request, travelling)
    return _accepted(answer)


def _in_one(request: HttpRequest, travelling: "Parts") -> object:
    try:
        return request.execute(http=travelling, num_retries=0)
    except HttpError as error:
        raise failed(Call.SEND)(error.resp, error.content) from error
    except ValueError as error:
        raise MayBeDone("send: no JSON", answered=False) from error


def _in_parts(request: HttpRequest, travelling: "Parts") -> object:
    """After a drop the client asks what came before it goes on. The last part is never repeated."""
    failures = 0
    while failures < _MOST_FAILURES:
        before, answer = request.resumable_progress, None
        try:
            _, answer = request.next_chunk(http=travelling, num_retries=0)
        except HttpError as error:
            raise failed(Call.SEND if travelling.all_went else Call.UPLOAD)(error.resp, error.content) from error
        except MayBeDone:
            if travelling.all_went:
                raise
        except (ValueError, IndexError):  # no JSON, or a range that is none
            break
        if answer is not None:
            return answer
        if request.resumable_progress >= request.resumable.size():
            break  # all of it came, and nobody says what became of it
        failures += request.resumable_progress <= before
    if travelling.all_went:
        raise MayBeDone("send: no answer to the last part", answered=False)
    raise Unreachable("upload: it gets no further")


def _accepted(answer: object) -> Accepted:
    gmail_id = str(answer.get("id") or "") if isinstance(answer, Mapping) else ""
    if not 0 < len(gmail_id) <= _MAX_ID_CHARACTERS:
        raise MayBeDone("send: without an id", answered=False)
    return Accepted(gmail_id)


class RawMail(MediaUpload):  # type: ignore[misc]  # the client has no types
    """Bytes in memory, given out in parts. Not a stream: what is read once could not go again after a 401."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def mimetype(self) -> str:
        return "message/rfc822"

    def size(self) -> int:
        return len(self._raw)

    def resumable(self) -> bool:
        return len(self._raw) > _IN_ONE_BYTES

    def chunksize(self) -> int:
        return PART_BYTES

    def has_stream(self) -> bool:
        return False

    def getbytes(self, begin: int, end: int) -> bytes:
        """end: a length, in the client's words."""
        return self._raw[begin : begin + end]


class Parts:
    """An httplib2.Http for one upload, with every call at root. all_went: the last part has begun to travel.

    going_on: called before each call."""

    def __init__(self, transport: Transport, root: str, going_on: Callable[[], None]) -> None:
        self._transport, self._root, self._going_on = transport, root, going_on
        self.all_went = False

    def request(
        self, uri: str, method: str = "GET", body: Any = None, headers: Mapping[str, str] | None = None, **_: object
    ) -> tuple[httplib2.Response, bytes]:
        """As httplib2.Http.request. Any: what the client serialised."""
        self._going_on()
        part, _slash, size = (headers or {}).get("Content-Range", "").partition("/")
        last = part.rpartition("-")[2]
        self.all_went |= last.isdecimal() and int(last) + 1 == int(size)  # "bytes */N" is a question
        return self._transport.request(at_root(uri, self._root), method, body, headers)


def at_root(uri: str, root: str) -> str:
    """Where an upload goes on, at our root: Google names its own host, which a proxy may have passed on as it was, and
    our token goes nowhere else."""
    named, ours = urlsplit(uri), urlsplit(root.rstrip("/"))
    path = named.path if named.path.startswith(f"{ours.path}/") else ours.path + named.path
    return urlunsplit((ours.scheme, ours.netloc, path, named.query, ""))
