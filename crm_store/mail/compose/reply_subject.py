"""E5: the subject of an answer. Gmail keeps a thread together only while subjects match (facts/gmail.md 1.3)."""

from crm_store.mail.clean_text import clean_line
from crm_store.mail.languages.tables import ANSWER_PREFIXES, folded
from crm_store.mail.limits import LIMITS

_COUNTERS = "0123456789[]()^ "  # "Re[2]:", "Re^3:"


def reply_subject(subject: str) -> str:
    """ "Re: " before a subject that has no prefix of an answer yet, in whatever language."""
    subject = clean_line(subject)
    word, colon, _ = subject.replace("：", ":").partition(":")
    if colon and folded(word.rstrip(_COUNTERS)) in ANSWER_PREFIXES:
        return subject
    return f"Re: {subject}"[: LIMITS.subject_chars].rstrip()
