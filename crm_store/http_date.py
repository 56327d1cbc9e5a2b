"""Times as HTTP writes them."""

from email.utils import parsedate_to_datetime


def http_date_ms(value: str) -> int | None:
    """UTC; None for what is no date. Source: RFC 9110 §5.6.7."""
    try:
        return int(parsedate_to_datetime(value).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
