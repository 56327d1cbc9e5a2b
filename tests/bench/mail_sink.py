"""An SMTP server that takes every mail and keeps none: both the outbox and its peer hand theirs to it.

Prints its port."""

import asyncio

from aiosmtpd.smtp import SMTP, Envelope, Session


class Taking:
    async def handle_DATA(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802 aiosmtpd's
        return "250 2.0.0 taken"


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Taking(), hostname="sink.example"), "127.0.0.1", 0
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
