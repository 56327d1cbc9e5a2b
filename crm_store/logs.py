"""Logs: a constant event name and fields. Ids, never content: no token, subject, body or address, at no level."""

import errno
import logging
import sys
import traceback
from typing import Literal

import structlog

_MOST_CAUSES = 5


def configure(form: Literal["", "text", "json"], service: str) -> None:
    """Send this process's log to standard error. form "": text on a terminal, else JSON lines."""
    text = form == "text" or (form == "" and sys.stderr.isatty())

    def name_service(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        event.setdefault("service", service)  # not a context variable: threads do not inherit those
        return event

    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        name_service,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()) if text else structlog.processors.JSONRenderer()
    )
    # Through the standard library, so that our events and those of libraries come out of one door, in one form.
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.ExceptionRenderer(_kinds_and_lines),
                last,
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    # aiosmtpd logs envelope addresses at INFO and mail data at DEBUG; peewee logs queries with their values.
    for name in ("mail.log", "peewee", "asyncio", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _kinds_and_lines(exc_info: structlog.typing.ExcInfo) -> str:
    """What went wrong where, without the errors' own texts: a database puts the values of a row into them, a parser
    the mail. The first cause stands first."""
    told: list[str] = []
    error: BaseException | None = exc_info[1]
    while error is not None and len(told) < _MOST_CAUSES:
        code = errno.errorcode.get(error.errno or 0, "") if isinstance(error, OSError) else ""
        lines = "".join(traceback.format_tb(error.__traceback__))
        told.append(f"Traceback (most recent call last):\n{lines}{type(error).__qualname__} {code}".rstrip())
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(reversed(told))
