"""One message of the ledger: looked at, fetched where that is needed, decided, filed.

A look costs as much as the whole mail (20 units either way, facts/gmail.md 1.6), but it is a few KB, and mail of people
who are no contacts never travels. So: a look first, which settles what nobody records; the mail itself for the rest.
Where a message of the same Gmail thread is recorded, this one most likely is too (B9), and its look is saved."""

import hashlib
from functools import partial

import structlog

from crm_store import fault_point, mailbox_filing, mailbox_work
from crm_store.connection_work import MailboxAccess
from crm_store.errors import StoreUnavailable
from crm_store.mail.read import read
from crm_store.mailbox_filing import MailboxMail
from crm_store.mailbox_work import Waiting
from crm_store.mailboxes import Held, LeaseLost, Progress
from crm_store.rules.address import normalise
from crm_store.rules.decision import Decision
from crm_store.rules.mailbox import BeforeKnown
from crm_store.rules.parties import parties_of
from crm_store.rules.rule import Reason, Rule
from syncer.engine import Engine
from syncer.errors import AccessLost, Gone, ProjectPaused, Refused, SlowDown, Unreachable
from syncer.history.compare import MARGIN_MS
from syncer.history.plan import NOT_FOLLOWED, UNREAD
from syncer.remote import NO_HISTORY_ID, Look, RemoteMailbox

log = structlog.get_logger()

# A message that upsets us is set aside after so many looks, and one that Google does not give out after some two hours:
# it may be Google that is ill.
MAX_FAILURES, MAX_UNREACHABLE = 5, 12
# What is between an address and the rest of a header's value.
_BETWEEN = str.maketrans(dict.fromkeys("<>,;:()[]\"'\\", " "))


class LookAt:
    """Looks at the messages of one mailbox, one by one."""

    def __init__(
        self, engine: Engine, held: Held, access: MailboxAccess, remote: RemoteMailbox, progress: Progress
    ) -> None:
        self._engine, self._held, self._access, self._remote = engine, held, access, remote
        self._before_known, self._before_ms = progress.before_known, progress.before_ms
        self._backfill_since_ms = progress.backfill_since_ms

    def __call__(self, one: Waiting) -> bool:
        """Whether it was settled; else it waits for another look. Never raises for the message's own sake.

        Raises: LeaseLost, StoreUnavailable, SlowDown, ProjectPaused, AccessLost, Refused: none would fare better."""
        try:
            self._look(one)
        except Gone:
            self._settle_without(one, Rule.B12, Reason.GONE)
        except (LeaseLost, StoreUnavailable, SlowDown, ProjectPaused, AccessLost, Refused):
            raise
        except Unreachable:
            log.warning("message_unreachable", connection_id=self._held.connection_id, message=one.id)
            return one.attempts >= MAX_UNREACHABLE and self._set_aside(one, None)
        except Exception:  # whatever it is, it is this message's or our fault, and holds up nobody else's mail
            log.exception("message_failed", connection_id=self._held.connection_id, message=one.id)
            return one.attempts >= MAX_FAILURES and self._set_aside(one, None)
        fault_point.reach("sync.after-settle-commit")
        return True

    def _look(self, one: Waiting) -> None:
        if not one.talk_is_recorded:
            look = self._remote.look(one.gmail_id)
            fault_point.reach("sync.after-look")
            if self._is_settled_by(one, look):
                return
        with self._remote.fetch(one.gmail_id) as whole:
            fault_point.reach("sync.after-fetch")
            if not self._is_no_mail(one, whole.look):
                self._file(one, whole.look, whole.raw)

    def _is_settled_by(self, one: Waiting, look: Look) -> bool:
        if self._is_no_mail(one, look):
            return True
        if not look.header.strip():
            return False  # a look that tells of nobody is no proof that there is nobody
        seen = self._mail(look, look.header)
        decided = mailbox_filing.settled_by_header(
            seen, _addresses(look.header), now_ms=self._engine.clock(), settle=partial(self._settle, one, look)
        )
        return decided is not None

    def _is_no_mail(self, one: Waiting, look: Look) -> bool:
        """Settle what a mailbox holds and is no mail to us: step 3 of the order of asking."""
        if (one.by_list and self._was_there_before(look)) or (one.in_backfill and self._is_too_old(look)):
            self._settle_without(one, Rule.A6, Reason.BEFORE_CONNECTING)
        elif look.labels & NOT_FOLLOWED:
            self._settle_without(one, Rule.B12, Reason.NOT_MAIL)
        else:
            return False
        return True

    def _was_there_before(self, look: Look) -> bool:
        """A6. A list does not tell; where the ledger does not name all that was there, times do, as far as they can."""
        if self._before_known is BeforeKnown.ALL:
            return False
        if NO_HISTORY_ID < look.history_id <= self._access.first_cursor:
            return True
        return look.received_at_ms is not None and look.received_at_ms < self._since_ms()

    def _since_ms(self) -> int:
        if self._before_known is BeforeKnown.NOTHING:
            return self._access.began_at_ms
        # Nobody may have looked at the oldest message that is known to be from before.
        return self._access.began_at_ms - MARGIN_MS if self._before_ms is None else self._before_ms + 1

    def _is_too_old(self, look: Look) -> bool:
        """A6: for a backfill. Another one may have asked for less meanwhile, and a list's since is rough."""
        since_ms, at_ms = self._backfill_since_ms, look.received_at_ms
        return since_ms is not None and at_ms is not None and at_ms < since_ms

    def _file(self, one: Waiting, look: Look, raw: bytes) -> None:
        try:
            mailbox_filing.file_from_mailbox(
                self._mail(look, raw),
                self._engine.blobs,
                now_ms=self._engine.clock(),
                settle=partial(self._settle, one, look),
            )
        except (LeaseLost, StoreUnavailable):
            raise
        except Exception:
            if one.attempts < MAX_FAILURES:
                raise
            log.exception("message_failed", connection_id=self._held.connection_id, message=one.id)
            self._set_aside(one, raw)

    def _mail(self, look: Look, raw: bytes) -> MailboxMail:
        mail = read(raw)
        now_ms = self._engine.clock()
        return MailboxMail(
            user_id=self._held.user_id,
            gmail_id=look.gmail_id,
            raw=raw,
            sha256=hashlib.sha256(raw).digest(),
            mail=mail,
            parties=parties_of(mail, self._engine.settings.capture_domains),
            seen_at_ms=min(look.received_at_ms or now_ms, now_ms),
            thread_id=look.thread_id,
            is_read=UNREAD not in look.labels,
            sent_by=self._held.connection_id if "SENT" in look.labels else None,
        )

    def _settle(self, one: Waiting, look: Look, decided: dict[int, Decision]) -> None:
        sent_at_ms = look.received_at_ms if "SENT" in look.labels else None
        mailbox_work.settle(
            self._held, one, decided, look.thread_id, sent_at_ms=sent_at_ms, now_ms=self._engine.clock()
        )
        fault_point.reach("sync.before-settle-commit")

    def _settle_without(self, one: Waiting, rule: Rule, reason: Reason) -> None:
        mailbox_work.settle_without(self._held, one, rule, reason, now_ms=self._engine.clock())

    def _set_aside(self, one: Waiting, raw: bytes | None) -> bool:
        log.error("message_set_aside", connection_id=self._held.connection_id, message=one.id)
        mailbox_work.set_aside(self._held, one, Reason.SET_ASIDE, raw, self._engine.blobs, now_ms=self._engine.clock())
        return True


def _addresses(header: bytes) -> list[str]:
    """Whatever looks like an address in the fields that name people."""
    found = []
    for line in header.decode(errors="replace").split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() in ("from", "to", "cc", "bcc"):
            found += [normalise(word) for word in value.translate(_BETWEEN).split() if "@" in word]
    return [one for one in found if one]
