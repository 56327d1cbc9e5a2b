"""The resolver for code that is not asynchronous: its own loop in a thread, which goes on when nobody waits."""

import asyncio
import threading
from collections.abc import Collection
from concurrent.futures import Future

from gateway.sender_auth.answers import Answer, Question
from gateway.sender_auth.resolver import Resolver


class DnsThread:
    """What is asked is looked up to its end, and kept for whoever asks next, also if the asker has given up.

    The thread begins with the first question. For one thread's use."""

    def __init__(self, server: str | None) -> None:
        """server: as Resolver takes it. Raises SettingsError."""
        self._resolver = Resolver(server)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="dns", daemon=True)

    def ask(self, question: Question) -> Future[Answer]:
        if not self._thread.ident:
            self._thread.start()
        return asyncio.run_coroutine_threadsafe(self._resolver.ask(question), self._loop)

    def close(self) -> None:
        """What is under way is dropped."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop.close()

    def _serve(self) -> None:
        self._loop.run_forever()
        self._loop.run_until_complete(_drop(asyncio.all_tasks(self._loop)))


async def _drop(tasks: Collection[asyncio.Task[Answer]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
