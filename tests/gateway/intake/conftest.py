import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import structlog

from gateway.intake import segment
from gateway.intake.envelope import Envelope
from gateway.intake.intake import Intake

ENVELOPE = Envelope(
    "ana@sender.test", ("x@capture.test", "ü@capture.test"), "192.0.2.1", "client", True, 1_700_000_000_000
)


class Desk:
    """An intake with short words for tests."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.folder = folder
        self.intake = Intake(folder, 1_000_000, **settings)  # type: ignore[arg-type]

    async def put(self, text: bytes, block_bytes: int = 50_000) -> str:
        return await self.intake.put(ENVELOPE, blocks(text, block_bytes))

    def segments(self) -> list[Path]:
        return segment.segments(self.intake.acceptor_folder)

    def rows(self) -> list[segment.IntakeRow]:
        return [row for path in self.segments() for row in segment.read_rows(path, 0, 1_000_000)]

    def spool_files(self) -> list[str]:
        return sorted(path.name for path in segment.spool_folder(self.intake.acceptor_folder).iterdir())


async def blocks(text: bytes, block_bytes: int) -> AsyncIterator[bytes]:
    for start in range(0, len(text), block_bytes):
        await asyncio.sleep(0)
        yield text[start : start + block_bytes]


@pytest.fixture(autouse=True)
def _plain_logs() -> None:
    """structlog's way before logs.configure() renders each traceback with all its variables: seconds for each."""
    structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()])


@pytest.fixture
def play(tmp_path: Path) -> Callable[..., None]:
    """Runs a coroutine function with a Desk of its own; the intake is closed afterwards."""

    def run(scene: Callable[[Desk], object], **settings: object) -> None:
        async def main() -> None:
            desk = Desk(tmp_path / "intake", **settings)
            try:
                await asyncio.wait_for(scene(desk), 60)  # type: ignore[arg-type]
            finally:
                await desk.intake.close()

        asyncio.run(main())

    return run
