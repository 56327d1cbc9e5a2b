"""The main job through the real doors: SMTP, HTTP and the command line. It imports nothing of the product.

`make demo` stays up for a look around; `make demo ONCE=1` ends after the last step, with 0 only if each was as it
should be."""

import argparse
import contextlib
import itertools
import shutil
import signal
import smtplib
import sys
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Any, TypeVar

from doors import DATA, OffError, Product, environment, serving

FILED_WITHIN_S = 30
STEPS = itertools.count(1)
T = TypeVar("T")

ANI = "Ani Lestari <ani@tokoani.example>"
BAGUS = "Bagus <bagus@tokoani.example>"
BUDI = "Budi Santoso <budi@pelanggan.example>"
CITRA = "Citra <citra@pelanggan.example>"
EKO = "Eko Prasetyo <eko@baru.example>"


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--once", action="store_true", help="end after the last step")
    once = arguments.parse_args().once
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    shutil.rmtree(DATA, ignore_errors=True)
    DATA.mkdir(parents=True)
    with serving(environment()) as product:
        try:
            play(product)
        except OffError as off:
            print(f"\n  ✗ {off}\n    The product's log: {product.log_file}", flush=True)
            return 1
        print(f"\nAll as it should be. Look around: {product.url}/   (API: {product.url}/api/v1/openapi.json)")
        if not once:
            print(f"Your token for it: {product.token}\nCtrl-C stops it.", flush=True)
            product.process.wait()
    return 0


@dataclass(frozen=True)
class Place:
    """A location, and Ani's BCC address in it."""

    location: str
    address: str


def play(product: Product) -> None:
    here, user = set_up(product)
    first, conversation = a_new_prospect(product, here)
    a_thread_goes_on(product, here, first, conversation)
    several_recipients(product, here)
    mail_among_colleagues(product, here)
    a_stranger_is_held_and_approved(product, here)
    two_locations(product, here, user)
    what_does_not_exist(product, here)


def set_up(product: Product) -> tuple[Place, str]:
    step("A location, two users and a token, by the command line")
    location = product.command("location", "add", "Toko Ani")["id"]
    user = add_user(product, "ani@tokoani.example", "Ani Lestari", location, "admin")
    add_user(product, "bagus@tokoani.example", "Bagus", location, "user")
    product.token = product.command("token", "create", "--user", user, "--admin")["token"]
    done(f"location {location}, user {user}")

    step("Ani's BCC address, by the API")
    place = Place(location, product.get(f"/locations/{location}/members/{user}/bcc-address")["address"])
    done(place.address)
    return place, user


def add_user(product: Product, email: str, name: str, location: str, role: str) -> str:
    return str(product.command("user", "add", email, "--name", name, "--location", location, "--role", role)["id"])


def a_new_prospect(product: Product, here: Place) -> tuple[EmailMessage, str]:
    step("Ani writes to a prospect nobody knows yet, with that address in Bcc")
    first = a_mail("Penawaran untuk Pak Budi", "Selamat pagi Pak Budi,\n\nterlampir penawaran kami.\n\nAni\n")
    done(product.send(first, here.address))

    step("The prospect is a contact now, with a conversation and an outbound entry")
    check("decision", decided(product, first), ("recorded", "C2"))
    contact = contact_of(product, here, "budi@pelanggan.example")
    check("contact", (contact["name"], contact["source"]), ("Budi Santoso", "bcc"))
    conversation = conversation_of(product, here, contact)
    (entry,) = entries(product, conversation)
    check("entry", (entry["direction"], entry["paths"]), ("outbound", ["bcc"]))
    check("subject", entry["message"]["subject"], "Penawaran untuk Pak Budi")
    check("recipients shown, the BCC address not among them", shown(entry), ["budi@pelanggan.example"])
    check("raw mail", product.get_bytes(f"/entries/{entry['id']}/raw"), first.as_bytes(policy=SMTP))
    done(f"contact {contact['id']} “{contact['name']}”, conversation {conversation}, rule {entry['rule']}")
    return first, conversation


def a_thread_goes_on(product: Product, here: Place, first: EmailMessage, conversation: str) -> None:
    step("Ani follows up in the same thread, under another subject")
    second = a_mail("Diskon khusus", "Pak Budi, ada diskon minggu ini.\n", answers=str(first["Message-ID"]))
    product.send(second, here.address)
    check("decision", decided(product, second), ("recorded", "B9"))
    check("entries", len(entries(product, conversation)), 2)
    check("threads", len({one["thread_id"] for one in entries(product, conversation)}), 1)
    done("two entries, one thread")

    step("The same mail is handed over again, as after a lost answer")
    product.send(second, here.address)
    until(lambda: len(decisions(product, second)) == 2, "the second copy was decided")
    check("entries", len(entries(product, conversation)), 2)
    done("still two entries")


def several_recipients(product: Product, here: Place) -> None:
    step("One mail to two people, a colleague in Cc: the first outside one owns it, nobody in Cc becomes a contact")
    mail = a_mail("Rapat", "Sampai besok.\n", to=f"{CITRA}, {EKO}", cc=f"{BAGUS}, Fitri <fitri@lain.example>")
    product.send(mail, here.address)
    check("decision", decided(product, mail), ("recorded", "C2"))
    (entry,) = entries(product, conversation_of(product, here, contact_of(product, here, "citra@pelanggan.example")))
    everybody = ["citra@pelanggan.example", "eko@baru.example", "bagus@tokoani.example", "fitri@lain.example"]
    check("recipients shown", shown(entry), everybody)
    for address in everybody[1:]:
        check(f"contacts with {address}", contacts_of(product, here, address), [])
    done("recorded for Citra; Eko, Bagus and Fitri are shown, and no contacts")


def mail_among_colleagues(product: Product, here: Place) -> None:
    step("Ani writes to a colleague, with her BCC address by mistake: nothing of it may be kept")
    mail = a_mail("Gaji", "KATA-RAHASIA-8461\n", to=BAGUS)
    product.send(mail, here.address)
    check("decision", decided(product, mail), ("ignored", "B5"))
    until(lambda: not kept_under(DATA, b"KATA-RAHASIA-8461"), "no file under the data folder holds a word of it")
    done("ignored by B5; kept are its Message-ID, the rule and the time")


def a_stranger_is_held_and_approved(product: Product, here: Place) -> None:
    step("A stranger writes to the BCC address: held, and a person lets it in")
    mail = a_mail("Tanya harga", "Berapa harganya?\n", author=EKO, to=ANI)
    product.send(mail, here.address)
    check("decision", decided(product, mail), ("held", "C4"))
    (capture,) = product.get(f"/locations/{here.location}/captures?{query(state='held')}")["items"]
    check("what approving would do", capture["would"]["creates_contact"], True)
    print(f"    why: {capture['reason']}", flush=True)
    approved = product.post(f"/captures/{capture['id']}/approve", {})
    check("approved", approved["state"], "recorded")
    contact = contact_of(product, here, "eko@baru.example")
    (entry,) = entries(product, conversation_of(product, here, contact))
    check("entry", entry["direction"], "inbound")
    done(f"contact {contact['id']} “{contact['name']}”, an inbound entry")


def two_locations(product: Product, here: Place, user: str) -> None:
    step("The same customer in two locations: one mail with both BCC addresses")
    location = product.post("/locations", {"name": "Toko Dua"})["id"]
    product.put(f"/locations/{location}/members/{user}", {"role": "admin"})
    there = Place(location, product.get(f"/locations/{location}/members/{user}/bcc-address")["address"])
    mail = a_mail("Pindah alamat", "Kami pindah.\n", to="Gita <gita@pelanggan.example>")
    product.send(mail, here.address, there.address)
    until(lambda: len(decisions(product, mail)) == 2, "both locations decided")
    found = []
    for place in (here, there):
        contact = contact_of(product, place, "gita@pelanggan.example")
        found += entries(product, conversation_of(product, place, contact))
    check("entries", len(found), 2)
    check("messages", len({entry["message"]["id"] for entry in found}), 1)
    done("one message, an entry in each")


def what_does_not_exist(product: Product, here: Place) -> None:
    step("An address that is none of ours is refused at once")
    with smtplib.SMTP(*product.smtp, timeout=20) as smtp:
        smtp.ehlo()
        smtp.mail("ani@tokoani.example")
        code, said = smtp.rcpt("nobody-" + here.address)
    check("answer", (code, said[:5]), (550, b"5.1.1"))
    done(f"{code} {said.decode()}")


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


def kept_under(folder: Path, words: bytes) -> list[Path]:
    found = []
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):  # a segment may go while we look
            if path.is_file() and words in path.read_bytes():
                found.append(path)
    return found


def a_mail(
    subject: str, text: str, *, author: str = ANI, to: str = BUDI, cc: str = "", answers: str | None = None
) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = author, to, subject
    mail["Date"], mail["Message-ID"] = formatdate(localtime=True), make_msgid(domain="tokoani.example")
    if cc:
        mail["Cc"] = cc
    if answers is not None:
        mail["In-Reply-To"] = mail["References"] = answers
    mail.set_content(text)
    return mail


def decisions(product: Product, mail: EmailMessage) -> list[Any]:
    return list(product.get(f"/decisions?{query(message_id=str(mail['Message-ID']))}")["items"])


def decided(product: Product, mail: EmailMessage) -> tuple[str, str]:
    """Outcome and rule of the mail's first decision, once it is taken."""
    decision = until(lambda: decisions(product, mail), "the mail was decided")[0]
    return decision["outcome"], decision["rule"]


def query(**values: str) -> str:
    return urllib.parse.urlencode(values)


def until(ask: Callable[[], T], what: str) -> T:
    """Ask until there is an answer. Raises: OffError when it takes too long."""
    deadline = time.monotonic() + FILED_WITHIN_S
    while not (answer := ask()):
        if time.monotonic() > deadline:
            raise OffError(f"after {FILED_WITHIN_S} s it is not so that {what}")
        time.sleep(0.05)
    return answer


def check(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise OffError(f"{what}: {found!r}, and it should be {expected!r}")


def step(text: str) -> None:
    print(f"\n{next(STEPS)}. {text}", flush=True)


def done(outcome: str) -> None:
    print(f"  ✓ {outcome}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
