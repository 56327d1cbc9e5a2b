"""How often somebody may have the product mail: so many mails in 24 hours, over all processes."""

import hashlib

from peewee import Case

from crm_store.database.session import writing
from crm_store.errors import TooOften
from crm_store.models.notices import MailCount

WINDOW_MS = 86_400_000


def count(what: str, most: int, *, now_ms: int) -> None:
    """One mail more. what: who asks, or which address gets it, as "user 7"; it is kept as a hash. Whoever counts the
    same waits until this transaction ends. Raises: TooOften, and then nothing is counted."""
    with writing():
        MailCount.delete().where(MailCount.began_at_ms <= now_ms - WINDOW_MS).execute()
        mails, began_at_ms = _add_one(hashlib.sha256(what.encode("utf-8", "replace")).digest(), now_ms)
        if mails > most:
            raise TooOften(f"this takes at most {most} e-mails in 24 hours", began_at_ms + WINDOW_MS)


def _add_one(key_hash: bytes, now_ms: int) -> tuple[int, int]:
    is_over = MailCount.began_at_ms <= now_ms - WINDOW_MS
    query = (
        MailCount.insert(key_hash=key_hash, mails=1, began_at_ms=now_ms)
        .on_conflict(
            conflict_target=[MailCount.key_hash],
            update={
                MailCount.mails: Case(None, [(is_over, 1)], MailCount.mails + 1),
                MailCount.began_at_ms: Case(None, [(is_over, now_ms)], MailCount.began_at_ms),
            },
        )
        .returning(MailCount.mails, MailCount.began_at_ms)
    )
    row = next(iter(query.execute()))
    return int(row.mails), int(row.began_at_ms)
