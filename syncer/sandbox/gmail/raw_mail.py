"""The mail that a call brings: as media, or base64url in `raw`."""

from syncer.sandbox.api.call import Call
from syncer.sandbox.api.errors import bad_request
from syncer.sandbox.api.schema import base64url_bytes
from syncer.sandbox.json_value import JsonObject, text


def raw_mail(call: Call, message: JsonObject) -> bytes:
    """message: the Message of the body. Raises: ApiError 400 for none."""
    if call.media is not None:
        raw = call.media
    else:
        try:
            raw = base64url_bytes(text(message, "raw"))
        except ValueError:
            raise bad_request("Invalid value for ByteString") from None
    if not raw:
        raise bad_request("'raw' RFC822 payload message string or uploading message via /upload/* URL required")
    return raw
