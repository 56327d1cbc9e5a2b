"""What is said in one SMTP session: commands in, replies out. Knows no socket."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from crm_store import clock
from gateway.intake.envelope import Envelope
from gateway.smtp import replies
from gateway.smtp.arguments import read_path, read_size
from gateway.smtp.data_stream import MailStream
from gateway.smtp.handler import CaptureHandler

_HELO_CHARACTERS = 255
_MAX_RECIPIENTS = 1000
_MAX_UNKNOWN_COMMANDS = 10
_SKIP_BYTES = 32 * 1024 * 1024  # read to the end of a refused mail, so that the sender hears why


class Wire(Protocol):
    """The connection as a dialog needs it. peer: the client's IP address."""

    @property
    def peer(self) -> str: ...
    @property
    def encrypted(self) -> bool: ...
    async def push(self, status: str) -> None:
        """Send a reply."""

    async def read_block(self) -> bytes:
        """What comes next; b"" when the client is gone."""

    def unread(self, rest: bytes) -> None:
        """Put back what stood behind a mail."""


@dataclass(slots=True)
class _Transaction:
    """From MAIL to the end of its DATA. recipients: accepted, each once. checked: None before the first RCPT."""

    mail_from: str
    recipients: dict[str, None] = field(default_factory=dict)
    checked: bool | None = None


class Dialog:
    """From the greeting, or from STARTTLS (RFC 3207 §4.2: nothing said before it counts), to the end."""

    def __init__(
        self, wire: Wire, handler: CaptureHandler, hostname: str, max_mail_bytes: int, offers_tls: bool
    ) -> None:
        self.over = False
        """The connection is to be closed with the reply that was returned last."""
        self._wire = wire
        self._handler = handler
        self._hostname = hostname
        self._max_mail_bytes = max_mail_bytes
        self._offers_tls = offers_tls
        self._helo = ""
        self._transaction: _Transaction | None = None
        self._unknown_commands = 0

    @property
    def in_transaction(self) -> bool:
        return self._transaction is not None

    def reset(self) -> None:
        self._transaction = None

    async def answer(self, verb: str, argument: str) -> str:
        """The reply to a command. verb: in capitals. Raises: ClientGone, whatever goes wrong with us."""
        command = _COMMANDS.get(verb)
        if command is not None:
            return await command(self, argument)
        self._unknown_commands += 1
        self.over = self._unknown_commands > _MAX_UNKNOWN_COMMANDS
        return replies.TOO_MANY_ERRORS if self.over else replies.UNKNOWN_COMMAND

    async def _helo_(self, argument: str) -> str:
        return self._hello(argument, [self._hostname])

    async def _ehlo(self, argument: str) -> str:
        offers = ["8BITMIME", "SMTPUTF8", "PIPELINING", "ENHANCEDSTATUSCODES"]
        if self._offers_tls:
            offers.append("STARTTLS")
        return self._hello(argument, [self._hostname, f"SIZE {self._max_mail_bytes}", *offers])

    def _hello(self, argument: str, lines: list[str]) -> str:
        if not argument:
            return replies.BAD_ARGUMENTS
        self.reset()  # RFC 5321 §4.1.4
        self._helo = argument[:_HELO_CHARACTERS]
        # One reply, so one write: line by line they would wait for each other's ACK (Nagle).
        return "\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"])

    async def _mail(self, argument: str) -> str:
        if not self._helo:
            return replies.HELLO_FIRST
        if self._transaction is not None:
            return replies.ONE_MAIL_AT_A_TIME
        path = read_path("FROM:", argument)
        if path is None or (path.address and not path.has_domain):
            return replies.BAD_SENDER
        if path.parameters.get("BODY", "8BITMIME").upper() not in ("7BIT", "8BITMIME"):
            return replies.BODY_NOT_OFFERED
        size_bytes = read_size(path.parameters.get("SIZE", "0"))
        if size_bytes is None:
            return replies.BAD_ARGUMENTS
        if size_bytes > self._max_mail_bytes:
            return replies.TOO_LARGE
        reply = self._handler.sender()
        if reply == replies.SENDER_OK:
            self._transaction = _Transaction(path.address)
        return reply

    async def _rcpt(self, argument: str) -> str:
        transaction = self._transaction
        if transaction is None:
            return replies.MAIL_FIRST
        path = read_path("TO:", argument)
        if path is None or not path.address:
            return replies.BAD_RECIPIENT
        if len(transaction.recipients) >= _MAX_RECIPIENTS:
            return replies.TOO_MANY_RECIPIENTS
        if transaction.checked is None:
            transaction.checked = await self._handler.check_recipients()
        reply, recipient = self._handler.recipient(path, transaction.checked)
        if recipient:
            transaction.recipients[recipient] = None
        return reply

    async def _data(self, argument: str) -> str:
        transaction = self._transaction
        if transaction is None:
            return replies.MAIL_FIRST
        if not transaction.recipients:
            return replies.RECIPIENT_FIRST
        if argument:
            return replies.BAD_ARGUMENTS
        envelope = self._envelope(transaction)
        mail = MailStream(self._wire.read_block, self._max_mail_bytes)
        await self._wire.push(replies.GO_AHEAD)
        reply = await self._handler.keep(envelope, mail)
        self.reset()
        # Whatever became of it: its text must never be taken for commands.
        await mail.skip(_SKIP_BYTES)
        if mail.rest is None:
            self.over = True
        else:
            self._wire.unread(mail.rest)  # commands that were sent without waiting for us: RFC 2920
        return reply

    def _envelope(self, transaction: _Transaction) -> Envelope:
        return Envelope(
            mail_from=transaction.mail_from,
            recipients=tuple(transaction.recipients),
            peer=self._wire.peer,
            helo=self._helo,
            tls=self._wire.encrypted,
            received_at_ms=clock.now_ms(),
        )

    async def _rset(self, _argument: str) -> str:
        self.reset()
        return replies.OK

    async def _noop(self, _argument: str) -> str:
        return replies.OK

    async def _quit(self, _argument: str) -> str:
        self.over = True
        return replies.GOODBYE

    async def _vrfy(self, argument: str) -> str:
        return replies.CANNOT_VERIFY if argument else replies.BAD_ARGUMENTS

    async def _help(self, _argument: str) -> str:
        return replies.NO_HELP

    async def _not_offered(self, _argument: str) -> str:
        return replies.NOT_OFFERED


_COMMANDS: Mapping[str, Callable[[Dialog, str], Awaitable[str]]] = {
    "HELO": Dialog._helo_,
    "EHLO": Dialog._ehlo,
    "MAIL": Dialog._mail,
    "RCPT": Dialog._rcpt,
    "DATA": Dialog._data,
    "RSET": Dialog._rset,
    "NOOP": Dialog._noop,
    "QUIT": Dialog._quit,
    "VRFY": Dialog._vrfy,
    "HELP": Dialog._help,
    "EXPN": Dialog._not_offered,
    "AUTH": Dialog._not_offered,  # RFC 5321 port 25: nobody signs in here
}
