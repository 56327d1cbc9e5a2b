"""The words that say what could not be read as it was written (C10). They are stored and shown: never reworded."""

from enum import StrEnum


class Problem(StrEnum):
    """One word phrase; ParsedMail.problems holds each at most once, in the order met."""

    UNREADABLE = "unreadable"  # nothing could be read at all: the mail is to be held
    MAIL_CUT = "mail cut"
    HEADER_CUT = "header cut"
    BROKEN_HEADER = "broken header"
    NO_FROM = "no From"
    NO_DATE = "no Date"
    UNREADABLE_DATE = "unreadable Date"
    NO_MESSAGE_ID = "no Message-ID"
    SEVERAL_FROM = "several From"
    SEVERAL_SUBJECT = "several Subject"
    SEVERAL_DATE = "several Date"
    SEVERAL_MESSAGE_ID = "several Message-ID"
    SUBJECT_CUT = "subject cut"
    TOO_MANY_RECIPIENTS = "too many recipients"
    TOO_MANY_REFERENCES = "too many references"
    TOO_MANY_PARTS = "too many parts"
    NESTED_TOO_DEEP = "nested too deep"
    BROKEN_MULTIPART = "broken multipart"
    UNKNOWN_CHARSET = "unknown charset"
    UNDECODABLE_BYTES = "undecodable bytes"
    UNKNOWN_ENCODING = "unknown encoding"
    BROKEN_BASE64 = "broken base64"
    BROKEN_UUENCODE = "broken uuencode"
    TEXT_CUT = "text cut"
    BARE_CR = "bare CR"
    BARE_LF = "bare LF"
    NUL = "NUL"


# What a reader of the text should know: words of it may be wrong, or missing.
HURT_TEXT = frozenset(
    {
        Problem.UNREADABLE,
        Problem.MAIL_CUT,
        Problem.TOO_MANY_PARTS,
        Problem.NESTED_TOO_DEEP,
        Problem.BROKEN_MULTIPART,
        Problem.UNKNOWN_CHARSET,
        Problem.UNDECODABLE_BYTES,
        Problem.UNKNOWN_ENCODING,
        Problem.BROKEN_BASE64,
        Problem.BROKEN_UUENCODE,
        Problem.TEXT_CUT,
    }
)


class Problems(list[Problem]):
    """What one read met so far. Kept small: a word is there once."""

    def note(self, problem: Problem) -> None:
        """Add the word if it is new."""
        if problem not in self:
            self.append(problem)
