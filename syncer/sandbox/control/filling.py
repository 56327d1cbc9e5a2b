"""Many plain mails at once, so that a bench need not send each."""

import asyncio
from datetime import UTC, datetime
from email.utils import format_datetime

from syncer.sandbox.control.shapes import Filled, Filling
from syncer.sandbox.mailbox import history
from syncer.sandbox.mailbox.messages import Messages

_AT_ONCE = 500  # then others have their turn


async def fill(box: Messages, wanted: Filling) -> Filled:
    """The oldest first."""
    first = last = ""
    for start in range(0, wanted.count, _AT_ONCE):
        with box.store.transaction():
            for number in range(start, min(start + _AT_ONCE, wanted.count)):
                at_ms = box.now_ms - (wanted.count - 1 - number) * wanted.every_ms
                last = box.add(_mail(wanted, number, at_ms), ("INBOX", "UNREAD"), internal_date_ms=at_ms).id
                first = first or last
        await asyncio.sleep(0)
    return Filled(first_id=first, last_id=last, history_id=history.shown(history.current(box.store, box.account_id)))


def _mail(wanted: Filling, number: int, at_ms: int) -> bytes:
    at = format_datetime(datetime.fromtimestamp(at_ms / 1000, UTC))
    lines = [
        f"From: {wanted.sender.replace('{n}', str(number))}",
        "To: me@sandbox.example",
        f"Subject: {wanted.subject.replace('{n}', str(number))}",
        f"Date: {at}",
        f"Message-ID: <fill.{number}.{at_ms}@outside.example>",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "",
        wanted.text.replace("{n}", str(number)),
        "",
    ]
    return "\r\n".join(lines).encode()
