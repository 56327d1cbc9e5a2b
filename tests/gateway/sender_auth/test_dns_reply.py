"""What is read from octets that somebody changed on their way."""

import contextlib

import dns.exception
import dns.message
import dns.rrset
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.sender_auth.answers import Found, Kind
from gateway.sender_auth.dns_reply import read_reply

VALUES: dict[Kind, list[str]] = {
    "TXT": ['"v=spf1 -all" "x"', '"y"'],
    "A": ["192.0.2.1"],
    "AAAA": ["2001:db8::1"],
    "MX": ["10 mx.example.com."],
    "PTR": ["a.example."],
}


def honest(kind: Kind) -> bytes:
    response = dns.message.make_response(dns.message.make_query("a.example", kind, use_edns=0))
    response.answer.append(dns.rrset.from_text("a.example.", 60, "IN", "CNAME", "b.example."))
    response.answer.append(dns.rrset.from_text_list("b.example.", 60, "IN", kind, VALUES[kind]))
    response.authority.append(dns.rrset.from_text(".", 60, "IN", "SOA", "ns. h. 1 2 3 4 5"))
    return response.to_wire()


CHANGES = st.lists(st.tuples(st.integers(2, 120), st.integers(0, 255)), min_size=1, max_size=8)


@pytest.mark.parametrize("kind", list(VALUES))
def test_the_honest_one_is_read(kind: Kind) -> None:
    assert read_reply(dns.message.from_wire(honest(kind)), kind).answer.found is Found.RECORDS


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(list(VALUES)), CHANGES, st.integers(12, 400))
def test_whatever_octets_come_there_is_an_answer(kind: Kind, changes: list[tuple[int, int]], length: int) -> None:
    octets = bytearray(honest(kind))
    for place, octet in changes:
        octets[place % len(octets)] = octet
    with contextlib.suppress(dns.exception.DNSException):  # which the resolver takes for a bad answer
        reply = read_reply(dns.message.from_wire(bytes(octets[:length])), kind)
        assert (reply.answer.found is Found.TEMPORARY) <= bool(reply.answer.problem)
