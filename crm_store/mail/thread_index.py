"""Thread-Index, by which Outlook and Exchange tell a talk ([MS-OXCMAIL] 2.1.3.2, [MS-OXOMSG] 2.2.1.3)."""

import base64
import binascii

from crm_store.mail.parsed_mail import ThreadIndex

_ROOT_BYTES = 22  # a time and a GUID, made with the first mail
_LEVEL_BYTES = 5  # one more for each answer
_MAX_CHARS = 2000  # some 290 answers


def thread_index(value: str) -> ThreadIndex:
    """An empty one for what is none, or for one that is too long."""
    text = "".join(value.split())
    try:
        octets = base64.b64decode(text, validate=True) if len(text) <= _MAX_CHARS else b""
    except (binascii.Error, ValueError):
        return ThreadIndex()
    levels, rest = divmod(len(octets) - _ROOT_BYTES, _LEVEL_BYTES)
    return ThreadIndex() if levels < 0 or rest else ThreadIndex(octets[:_ROOT_BYTES], is_reply=levels > 0)
