"""Numbers that somebody typed into a form."""

from collections.abc import Mapping

from crm_store.errors import Invalid

_MOST_DIGITS = 9


def whole(form: Mapping[str, str], field: str) -> int:
    """Raises: Invalid for what is no whole number from 0 on."""
    typed = form.get(field, "").strip()
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= _MOST_DIGITS):
        raise Invalid(field, "is a whole number")
    return int(typed)


def whole_or_none(form: Mapping[str, str], field: str) -> int | None:
    """None where nothing was typed. Raises: Invalid."""
    return whole(form, field) if form.get(field, "").strip() else None
