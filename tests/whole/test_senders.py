"""Mail from the open internet into the running product: who vouches for its sender is asked of a real DNS server."""

from collections.abc import Callable
from typing import Any

import pytest
from conditions import until
from dns_server import DnsServer, Manners
from mails import a_mail
from outside import Outside, User
from served_product import Product
from signed_mails import Signer, rsa_key

FIRMA = Signer(rsa_key())
WITHIN_S = 30.0


@pytest.fixture(scope="module")
def outside(
    served_to_module: Callable[..., Product],
    database_environ_of_module: dict[str, str],
    running_dns_server: DnsServer,
) -> Outside:
    """A product that trusts nobody."""
    return Outside(served_to_module(SUNNYDAY_RESOLVER=running_dns_server.address, **database_environ_of_module))


@pytest.fixture(autouse=True)
def published(dns_server: DnsServer) -> None:
    """firma.example publishes a key and asks to reject what is forged."""
    dns_server.put(f"{FIRMA.selector}._domainkey.firma.example", "TXT", FIRMA.record)
    dns_server.put("_dmarc.firma.example", "TXT", "v=DMARC1; p=reject")


def capture_in(outside: Outside, user: User, state: str, message_id: str) -> Any:
    """The capture once it is in that state."""

    def found() -> Any:
        captures = outside.get(user.token, f"/locations/{user.location_id}/captures?state={state}")["items"]
        return next((one for one in captures if one["message_id"] == message_id), None)

    return until(found, WITHIN_S)


def test_honest_mail_goes_on_while_forged_silent_and_hostile_mail_is_looked_at(
    outside: Outside, ani: User, dns_server: DnsServer
) -> None:
    dns_server.behave("_dmarc.diam.example", Manners.SILENT)
    many = b"".join(
        b"DKIM-Signature: v=1; a=rsa-sha256; d=d%d.example; s=s; h=from; bh=AA==; b=AA==\r\n" % n for n in range(1500)
    )
    hostile = {
        "<signatures@firma.example>": many + a_mail(message_id="<signatures@firma.example>"),
        "<spaces@firma.example>": FIRMA.sign(a_mail(message_id="<spaces@firma.example>")) + b" " * 1_000_000 + b"x",
        "<forged@firma.example>": a_mail(message_id="<forged@firma.example>"),
    }
    for raw in hostile.values():
        outside.send(raw, ani.bcc)
    outside.send(a_mail("x@diam.example", message_id="<silent@diam.example>"), ani.bcc)
    outside.send(FIRMA.sign(a_mail(message_id="<honest@firma.example>")), ani.bcc)

    honest = capture_in(outside, ani, "recorded", "<honest@firma.example>")
    assert honest["authentication"]["verdict"] == "DKIM of firma.example passed, which vouches for firma.example."
    for message_id in hostile:
        held = capture_in(outside, ani, "held", message_id)
        assert (held["rule"], held["reason_code"]) == ("C4", "not-authenticated")
        assert "allow" not in held["actions"]

    waits = capture_in(outside, ani, "received", "<silent@diam.example>")
    assert (waits["reason_code"], waits["next_try_at"] is not None) == ("authentication-waits", True)
    assert [(one["outcome"], one["rule"]) for one in outside.decisions(ani, "<silent@diam.example>")] == [
        ("received", "C4")
    ]
    dns_server.behave("_dmarc.diam.example", Manners.HONEST)
    held = capture_in(outside, ani, "held", "<silent@diam.example>")
    assert held["authentication"]["dmarc"] == "none"


def test_a_sentence_is_in_the_language_of_who_asks(outside: Outside, ani: User) -> None:
    rina = outside.add_user("rina@firma.example", ani.location_id)
    status, _ = outside.call(rina.token, "PATCH", f"/users/{rina.id}", {"locale": "id"})
    assert status == 200
    outside.send(a_mail(message_id="<unsigned@firma.example>"), rina.bcc)
    held = capture_in(outside, rina, "held", "<unsigned@firma.example>")
    assert held["authentication"]["verdict"].startswith("Email ini tidak membawa tanda tangan DKIM.")
    assert held["reason"].endswith("(C4).")
