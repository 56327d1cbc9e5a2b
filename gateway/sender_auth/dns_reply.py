"""From a DNS message to an Answer; nothing in it is believed that was not asked for. Pure."""

from dataclasses import dataclass
from typing import Any, Final

import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from gateway.sender_auth.answers import Answer, Found, Kind

# More at one name is no use to a check and costs it: SPF may ask for a hundred names and begins anew some twenty times.
_MAX_RECORDS: Final = 100
_MAX_TEXTS: Final = 256  # large companies have a hundred tokens of services beside their SPF record
_FAILED = {
    dns.rcode.SERVFAIL: "servfail",
    dns.rcode.REFUSED: "refused",
    dns.rcode.FORMERR: "formerr",
    dns.rcode.NOTIMP: "notimp",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """ttl_s: as the zone says it. alias: ask for this name instead; answer is then not final."""

    answer: Answer
    ttl_s: int = 0
    alias: dns.name.Name | None = None


def temporary(problem: str) -> Reply:
    return Reply(Answer(Found.TEMPORARY, problem=problem))


def wire_name(name: str) -> dns.name.Name | None:
    """None for what can't be asked: an empty or too long label, a too long name, no ASCII.

    Not dnspython's from_text: a backslash, a quote or a blank from a local part stands for itself here."""
    try:
        return dns.name.Name([*(label.encode("ascii") for label in name.split(".")), b""])
    except (dns.exception.DNSException, UnicodeError):
        return None


def read_reply(response: dns.message.Message, kind: Kind) -> Reply:
    """response: known to answer the question (id, name, kind) that was asked, over a path that is the resolver's."""
    rcode = response.rcode()
    if rcode not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN) or not isinstance(response, dns.message.QueryMessage):
        return temporary(_FAILED.get(rcode, "rcode"))
    try:
        chain = (
            response.resolve_chaining()
        )  # from the name in the question on, so other names' records count for nothing
    except dns.message.ChainTooLong:
        return temporary("alias_loop")
    except dns.exception.DNSException:
        return temporary("bad_answer")
    if chain.answer is not None and chain.answer.rdtype != dns.rdatatype.from_text(kind):
        return temporary("bad_answer")
    if chain.answer is not None:
        return Reply(_read_records(chain.answer, kind), chain.minimum_ttl)
    if rcode == dns.rcode.NXDOMAIN:
        return Reply(Answer(Found.NO_NAME), chain.minimum_ttl)
    there = {rrset.rdtype for rrset in response.authority}
    if dns.rdatatype.SOA in there:
        return Reply(Answer(Found.NO_RECORDS), chain.minimum_ttl)
    if chain.cnames:
        return Reply(Answer(Found.NO_RECORDS), chain.minimum_ttl, alias=chain.canonical_name)
    if dns.rdatatype.NS in there:
        # RFC 2308 §2.2: name servers without an SOA are a referral, which says nothing about the records.
        return temporary("lame")
    return Reply(Answer(Found.NO_RECORDS), chain.minimum_ttl)


def _read_records(records: dns.rrset.RRset, kind: Kind) -> Answer:
    if len(records) > (_MAX_TEXTS if kind == "TXT" else _MAX_RECORDS):
        return Answer(Found.NO_RECORDS, problem="too_large")
    each: list[Any] = list(records)  # Any: dnspython makes the class of a record from its type when it runs
    match kind:
        case "TXT":
            return Answer(Found.RECORDS, texts=tuple(b"".join(record.strings) for record in each))
        case "MX":
            return Answer(Found.RECORDS, hosts=tuple((record.preference, _host(record.exchange)) for record in each))
        case "PTR" | "CNAME":
            return Answer(Found.RECORDS, hosts=tuple((0, _host(record.target)) for record in each))
        case _:
            return Answer(Found.RECORDS, addresses=tuple(record.address for record in each))


def _host(name: dns.name.Name) -> str:
    return "" if name == dns.name.root else name.to_text(omit_final_dot=True).lower()
