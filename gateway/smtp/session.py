"""One connection, on aiosmtpd's protocol object and its STARTTLS.

aiosmtpd's own command loop, parser and DATA are not used: they answer 500 to errors of ours and to long lines, keep a
whole mail in memory and cut off slow senders (facts/smtp.md 1.1). Private names of 1.4.6 that this leans on:
_handle_client, _reset_timeout, _timeout_cb, _timeout_handle, _timeout_duration, _handler_coroutine, _tls_protocol and
asyncio's _eof_received of it, _original_transport, _reader and its _buffer, _writer; the dialogs of the tests hold
them."""

import asyncio
from collections.abc import Callable, Mapping
from typing import cast

import structlog
from aiosmtpd.smtp import SMTP, TLSSetupException

from crm_store import fault_point
from gateway.smtp import replies
from gateway.smtp.data_stream import ClientGone
from gateway.smtp.dialog import Dialog
from gateway.smtp.gate import is_within
from gateway.smtp.handler import CaptureHandler
from gateway.smtp.options import Options
from gateway.smtp.passed_on import plain
from gateway.smtp.patience import Patience
from gateway.smtp.proxy_header import hear_proxy

_LINE_BYTES = 4096  # RFC 5321 §4.5.3.1.4 asks for 512, extensions add to it: ORCPT alone 500 (RFC 3461 §4.2)
_BUFFERED_BYTES = 64 * 1024  # asyncio stops reading from the socket while twice this waits to be consumed
_LOOK_EVERY_S = 10.0  # for how long a client was silent

log = structlog.get_logger()


def engine_of(options: Options) -> Mapping[str, object]:
    """What aiosmtpd makes of its settings, for all sessions.

    It would look through all its names for each new connection, for hooks, commands and AUTH methods that are not used
    here: measured, a sixth of the time that a mail takes."""
    return vars(
        SMTP(
            None,
            data_size_limit=options.limits.mail_bytes,
            enable_SMTPUTF8=True,
            hostname=options.hostname,  # without one, it would ask DNS for it
            tls_context=options.tls,
            timeout=options.limits.idle_s,
            loop=asyncio.get_running_loop(),
        )
    )


class SmtpSession(SMTP):
    def __init__(
        self,
        handler: CaptureHandler,
        options: Options,
        engine: Mapping[str, object],
        on_begin: Callable[["SmtpSession"], None],
    ) -> None:
        """engine: of engine_of(). on_begin: called when the connection stands, and again when it is encrypted."""
        self.__dict__.update(engine)
        self.loop = asyncio.get_running_loop()
        asyncio.StreamReaderProtocol.__init__(
            self, asyncio.StreamReader(_BUFFERED_BYTES, self.loop), self._cb_client_connected, self.loop
        )
        self._handler = handler
        self._options = options
        self._on_begin = on_begin
        self._dialog: Dialog
        self._socket_peer = ""
        self._is_trusted_proxy = False
        self._spoken_for: str | None = None
        self._patience = Patience(options.limits, self.loop.time())
        self._awaits_command = False
        self._stopping = False
        self._half_closed = False

    # The connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        name = transport.get_extra_info("peername")
        self._socket_peer = plain(name[0]) if isinstance(name, tuple) else ""
        self._is_trusted_proxy = is_within(self._socket_peer, self._options.trusted_proxies)
        self._dialog = self._new_dialog()
        self._on_begin(self)

    def _new_dialog(self) -> Dialog:
        offers_tls = self._options.tls is not None and not self.encrypted
        return Dialog(self, self._handler, self._options, offers_tls=offers_tls)

    def eof_received(self) -> bool:
        # A client may close its half and still wait for our reply; aiosmtpd would cancel the command under way.
        self._reader.feed_eof()
        self._half_closed = True
        return not self.encrypted

    @property
    def peer(self) -> str:
        """The client's IP address; "" where it was gone before it could be asked."""
        return self._socket_peer if self._spoken_for is None else self._spoken_for

    @property
    def is_proxy(self) -> bool:
        """Until it has said for whom it speaks: what comes then may be that client's own words."""
        return self._spoken_for is None and self._is_trusted_proxy and self._options.proxies_speak != "proxy"

    def speaks_for(self, peer: str) -> None:
        self._spoken_for = peer

    @property
    def encrypted(self) -> bool:
        return self._tls_protocol is not None

    @property
    def task(self) -> asyncio.Task[None]:
        """Done when the session is over; there from connection_made() on."""
        return cast("asyncio.Task[None]", self._handler_coroutine)

    async def push(self, status: str | bytes) -> None:
        """Raises: ClientGone, ConnectionError."""
        if self._is_gone():
            raise ClientGone
        # Who does not read is waited for no longer than who does not write.
        self._patience.their_turn(self.loop.time())
        self._writer.write((status.encode() if isinstance(status, str) else status) + b"\r\n")
        if cast(asyncio.Transport, self._writer.transport).get_write_buffer_size():
            await self._writer.drain()

    def _is_gone(self) -> bool:
        """asyncio does not say so to who writes, but logs each further reply as a warning."""
        raw = cast(asyncio.Transport, self._original_transport or self._writer.transport)
        if raw.is_closing() or self._tls_protocol is None:
            return raw.is_closing()
        return self._half_closed or self._tls_protocol._eof_received  # type: ignore[attr-defined]  # private

    def stop(self) -> None:
        """Say 421 and close: now, or after the mail that is under way."""
        self._stopping = True
        if self._dialog.over:
            return
        if self._awaits_command and not self._dialog.in_transaction:
            self._close_with(replies.STOPPING)

    def abort(self) -> None:
        if self.transport is not None:
            cast(asyncio.Transport, self.transport).abort()

    def _close_with(self, reply: str) -> None:
        """Does not wait: from a client that does not read its replies there is nothing to wait for."""
        transport = cast(asyncio.Transport | None, self.transport)
        if transport is None:
            return
        if transport.is_closing() or transport.get_write_buffer_size():
            transport.abort()
        else:
            transport.write(reply.encode() + b"\r\n")
            transport.close()

    # Commands that need nothing but memory are answered as they come in: to wake the task costs more than they do

    def data_received(self, data: bytes) -> None:
        if self._dialog.over:
            return
        if self._awaits_command and not (self._buffer or self._stopping or self._is_gone()):
            data = self._answer_at_once(data)
        if data:
            super().data_received(data)

    def _answer_at_once(self, data: bytes) -> bytes:
        """What is left for the task; b"" also where the session is over."""
        transport = cast(asyncio.Transport, self.transport)
        said: list[str] = []
        begin = 0
        # A client that does not read its replies is waited for, which only the task can do.
        while (end := data.find(b"\n", begin) + 1) and not transport.get_write_buffer_size():
            verb, argument = _command(data[begin:end])
            if end - begin > _LINE_BYTES or verb == "STARTTLS" or not self._dialog.answers_at_once(verb):
                break
            said.append(self._answer_now(verb, argument))
            begin = end
            if self._dialog.over:
                self._close_with("\r\n".join(said))
                return b""
        if said:
            self._patience.heard(self.loop.time())
            transport.write("\r\n".join([*said, ""]).encode())
        return data[begin:]

    def _answer_now(self, verb: str, argument: str) -> str:
        try:
            return self._dialog.answer_at_once(verb, argument)
        except Exception:  # noqa: BLE001  logged there
            return self._failed()

    # How long a client may take: one timer that looks now and then, in place of one for each block

    def _reset_timeout(self, duration: float | None = None) -> None:
        if self._timeout_handle is None:
            self._look_later(duration or self._timeout_duration)

    def _timeout_cb(self) -> None:
        left_s, reply = self._patience.left_s(self.loop.time(), crowded=self._options.gate.crowded)
        if left_s > 0:
            self._look_later(left_s)
        else:
            self._options.refusals.note(reply)
            self._close_with(reply)

    def _look_later(self, in_s: float) -> None:
        self._timeout_handle = self.loop.call_later(min(in_s, _LOOK_EVERY_S), self._timeout_cb)

    def mail_begins(self) -> None:
        self._patience.mail_begins(self.loop.time())

    def mail_ends(self) -> None:
        self._patience.mail_ends()

    # The dialog

    async def _handle_client(self) -> None:
        if self._is_trusted_proxy and self._options.proxies_speak != "xclient":
            try:
                is_sure = self._options.proxies_speak == "proxy"
                self._spoken_for = await hear_proxy(self._reader, self.unread, is_sure=is_sure)
            except ConnectionError:
                self.abort()
                return
        peer = self.peer
        if refusal := self._options.gate.admit(peer):
            self._options.refusals.note(refusal)
            self._close_with(refusal)
            return
        try:
            await self._converse()
        finally:
            self._options.gate.leave(peer)
            self._dialog.reset()
            self._close()

    def _close(self) -> None:
        if self.encrypted:
            # asyncio's TLS reads on to the client's goodbye before it closes, and where reading stands still, never.
            self._buffer.clear()
            cast(asyncio.Transport, self._writer.transport).resume_reading()
        self._writer.close()

    async def _converse(self) -> None:
        try:
            await self.push(replies.GREETING.format(hostname=self._options.hostname))
            while not (self._stopping and not self._dialog.in_transaction):
                line = await self._next_line()
                if line is None:
                    return
                reply = await self._answer(line)
                if self._dialog.over:
                    self._close_with(reply)
                    return
                if reply:
                    await self.push(reply)
                    fault_point.reach("receiver.after-reply")
            self._close_with(replies.STOPPING)
        except (ClientGone, ConnectionError):
            pass
        except TLSSetupException as error:
            self.connection_lost(error)  # TLS that never stood does not report its end: the timer would live on
        except Exception:
            log.exception("smtp_session_failed")

    async def _next_line(self) -> bytes | None:
        """The next command; None when there is none, or no telling where the one after it would begin."""
        self._awaits_command = True
        try:
            line = await self._reader.readuntil()
        except asyncio.IncompleteReadError:
            return None
        except asyncio.LimitOverrunError:
            self._close_with(replies.LINE_TOO_LONG)
            return None
        finally:
            self._awaits_command = False
        return line

    async def _answer(self, line: bytes) -> str:
        """The reply; "" where it has been given. Raises: ClientGone, ConnectionError, TLSSetupException."""
        if len(line) > _LINE_BYTES:
            return self._dialog.judged(replies.LINE_TOO_LONG)
        verb, argument = _command(line)
        self._patience.our_turn(self.loop.time())
        try:
            if verb == "STARTTLS":
                return await self._start_tls()
            return await self._dialog.answer(verb, argument)
        except (ClientGone, ConnectionError, TLSSetupException):
            raise
        except Exception:  # noqa: BLE001  logged there
            return self._failed()
        finally:
            self._patience.their_turn(self.loop.time())

    def _failed(self) -> str:
        # aiosmtpd's own answer is 500, and the sender then gives up for good: RFC 5321 §4.2.1
        log.exception("smtp_command_failed")
        self._dialog.reset()
        return replies.TRY_LATER

    async def _start_tls(self) -> str:
        if self._options.tls is None or self.encrypted:
            return self._dialog.judged(replies.NOT_OFFERED)
        if self._half_closed:
            raise ClientGone  # who has nothing more to say would be waited for until the handshake's time is over
        while self._buffer:  # what was sent behind it is dropped; with a full buffer no handshake would be read
            await self._reader.read(_BUFFERED_BYTES)
        self._dialog.reset()  # chunks of a mail from before it would wait for the rest for ever
        await self.smtp_STARTTLS("")  # gives its reply, drops what came since, ends in connection_made()
        return ""

    async def read_block(self, at_most_bytes: int) -> bytes:
        self._patience.their_turn(self.loop.time())
        block = b""
        try:
            block = await self._reader.read(at_most_bytes)
        finally:
            now_s = self.loop.time()
            self._patience.heard(now_s, len(block))
            self._patience.our_turn(now_s)
        return block

    def unread(self, rest: bytes) -> None:
        self._buffer[:0] = rest  # StreamReader has no way for it

    @property
    def _buffer(self) -> bytearray:
        """What came and was not read yet."""
        return cast(bytearray, self._reader._buffer)  # type: ignore[attr-defined]  # private


def _command(line: bytes) -> tuple[str, str]:
    """The verb in capitals, and what stands behind it."""
    verb, _, argument = line.decode("utf-8", "replace").strip().partition(" ")
    return verb.upper(), argument.strip()
