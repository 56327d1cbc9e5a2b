"""Message-ID, In-Reply-To, References (RFC 5322 §3.6.4): ids without brackets."""

import re

from crm_store.mail.clean_text import clean_line
from crm_store.mail.limits import LIMITS, Limits
from crm_store.mail.problems import Problem, Problems

_BRACKETED = re.compile(r"<([^<>]*)>")


def message_id(value: str, limits: Limits = LIMITS) -> str | None:
    """The id of a Message-ID field; None where there is none. Without brackets the whole value, if it is one word."""
    if match := _BRACKETED.search(value):
        return _id(match[1], limits)
    words = value.replace("<", " ").replace(">", " ").split()
    return _id(words[0], limits) if len(words) == 1 else None


def answered_ids(value: str, problems: Problems, limits: Limits = LIMITS) -> tuple[str, ...]:
    """The ids of In-Reply-To or References, each once, in order; the first and the latest where there are too many.

    Words outside brackets are taken only when all look like ids: `Your message to budi@toko.id` names a person, and two
    mails that "answer" a person are no thread."""
    found = _BRACKETED.findall(value)
    if not found:
        words = value.replace(",", " ").replace("<", " ").replace(">", " ").split()
        found = words if all("@" in word for word in words) else []
    ids = list(dict.fromkeys(filter(None, (_id(text, limits) for text in found))))
    if len(ids) > limits.references:
        problems.note(Problem.TOO_MANY_REFERENCES)
        ids = [ids[0], *ids[len(ids) - limits.references + 1 :]]
    return tuple(ids)


def _id(text: str, limits: Limits) -> str | None:
    """Folding inside an id is taken out (RFC 5322 §3.6.4 allows no white space there). None for what can't be one."""
    text = "".join(clean_line(text).split())
    return text if 0 < len(text) <= limits.message_id_chars else None
