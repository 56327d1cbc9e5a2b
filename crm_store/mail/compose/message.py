"""A draft as one RFC 5322 message: 7-bit ASCII, CRLF, lines of at most 998 letters, without Date.

Whatever a person typed comes out as value and never as structure: no field, part or recipient but the draft's."""

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from urllib.parse import unquote

from crm_store.errors import Invalid
from crm_store.mail.clean_text import clean_line, clean_lines, clean_name
from crm_store.mail.compose import header_fields
from crm_store.mail.compose.attached import attachment_leaf
from crm_store.mail.compose.draft import Draft, ReplyTo
from crm_store.mail.compose.parts import Leaf, Multipart, put, text_leaf
from crm_store.mail.compose.signature import sign_html, sign_text, words_of
from crm_store.mail.limits import LIMITS
from crm_store.mail.parsed_mail import Mailbox
from crm_store.typed_address import wire_form

DELIVERY_FIELD = "X-SunnyDay-Delivery"
MOST_BYTES = 36_700_160  # Gmail's maxSize of messages.send (facts/gmail.md 1.3)
# RFC 5322 sets no bound; the first and the latest are what threads are found by, and mails of 1,000 answers bounce.
MOST_REFERENCES = 30
_TOKEN = re.compile(r"[A-Za-z0-9]{26,60}")  # a boundary has at most 70 letters (RFC 2046 §5.1.1)
_ID = re.compile(r"[!-;=?-~]{1,900}")
_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_FIELD_VALUE = re.compile(r"[!-~]+(?: [!-~]+)*")


def compose(draft: Draft, *, bcc_field: bool) -> bytes:
    """bcc_field: for a host that reads the recipients from the header and takes Bcc out of it (Gmail), and no other.

    Raises: Invalid with the field's name in the API for what no mail may hold; ValueError for a value of ours."""
    return _written(draft, own_header(draft, bcc_field=bcc_field))


def own_header(draft: Draft, *, bcc_field: bool) -> bytes:
    """The fields that tell one delivery from others of the same content(): whom it goes to, and its ids.

    Raises: as compose()."""
    people = [("to", draft.to), ("cc", draft.cc), *([("bcc", draft.bcc)] if bcc_field else [])]
    fields = [
        header_fields.mailbox_field(name.title(), [_mailbox(one, f"{name}.{at}") for at, one in enumerate(given)])
        for name, given in people
    ]
    if draft.message_id is not None:
        if not _ID.fullmatch(draft.message_id):
            raise ValueError("no Message-ID of ours")
        fields.append(header_fields.ids_field("Message-ID", [draft.message_id]))
    return b"".join([*fields, header_fields.word_field(DELIVERY_FIELD, _checked_token(draft))])


def content(draft: Draft) -> bytes:
    """What stands behind an own_header(). The token names only the borders of its parts: for several deliveries one
    that is none of theirs, so that none tells another's.

    Raises: as compose()."""
    return _written(draft, b"")


def _written(draft: Draft, first: bytes) -> bytes:
    out = BytesIO()
    out.write(first + _shared_header(draft))
    boundary = f"=_{_checked_token(draft)}"
    put(out, _root(draft, boundary), boundary)
    if out.tell() > MOST_BYTES:
        raise Invalid("attachments", f"the whole message has more than {MOST_BYTES} bytes")
    return out.getvalue()


def _checked_token(draft: Draft) -> str:
    if not _TOKEN.fullmatch(draft.token):
        raise ValueError("a token has 26 to 60 letters and digits")
    return draft.token


def _shared_header(draft: Draft) -> bytes:
    subject = clean_line(draft.subject)
    if len(subject) > LIMITS.subject_chars:
        raise Invalid("subject", f"has at most {LIMITS.subject_chars} characters")
    fields = [
        header_fields.mailbox_field("From", [_mailbox(Mailbox(draft.from_name, draft.from_address), "from")]),
        header_fields.text_field("Subject", subject),
        *_answering(draft.reply),
        *_further(draft.fields),
        b"MIME-Version: 1.0\r\n",
    ]
    return b"".join(fields)


def _mailbox(given: Mailbox, field: str) -> Mailbox:
    return Mailbox(clean_name(given.name, LIMITS.name_chars), wire_form(given.address, field))


def _answering(reply: ReplyTo | None) -> Iterator[bytes]:
    """Ids that no header can carry, as a stranger's mail may have, are left out."""
    if reply is None:
        return
    answered = list(filter(_ID.fullmatch, [reply.message_id] if reply.message_id else []))
    yield header_fields.ids_field("In-Reply-To", answered)
    ids = [*dict.fromkeys(one for one in (*reply.references, *answered) if _ID.fullmatch(one))]
    if len(ids) > MOST_REFERENCES:
        ids = [ids[0], *ids[len(ids) - MOST_REFERENCES + 1 :]]
    yield header_fields.ids_field("References", ids)


def _further(fields: Iterable[tuple[str, str]]) -> Iterator[bytes]:
    for name, value in fields:
        if not (_FIELD_NAME.fullmatch(name) and _FIELD_VALUE.fullmatch(value)):
            raise ValueError(f"no header field of ours: {name}")
        yield header_fields.word_field(name, value)


def _root(draft: Draft, boundary: str) -> Leaf | Multipart:
    """RFC 2046 §5.1: mixed(alternative(text, related(html, images)), files), without the levels that hold one part."""
    source = _clean_text(draft.html or "", "html", LIMITS.html_chars)
    named = unquote(source)
    images: list[Leaf] = []
    files: list[Leaf] = []
    for at, attachment in enumerate(draft.attachments):
        inline = attachment.content_id is not None and f"cid:{attachment.content_id}" in named
        leaf = attachment_leaf(attachment, f"attachments.{at}", boundary, inline=inline)
        (images if inline else files).append(leaf)
    return _unless_alone("mixed", [_texts(draft, source, images, boundary), *files])


def _texts(draft: Draft, source: str, images: Iterable[Leaf], boundary: str) -> Leaf | Multipart:
    signature, answers = clean_lines(draft.signature).strip(), draft.reply is not None
    typed = _clean_text(draft.text, "text", LIMITS.text_chars)
    text = sign_text(typed, signature, answers=answers)
    if not source:
        return text_leaf("plain", text, boundary)
    source = sign_html(source, signature, answers=answers)
    if not typed:
        text = _clean_text(words_of(source), "html", LIMITS.text_chars)
    page = _unless_alone("related", [text_leaf("html", source, boundary), *images])
    return _unless_alone("alternative", [*([text_leaf("plain", text, boundary)] if text else ()), page])


def _clean_text(text: str, field: str, most_chars: int) -> str:
    """Lines that all have an end; "" where nothing is written."""
    cleaned = clean_lines(text).lstrip("\ufeff").rstrip("\n") + "\n"
    if len(cleaned) > most_chars:
        raise Invalid(field, f"has at most {most_chars} characters")
    return cleaned if cleaned.strip() else ""


def _unless_alone(kind: str, children: list[Leaf | Multipart]) -> Leaf | Multipart:
    return Multipart(kind, tuple(children)) if len(children) > 1 else children[0]
