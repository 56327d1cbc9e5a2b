"""What was found, as the Authentication-Results field that other programs read (RFC 8601)."""

import re
from collections.abc import Iterator

from gateway.sender_auth.checks import Checked
from gateway.sender_auth.signature_results import SignatureResult

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`{|}~]+")  # RFC 2045 §5.1; anything else stands in quotes


def authentication_results(authserv_id: str, checked: Checked, from_domain: str) -> str:
    """The whole field, one result a line, with LF between the lines."""
    return ";\n\t".join([f"Authentication-Results: {_value(authserv_id)}", *_results(checked, from_domain)])


def _results(checked: Checked, from_domain: str) -> Iterator[str]:
    spf, dmarc, arc = checked.spf, checked.dmarc, checked.arc
    identity = "smtp.mailfrom" if spf.identity == "mailfrom" else "smtp.helo"
    yield f"spf={spf.result}{_property(identity, spf.domain)}"
    yield from map(_signature, checked.dkim.signatures)
    if not checked.dkim.signatures:
        yield "dkim=none"
    policy = f" policy.dmarc={dmarc.policy}" if dmarc.policy else ""
    yield f"dmarc={dmarc.result}{_property('header.from', from_domain)}{policy}"
    if arc is not None and arc.result != "none":
        yield f"arc={arc.result}"


def _signature(signature: SignatureResult) -> str:
    reason = f" reason={_value(str(signature.reason))}" if signature.reason else ""
    properties = _property("header.d", signature.domain) + _property("header.s", signature.selector)
    return f"dkim={signature.result}{reason}{properties}"


def _property(name: str, value: str) -> str:
    return f" {name}={_value(value)}" if value else ""


def _value(text: str) -> str:
    """Never more than one line, whatever a stranger named their domain."""
    if _TOKEN.fullmatch(text):
        return text
    printable = "".join(one for one in text if one.isprintable() and one not in '"\\')
    return f'"{printable}"'
