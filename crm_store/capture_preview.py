"""What an operator sees of a mail before anything is recorded of it (D1), by column of its capture.

From, to, cc, subject and text are those of the mail that came; of what it forwards (C6) they stand beside them, in the
clues: both are evidence, and only the first says who sent it here."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from itertools import islice
from typing import Any

from crm_store.mail.parsed_mail import ParsedMail
from crm_store.rules.address import domain_of, fold_identity, normalise
from crm_store.rules.automatic import automatic_kind
from crm_store.rules.original import Reading
from crm_store.rules.parties import Party
from crm_store.rules.sameness import identity_of
from crm_store.rules.sent_on import SentOn, sent_on
from crm_store.rules.thread import reference_keys

PREVIEW_CHARACTERS = 500
PREVIEW_ATTACHMENTS = 50
PREVIEW_RECIPIENTS = 100


def preview_of(mail: ParsedMail, reading: Reading, envelope_from: str) -> dict[str, Any]:
    """mail: as it came. Any: a column's value."""
    author = mail.author
    normal = normalise(author.address)
    # Who is named in a forward is named in its original: it went to the BCC address alone.
    to, cc = ((), ()) if reading.forwarded else (reading.parties.to, reading.parties.cc)
    return {
        "author_name": author.name,
        "author_address": author.address,
        "author_normal": normal,
        "author_domain": domain_of(normal),
        "to": _shown(to),
        "cc": _shown(cc),
        "subject": mail.subject,
        "text_preview": mail.text[:PREVIEW_CHARACTERS],
        "attachments": [
            {"name": one.name, "content_type": one.content_type, "size_bytes": one.size_bytes, "inline": one.inline}
            for one in mail.attachments[:PREVIEW_ATTACHMENTS]
        ],
        "clues": _clues(reading, envelope_from),
    }


def _clues(reading: Reading, envelope_from: str) -> dict[str, Any]:
    """What a guess needs besides the columns that are shown (crm_store/capture_guess.py). Any: JSON.

    original: what was forwarded, None for a mail that is itself. author: whether that, or the mail, has one. sent_on:
    who may have redirected it."""
    mail, parties, forwarded = reading.mail, reading.parties, reading.forwarded
    return {
        "identity": identity_of(mail).hex(),
        "keys": [key.hex() for key in reference_keys(mail)],
        "bcc": _shown(parties.bcc),
        "author": parties.author is not None,
        "automatic": automatic_kind(mail.automatic, null_sender=envelope_from == ""),
        "original": None if forwarded is None else _original(reading),
        "forwarded": None if forwarded is None else asdict(forwarded),
        "sent_on": _redirected(sent_on(reading, envelope_from)),
    }


def _redirected(told: SentOn | None) -> dict[str, Any] | None:
    if told is None:
        return None
    return {"by": [party.address for party in told.by], "surely": told.surely, "envelope": told.envelope}


def sent_on_of(clues: Mapping[str, Any]) -> SentOn | None:
    """Who may have redirected it, as it was kept. clues: a capture's."""
    told = clues.get("sent_on")
    if told is None:
        return None
    by = tuple(Party("", address, normalise(address), fold_identity(address)) for address in told["by"])
    return SentOn(by, told["surely"], told["envelope"])


def _original(reading: Reading) -> dict[str, Any]:
    mail, parties = reading.mail, reading.parties
    return {
        "name": mail.author.name,
        "address": mail.author.address,
        "to": _shown(parties.to),
        "cc": _shown(parties.cc),
        "subject": mail.subject,
        "sent_at_ms": mail.sent_at_ms,
        "text": mail.text[:PREVIEW_CHARACTERS],
    }


def _shown(parties: Iterable[Party]) -> list[dict[str, str]]:
    return [{"name": party.name, "address": party.address} for party in islice(parties, PREVIEW_RECIPIENTS)]
