"""Which event loop a receiver runs on: asyncio's, or uvloop (pip install sunnyday-mail[uvloop])."""

import asyncio
from collections.abc import Callable
from typing import Literal

from crm_store.errors import SettingsError

Choice = Literal["auto", "asyncio", "uvloop"]


def loop_factory(choice: Choice) -> Callable[[], asyncio.AbstractEventLoop]:
    """auto: uvloop if it is there. Raises: SettingsError where it is asked for and missing."""
    if choice == "asyncio":
        return asyncio.new_event_loop
    try:
        import uvloop
    except ImportError:
        if choice == "uvloop":
            raise SettingsError(
                "SUNNYDAY_SMTP_LOOP is uvloop, which is not installed: sunnyday-mail[uvloop]."
            ) from None
        return asyncio.new_event_loop
    return uvloop.new_event_loop


def name_of(loop: asyncio.AbstractEventLoop) -> str:
    """As SUNNYDAY_SMTP_LOOP names it."""
    return "uvloop" if type(loop).__module__.startswith("uvloop") else "asyncio"
