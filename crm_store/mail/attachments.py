"""What is attached to a mail, and its bytes."""

import re

from crm_store.mail import body, header_block
from crm_store.mail.charset import decode_header_bytes
from crm_store.mail.clean_text import clean_name
from crm_store.mail.header_text import read_text
from crm_store.mail.limits import LIMITS, Limits
from crm_store.mail.message_ids import message_id
from crm_store.mail.parsed_mail import Attachment
from crm_store.mail.problems import Problems
from crm_store.mail.structure import Part, find_parts, leaves
from crm_store.mail.transfer import fingerprint

_FOLDERS = re.compile(r".*[/\\]", re.DOTALL)  # some programs tell the sender's whole path


def describe(raw: bytes, part: Part, limits: Limits, problems: Problems) -> Attachment:
    """One leaf as an attachment; its content is decoded, hashed and forgotten."""
    encoded = memoryview(raw)[part.start : part.end]
    size_bytes, sha256 = fingerprint(encoded, part.headers.first("content-transfer-encoding"), problems)
    content_id = message_id(body.header_text(part, "content-id"), limits)
    return Attachment(
        position=part.position or 0,
        name=_name(raw, part, limits, problems),
        content_type=part.content_type,
        size_bytes=size_bytes,
        sha256=sha256,
        content_id=content_id,
        inline=part.disposition == "inline" or (content_id is not None and part.disposition != "attachment"),
    )


def attachment_bytes(raw: bytes, position: int, limits: Limits = LIMITS) -> bytes | None:
    """The decoded content of the leaf at that position; None where there is none. Positions are those of read()."""
    problems = Problems()
    found = (leaf for leaf in leaves(find_parts(raw, limits, problems)) if leaf.position == position)
    leaf = next(found, None)
    return body.content(raw, leaf, problems) if leaf else None


def _name(raw: bytes, part: Part, limits: Limits, problems: Problems) -> str:
    name = clean_name(_FOLDERS.sub("", body.file_name(part)), limits.name_chars)
    if name or not part.is_message:
        return name
    data = body.content(raw, part, Problems())
    inner, _ = header_block.split(data, 0, len(data), limits.header_bytes, Problems())
    subject = read_text(decode_header_bytes(inner.first("subject")), problems)
    subject = clean_name(subject.replace("/", "-").replace("\\", "-"), limits.name_chars - len(".eml"))
    return f"{subject or 'message'}.eml"
