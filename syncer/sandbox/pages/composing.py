"""A mail out of the form of the Write page."""

from dataclasses import dataclass
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage

from crm_store.mail.mailboxes import read_mailboxes
from crm_store.mail.parsed_mail import ParsedMail
from crm_store.mail.problems import Problems
from crm_store.mail.read import read
from syncer.sandbox.mailbox.accounts import Account
from syncer.sandbox.mailbox.messages import Message, Messages


@dataclass(frozen=True, slots=True)
class Letter:
    """The form's fields. answer: the id of the message that it answers, or ""."""

    sender: str = ""
    to: str = ""
    cc: str = ""
    bcc: str = ""
    subject: str = ""
    text: str = ""
    answer: str = ""


def answering(account: Account, message: Message, box: Messages) -> Letter:
    """An answer to write: its author as the recipient, its text quoted."""
    mail = read(box.raw(message))
    to = (mail.reply_to or mail.from_)[:1]
    subject = mail.subject if mail.subject.lower().startswith("re:") else f"Re: {mail.subject}"
    quoted = "\n".join(f"> {line}" for line in mail.text.splitlines())
    name = mail.author.name or mail.author.address
    return Letter(
        sender=account.email,
        to=to[0].address if to else "",
        subject=subject,
        text=f"\n\n{name} wrote:\n{quoted}\n",
        answer=message.id,
    )


def composed(letter: Letter, answered: ParsedMail | None) -> bytes:
    """The mail's bytes. Raises: ValueError for what is no address."""
    mail = EmailMessage()
    for name, value in (("From", letter.sender), ("To", letter.to), ("Cc", letter.cc), ("Bcc", letter.bcc)):
        if value.strip():
            mail[name] = _addresses(value)
    mail["Subject"] = " ".join(letter.subject.split())
    if answered and answered.message_id:
        mail["In-Reply-To"] = f"<{answered.message_id}>"
        mail["References"] = " ".join(f"<{one}>" for one in (*answered.references, answered.message_id))
    mail.set_content(letter.text.replace("\r\n", "\n"))
    return mail.as_bytes()


def _addresses(value: str) -> list[Address]:
    """Raises: ValueError."""
    found = read_mailboxes(value, Problems())
    if not found or any("@" not in one.address for one in found):
        raise ValueError("no address")
    try:
        return [Address(one.name, addr_spec=one.address) for one in found]
    except HeaderParseError as error:
        raise ValueError("no address") from error
