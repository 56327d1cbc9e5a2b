"""The receiver as a process: `run` is what the supervisor starts, several times on the same sockets."""

import asyncio
import gc
import resource
import signal
from collections.abc import Sequence
from contextlib import suppress

import structlog

from crm_store import bcc_addresses, clock
from crm_store.bcc_addresses import AddressRow
from crm_store.database import engine
from crm_store.database.session import connected
from crm_store.process.service import Context
from crm_store.return_paths import ReturnPaths
from crm_store.settings import Settings
from gateway.intake.intake import Intake
from gateway.smtp import figures
from gateway.smtp.event_loop import loop_factory, name_of
from gateway.smtp.figures import Figures
from gateway.smtp.gate import Gate, GateLimits
from gateway.smtp.handler import CaptureHandler
from gateway.smtp.limits import Limits
from gateway.smtp.options import Options
from gateway.smtp.recipients import ProvesItself, RecipientBook
from gateway.smtp.server import SmtpServer
from gateway.smtp.tally import Tally
from gateway.smtp.tls_files import TlsFiles

_GRACE_S = 6.5  # a service returns within 8 s of SIGTERM; what waits in the intake needs the rest
_REFRESH_S = 1
_ALIVE_S = 1
_MEASURE_S = 2
_OWN_FILES = 100  # database, segments, pipes
_MANY = 1_000_000

log = structlog.get_logger()


class StoredAddresses:
    """The BCC addresses of the CRM's database, for the snapshot."""

    def version(self) -> int:
        with connected():
            return bcc_addresses.version()

    def changes_since(self, version: int, limit: int) -> tuple[Sequence[AddressRow], int]:
        with connected():
            return bcc_addresses.changes_since(version, limit)


def run(context: Context) -> None:
    """Serve until SIGTERM. Raises: SettingsError where certificate and key, or the event loop, cannot be used."""
    with asyncio.Runner(loop_factory=loop_factory(context.settings.smtp_loop)) as runner:
        runner.run(_serve(context))


async def _serve(context: Context) -> None:
    settings = context.settings
    engine.configure(settings)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    intake = Intake(settings.intake_folder, settings.smtp_max_bytes, max_backlog_bytes=settings.smtp_backlog_bytes)
    recipients = RecipientBook(StoredAddresses(), proves_itself=_is_return_address(settings))
    limits = Limits.of(settings)
    tally = Tally(settings.intake_folder, intake.acceptor_folder)
    gate = Gate(GateLimits.of(settings, _most_connections()), tally, lambda: clock.now_ms() // 60_000)
    tls = _tls(settings)
    options = Options(
        settings.capture_domains[0],
        limits,
        gate,
        None if tls is None else tls.context,
        settings.trusted_proxies,
        settings.smtp_proxies_speak,
    )
    server = SmtpServer(CaptureHandler(settings.capture_domains, recipients, intake, limits), options)
    await recipients.check()
    intake.prepare()
    tally.refresh()
    await server.start(context.sockets["smtp"])
    gc.freeze()  # what is here now stays: the collector need not look through it again and again
    context.ready()
    log.info("smtp_ready", loop=name_of(asyncio.get_running_loop()))
    refreshing = asyncio.create_task(_refresh(recipients))
    measuring = asyncio.create_task(_measure(intake))
    while not await _within(_ALIVE_S, stop):
        context.alive()
        tally.refresh()
        options.refusals.log_news()
        figures.tell(intake.acceptor_folder, Figures(gate.connections, options.refusals.counts))
        if tls is not None:
            tls.refresh()
    measuring.cancel()
    refreshing.cancel()
    log.info("smtp_stopping")
    await server.stop(_GRACE_S)
    await intake.close()
    recipients.close()
    tally.close()


def _is_return_address(settings: Settings) -> ProvesItself:
    """C7, E2: bounces of what a location's provider carried come home."""
    returns = ReturnPaths.of(settings)
    return lambda address, now_ms: returns.token_of(address, now_ms=now_ms) is not None


async def _refresh(recipients: RecipientBook) -> None:
    """Look for changes ahead of the mails, so that the look before a RCPT finds little to do."""
    while True:
        await recipients.check()
        await asyncio.sleep(_REFRESH_S)


async def _measure(intake: Intake) -> None:
    while True:
        await intake.measure_backlog()
        await asyncio.sleep(_MEASURE_S)


async def _within(limit_s: float, event: asyncio.Event) -> bool:
    """Whether event came within limit_s."""
    with suppress(TimeoutError):
        async with asyncio.timeout(limit_s):
            await event.wait()
    return event.is_set()


def _most_connections() -> int:
    """What the system lets this process have open, with a spool file for each connection; the limit is raised first."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return _MANY if soft == resource.RLIM_INFINITY else max(1, (soft - _OWN_FILES) // 2)


def _tls(settings: Settings) -> TlsFiles | None:
    """Raises: SettingsError."""
    if settings.tls_cert is None or settings.tls_key is None:
        return None
    return TlsFiles(settings.tls_cert, settings.tls_key)
