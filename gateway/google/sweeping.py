"""What Google could not be told at once is tried again while the web runs; several processes may, each row is one's."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import structlog

from crm_store.errors import ProductError

EVERY_S = 60.0

log = structlog.get_logger()


@asynccontextmanager
async def sweeping(sweep: Callable[[], None], every_s: float = EVERY_S) -> AsyncIterator[None]:
    """Calls sweep in a thread, now and then, while the block runs."""
    task = asyncio.create_task(_for_ever(sweep, every_s))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _for_ever(sweep: Callable[[], None], every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        try:
            await asyncio.to_thread(sweep)
        except ProductError as error:  # the database is away, or a key: it is tried again
            log.warning("sweep_failed", error=type(error).__name__)
