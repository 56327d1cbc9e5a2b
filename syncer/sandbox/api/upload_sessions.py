"""Resumable uploads under way: what came of them so far. In memory, and few; a session dies with the server."""

import re
import secrets
from dataclasses import dataclass, field

from syncer.sandbox.api.errors import ApiError, bad_request
from syncer.sandbox.json_value import JsonObject

_MOST_SESSIONS = 16
_MOST_BYTES = 320 * 1024 * 1024  # of all together: two of the largest
_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")


@dataclass(slots=True)
class UploadSession:
    """total_bytes: None while the client does not know. path: of the call that began it."""

    id: str
    account_id: int
    method_id: str
    path: str
    body: JsonObject
    total_bytes: int | None
    data: bytearray = field(default_factory=bytearray)

    @property
    def is_whole(self) -> bool:
        return self.total_bytes is not None and len(self.data) >= self.total_bytes

    @property
    def received(self) -> dict[str, str]:
        """The Range header of a 308; none before the first byte."""
        return {"Range": f"bytes=0-{len(self.data) - 1}"} if self.data else {}

    def take(self, content_range: str, data: bytes, limit_bytes: int) -> None:
        """One chunk, or a question how far it is (an empty one with `bytes */N`). No header: all of it at once.

        Raises: ApiError 400 for a chunk that does not follow on what came, 413."""
        if not content_range:
            start, total = 0, len(data)
        else:
            match = _CONTENT_RANGE.fullmatch(content_range.strip())
            if not match:
                raise bad_request("Failed to parse Content-Range header.", "badRequest")
            start = int(match[1]) if match[1] else len(self.data)
            total = int(match[3]) if match[3] != "*" else -1
        if total >= 0:
            self.total_bytes = total
        if start > len(self.data):
            raise bad_request(f"Invalid request. There were {len(self.data)} byte(s) received.", "badRequest")
        if start + len(data) > limit_bytes or (self.total_bytes or 0) > limit_bytes:
            raise ApiError(413, "Media size exceeds the limit.", "uploadTooLarge")
        self.data[start : start + len(data)] = data


class UploadSessions:
    """By id; the oldest give way when there are too many, or they hold too much."""

    def __init__(self) -> None:
        self._sessions: dict[str, UploadSession] = {}

    def begin(self, account_id: int, method_id: str, path: str, body: JsonObject, total: int | None) -> UploadSession:
        session = UploadSession(secrets.token_urlsafe(24), account_id, method_id, path, body, total)
        while len(self._sessions) >= _MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        self._sessions[session.id] = session
        return session

    def find(self, session_id: str, account_id: int) -> UploadSession:
        """Raises: ApiError 404 for one that is over, or somebody else's."""
        session = self._sessions.get(session_id)
        if session is None or session.account_id != account_id:
            raise ApiError(404, "Upload session not found.", "notFound")
        return session

    def make_room(self, session: UploadSession) -> None:
        """After a chunk of this one, which stays."""
        for other in list(self._sessions.values()):
            if sum(len(one.data) for one in self._sessions.values()) <= _MOST_BYTES:
                return
            if other is not session:
                self.end(other)

    def end(self, session: UploadSession) -> None:
        self._sessions.pop(session.id, None)
