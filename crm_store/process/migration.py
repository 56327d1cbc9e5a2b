"""What `sunnyday serve` runs first: the schema, brought up to date by a process of its own; and, while nobody can sign
in, the link by which somebody will.

A process, because the supervisor must neither speak to the database nor wait for one that does not answer.
"""

import time

import structlog

from crm_store import first_run
from crm_store.clock import now_ms
from crm_store.database.migrate import migrate
from crm_store.database.session import connected
from crm_store.errors import StoreUnavailable
from crm_store.process import first_run_link
from crm_store.process.service import Context

RETRY_EVERY_S = 1.0

log = structlog.get_logger()


def run(context: Context) -> None:
    """Returns when the schema is up to date; tries again for as long as the database does not answer."""
    told = False
    while True:
        try:
            applied = migrate(context.settings)
            with connected():
                token = first_run.new_link(now_ms=now_ms())
        except StoreUnavailable as error:
            if not told:
                log.warning("migration_waits_for_the_database", error=str(error))
                told = True
            time.sleep(RETRY_EVERY_S)
        else:
            log.info("migrated", applied=applied)
            first_run_link.leave(context.settings, token)
            return
