"""Raw bytes to ParsedMail: the path of every mail. Never raises (C10); what it costs is bounded by limits.py."""

import structlog

from crm_store.mail import attachments, body
from crm_store.mail.automatic.header_signs import automatic_signs
from crm_store.mail.automatic.signs import AutomaticSigns
from crm_store.mail.charset import decode, decode_header_bytes
from crm_store.mail.clean_text import clean_lines
from crm_store.mail.dates import sent_at_ms, utc_offset_s
from crm_store.mail.header_text import read_text
from crm_store.mail.limits import LIMITS, Limits
from crm_store.mail.mailboxes import read_mailboxes
from crm_store.mail.message_ids import answered_ids, message_id
from crm_store.mail.parsed_mail import Mailbox, ParsedMail
from crm_store.mail.problems import Problem, Problems
from crm_store.mail.structure import Part, find_parts
from crm_store.mail.thread_index import thread_index

log = structlog.get_logger()

_SINGLE_FIELDS = {  # RFC 5322 §3.6: at most once. The first counts
    "from": Problem.SEVERAL_FROM,
    "subject": Problem.SEVERAL_SUBJECT,
    "date": Problem.SEVERAL_DATE,
    "message-id": Problem.SEVERAL_MESSAGE_ID,
}


def read(raw: bytes, limits: Limits = LIMITS) -> ParsedMail:
    """What is understood of one mail. problems says what could not be read as written; see Problem for the words."""
    try:
        return _read(raw, limits, with_embedded=True)
    except Exception as error:  # noqa: BLE001 - C10: a mail that upsets the reader is held for a person, never lost
        log.error("mail_unreadable", error=type(error).__name__, size_bytes=len(raw))
        return _bare("", "", Problems([Problem.UNREADABLE]))


def read_body(data: bytes, subject: str, limits: Limits = LIMITS) -> ParsedMail:
    """A mail of which only its text is known, and perhaps the subject. data: in UTF-8, else Windows-1252."""
    problems = Problems()
    text = decode(data[: body.most_bytes(limits.text_chars)], "", problems).removeprefix("\ufeff")
    if len(data) > body.most_bytes(limits.text_chars) or len(text) > limits.text_chars:
        problems.note(Problem.TEXT_CUT)
    subject = read_text(subject, problems)[: limits.subject_chars].strip()
    return _bare(subject, clean_lines(text[: limits.text_chars]), problems)


def _read(raw: bytes, limits: Limits, *, with_embedded: bool) -> ParsedMail:
    problems = Problems()
    _look_at_bytes(raw, limits, problems)
    root = find_parts(raw, limits, problems)
    fields = _Fields(root, limits, problems)
    division = body.divide(raw, root)
    text = body.text_of(raw, division.text, limits, problems)
    return ParsedMail(
        message_id=fields.message_id(),
        in_reply_to=answered_ids(fields.joined("in-reply-to", " "), problems, limits),
        references=answered_ids(fields.joined("references", " "), problems, limits),
        from_=fields.from_(),
        sender=fields.mailboxes("sender"),
        reply_to=fields.mailboxes("reply-to"),
        to=fields.mailboxes("to"),
        cc=fields.mailboxes("cc"),
        bcc=fields.mailboxes("bcc"),
        subject=fields.subject(),
        sent_at_ms=fields.sent_at_ms(),
        text=text,
        has_html=division.has_html,
        attachments=tuple(attachments.describe(raw, division.attached, limits, problems)),
        automatic=automatic_signs(raw, root, text, limits),
        problems=tuple(problem.value for problem in problems),
        utc_offset_s=utc_offset_s(fields.first("date")),
        embedded=_embedded(raw, division.attached, limits) if with_embedded else None,
        thread_index=thread_index(fields.first("thread-index")),
    )


def _embedded(raw: bytes, attached: list[Part], limits: Limits) -> ParsedMail | None:
    """What is wrong with it is no problem of the mail around it."""
    part = next((part for part in attached if part.is_message), None)
    return _read(body.content(raw, part, Problems()), limits, with_embedded=False) if part else None


def _look_at_bytes(raw: bytes, limits: Limits, problems: Problems) -> None:
    """Line ends that RFC 5321 §2.3.8 forbids. A mail whose lines all end in LF comes from a file, and is no oddity."""
    if len(raw) > limits.raw_bytes:
        problems.note(Problem.MAIL_CUT)
    pairs = raw.count(b"\r\n")
    if raw.count(b"\r") > pairs:
        problems.note(Problem.BARE_CR)
    if pairs and raw.count(b"\n") > pairs:
        problems.note(Problem.BARE_LF)
    if b"\0" in raw:
        problems.note(Problem.NUL)


class _Fields:
    """The header of the mail, as values."""

    def __init__(self, root: Part, limits: Limits, problems: Problems) -> None:
        self._headers, self._limits, self._problems = root.headers, limits, problems
        self._charset = root.parameters.get("charset", "")
        for name, problem in _SINGLE_FIELDS.items():
            if len(self._headers.all(name)) > 1:
                problems.note(problem)

    def first(self, name: str) -> str:
        return decode_header_bytes(self._headers.first(name), self._charset)

    def joined(self, name: str, separator: str) -> str:
        return separator.join(decode_header_bytes(value, self._charset) for value in self._headers.all(name))

    def mailboxes(self, name: str) -> tuple[Mailbox, ...]:
        return read_mailboxes(self.joined(name, ", "), self._problems, self._limits)

    def from_(self) -> tuple[Mailbox, ...]:
        found = self.mailboxes("from")
        if not any(mailbox.address for mailbox in found):
            self._problems.note(Problem.NO_FROM)
        return found

    def message_id(self) -> str | None:
        found = message_id(self.first("message-id"), self._limits)
        if found is None:
            self._problems.note(Problem.NO_MESSAGE_ID)
        return found

    def subject(self) -> str:
        subject = read_text(self.first("subject"), self._problems)
        if len(subject) > self._limits.subject_chars:
            self._problems.note(Problem.SUBJECT_CUT)
        return subject[: self._limits.subject_chars].strip()

    def sent_at_ms(self) -> int | None:
        value = self.first("date").strip()
        moment = sent_at_ms(value)
        if moment is None:
            self._problems.note(Problem.UNREADABLE_DATE if value else Problem.NO_DATE)
        return moment


def _bare(subject: str, text: str, problems: Problems) -> ParsedMail:
    return ParsedMail(
        message_id=None,
        in_reply_to=(),
        references=(),
        from_=(),
        sender=(),
        reply_to=(),
        to=(),
        cc=(),
        bcc=(),
        subject=subject,
        sent_at_ms=None,
        text=text,
        has_html=False,
        attachments=(),
        automatic=AutomaticSigns(),
        problems=tuple(problem.value for problem in problems),
    )
