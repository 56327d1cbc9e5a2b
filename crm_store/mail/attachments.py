"""What is attached to a mail, and its bytes."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from mimetypes import MimeTypes

from crm_store.mail import body, header_block, tnef
from crm_store.mail.charset import decode_header_bytes
from crm_store.mail.clean_text import clean_name
from crm_store.mail.header_text import read_text
from crm_store.mail.limits import LIMITS, Limits
from crm_store.mail.message_ids import message_id
from crm_store.mail.parsed_mail import Attachment
from crm_store.mail.problems import Problems
from crm_store.mail.structure import MEDIA_TYPE, Part, find_parts, leaves
from crm_store.mail.transfer import fingerprint

_FOLDERS = re.compile(r".*[/\\]", re.DOTALL)  # some programs tell the sender's whole path
_TYPES = MimeTypes()  # stdlib's own table: what the machine has installed would change what a mail is
# Above all positions of leaves: those of the files in a winmail.dat, from 1 << 16 its first, from 2 << 16 its second.
_FILE_POSITIONS = 1 << 16


def describe(raw: bytes, parts: Iterable[Part], limits: Limits, problems: Problems) -> Iterator[Attachment]:
    """Each leaf, and behind a winmail.dat the files in it."""
    left = limits.tnef_files
    for part in parts:
        yield _described(raw, part, limits, problems)
        files = _files_in(raw, part, left) if left else []
        left -= len(files)
        for number, file in enumerate(files, 1):
            name = clean_name(_FOLDERS.sub("", file.name), limits.name_chars)
            yield Attachment(
                position=(part.position or 0) + number * _FILE_POSITIONS,
                name=name,
                content_type=_type_of(name, file.content_type.casefold()),
                size_bytes=len(file.data),
                sha256=hashlib.sha256(file.data).hexdigest(),
                content_id=None,
                inline=False,
            )


def _files_in(raw: bytes, part: Part, most: int) -> list[tnef.File]:
    if part.content_type not in tnef.CONTENT_TYPES and body.file_name(part).casefold() != "winmail.dat":
        return []
    return tnef.files(body.content(raw, part, Problems()), most)


def _type_of(name: str, told: str) -> str:
    if MEDIA_TYPE.fullmatch(told):
        return told
    return _TYPES.guess_type(name, strict=True)[0] or "application/octet-stream"


def _described(raw: bytes, part: Part, limits: Limits, problems: Problems) -> Attachment:
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
    """The decoded content of the attachment at that position, as read() gives it; None where there is none."""
    problems = Problems()
    number, leaf_position = divmod(position, _FILE_POSITIONS)
    found = (leaf for leaf in leaves(find_parts(raw, limits, problems)) if leaf.position == leaf_position)
    leaf = next(found, None)
    if leaf is None or not number:
        return body.content(raw, leaf, problems) if leaf else None
    files = _files_in(raw, leaf, limits.tnef_files)
    return bytes(files[number - 1].data) if 0 < number <= len(files) else None


def _name(raw: bytes, part: Part, limits: Limits, problems: Problems) -> str:
    name = clean_name(_FOLDERS.sub("", body.file_name(part)), limits.name_chars)
    if name or not part.is_message:
        return name
    data = body.content(raw, part, Problems())
    inner, _ = header_block.split(data, 0, len(data), limits.header_bytes, Problems())
    subject = read_text(decode_header_bytes(inner.first("subject")), problems)
    subject = clean_name(subject.replace("/", "-").replace("\\", "-"), limits.name_chars - len(".eml"))
    return f"{subject or 'message'}.eml"
