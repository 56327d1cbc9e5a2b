"""Mailboxes as quoted headers and attributions print them, to the shape of a mail's own."""

import re

from crm_store.mail.languages.tables import REPRESENTS
from crm_store.mail.limits import LIMITS
from crm_store.mail.mailboxes import read_mailboxes
from crm_store.mail.parsed_mail import Mailbox
from crm_store.mail.problems import Problems

_MAX_CHARS = 64 * 1024  # of one field; 1,000 recipients take some 60 KB
_LINK = re.compile(r"(@[\w.-]*)?(\s{0,4})[<\[]mailto:\s{0,4}([^<>\[\]\s]*)[>\]]", re.IGNORECASE)
_ADDRESS = re.compile(r"""[^\s<>()\[\]{},;:"'“”„«»*]{1,128}@[^\s<>()\[\]{},;:"'“”„«»*]{1,255}""")
# A mailbox as nearly all programs print it, with nothing in it that has a meaning: a tenth of the reader's time.
_PLAIN = re.compile(
    r"""(?:"?(?P<name>[\w .'@-]{0,100}+)"?\s?<(?P<address>[\w.+-]{1,64}@[\w.-]{1,190})>|"""
    r"(?P<bare>[\w.+-]{1,64}@[\w-]{1,190}(?:\.[\w-]{1,64})*+))\s{0,4}(?:[,;]\s{0,4}|\Z)",
    re.ASCII,
)
_QUOTES = str.maketrans("“”„‟«»", '""""""', "*")


def written_mailboxes(value: str) -> tuple[Mailbox, ...]:
    """Every mailbox in order; address "" for one of which only the name is printed."""
    if (plain := _plain_mailboxes(value)) is not None:
        return plain
    text = _LINK.sub(_of_link, value[:_MAX_CHARS]).translate(_QUOTES)
    found = tuple(filter(None, map(_tidy, read_mailboxes(text, Problems(), LIMITS))))
    if any(mailbox.address for mailbox in found) or not (bare := _ADDRESS.search(text)):
        return found
    name = text[: bare.start()].strip(" \"'(<[,;")[: LIMITS.name_chars]
    return (Mailbox(name, bare[0].rstrip(".")),)


def written_author(value: str) -> tuple[Mailbox, ...]:
    """As written_mailboxes, of one author: "Ani <ani@toko.id> on behalf of sales@toko.id" is Ani."""
    found = REPRESENTS.search(value, value.find("@"), _MAX_CHARS) if "@" in value else None
    return written_mailboxes(value[: found.start()] if found else value)


def address_in(text: str) -> re.Match[str] | None:
    """The first address anywhere in a line, with any "mailto:" before it."""
    return _ADDRESS.search(text)


def _plain_mailboxes(value: str) -> tuple[Mailbox, ...] | None:
    """None where something is in it that only the whole reader knows."""
    found: list[Mailbox | None] = []
    at = 0
    while at < len(value):
        match = _PLAIN.match(value, at)
        if match is None or len(found) >= LIMITS.recipients:
            return None
        found.append(_tidy(Mailbox((match["name"] or "").strip(), match["address"] or match["bare"])))
        at = match.end()
    return tuple(filter(None, found))


def _of_link(found: re.Match[str]) -> str:
    """Outlook prints an address's link behind it, or in place of it."""
    return found[1] + found[2] if found[1] else f"{found[2]}<{found[3]}>"


def _tidy(mailbox: Mailbox) -> Mailbox | None:
    name = mailbox.name.strip(" \"'‘’`,;")
    address = mailbox.address.strip("\"'‘’") if "@" in mailbox.address else ""
    if name.casefold() == address.casefold():
        name = ""
    return Mailbox(name, address) if name or address else None
