"""An SMTP server that takes every mail and keeps none: both the outbox and its peer hand theirs to it. As relays do, it
offers PIPELINING (RFC 2920), of which smtplib makes no use.

Prints its port."""

import asyncio

from aiosmtpd.smtp import SMTP, Envelope, Session


class Taking:
    # The names are aiosmtpd's.

    async def handle_EHLO(  # noqa: N802
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return ["250-PIPELINING", *responses]

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
