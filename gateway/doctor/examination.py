"""All checks of one installation, in bounded time: what hangs is a finding, and holds up no other."""

import asyncio
from asyncio import to_thread
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from crm_store import settings as all_settings
from crm_store.process.tree import TreeState
from crm_store.settings import Settings
from gateway.doctor.backlog import check_backlog
from gateway.doctor.clock import check_file_clock
from gateway.doctor.daemon_threads import DaemonThreads
from gateway.doctor.database import check_database
from gateway.doctor.disk import check_disk
from gateway.doctor.finding import Finding, wrong
from gateway.doctor.folders import check_folders, check_user
from gateway.doctor.google import check_google
from gateway.doctor.incoming import check_incoming
from gateway.doctor.listening import check_listening
from gateway.doctor.open_files import check_open_files
from gateway.doctor.proxies import check_proxies
from gateway.doctor.relays import check_relays
from gateway.doctor.resolver_check import check_resolver
from gateway.doctor.running import check_running, running_trees
from gateway.doctor.sending_policy import check_sending_policy
from gateway.doctor.settings_check import check_names
from gateway.sender_auth.resolver import Limits, Resolver

NowMs = Callable[[], int]

STEP_S: Final = 5.0
_DNS = Limits(question_s=2.4, attempt_s=1.2)  # two questions, one after the other, fit into a step
_SMTP_PORT: Final = 25  # RFC 5321 §4.5.4.2


class Check(NamedTuple):
    """steps: how many STEP_S it may take."""

    name: str
    work: Callable[[], Awaitable[list[Finding]]]
    steps: int = 1


async def examine(
    settings: Settings, *, now_ms: NowMs, tell: Callable[[int, int], None], smtp_port: int = _SMTP_PORT
) -> list[Finding]:
    """tell: called with how many of how many checks are done. Raises: SettingsError."""
    asyncio.get_running_loop().set_default_executor(DaemonThreads())
    resolver = Resolver(settings.resolver or None, limits=_DNS)
    checks = _checks(settings, await _trees(settings.data), resolver, now_ms, smtp_port)
    done = 0

    async def run(check: Check) -> list[Finding]:
        nonlocal done
        findings = await bounded(check)
        done += 1
        tell(done, len(checks))
        return findings

    return [finding for found in await asyncio.gather(*map(run, checks)) for finding in found]


async def _trees(data: Path) -> list[TreeState]:
    """None where the disk hangs, of which the checks tell."""
    try:
        async with asyncio.timeout(STEP_S):
            return await to_thread(running_trees, data)
    except TimeoutError:
        return []


def _checks(
    settings: Settings, trees: Sequence[TreeState], resolver: Resolver, now_ms: NowMs, smtp_port: int
) -> list[Check]:
    """In the order in which they are told. A new one is added here."""
    ask, now = resolver.ask, datetime.fromtimestamp(now_ms() / 1000, UTC)
    intake, running = settings.intake_folder, bool(trees)
    return [
        Check("running", lambda: to_thread(lambda: check_running(trees, settings.data, now_ms()))),
        Check("user", lambda: to_thread(lambda: check_user(trees))),
        Check("settings", lambda: to_thread(lambda: [check_names(all_settings.unknown_names())])),
        Check("listening", lambda: check_listening(trees, settings)),
        Check("mx", lambda: check_incoming(settings, ask, smtp_port, now), steps=2),  # what the DNS says, who is there
        Check("spf", lambda: check_sending_policy(settings.capture_domains, ask)),
        Check("relay", lambda: check_relays(settings.trusted_relays, ask)),
        Check("proxy", lambda: to_thread(lambda: check_proxies(settings.trusted_proxies, settings.trusted_relays))),
        Check("resolver", lambda: check_resolver(settings.resolver, ask, now_ms)),
        Check("google", lambda: to_thread(lambda: check_google(settings)), steps=3),  # one question, slow at worst
        Check("database", lambda: to_thread(lambda: check_database(settings, now_ms))),
        Check("intake", lambda: to_thread(lambda: check_backlog(intake, now_ms(), running=running))),
        Check("folders", lambda: to_thread(lambda: check_folders(settings))),
        Check("disk", lambda: to_thread(lambda: check_disk(settings))),
        Check("open-files", lambda: to_thread(lambda: check_open_files(trees, settings.smtp_processes))),
        Check("clock", lambda: to_thread(lambda: check_file_clock(settings.data, now_ms))),
    ]


async def bounded(check: Check) -> list[Finding]:
    """Its findings, or one that says that there are none."""
    limit_s = check.steps * STEP_S
    try:
        async with asyncio.timeout(limit_s):
            return await check.work()
    except TimeoutError:
        mend = "Something that it asks hangs: a disk over the network, the database, or the DNS"
        return [wrong(check.name, f"not known after {limit_s:.0f} s", mend)]
    except OSError as error:
        found = f"{error.filename or 'the system'}: {error.strerror}"
        return [wrong(check.name, found, "Look whether it is there, and ours to use")]
    except Exception as error:  # noqa: BLE001  whatever it is, the other findings are wanted all the more
        return [wrong(check.name, f"the check itself failed ({type(error).__name__})", "Please report it")]
