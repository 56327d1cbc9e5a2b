"""SPF (RFC 7208): may this host send mail for this domain?

pyspf knows the language; what it asks of the DNS comes from Answers, and what its patterns read is bounded here."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv6Address, ip_address
from typing import Final, Literal, cast

import spf  # type: ignore[import-untyped]  # has no types, and nobody published any

from gateway.sender_auth.answers import TOO_MANY, Answers, Kind, NotAsked, Question
from gateway.sender_auth.domain_names import MAX_OCTETS, ascii_domain

# RFC 7208 §4.6.4: the record of the domain, and ten terms that ask, each for a name and the addresses of ten hosts.
SPF_QUESTIONS: Final = 1 + 10 * 11

# RFC 7208 §3.4 hopes for 450 octets, DNS hosts sell up to 4,000. pyspf's patterns take the square of a term's length.
_MAX_RECORD_CHARS = 4096
_MAX_TERM_CHARS = 512
_MAX_SENDER_CHARS = 320  # as rules/address.py


class SpfVerdict(StrEnum):
    """RFC 7208 §2.6, RFC 8601 §2.7.2."""

    NONE = "none"
    NEUTRAL = "neutral"
    PASS = "pass"  # noqa: S105 a word of the standard
    FAIL = "fail"
    SOFTFAIL = "softfail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


@dataclass(frozen=True, slots=True)
class SpfResult:
    """domain: the one that was checked, as A-labels; "" where none could be. reason: a constant word."""

    result: SpfVerdict
    domain: str
    identity: Literal["mailfrom", "helo"]
    reason: str


_REASONS = {
    SpfVerdict.NONE: "no_record",
    SpfVerdict.NEUTRAL: "nothing_asserted",
    SpfVerdict.PASS: "authorized",
    SpfVerdict.FAIL: "not_authorized",
    SpfVerdict.SOFTFAIL: "probably_not_authorized",
}
_PERMANENT_REASONS = (  # by how pyspf's text begins; the rest of it is the sender's
    ("Too many DNS lookups", "too_many_lookups"),
    ("Void lookup limit", "too_many_void_lookups"),
    ("More than 10 MX", "too_many_mx"),
    ("Two or more type TXT", "several_records"),
    ("No valid SPF record for included", "include_without_record"),
    ("redirect domain has no SPF", "redirect_without_record"),
    ("too_many_questions", "too_many_questions"),
    ("record_too_long", "record_too_long"),
)


def check_spf(*, ip: str, helo: str, mail_from: str, answers: Answers) -> SpfResult:
    """ip: of the host that handed the mail over. mail_from: "" for the null sender, whose host is then checked.

    Raises NotAsked, and nothing else."""
    identity: Literal["mailfrom", "helo"] = "mailfrom" if mail_from else "helo"
    # RFC 7208 §2.4, §4.3: the null sender is postmaster at the HELO name, and so is one without a local part.
    local, _, typed_domain = mail_from.rpartition("@") if mail_from else ("", "", helo)
    domain = ascii_domain(typed_domain)
    if "." not in domain or len(mail_from) > _MAX_SENDER_CHARS:
        return SpfResult(SpfVerdict.NONE, domain, identity, "no_domain")
    try:
        query = _Query(_address(ip), local or "postmaster", domain, helo[:MAX_OCTETS], answers)
        verdict = SpfVerdict(query.check()[0])
    except NotAsked:
        raise
    except Exception:  # noqa: BLE001 pyspf meets text of strangers: a number of 5,000 digits is a ValueError there
        return SpfResult(SpfVerdict.PERMERROR, domain, identity, "unreadable")
    return SpfResult(verdict, domain, identity, _REASONS.get(verdict) or _reason(query, verdict))


def _address(ip: str) -> str:
    """Without the zone of a link-local address. Raises ValueError; pyspf would take "list" for a wish."""
    address = ip_address(ip)
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        address = IPv6Address(int(address))
    return str(address)


def _reason(query: "_Query", verdict: SpfVerdict) -> str:
    problem = str(query.prob)
    if verdict is SpfVerdict.TEMPERROR:
        return problem
    return next((reason for start, reason in _PERMANENT_REASONS if problem.startswith(start)), "syntax")


class _Query(spf.query):  # type: ignore[misc]  # pyspf is untyped
    """One check. pyspf reads one-letter attributes as macros, so there are none of ours."""

    def __init__(self, ip: str, local: str, domain: str, helo: str, answers: Answers) -> None:
        super().__init__(i=ip, s=f"{local}@{domain}", h=helo, querytime=0)
        self.l, self.o, self.d = local, domain, domain  # pyspf cuts at the first @, which a quoted local part may have
        self._answers = answers

    def dns(self, name: str, qtype: Kind, ignore_void: bool = False) -> list[str | tuple[bytes] | tuple[int, str]]:
        """In pyspf's shapes. Aliases have been followed already."""
        if (question := _question(name, qtype)) is None:
            return []
        answer = self._answers.get(question)
        if answer.unknown:
            raise spf.TempError(answer.problem)
        if answer is TOO_MANY:
            raise spf.PermError(TOO_MANY.problem)
        names = [host for _, host in answer.hosts]
        self._fetch(names)
        pairs = answer.hosts if qtype == "MX" else ()
        records = [*((text,) for text in answer.texts), *answer.addresses, *(pairs or names)]
        if not records and not ignore_void:
            self.void_lookups += 1  # RFC 7208 §4.6.4
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError("Void lookup limit exceeded")
        return records

    def _fetch(self, hosts: list[str]) -> None:
        """Their addresses are asked for one by one next: have them fetched at the same time."""
        questions = [_question(host, cast(Kind, self.A)) for host in hosts]
        self._answers.get_all([question for question in questions if question is not None][: spf.MAX_MX])

    def validated_ptrs(self) -> list[str]:
        """RFC 7208 §5.5: an error of the DNS skips the name that it is about, and nothing else; pyspf gives up."""
        try:
            names = self.dns_ptr(self.i)[: spf.MAX_PTR]
        except spf.TempError:
            return []
        return [name for name in names if self._leads_here(name)]

    def _leads_here(self, name: str) -> bool:
        try:
            return bool(self.cidrmatch(self.dns_a(name, self.A), self.cidrmax))
        except spf.TempError:
            return False

    def cidrmatch(self, ipaddrs: list[str], n: int) -> bool:
        """pyspf makes two networks of each address: half the time of a check."""
        ignored_bits = self.cidrmax - n
        ours = int(self.ipaddr) >> ignored_bits
        try:
            return any(int(ip_address(address)) >> ignored_bits == ours for address in ipaddrs)
        except ValueError as error:
            raise spf.PermError("Invalid address") from error

    def dns_spf(self, domain: str) -> str | None:
        record: str | None = super().dns_spf(domain)
        if record and (len(record) > _MAX_RECORD_CHARS or len(max(record.split(" "), key=len)) > _MAX_TERM_CHARS):
            raise spf.PermError("record_too_long")
        return record

    def get_explanation(self, spec: str) -> None:
        """Never asked for: it is the sender's text for people, and pyspf would swallow NotAsked there."""


def _question(name: str, kind: Kind) -> Question | None:
    """None for what can't be in the DNS: nothing is there, and that is no void look-up either.

    RFC 7208 §7.3: a name that macros made too long loses labels on its left. RFC 8616 §4: a local part that is no ASCII
    never matches."""
    name = name.removesuffix(".").lower()
    while len(name) > MAX_OCTETS and "." in name:
        name = name.partition(".")[2]
    labels = name.split(".")
    return Question(name, kind) if name.isascii() and all(0 < len(label) < 64 for label in labels) else None
