"""A mail client that only looks: who answers, and with which certificate. Never sends a mail."""

import asyncio
import contextlib
import ssl
from dataclasses import dataclass

from crm_store.mail.clean_text import clean_line

_ANSWER_S = 3.0  # we greet at once, and others may pause to see whether we can wait
_MAX_LINES = 50
_SHOWN_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class Seen:
    """greeting: the first reply, "" where there was none; problem then says why, in words.

    offers: EHLO's keywords. certificate: DER, None where no TLS came up. tls_problem: why not, where it was offered."""

    greeting: str = ""
    problem: str = ""
    offers: frozenset[str] = frozenset()
    certificate: bytes | None = None
    tls_problem: str = ""


async def greet(address: str, port: int) -> Seen:
    """The greeting alone. address: an IP address."""
    return await _look(address, port, further=False)


async def look_at(address: str, port: int) -> Seen:
    """The greeting, what is offered, and the certificate where STARTTLS is."""
    return await _look(address, port, further=True)


async def _look(address: str, port: int, *, further: bool) -> Seen:
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(_ANSWER_S):
            reader, writer = await asyncio.open_connection(address, port)
            greeting = _shown(await _reply(reader))
            if not greeting:
                return Seen(problem="closed without a word")
            return await _converse(greeting, reader, writer) if further else Seen(greeting)
    except TimeoutError:
        return Seen(problem="silent")
    except ConnectionRefusedError:
        return Seen(problem="refused")
    except (OSError, ValueError):  # ValueError: a line without end
        return Seen(problem="unreachable" if writer is None else "broken off")
    finally:
        if writer is not None:
            with contextlib.suppress(OSError):
                writer.write(b"QUIT\r\n")
            writer.close()


async def _converse(greeting: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Seen:
    writer.write(b"EHLO [127.0.0.1]\r\n")
    offers = frozenset(line[4:].split(" ")[0].upper() for line in (await _reply(reader))[1:])
    if "STARTTLS" not in offers:
        return Seen(greeting, offers=offers)
    writer.write(b"STARTTLS\r\n")
    if not _shown(await _reply(reader)).startswith("220"):
        return Seen(greeting, offers=offers, tls_problem="the server took STARTTLS back")
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # whether it is right is judged elsewhere
    try:
        await writer.start_tls(context)
    except (OSError, ssl.SSLError) as error:
        return Seen(greeting, offers=offers, tls_problem=getattr(error, "reason", None) or type(error).__name__)
    certificate = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    return Seen(greeting, offers=offers, certificate=certificate)


async def _reply(reader: asyncio.StreamReader) -> list[str]:
    """The lines of one reply; none at the end of the stream. Raises: ValueError, OSError."""
    lines: list[str] = []
    while len(lines) < _MAX_LINES and (line := await reader.readline()):
        lines.append(line.decode("latin-1").rstrip("\r\n"))
        if lines[-1][3:4] != "-":
            break
    return lines


def _shown(lines: list[str]) -> str:
    """Safe to print: it is a stranger's text."""
    return clean_line(lines[-1])[:_SHOWN_CHARACTERS] if lines else ""
