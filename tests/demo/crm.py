"""What the demo's people write, and what the API tells of it."""

import urllib.parse
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any

import stand_in
from doors import Product
from telling import check, until

ANI = "Ani Lestari <ani@tokoani.example>"
BUDI = f"Budi Santoso <{stand_in.BUDI}>"


@dataclass(frozen=True)
class Place:
    """A location, and Ani's BCC address in it."""

    location: str
    address: str


def a_mail(
    subject: str, text: str, *, author: str = ANI, to: str = BUDI, cc: str = "", bcc: str = "", answers: str = ""
) -> EmailMessage:
    """answers: the Message-ID, with angle brackets, of the mail that it answers."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = author, to, subject
    mail["Date"], mail["Message-ID"] = formatdate(localtime=True), make_msgid(domain="tokoani.example")
    for name, value in (("Cc", cc), ("Bcc", bcc), ("In-Reply-To", answers), ("References", answers)):
        if value:
            mail[name] = value
    mail.set_content(text)
    return mail


def contacts_of(product: Product, place: Place, address: str) -> list[Any]:
    return list(product.get(f"/locations/{place.location}/contacts?{query(address=address)}")["items"])


def contact_of(product: Product, place: Place, address: str) -> Any:
    found = contacts_of(product, place, address)
    check(f"contacts with {address}", len(found), 1)
    return found[0]


def conversation_of(product: Product, place: Place, contact: Any) -> str:
    found = product.get(f"/locations/{place.location}/conversations?{query(contact_id=contact['id'])}")["items"]
    check("conversations of the contact", len(found), 1)
    return str(found[0]["id"])


def entries(product: Product, conversation: str) -> list[Any]:
    return list(product.get(f"/conversations/{conversation}/entries")["items"])


def shown(entry: Any) -> list[str]:
    message = entry["message"]
    return [party["address"] for party in (*message["to"], *message["cc"], *message["bcc"])]


def decisions(product: Product, **ids: str) -> list[Any]:
    """ids: message_id or gmail_id."""
    return list(product.get(f"/decisions?{query(**ids)}")["items"])


def decided(product: Product, mail: EmailMessage) -> tuple[str, str]:
    """Outcome and rule of the mail's first decision, once it is taken."""
    asked = {"message_id": str(mail["Message-ID"])}
    decision = until(lambda: decisions(product, **asked), "the mail was decided")[0]
    return decision["outcome"], decision["rule"]


def query(**values: str) -> str:
    return urllib.parse.urlencode(values)
