"""Signed-in browsers. The cookie has 256 random bits and is told once; only its hash is kept."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass

from peewee import chunked

from crm_store import audit
from crm_store.access import Access, hash_token, roles_of
from crm_store.database.rows import tuples
from crm_store.database.session import writing
from crm_store.errors import NotFound, Unauthenticated
from crm_store.models.web import InstallationAdmin, WebSession

IDLE_MS = 14 * 86_400_000
LONGEST_MS = 90 * 86_400_000
MAX_OF_A_USER = 50  # who signs in once more loses the oldest
# Writing "seen just now" at every click would make each of them a transaction.
SEEN_EVERY_MS = 15 * 60_000
_AGENT_LENGTH = 200
_IN_LIST = 200


@dataclass(frozen=True, slots=True)
class Signed:
    """Who is signed in, and by which session."""

    session_id: int
    access: Access


@dataclass(frozen=True, slots=True)
class WebSessionView:
    """agent: what the browser says it is; "" for nothing."""

    id: int
    agent: str
    created_at_ms: int
    seen_at_ms: int


def begin(user_id: int, *, agent: str, now_ms: int) -> str:
    """Sign the user in; what the cookie is to hold. Sessions that are over are cleared away."""
    token = secrets.token_urlsafe(32)
    with writing():
        WebSession.delete().where(WebSession.ends_at_ms <= now_ms).execute()
        _end_the_oldest(user_id)
        WebSession.create(
            token_hash=hash_token(token),
            user_id=user_id,
            agent=_printable(agent),
            created_at_ms=now_ms,
            seen_at_ms=now_ms,
            ends_at_ms=now_ms + IDLE_MS,
        )
    return token


def by_token(token: str, *, now_ms: int) -> Signed:
    """Who this browser is signed in as. Raises: Unauthenticated where the session is not known, or over."""
    row = WebSession.get_or_none(WebSession.token_hash == hash_token(token))
    if row is None or row.ends_at_ms <= now_ms:
        raise Unauthenticated("nobody is signed in")
    if now_ms - row.seen_at_ms >= SEEN_EVERY_MS:
        with writing():
            ends_at_ms = min(now_ms + IDLE_MS, row.created_at_ms + LONGEST_MS)
            WebSession.update(seen_at_ms=now_ms, ends_at_ms=ends_at_ms).where(WebSession.id == row.id).execute()
    runs_it = InstallationAdmin.select().where(InstallationAdmin.user_id == row.user_id).exists()
    return Signed(row.id, Access(row.user_id, roles_of(row.user_id), runs_it))


def renew(session_id: int, *, now_ms: int) -> str:
    """A new cookie for a session, whose old one is worth nothing from now on. Raises: NotFound where it has ended."""
    token = secrets.token_urlsafe(32)
    with writing():
        changed = (
            WebSession.update(token_hash=hash_token(token), seen_at_ms=now_ms)
            .where(WebSession.id == session_id)
            .execute()
        )
    if not changed:
        raise NotFound("no such session")
    return token


def living(session_ids: Collection[int], *, now_ms: int) -> set[int]:
    """Which of these nobody has ended, and which are not over."""
    found: set[int] = set()
    for some in chunked(sorted(session_ids), _IN_LIST):
        rows = WebSession.select(WebSession.id).where(WebSession.id.in_(some), WebSession.ends_at_ms > now_ms)
        found.update(session_id for (session_id,) in tuples(rows))
    return found


def list_for(access: Access, *, now_ms: int) -> list[WebSessionView]:
    """One's own, the latest first; never more than MAX_OF_A_USER."""
    rows = WebSession.select().where(WebSession.user_id == access.user_id).order_by(WebSession.id.desc())
    return [
        WebSessionView(row.id, row.agent, row.created_at_ms, row.seen_at_ms)
        for row in rows.limit(MAX_OF_A_USER)
        if row.ends_at_ms > now_ms
    ]


def end(access: Access, session_id: int, *, now_ms: int) -> None:
    """Sign out one of one's own browsers. Raises: NotFound."""
    with writing():
        mine = (WebSession.id == session_id) & (WebSession.user_id == access.user_id)
        if not WebSession.delete().where(mine).execute():
            raise NotFound("no such session")
        audit.write("session.end", f"session {session_id}", by=access.user_id, now_ms=now_ms)


def end_others(access: Access, kept_id: int, *, now_ms: int) -> int:
    """Sign out all of one's browsers but this one; how many there were."""
    with writing():
        others = (WebSession.user_id == access.user_id) & (WebSession.id != kept_id)
        ended = int(WebSession.delete().where(others).execute())
        if ended:
            why = f"{ended} other sessions"
            audit.write("session.end", f"user {access.user_id}", by=access.user_id, now_ms=now_ms, why=why)
    return ended


def _end_the_oldest(user_id: int) -> None:
    mine = WebSession.select(WebSession.id).where(WebSession.user_id == user_id).order_by(WebSession.id.desc())
    oldest_kept = mine.offset(MAX_OF_A_USER - 2).limit(1).first()  # the new one is the last of them
    if oldest_kept is not None:
        WebSession.delete().where(WebSession.user_id == user_id, WebSession.id < oldest_kept.id).execute()


def _printable(agent: str) -> str:
    return "".join(char for char in agent if char.isprintable())[:_AGENT_LENGTH]
