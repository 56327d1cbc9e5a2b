"""The peer: aiosmtpd as it comes, with a handler that makes each mail a file, durably. python stock_receiver.py FOLDER

Prints its port. As generous as can be: it is told its name, so it asks no DNS, and it knows all recipients."""

import asyncio
import itertools
import os
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class FileEach:
    """Written, flushed, named, and the name flushed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()
        self._folder_handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 aiosmtpd's
        name = f"{os.getpid()}-{next(self._numbers)}"
        unfinished = self._folder / f".{name}"
        with unfinished.open("xb") as file:
            file.write(f"{envelope.mail_from} {' '.join(envelope.rcpt_tos)}\n".encode())
            file.write(envelope.content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(self._folder / name)
        os.fsync(self._folder_handle)
        return f"250 2.0.0 {name} kept"


async def main() -> None:
    handler = FileEach(Path(sys.argv[1]))
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(handler, hostname="peer.example", enable_SMTPUTF8=True), "127.0.0.1", 0
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
