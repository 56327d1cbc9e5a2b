"""A quoted header whose labels are in no table: told by its shape alone, for languages that nobody has written down."""

import re
from collections.abc import Sequence

from crm_store.mail.languages.tables import Field
from crm_store.mail.quoting.lines import Line
from crm_store.mail.quoting.quoted_header import QuotedHeader

_FEWEST_FIELDS = 4  # author, day, recipient, subject
_MOST_FIELDS = 8
_MAX_CHARS = 20_000  # of one value: 300 recipients
_FIELD = re.compile(r"[*_ ]*+[^\W\d][^:：՝៖@<>\d]{0,30}[:：՝៖](?=[\s*_])[\s*_]*+(\S.*)")
_MAILBOX = re.compile(r"<[^<>\s@]{1,128}@[^<>\s]{3,255}>")  # a form on a web site prints its address without brackets
_DAY = re.compile(r"\d{4}(?!\d)|\d[-./]\d{1,2}[-./]\d")


def unknown_header(lines: Sequence[Line], at: int) -> QuotedHeader | None:
    """The header that begins with this line, which stands below a separator or a divider; None where it is none.

    All programs print the author before the recipients; the subject is what names neither people nor a day."""
    values: dict[Field, str] = {}
    end = at
    for line in lines[at : at + _MOST_FIELDS]:
        found = _FIELD.match(line.text[:_MAX_CHARS]) if line.depth == lines[at].depth else None
        if found is None:
            break
        field = _field(found[1], values)
        if field is not None:
            values[field] = found[1].strip(" *_")
        end += 1
    whole = {Field.AUTHOR, Field.TO, Field.DATE, Field.SUBJECT} <= values.keys()
    return QuotedHeader(values, (), at, end) if whole and end - at >= _FEWEST_FIELDS else None


def _field(value: str, taken: dict[Field, str]) -> Field | None:
    if _MAILBOX.search(value):
        free = (field for field in (Field.AUTHOR, Field.TO, Field.CC) if field not in taken)
    elif _DAY.search(value) and Field.DATE not in taken:
        return Field.DATE
    else:
        free = (field for field in (Field.SUBJECT,) if field not in taken)
    return next(free, None)
