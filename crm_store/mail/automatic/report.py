"""The report in a mail, if it is one: about a delivery (RFC 3464), a complaint (RFC 5965) or a reading (RFC 8098)."""

from collections.abc import Iterable
from functools import cached_property

from crm_store.mail import body
from crm_store.mail.automatic.delivery_status import REPORT_CHARS, address_in, field_of, read_recipients
from crm_store.mail.automatic.notice import inferred, read_notice, told_in
from crm_store.mail.automatic.original import Original, begins_with_header, read_original
from crm_store.mail.automatic.signs import Report, ReportedRecipient, ReportKind
from crm_store.mail.automatic.words import MAIL_SYSTEM_LOCALS
from crm_store.mail.charset import decode, decode_header_bytes
from crm_store.mail.clean_text import clean_lines
from crm_store.mail.limits import Limits
from crm_store.mail.message_ids import message_id
from crm_store.mail.problems import Problems
from crm_store.mail.structure import Part, find_parts, leaves
from crm_store.mail.transfer import undo

_GLANCE_BYTES = 200
_MOST_ENCODED = 4  # bytes that one byte takes: quoted-printable takes three, and line ends besides
_DELIVERY = frozenset({"message/delivery-status", "message/global-delivery-status"})
_RECEIPT = frozenset({"message/disposition-notification", "message/global-disposition-notification"})
_FEEDBACK = frozenset({"message/feedback-report"})
_ORIGINAL = frozenset({
    "message/rfc822", "message/global", "text/rfc822-headers", "text/rfc822-header", "message/rfc822-headers",
    "message/global-headers", "message/partial", "text/rfc822",
})  # fmt: skip


class ReportReader:
    """Looks at one mail; each question is asked at most once."""

    def __init__(self, raw: bytes, root: Part, text: str, limits: Limits, *, is_wrapped: bool = False) -> None:
        self._is_wrapped = is_wrapped
        self._raw, self._root, self._text, self._limits = raw, root, text, limits
        self._leaves = list(leaves(root))

    @property
    def is_multipart_report(self) -> bool:
        """As written (RFC 6522 §3), also where its parts cannot be found."""
        written = decode_header_bytes(self._root.headers.first("content-type")[:100]).casefold()
        return written.strip().startswith("multipart/report")

    @property
    def has_report_part(self) -> bool:
        return self._first(_DELIVERY | _RECEIPT | _FEEDBACK) is not None

    @property
    def has_feedback(self) -> bool:
        """Amazon's complaints come as multipart/mixed, from an address like any other."""
        return self._first(_FEEDBACK) is not None

    def declared(self) -> Report:
        """What the structure of the mail says; about a delivery where it does not say about what."""
        report_type = self._root.parameters.get("report-type", "").casefold() if self.is_multipart_report else ""
        if report_type == "feedback-report" or self._first(_FEEDBACK) is not None:
            return self.feedback()
        if report_type == "disposition-notification" or self._first(_RECEIPT) is not None:
            return self._receipt()
        return self.delivery()

    @cached_property
    def attached_original(self) -> Original | None:
        """As a mail, or as its header; also where the attachment says that it is something else."""
        part = self._first(_ORIGINAL)
        if part is not None:
            return read_original(self._begin(part), self._limits)
        for leaf in self._leaves:
            if leaf is self._root:
                continue
            if leaf.headers.first("message-id") and leaf.headers.first("received"):  # the part's header is the mail's
                return read_original(self._raw[self._start_of(leaf) : leaf.start], self._limits)
            if leaf.content_type == "text/plain" and body.file_name(leaf):
                header = self._begin(leaf)
                if begins_with_header(decode_header_bytes(header[:_GLANCE_BYTES])):
                    return read_original(header, self._limits)
        return None

    def _begin(self, leaf: Part) -> bytes:
        """As much of its content as a header may take: what is attached may be large."""
        return self._decoded(leaf, self._limits.header_bytes)

    def _decoded(self, leaf: Part, limit_bytes: int) -> bytes:
        encoded = self._raw[leaf.start : min(leaf.end, leaf.start + _MOST_ENCODED * limit_bytes)]
        return undo(encoded, leaf.headers.first("content-transfer-encoding"), Problems())[:limit_bytes]

    def _start_of(self, leaf: Part) -> int:
        """Where the header of a part begins: behind the last delimiter before its body."""
        within = self._raw.rfind(b"\n--", max(0, leaf.start - self._limits.header_bytes), leaf.start)
        return self._raw.find(b"\n", within + 1, leaf.start) + 1

    def _first(self, kinds: Iterable[str]) -> Part | None:
        return next((leaf for leaf in self._leaves if leaf.content_type in kinds), None)

    def _content(self, part: Part) -> str:
        return clean_lines(decode(self._decoded(part, REPORT_CHARS), "", Problems()))

    def delivery(self) -> Report:
        told: list[ReportedRecipient] = []
        named = ""
        for leaf in self._leaves:
            if leaf.content_type in _DELIVERY and len(told) < self._limits.recipients:
                content = self._content(leaf)
                told += read_recipients(content, self._limits)
                named = named or field_of(content, "x-original-message-id", "original-message-id")
        original = self.attached_original
        notice = read_notice(self._text, self._not_failed(), original, self._limits)
        told = told or read_recipients(self._text, self._limits)
        told = told or self._in_header(notice.recipients) or list(notice.recipients)
        original = original if original and original.message_id else (notice.original or original)
        if not told and original and _is_mail_system(original.sender):
            return self._wrapped() or Report(ReportKind.DELIVERY, original.message_id)
        told = told or list(inferred(original, self._text[:REPORT_CHARS]))
        ids = (original.message_id if original else None, message_id(named), notice.message_id, self._answered())
        return Report(ReportKind.DELIVERY, next(filter(None, ids), None), _each_once(told, self._limits))

    def _wrapped(self) -> Report | None:
        """The bounce in the bounce, which a filter has wrapped; None where there is none. One level of it."""
        part = self._first(_ORIGINAL)
        if part is None or self._is_wrapped:
            return None
        raw = body.content(self._raw, part, Problems())
        root = find_parts(raw, self._limits, Problems())
        return ReportReader(raw, root, "", self._limits, is_wrapped=True).delivery()

    def _in_header(self, notice: Iterable[ReportedRecipient]) -> list[ReportedRecipient]:
        """X-Failed-Recipients, which Exim and Gmail write; the reason stands in the notice."""
        value = decode_header_bytes(self._root.headers.first("x-failed-recipients"))
        named = {address_in(word).casefold(): address_in(word) for word in value.split(",")[: self._limits.recipients]}
        told = {one.address.casefold(): one for one in notice}
        return [told.get(key) or told_in(address, self._text) for key, address in named.items() if key]

    def feedback(self) -> Report:
        original = self.attached_original
        part = self._first(_FEEDBACK)
        content = self._content(part) if part else ""
        named = message_id(field_of(content, "original-message-id", "x-original-message-id", "message-id"))
        return Report(ReportKind.FEEDBACK, (original.message_id if original else None) or named)

    def _receipt(self) -> Report:
        part = self._first(_RECEIPT)
        original = self.attached_original
        named = message_id(field_of(self._content(part) if part else "", "original-message-id"))
        return Report(ReportKind.RECEIPT, named or (original.message_id if original else None) or self._answered())

    def _answered(self) -> str | None:
        return message_id(decode_header_bytes(self._root.headers.first("in-reply-to")))

    def _not_failed(self) -> frozenset[str]:
        """Whom the notice was sent to, and who sent it."""
        fields = ("to", "from", "reply-to", "sender", "delivered-to", "x-original-to")
        values = [decode_header_bytes(self._root.headers.first(name)[:4000]) for name in fields]
        return frozenset(address_in(value).casefold() for value in values)


def _is_mail_system(address: str) -> bool:
    return address.partition("@")[0].casefold() in MAIL_SYSTEM_LOCALS


def _each_once(recipients: list[ReportedRecipient], limits: Limits) -> tuple[ReportedRecipient, ...]:
    found: dict[str, ReportedRecipient] = {}
    for one in recipients[: limits.recipients]:
        found.setdefault(one.address.casefold(), one)
    return tuple(found.values())
