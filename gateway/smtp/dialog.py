"""What is said in one SMTP session: commands in, replies out. Knows no socket."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from crm_store import clock
from gateway.intake.envelope import Envelope
from gateway.smtp import chunks, passed_on, replies
from gateway.smtp.arguments import Path, read_chunk, read_path, read_size
from gateway.smtp.budget import Budget
from gateway.smtp.chunks import Chunks
from gateway.smtp.data_stream import MailStream
from gateway.smtp.handler import CaptureHandler
from gateway.smtp.options import Options

_HELO_CHARACTERS = 255
_READ_BYTES = 64 * 1024


class Wire(Protocol):
    """The connection as a dialog needs it. peer: the client's IP address."""

    @property
    def peer(self) -> str: ...
    @property
    def encrypted(self) -> bool: ...
    @property
    def is_proxy(self) -> bool:
        """The other side may say for whom it speaks."""

    def speaks_for(self, peer: str) -> None:
        """From here on it is this address that speaks; it says so once."""

    async def push(self, status: str) -> None:
        """Send a reply."""

    async def read_block(self, at_most_bytes: int) -> bytes:
        """What comes next of a mail; b"" when the client is gone."""

    def unread(self, rest: bytes) -> None:
        """Put back what stood behind a mail."""

    def mail_begins(self) -> None: ...
    def mail_ends(self) -> None:
        """What is between the two is to come at a certain pace."""


@dataclass(slots=True)
class _Transaction:
    """From MAIL to the end of its text. recipients: accepted, each once. checked: None before the first RCPT.

    chunks: None before the first BDAT."""

    mail_from: str
    recipients: dict[str, None] = field(default_factory=dict)
    checked: bool | None = None
    chunks: Chunks | None = None
    declared_bytes: int = 0
    """By all BDAT so far."""


class Dialog:
    """From the greeting, or from STARTTLS (RFC 3207 §4.2: nothing said before it counts), to the end."""

    def __init__(self, wire: Wire, handler: CaptureHandler, options: Options, *, offers_tls: bool) -> None:
        self.over = False
        """The connection is to be closed with the reply that was returned last."""
        self._wire = wire
        self._handler = handler
        self._hostname = options.hostname
        self._limits = options.limits
        self._gate = options.gate
        self._refusals = options.refusals
        self._budget = Budget(options.limits)
        self._offers_tls = offers_tls
        self._helo = ""
        self._helo_of_client = ""
        """Of XCLIENT: the one that the proxy heard, in place of the proxy's own."""
        self._forwarded: dict[str, str] = {}
        """Of XFORWARD: the client of the next mail."""
        self._transaction: _Transaction | None = None

    @property
    def in_transaction(self) -> bool:
        return self._transaction is not None

    def reset(self) -> None:
        if self._transaction is not None and self._transaction.chunks is not None:
            self._transaction.chunks.drop()
            self._wire.mail_ends()
        if self._transaction is not None:
            self._forwarded = {}
        self._transaction = None

    async def answer(self, verb: str, argument: str) -> str:
        """The reply to a command. verb: in capitals. Raises: ClientGone, whatever goes wrong with us."""
        if self.answers_at_once(verb):
            return self.answer_at_once(verb, argument)
        return self.judged(await _TAKE_TIME[verb](self, argument))

    def answers_at_once(self, verb: str) -> bool:
        """Whether nothing has to be waited for."""
        if verb == "RCPT":
            return self._transaction is None or self._transaction.checked is not None
        return verb not in _TAKE_TIME

    def answer_at_once(self, verb: str, argument: str) -> str:
        """As answer(), where answers_at_once()."""
        command = _COMMANDS.get(verb)
        return self.judged(replies.UNKNOWN_COMMAND if command is None else command(self, argument))

    def judged(self, reply: str) -> str:
        """The reply, or the last one, where the client has used up what it may try."""
        if not self.over and (last := self._budget.spend(reply)):
            self.over, reply = True, last
        self._refusals.note(reply)
        return reply

    def _helo_(self, argument: str) -> str:
        return self._hello(argument, [self._hostname])

    def _ehlo(self, argument: str) -> str:
        # RFC 9422: who has more recipients than that need not find out by trying.
        offers = ["8BITMIME", "SMTPUTF8", "PIPELINING", "CHUNKING", f"LIMITS RCPTMAX={self._limits.recipients}"]
        offers.append("ENHANCEDSTATUSCODES")
        if self._wire.is_proxy:
            offers += [f"XCLIENT {' '.join(passed_on.XCLIENT)}", f"XFORWARD {' '.join(passed_on.XFORWARD)}"]
        if self._offers_tls:
            offers.append("STARTTLS")
        return self._hello(argument, [self._hostname, f"SIZE {self._limits.mail_bytes}", *offers])

    def _hello(self, argument: str, lines: list[str]) -> str:
        if not argument:
            return replies.BAD_ARGUMENTS
        self.reset()  # RFC 5321 §4.1.4
        self._helo = argument[:_HELO_CHARACTERS]
        # One reply, so one write: line by line they would wait for each other's ACK (Nagle).
        return "\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"])

    def _mail(self, argument: str) -> str:
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
        if size_bytes > self._limits.mail_bytes:
            return replies.TOO_LARGE
        reply = self._handler.sender()
        if reply == replies.SENDER_OK:
            self._transaction = _Transaction(path.address)
        return reply

    def _rcpt(self, argument: str) -> str:
        asked = self._asked_for(argument)
        return asked if isinstance(asked, str) else self._recipient(*asked)

    async def _first_rcpt(self, argument: str) -> str:
        asked = self._asked_for(argument)
        if isinstance(asked, str):
            return asked
        transaction, path = asked
        transaction.checked = await self._handler.check_recipients()
        return self._recipient(transaction, path)

    def _asked_for(self, argument: str) -> tuple[_Transaction, Path] | str:
        """Or why it is refused, whoever it is."""
        transaction = self._transaction
        if transaction is None:
            return replies.MAIL_FIRST
        if transaction.chunks is not None:
            return replies.NO_DATA_BETWEEN_CHUNKS
        path = read_path("TO:", argument)
        if path is None or not path.address:
            return replies.BAD_RECIPIENT
        if len(transaction.recipients) >= self._limits.recipients:
            return replies.TOO_MANY_RECIPIENTS
        if not self._gate.may_ask(self._wire.peer):
            return replies.TOO_MANY_GUESSES
        return transaction, path

    def _recipient(self, transaction: _Transaction, path: Path) -> str:
        assert transaction.checked is not None
        reply, recipient = self._handler.recipient(path, transaction.checked)
        if recipient:
            transaction.recipients[recipient] = None
        elif reply == replies.NO_SUCH_RECIPIENT:
            self._gate.recipient_unknown(self._wire.peer)
        return reply

    async def _data(self, argument: str) -> str:
        transaction = self._transaction
        if transaction is None:
            return replies.MAIL_FIRST
        if not transaction.recipients:
            return replies.RECIPIENT_FIRST
        if transaction.chunks is not None:
            return replies.NO_DATA_BETWEEN_CHUNKS
        if argument:
            return replies.BAD_ARGUMENTS
        envelope = self._envelope(transaction)
        mail = MailStream(partial(self._wire.read_block, _READ_BYTES), self._limits.mail_bytes)
        await self._wire.push(replies.GO_AHEAD)
        self._wire.mail_begins()
        try:
            reply = await self._handler.keep(envelope, mail)
            self.reset()
            # Whatever became of it: its text must never be taken for commands.
            await mail.skip(self._limits.skip_bytes)
        finally:
            self._wire.mail_ends()
        if mail.rest is None:
            self.over = True
        else:
            self._wire.unread(mail.rest)  # commands that were sent without waiting for us: RFC 2920
        return reply

    async def _bdat(self, argument: str) -> str:
        """RFC 3030 §2. The octets behind it are read, whatever the answer is: they are no commands."""
        chunk = read_chunk(argument)
        if chunk is None:
            self.over = True  # how many octets follow is not known, and so not where the next command begins
            return replies.BAD_ARGUMENTS
        size_bytes, is_last = chunk
        if refusal := self._refusal_of_chunk(size_bytes):
            self.reset()
            if size_bytes > self._limits.skip_bytes:
                self.over = True
            else:
                await chunks.skip(size_bytes, self._wire.read_block)
            return refusal
        assert self._transaction is not None
        return await self._take_chunk(self._transaction, size_bytes, is_last)

    def _refusal_of_chunk(self, size_bytes: int) -> str:
        transaction = self._transaction
        if transaction is None:
            return replies.MAIL_FIRST
        if not transaction.recipients:
            return replies.RECIPIENT_FIRST
        if transaction.declared_bytes + size_bytes > self._limits.mail_bytes:
            return replies.TOO_LARGE
        return ""

    async def _take_chunk(self, transaction: _Transaction, size_bytes: int, is_last: bool) -> str:
        if transaction.chunks is None:
            envelope = self._envelope(transaction)
            transaction.chunks = Chunks(lambda mail: self._handler.keep(envelope, mail), self._limits.mail_bytes)
            self._wire.mail_begins()
        transaction.declared_bytes += size_bytes
        refusal = await transaction.chunks.take(size_bytes, self._wire.read_block)
        if refusal is None and not is_last:
            return replies.CHUNK_TAKEN.format(size_bytes=size_bytes)
        reply = refusal or await transaction.chunks.end()
        self.reset()
        return reply

    def _envelope(self, transaction: _Transaction) -> Envelope:
        return Envelope(
            mail_from=transaction.mail_from,
            recipients=tuple(transaction.recipients),
            peer=self._forwarded.get("ADDR", "") if self._forwarded else self._wire.peer,
            helo=self._forwarded.get("HELO") or self._helo_of_client or self._helo,
            tls=self._wire.encrypted,
            received_at_ms=clock.now_ms(),
        )

    def _xclient(self, argument: str) -> str:
        """The session begins anew, as the client's own. LOGIN counts for nothing: a proxy vouches for nobody."""
        told = passed_on.attributes(argument, passed_on.XCLIENT)
        if refusal := self._refusal_of_proxy(told):
            return refusal
        assert told is not None
        self._wire.speaks_for(told.get("ADDR", ""))
        self._helo, self._helo_of_client = "", told.get("HELO", "")[:_HELO_CHARACTERS]
        return replies.GREETING.format(hostname=self._hostname)

    def _xforward(self, argument: str) -> str:
        """May come in several pieces before MAIL, and holds for one mail."""
        told = passed_on.attributes(argument, passed_on.XFORWARD)
        if refusal := self._refusal_of_proxy(told):
            return refusal
        assert told is not None
        self._forwarded |= told
        return replies.OK

    def _refusal_of_proxy(self, told: Mapping[str, str] | None) -> str:
        if not self._wire.is_proxy:
            return replies.NOT_OFFERED
        if self._transaction is not None:
            return replies.ONE_MAIL_AT_A_TIME
        return replies.BAD_ARGUMENTS if told is None else ""

    def _rset(self, _argument: str) -> str:
        self.reset()
        return replies.OK

    def _noop(self, _argument: str) -> str:
        return replies.OK

    def _quit(self, _argument: str) -> str:
        self.over = True
        return replies.GOODBYE

    def _vrfy(self, argument: str) -> str:
        return replies.CANNOT_VERIFY if argument else replies.BAD_ARGUMENTS

    def _help(self, _argument: str) -> str:
        return replies.NO_HELP

    def _not_offered(self, _argument: str) -> str:
        return replies.NOT_OFFERED


_COMMANDS: Mapping[str, Callable[[Dialog, str], str]] = {
    "HELO": Dialog._helo_,
    "EHLO": Dialog._ehlo,
    "MAIL": Dialog._mail,
    "RCPT": Dialog._rcpt,
    "RSET": Dialog._rset,
    "NOOP": Dialog._noop,
    "QUIT": Dialog._quit,
    "VRFY": Dialog._vrfy,
    "HELP": Dialog._help,
    "XCLIENT": Dialog._xclient,
    "XFORWARD": Dialog._xforward,
    "EXPN": Dialog._not_offered,
    "AUTH": Dialog._not_offered,  # RFC 5321 port 25: nobody signs in here
}
_TAKE_TIME: Mapping[str, Callable[[Dialog, str], Awaitable[str]]] = {
    "RCPT": Dialog._first_rcpt,
    "DATA": Dialog._data,
    "BDAT": Dialog._bdat,
}
