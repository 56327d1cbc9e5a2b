"""A real limit of the kernel in a process of its own: a file that cannot grow any more."""

import json
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
SCRIPT = """
import asyncio, json, resource, sys
from pathlib import Path
from crm_store.errors import Temporary
from gateway.intake import segment
from gateway.intake.envelope import Envelope
from gateway.intake.intake import Intake

async def main():
    intake = Intake(Path(sys.argv[1]), 1000)

    async def put(size):
        async def blocks():
            for _ in range(size // 1000):
                yield b"x" * 1000
        try:
            await intake.put(Envelope("", (), "", "", False, 0), blocks())
        except Temporary:
            return "temporary"
        return "kept"

    said = [await put(1000)]
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
    said += [await put(200_000), await put(900_000)]
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    said += [await put(200_000), await put(900_000)]
    await intake.close()
    folder = intake.acceptor_folder
    rows = [r.size_bytes for path in segment.segments(folder) for r in segment.read_rows(path, 0, 100)]
    print(json.dumps([said, rows, len(list(segment.spool_folder(folder).iterdir()))]))

asyncio.run(main())
"""


def test_a_file_that_cannot_grow_is_temporary_and_everything_recovers(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        env={"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    said, rows, spool_files = json.loads(done.stdout.splitlines()[-1])
    assert said == ["kept", "temporary", "temporary", "kept", "kept"]
    assert rows == [1000, 200_000, 900_000]
    assert spool_files == 1
