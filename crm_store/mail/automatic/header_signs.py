"""The signs by which automatic mail tells that it is (RFC 3834 §5, 2369, 2919, 3462, 5546), in its header and parts."""

import re
from collections import Counter
from dataclasses import replace

from crm_store.mail import body
from crm_store.mail.automatic import words
from crm_store.mail.automatic.report import ReportReader
from crm_store.mail.automatic.sent_on import rule_sent_it_on, sent_on_by
from crm_store.mail.automatic.signs import AutomaticSigns, Report
from crm_store.mail.charset import decode_header_bytes
from crm_store.mail.clean_text import clean_line
from crm_store.mail.header_text import decode_words
from crm_store.mail.limits import Limits
from crm_store.mail.mailboxes import read_mailboxes
from crm_store.mail.message_ids import message_id
from crm_store.mail.parsed_mail import Mailbox
from crm_store.mail.problems import Problems
from crm_store.mail.structure import Part, leaves

MOST_HOPS = 50  # Received fields. RFC 5321 §6.3 has a host give up at 100; Postfix and Exim do so at 50 and 30
_MOST_SAME_ADDRESS = 3  # times that one address may stand in Delivered-To: forwards to oneself write it twice
_SAID_CHARS = 8000  # of a text, in which a notice says what it is
_VALUE_CHARS = 1000
_METHOD = re.compile(rb"^METHOD[ \t]*:[ \t]*([A-Za-z-]{3,20})[ \t]*\r?$", re.MULTILINE)
_CALENDAR_BYTES = 16 * 1024  # METHOD stands at the beginning of a calendar (RFC 5545 §3.6)
# RFC 5546 §1.4; PUBLISH asks nobody for anything: people attach such files.
_METHODS = frozenset({"request", "reply", "cancel", "counter", "declinecounter", "refresh", "add"})
_REPLY_CODE = re.compile(r"(?<![\d.,])(?:421|45\d|50[0-4]|52[1-4]|55\d|57[01])[ -](?=\S)")  # RFC 5321 §4.2.3


def automatic_signs(raw: bytes, root: Part, text: str, limits: Limits) -> AutomaticSigns:
    """text: the mail's, as a person reads it. Values in lower case, "" where absent."""
    header = _Header(root, limits)
    report_type = root.parameters.get("report-type", "").casefold()
    content_type = header.value("content-type").partition(";")[0].strip()
    by_rule = rule_sent_it_on(root.headers)
    signs = AutomaticSigns(
        auto_submitted="" if by_rule else header.value("auto-submitted"),
        precedence=header.value("precedence"),
        list_id=header.value("list-id"),
        # As written: a report whose parts cannot be found is a report still.
        content_type=f"{content_type}; report-type={report_type}" if report_type else content_type,
        return_path_is_null="".join(header.value("return-path").split()) == "<>",
        replies=any(header.tells(name, words.REPLY_FIELDS[name]) for name in header.names & words.REPLY_FIELDS.keys()),
        subject_replies=header.subject.startswith(words.REPLY_SUBJECTS),
        suppresses=bool(header.value("x-auto-response-suppress") or header.value("x-loop")),
        to_a_list=any(map(header.value, header.names & words.LIST_FIELDS)),
        method=_method(raw, root),
        from_mail_system=header.from_mail_system(),
        answers=message_id(decode_header_bytes(root.headers.first("in-reply-to")), limits),
        looped=header.looped(),
        sent_on_by=sent_on_by(root.headers, limits),
        sent_on_by_rule=by_rule,
    )
    return replace(signs, report=_report(signs, header, ReportReader(raw, root, text, limits), text))


def _report(signs: AutomaticSigns, header: "_Header", reader: ReportReader, text: str) -> Report | None:
    """A report by its structure, or by what a mail system says in prose. A person who writes about a bounce, or sends
    one on, is no mail system."""
    by_system = signs.from_mail_system or signs.return_path_is_null
    by_program = by_system or header.from_nobody() or signs.auto_submitted.startswith("auto-")
    if reader.is_multipart_report or reader.has_feedback or (by_program and reader.has_report_part):
        return reader.declared()
    if header.is_complaint():
        return reader.feedback()
    subject_says = words.says(header.subject, words.FAILURE_SUBJECTS)
    if not (by_program or subject_says):
        return None
    body_says = words.says(text[:_SAID_CHARS].casefold(), words.FAILURE_SAID)
    if by_program and header.value("x-failed-recipients"):
        return reader.delivery()
    if not (subject_says or body_says or header.from_daemon()):
        return None
    found = reader.delivery()
    shows = reader.attached_original is not None or _REPLY_CODE.search(text[:_SAID_CHARS]) is not None
    if by_system:
        # Postmasters are people, too, and some write from that address.
        if header.from_daemon():
            return found
        told = subject_says or shows or signs.return_path_is_null
        return found if told and (found.recipients or found.original_message_id or subject_says) else None
    if not body_says or not found.recipients:
        return None
    if by_program:
        return found if shows else None
    return replace(found, doubtful=True) if subject_says else None


def _method(raw: bytes, root: Part) -> str:
    """Of the calendar part that is the mail's matter (RFC 6047 §2.4), not of a file that somebody attached; or ""."""
    for leaf in leaves(root):
        if leaf.content_type == "text/calendar" and leaf.disposition != "attachment":
            told = leaf.parameters.get("method", "").strip().casefold()
            if not told:
                match = _METHOD.search(body.content(raw, leaf, Problems())[:_CALENDAR_BYTES])
                told = match[1].decode("ascii").casefold() if match else ""
            if told in _METHODS:
                return told
    return ""


class _Header:
    """The header of the mail, asked for signs."""

    def __init__(self, root: Part, limits: Limits) -> None:
        self._headers, self._limits = root.headers, limits
        self.names = root.headers.fields.keys()
        self._from = self._author()
        self.subject = self._subject()

    def value(self, name: str) -> str:
        raw = self._headers.first(name)[:_VALUE_CHARS]
        return clean_line(decode_header_bytes(raw)).casefold() if raw else ""

    def tells(self, name: str, but: tuple[str, ...]) -> bool:
        """Whether the field is there and says something else than these words."""
        value = self.value(name)
        return bool(value) and not value.startswith(but)

    def _subject(self) -> str:
        raw = decode_header_bytes(self._headers.first("subject")[: 4 * _VALUE_CHARS])
        return clean_line(decode_words(clean_line(raw), Problems()))[:_VALUE_CHARS].casefold()

    def from_mail_system(self) -> bool:
        name, address = self._from.name, self._from.address
        local, at, _ = address.casefold().partition("@")
        if not at:  # "Mail Delivery System <>", "mailer-daemon"
            return bool(self._headers.first("from").strip()) and (
                not name
                or words.says(name.casefold(), words.MAIL_SYSTEM_NAMES)
                or name.casefold() in words.MAIL_SYSTEM_LOCALS
            )
        if local.startswith("microsoftexchange") or local in words.MAIL_SYSTEM_LOCALS:
            return True
        return words.says(name.casefold(), words.MAIL_SYSTEM_NAMES)

    def from_daemon(self) -> bool:
        """Nobody writes from such an address."""
        return "daemon" in self._from.address.casefold().partition("@")[0]

    def from_nobody(self) -> bool:
        """An address that takes no answers."""
        return words.NOBODY_LOCALS.match(self._from.address.casefold()) is not None

    def is_complaint(self) -> bool:
        """Hotmail's complaints: older than RFC 5965, without a report part."""
        return self.subject.startswith("complaint about message from ")

    def looped(self) -> bool:
        """Too many hosts have had it, or one address got it again and again (RFC 5321 §6.3)."""
        if len(self._headers.all("received")) > MOST_HOPS:
            return True
        delivered = Counter(value.strip().lower() for value in self._headers.all("delivered-to"))
        return max(delivered.values(), default=0) >= _MOST_SAME_ADDRESS

    def _author(self) -> Mailbox:
        value = decode_header_bytes(self._headers.first("from")[: 4 * _VALUE_CHARS])
        return next(iter(read_mailboxes(value, Problems(), self._limits)), Mailbox("", ""))
