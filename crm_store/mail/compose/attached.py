"""One attachment as a part: its type, its name, and in which encoding it may go."""

import re
from io import BytesIO

from crm_store.errors import Invalid
from crm_store.mail import parameters
from crm_store.mail.clean_text import clean_name
from crm_store.mail.compose.draft import DraftAttachment
from crm_store.mail.compose.header_fields import word_field
from crm_store.mail.compose.parts import Leaf, put_base64
from crm_store.mail.limits import LIMITS
from crm_store.mail.problems import Problems
from crm_store.mail.structure import MEDIA_TYPE

_UNKNOWN = "application/octet-stream"
_FOLDERS = re.compile(r".*[/\\]", re.DOTALL)
_CHARSET = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,39}")
_CONTENT_ID = re.compile(r"[!-;=?-~]{1,200}")
_FIRST_FIELD = re.compile(rb"[!-9;-~]{1,200}:")
# Above RFC 5322 §2.1.1's 998 letters, or with line ends that it forbids.
_NO_LINES_OF_MAIL = re.compile(rb"[^\r\n]{999}|\0|\r(?!\n)|(?<!\r)\n")


def attachment_leaf(attachment: DraftAttachment, field: str, boundary: str, *, inline: bool) -> Leaf:
    """field: its name in the API. Raises: Invalid."""
    content_type, charset = _type_of(attachment.content_type, f"{field}.content_type")
    as_mail = content_type == "message/rfc822" and _may_go_as_it_is(_content(attachment), boundary)
    if content_type.startswith(("message/", "multipart/")) and not as_mail:
        content_type, charset = _UNKNOWN, ""  # RFC 2045 §6.4, RFC 2046 §5.2.1: those must not be in base64
    disposition = "inline" if inline else "attachment"
    name = clean_name(_FOLDERS.sub("", attachment.name), LIMITS.name_chars)
    header = (
        word_field("Content-Type", content_type, [("charset", charset)] if charset else ())
        + word_field("Content-Transfer-Encoding", "7bit" if as_mail else "base64")
        + word_field("Content-Disposition", disposition, [("filename", name)] if name else ())
    )
    if content_id := attachment.content_id:
        if not _CONTENT_ID.fullmatch(content_id):
            raise Invalid(f"{field}.content_id", "may have printable ASCII letters without brackets only")
        header += word_field("Content-ID", f"<{content_id}>")

    def write(out: BytesIO) -> None:
        content = _content(attachment)
        if as_mail:
            out.write(content)
        else:
            put_base64(out, content)

    return Leaf(header, write)


def _content(attachment: DraftAttachment) -> bytes:
    return attachment.content if isinstance(attachment.content, bytes) else attachment.content()


def _type_of(told: str, field: str) -> tuple[str, str]:
    """The type and its charset, "" where it tells none."""
    if not told.strip():
        return _UNKNOWN, ""
    content_type, told_parameters = parameters.split(told, Problems())
    if not MEDIA_TYPE.fullmatch(content_type):
        raise Invalid(field, "is no media type, such as application/pdf")
    charset = told_parameters.get("charset", "")
    return content_type, charset if _CHARSET.fullmatch(charset) else ""


def _may_go_as_it_is(content: bytes, boundary: str) -> bool:
    """Whether a mail fits unencoded into 7 bits, letter for letter."""
    return (
        bool(_FIRST_FIELD.match(content))
        and content.isascii()
        and not _NO_LINES_OF_MAIL.search(content)
        and boundary.encode("ascii") not in content
    )
