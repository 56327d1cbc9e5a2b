"""sunnyday read: what is understood of a mail, without any database."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_store.command.invocation import shown_time

if TYPE_CHECKING:
    from crm_store.mail.forward import Forward
    from crm_store.mail.parsed_mail import Attachment, Mailbox, ParsedMail
    from crm_store.rules.automatic import AutomaticMail

_STANDARD_INPUT = "-"
_CONTROLS = dict.fromkeys(range(0x80, 0xA0))  # C1: terminals obey them


def register(app: typer.Typer) -> None:
    app.command("read")(read)


def read(
    files: Annotated[list[str], typer.Argument(metavar="FILE…", help="Mails as .eml files; - is standard input.")],
    is_body: Annotated[bool, typer.Option("--body", help="The files hold the text of a mail only.")] = False,
    subject: Annotated[
        str, typer.Option("--subject", metavar="S", help="With --body: the subject that stood above it.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line, for each file.")] = False,
) -> None:
    """Tell what is understood of each mail: who, what, the reply alone, the forwarded original, what is attached."""
    if subject and not is_body:
        raise typer.BadParameter("it goes with --body; a mail has its own", param_hint="--subject")
    failed = False
    for place, file in enumerate(files):
        try:
            raw = sys.stdin.buffer.read() if file == _STANDARD_INPUT else Path(file).read_bytes()
        except OSError as error:
            print(f"{file}: {error.strerror}.", file=sys.stderr)
            failed = True
            continue
        told = {"file": file} | (_told_body(raw, subject) if is_body else _told_mail(raw))
        if as_json:
            print(json.dumps(told, ensure_ascii=False), flush=True)
        else:
            print("\n" * bool(place) + _for_people(told).translate(_CONTROLS), flush=True)
    if failed:
        raise typer.Exit(1)


def _told_mail(raw: bytes) -> dict[str, Any]:
    from crm_store.mail.read import read as read_mail

    return _told(read_mail(raw))


def _told_body(data: bytes, subject: str) -> dict[str, Any]:
    from crm_store.mail.read import read_body

    return _told(read_body(data, subject))


# Any: JSON, for json.dumps
def _told(mail: "ParsedMail") -> dict[str, Any]:
    """The contract's shape, but for the file's name."""
    from crm_store.mail.forwarded import forwarded
    from crm_store.mail.reply import split_reply
    from crm_store.rules.automatic import FROM_A_CONTACT, read_automatic

    automatic = read_automatic(mail)
    # The mail in a bounce or a complaint is no forward.
    forward = forwarded(mail) if automatic is None or automatic.kind in FROM_A_CONTACT else None
    reply = split_reply(mail.text)
    return {
        "from": _mailboxes(mail.from_),
        "to": _mailboxes(mail.to),
        "cc": _mailboxes(mail.cc),
        "bcc": _mailboxes(mail.bcc),
        "subject": mail.subject,
        "sent_at": _time(mail.sent_at_ms),
        "message_id": _bracketed(mail.message_id),
        "in_reply_to": [f"<{message_id}>" for message_id in mail.in_reply_to],
        "references": [f"<{message_id}>" for message_id in mail.references],
        "text": mail.text,
        "has_html": mail.has_html,
        "reply_text": reply.reply_text,
        "quoted_text": reply.quoted_text,
        "signature": reply.signature,
        "forward": None if forward is None else _forward(forward),
        "automatic": None if automatic is None else _automatic(automatic),
        "attachments": [_attachment(attachment) for attachment in mail.attachments],
        "problems": list(mail.problems),
    }


def _mailboxes(mailboxes: "tuple[Mailbox, ...]") -> list[dict[str, str]]:
    return [{"name": mailbox.name, "address": mailbox.address} for mailbox in mailboxes]


def _forward(forward: "Forward") -> dict[str, Any]:
    return {
        "from": _mailboxes(forward.from_),
        "to": _mailboxes(forward.to),
        "cc": _mailboxes(forward.cc),
        "subject": forward.subject,
        "sent_at": _time(forward.sent_at_ms),
        "text": forward.text,
        "confidence": forward.confidence,
    }


def _automatic(automatic: "AutomaticMail") -> dict[str, Any]:
    from crm_store.delivery_wording import cause_words

    return {
        "kind": str(automatic.kind),
        "original_message_id": _bracketed(automatic.original_message_id),
        "failed": [
            {"address": one.address, "status": one.status, "reason": cause_words(one.cause, None)}
            for one in automatic.failed
        ],
    }


def _attachment(attachment: "Attachment") -> dict[str, Any]:
    return {
        "name": attachment.name,
        "content_type": attachment.content_type,
        "size_bytes": attachment.size_bytes,
        "inline": attachment.inline,
        "sha256": attachment.sha256,
    }


def _time(at_ms: int | None) -> str | None:
    return None if at_ms is None else shown_time(at_ms)


def _bracketed(message_id: str | None) -> str | None:
    return None if message_id is None else f"<{message_id}>"


def _for_people(told: dict[str, Any]) -> str:
    lines = [told["file"]]
    for name in ("from", "to", "cc", "bcc"):
        lines += [f"  {name:<12}{_mailbox_for_people(mailbox)}" for mailbox in told[name]]
    for name in ("subject", "sent_at", "message_id"):
        lines += [f"  {name.replace('_', ' '):<12}{told[name]}"] if told[name] else []
    if forward := told["forward"]:
        who = ", ".join(map(_mailbox_for_people, forward["from"])) or "nobody named"
        lines.append(f"  forward     from {who}, {forward['sent_at'] or 'no date'}: {forward['subject']}")
        lines.append(f"              confidence {forward['confidence']:.2f}")
    if automatic := told["automatic"]:
        lines.append(f"  automatic   {automatic['kind']}, about {automatic['original_message_id'] or 'no mail named'}")
        lines += [f"              {one['address']} {one['status']} {one['reason']}" for one in automatic["failed"]]
    for one in told["attachments"]:
        lines.append(f"  attachment  {one['name'] or '(no name)'}, {one['content_type']}, {one['size_bytes']} bytes")
    lines += [f"  problem     {problem}" for problem in told["problems"]]
    for name in ("reply_text", "quoted_text", "signature"):
        lines += (
            ["", f"  {name.replace('_', ' ')}", *(f"  | {line}" for line in told[name].split("\n"))]
            if told[name]
            else []
        )
    return "\n".join(lines)


def _mailbox_for_people(mailbox: dict[str, str]) -> str:
    return f"{mailbox['name']} <{mailbox['address']}>".strip() if mailbox["name"] else mailbox["address"]
