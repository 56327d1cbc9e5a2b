"""One SMTP session with a location's relay, and what became of each mail in it (RFC 5321).

smtplib speaks; what is ours is the order: all but the end of the content goes first, then whoever calls us says that
this mail is now leaving, or has it durable that it is, and only then goes the end with the dot that has the relay take
it. So what dies before has left nothing. Where the relay offers it the envelope is one write (RFC 2920)."""

import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address
from typing import NamedTuple

import structlog

from crm_store.errors import Temporary
from crm_store.mail.clean_text import clean_line
from crm_store.providers import Relay
from crm_store.rules.outbox import OutboxReason
from crm_store.rules.provider import ProviderTls, all_reachable

CONNECT_S = 15.0
COMMAND_S = 60.0
# RFC 5321 §4.5.3.2.6 would have ten minutes. Longer than a lane's lease is no use, and it must leave within
# outbox_work.SEND_WITHIN_MS of what was committed before it.
DOT_S = 200.0
KEEP_EVERY_S = 30.0
_CHUNK_BYTES = 65_536
_MAX_SAID_CHARS = 300
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)  # RFC 5321 §4.5.2
_DATA = b"DATA\r\n"
_TOO_LARGE = frozenset({552, 523})

log = structlog.get_logger()


class RelayTrouble(Temporary):
    """Concerns all that waits for this relay; nothing of the mail left. said: its words, cleaned."""

    def __init__(self, reason: OutboxReason, said: str = "") -> None:
        super().__init__(str(reason))
        self.reason, self.said = reason, said


@dataclass(frozen=True, slots=True)
class Taken:
    """It has left. refused: the recipients that it did not take, with its words."""

    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PutOff:
    """It has not left, and may be tried again (4yz). begun: the dot had gone."""

    said: str
    begun: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """It has not left, and will not (5yz)."""

    reason: OutboxReason
    said: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The dot went, and no answer came: nobody knows."""


Outcome = Taken | PutOff | Refused | Unanswered


@dataclass(frozen=True, slots=True)
class Parcel:
    """raw: CRLF. patient: a recipient that is put off puts the whole mail off, else it goes to the others."""

    envelope_from: str
    recipients: Sequence[str]
    raw: bytes
    patient: bool


@cache
def _public_trust() -> ssl.SSLContext:
    """Once a process: reading all of the system's authorities takes longer than sending a mail."""
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class Way:
    """How relays are reached. helo: our name. trust: whose certificates are believed."""

    helo: str
    private_allowed: bool
    trust: Callable[[], ssl.SSLContext] = _public_trust
    dot_s: float = DOT_S
    command_s: float = COMMAND_S


class SmtpRelay:
    """Connects when the first mail goes, and keeps the connection for those after it."""

    def __init__(self, relay: Relay, way: Way) -> None:
        self._relay, self._way = relay, way
        self._client: _Client | None = None

    def open(self) -> None:
        """Whoever has nothing under way yet asks first whether anything can go. Raises: RelayTrouble."""
        self._client = self._client or self._connected()

    def send(self, parcel: Parcel, *, keep: Callable[[], None], leaving: Callable[[], None]) -> Outcome:
        """keep: called now and then while much is written. leaving: called at the last moment at which it has not left.

        Raises: RelayTrouble, and what keep and leaving raise; then nothing has left."""
        if self._client is not None:
            with suppress(RelayTrouble):  # a kept one may have ended meanwhile, or have taken its fill
                return self._try(parcel, keep, leaving)
        return self._try(parcel, keep, leaving)

    def _try(self, parcel: Parcel, keep: Callable[[], None], leaving: Callable[[], None]) -> Outcome:
        client = self._client = self._client or self._connected()
        try:
            said_no = self._envelope(client, parcel)
            if isinstance(said_no, PutOff | Refused):
                self._reset(client)
                return said_no
            end = self._write(client, parcel.raw, keep)
            leaving()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise RelayTrouble(OutboxReason.UNREACHABLE) from error
        except BaseException:
            self._drop()  # without its dot the relay forgets it; a QUIT would be taken for a line of it
            raise
        return self._dot(client, end, said_no)

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(OSError, smtplib.SMTPException):
                client.quit()

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _connected(self) -> "_Client":
        settings = self._relay.settings
        client = _Client(settings.host, settings.tls, self._way)
        try:
            code, words = client.connect(settings.host, settings.port)
            if code != 220:
                raise RelayTrouble(OutboxReason.PROVIDER_BUSY, _words(words))
            if settings.tls is ProviderTls.STARTTLS:
                client.ehlo_or_helo_if_needed()
                client.starttls(context=self._way.trust())
            client.ehlo_or_helo_if_needed()
            if settings.user is not None and self._relay.password is not None:
                self._sign_in(client, settings.user, self._relay.password)
        except RelayTrouble:
            client.close()
            raise
        except (ssl.SSLError, smtplib.SMTPNotSupportedError) as error:
            client.close()
            raise RelayTrouble(OutboxReason.PROVIDER_TLS) from error
        except smtplib.SMTPResponseException as error:
            client.close()
            raise RelayTrouble(OutboxReason.PROVIDER_BUSY, _words(error.smtp_error)) from error
        except (OSError, UnicodeError, smtplib.SMTPException) as error:
            client.close()
            raise RelayTrouble(OutboxReason.UNREACHABLE) from error
        assert client.sock is not None, "it is connected"
        client.sock.settimeout(self._way.command_s)
        return client

    def _sign_in(self, client: "_Client", user: str, password: str) -> None:
        try:
            client.login(user, password)
        except smtplib.SMTPAuthenticationError as error:
            busy = 400 <= error.smtp_code < 500  # RFC 4954 §6: 454 is no word about the password
            reason = OutboxReason.PROVIDER_BUSY if busy else OutboxReason.PROVIDER_LOGIN
            raise RelayTrouble(reason, _words(error.smtp_error)) from error
        except (smtplib.SMTPNotSupportedError, smtplib.SMTPHeloError) as error:
            raise RelayTrouble(OutboxReason.PROVIDER_LOGIN) from error
        except UnicodeError as error:
            raise RelayTrouble(OutboxReason.PROVIDER_LOGIN) from error

    def _envelope(self, client: "_Client", parcel: Parcel) -> Mapping[str, str] | PutOff | Refused:
        """Whom of them it does not take, where it takes anybody."""
        options = [f"SIZE={len(parcel.raw)}"] if client.has_extn("size") else []  # RFC 1870
        if not all(address.isascii() for address in parcel.recipients):
            if not client.has_extn("smtputf8"):
                return Refused(OutboxReason.RECIPIENTS_REFUSED, "")
            options.append("SMTPUTF8")  # RFC 6531
        mail = _line(" ".join(("MAIL FROM:" + smtplib.quoteaddr(parcel.envelope_from), *options)))
        recipients = [_line("RCPT TO:" + smtplib.quoteaddr(address)) for address in parcel.recipients]
        if not client.has_extn("pipelining"):
            (first,) = _ask(client, [mail])
            said_no = _from_taken(first) or _taken_by([_ask(client, [one])[0] for one in recipients], parcel)
            if isinstance(said_no, PutOff | Refused):
                return said_no
            (go_on,) = _ask(client, [_DATA])
            return said_no if go_on.code == 354 else _said_no(go_on, OutboxReason.REFUSED)
        first, *answers, go_on = _ask(client, [mail, *recipients, _DATA])
        said_no = _from_taken(first) or _taken_by(answers, parcel)
        if not isinstance(said_no, PutOff | Refused):
            return said_no if go_on.code == 354 else _said_no(go_on, OutboxReason.REFUSED)
        if go_on.code == 354:  # it waits for content that is not to go, and a dot would end a mail
            self._drop()
        return said_no

    def _write(self, client: "_Client", raw: bytes, keep: Callable[[], None]) -> bytes:
        """All but the end, which is returned."""
        assert client.sock is not None, "it has answered DATA"
        stuffed = _LEADING_DOT.sub(b"..", raw)
        if not stuffed.endswith(b"\r\n"):
            stuffed += b"\r\n"
        kept_s, written = time.monotonic(), 0
        while len(stuffed) - written > _CHUNK_BYTES:
            client.sock.sendall(stuffed[written : written + _CHUNK_BYTES])
            written += _CHUNK_BYTES
            if time.monotonic() - kept_s > KEEP_EVERY_S:
                keep()
                kept_s = time.monotonic()
        return stuffed[written:]

    def _dot(self, client: "_Client", end: bytes, refused: Mapping[str, str]) -> Outcome:
        assert client.sock is not None, "it has taken the content"
        try:
            client.sock.settimeout(self._way.dot_s)
            client.sock.sendall(end + b".\r\n")
            code, words = client.getreply()
            client.sock.settimeout(self._way.command_s)
        except (OSError, smtplib.SMTPException) as error:
            log.warning("relay_did_not_answer", location_id=self._relay.location_id, error=type(error).__name__)
            self._drop()
            return Unanswered()
        if 200 <= code < 300:
            return Taken(refused)
        if not 400 <= code < 600:  # no SMTP: who knows what it did
            self._drop()
            return Unanswered()
        return _said_no(_Reply(code, words), OutboxReason.REFUSED, begun=True)

    def _reset(self, client: "_Client") -> None:
        if self._client is None:
            return
        with suppress(OSError, smtplib.SMTPException):
            if client.rset()[0] == 250:
                return
        self._drop()


class _Reply(NamedTuple):
    code: int
    words: bytes


def _line(command: str) -> bytes:
    """Non-ASCII as UTF-8, where SMTPUTF8 is asked for."""
    if "\r" in command or "\n" in command:
        raise ValueError("one line is one command")
    return command.encode() + b"\r\n"


def _ask(client: "_Client", lines: Sequence[bytes]) -> list[_Reply]:
    """All in one write, then their answers in order (RFC 2920 §3.1)."""
    client.send(b"".join(lines))
    return [_Reply(*client.getreply()) for _ in lines]


def _from_taken(reply: _Reply) -> PutOff | Refused | None:
    """None: the sender's address is taken. Raises: RelayTrouble."""
    code, words = reply
    if code == 421 or (400 <= code < 500 and code != 452):
        raise RelayTrouble(OutboxReason.PROVIDER_BUSY, _words(words))
    return None if code == 250 else _said_no(reply, OutboxReason.SENDER_REFUSED)


def _taken_by(answers: Sequence[_Reply], parcel: Parcel) -> Mapping[str, str] | PutOff | Refused:
    refused: dict[str, str] = {}
    put_off: dict[str, str] = {}
    for address, (code, words) in zip(parcel.recipients, answers, strict=True):
        if code == 421:
            raise RelayTrouble(OutboxReason.PROVIDER_BUSY, _words(words))
        if not 200 <= code < 300:
            (put_off if 400 <= code < 500 else refused)[address] = _words(words)
    if put_off and (parcel.patient or len(put_off) + len(refused) == len(parcel.recipients)):
        return PutOff(next(iter(put_off.values())))
    refused |= put_off
    if len(refused) == len(parcel.recipients):
        return Refused(OutboxReason.RECIPIENTS_REFUSED, next(iter(refused.values()), ""))
    return refused


def _said_no(reply: _Reply, reason: OutboxReason, *, begun: bool = False) -> PutOff | Refused:
    """Anything but a 5yz is no last word: what is no SMTP may be another day's."""
    said = _words(reply.words)
    if not 500 <= reply.code < 600:
        return PutOff(said, begun)
    return Refused(OutboxReason.TOO_LARGE if reply.code in _TOO_LARGE else reason, said)


def _words(words: bytes | str) -> str:
    """A relay's own words are a stranger's."""
    text = words if isinstance(words, str) else words[: 4 * _MAX_SAID_CHARS].decode("utf-8", "replace")
    return clean_line(text)[:_MAX_SAID_CHARS]


class _Client(smtplib.SMTP):
    """smtplib's, that connects where it may, and with TLS from the beginning where that is asked for."""

    def __init__(self, host: str, tls: ProviderTls, way: Way) -> None:
        super().__init__(local_hostname=way.helo, timeout=CONNECT_S)
        self._host = host  # smtplib checks the certificate's name against it
        self._tls, self._way = tls, way

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(sockaddr[0]).partition("%")[0] for *_, sockaddr in found]
        # Asked of the addresses that are connected to: a name may have others a moment later.
        if not all_reachable(map(ip_address, addresses), private_allowed=self._way.private_allowed):
            raise RelayTrouble(OutboxReason.UNREACHABLE)
        connection = _first_that_answers(addresses, port, timeout)
        # Or the dot, alone in its packet, waits some 40 ms until the relay acknowledges what it follows (RFC 896).
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls is not ProviderTls.IMPLICIT:
            return connection
        try:
            return self._way.trust().wrap_socket(connection, server_hostname=host)
        except BaseException:
            connection.close()
            raise


def _first_that_answers(addresses: Sequence[str], port: int, timeout_s: float) -> socket.socket:
    """Raises: OSError of the last."""
    for number, address in enumerate(addresses, 1):
        try:
            return socket.create_connection((address, port), timeout_s)
        except OSError:
            if number == len(addresses):
                raise
    raise OSError("it has no address")
