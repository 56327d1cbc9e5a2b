"""One run over one account's contacts: a page of them, then back into the line (B15).

It has its own row, so that Google's limits on contacts hold up no mail, and are no error of the connection."""

import secrets

import structlog

from crm_store import connection_work, contact_import, contact_import_work, fault_point
from crm_store.connection_work import MailboxAccess
from crm_store.contact_import import Place
from crm_store.contact_import_work import HeldImport, ImportLost, ImportProgress, Turn
from crm_store.database.session import writing
from crm_store.errors import StoreUnavailable, Temporary
from crm_store.rules.connection import ConnectionProblem
from crm_store.rules.permissions import Permission, missing
from crm_store.sealing import Unopenable
from syncer.contacts.remote import PeoplePage
from syncer.engine import Engine
from syncer.errors import CursorExpired, ProjectPaused, Refused, Rejected, SlowDown
from syncer.schedule import pause_ms

log = structlog.get_logger()

EVERY_INTERVALS = 5  # of mail's: what changes in contacts takes Google some minutes to tell, too
FILED_AT_ONCE = 100  # people of a page in one transaction: others want to write as well
SLOW_DOWN_MS = 60_000  # where Google names no time
REFUSED_PAUSE_MS = 3_600_000
ANEW_PAUSE_MS = 600_000  # a reading whose pages Google does not know any more begins again, and not for ever at once


def import_contacts(engine: Engine, turn: Turn) -> bool:
    """Read a page. Whether it was ours, and all went well. Safe to run twice, and by two at once.

    Raises: StoreUnavailable; then it comes back when its lease ends."""
    connection_id = contact_import_work.begin(turn, now_ms=engine.clock())
    if connection_id is None:
        return False
    fault_point.reach("import.after-claim")
    try:
        access = connection_work.open_mailbox(connection_id, engine.sealer)
    except Unopenable:  # its mailbox's run tells the user; this comes back when its lease ends
        return False
    if access is None or access.last_sync or not access.import_contacts:
        contact_import_work.leave(turn)
        return False
    held = contact_import_work.held(turn, access)
    progress = contact_import_work.progress(turn.import_id)
    try:
        _read(engine, held, access, progress)
    except ImportLost:
        log.info("contact_import_overtaken", connection_id=connection_id)
        return False
    except StoreUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is: it is tried again, and the others go on
        _put_off(engine, held, progress, error)
        return False
    return True


def _read(engine: Engine, held: HeldImport, access: MailboxAccess, progress: ImportProgress) -> None:
    if Permission.CONTACTS in missing(access.scopes):
        raise Refused("contacts: not granted", ConnectionProblem.MISSING_PERMISSION)
    page = engine.open_contacts(access).page(progress.sync_token, progress.page_token)
    fault_point.reach("import.after-page")
    _file(engine, held, page, progress)
    now_ms = engine.clock()
    pause = EVERY_INTERVALS * engine.settings.sync_interval_s * 1000
    contact_import_work.finish(held, next_run_at_ms=now_ms if page.next_page else now_ms + pause, now_ms=now_ms)


def _file(engine: Engine, held: HeldImport, page: PeoplePage, progress: ImportProgress) -> None:
    """The page's last transaction says where it goes on: dying before that reads the page again."""
    then = Place(progress.sync_token, page.next_page) if page.next_page else Place(page.sync_token, None)
    for start in range(0, max(1, len(page.people)), FILED_AT_ONCE):
        end = start + FILED_AT_ONCE
        with writing():
            contact_import.file(
                held,
                page.people[start:end],
                then if end >= len(page.people) else None,
                capture_domains=engine.settings.capture_domains,
                now_ms=engine.clock(),
            )
            fault_point.reach("import.before-commit")
        fault_point.reach("import.after-commit")


def _put_off(engine: Engine, held: HeldImport, progress: ImportProgress, error: Exception) -> None:
    """What a failure means: until when it waits, and what the user is told. That access is lost, which the mailbox's
    own run finds too, is said there."""
    now_ms = engine.clock()
    until_ms = now_ms + pause_ms(progress.attempts, jitter=secrets.randbelow(1000))
    problem: ConnectionProblem | None = None
    anew: dict[str, None] = {}
    match error:
        case CursorExpired() if progress.sync_token is not None:
            until_ms, anew = now_ms, _ANEW
        case CursorExpired() | Rejected() if progress.sync_token is not None or progress.page_token is not None:
            until_ms, anew = now_ms + ANEW_PAUSE_MS, _ANEW
        case SlowDown():
            until_ms = error.until_ms or max(until_ms, now_ms + SLOW_DOWN_MS)
        case ProjectPaused():
            until_ms = error.until_ms
        case Refused():
            until_ms = now_ms + REFUSED_PAUSE_MS
            if error.problem is ConnectionProblem.MISSING_PERMISSION:
                problem = ConnectionProblem.CONTACTS_PERMISSION
        case Temporary():
            pass
        case _:
            log.error("contact_import_failed", connection_id=held.connection_id, exc_info=error)
    log.warning("contact_import_put_off", connection_id=held.connection_id, error=type(error).__name__)
    try:
        contact_import_work.give_up(held, next_run_at_ms=until_ms, problem=problem, now_ms=now_ms, **anew)
    except ImportLost:
        return


_ANEW: dict[str, None] = {"sync_token": None, "page_token": None}
