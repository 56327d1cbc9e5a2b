"""The main job by BCC: mail with Ani's BCC address, handed to the receiver as a submission host does."""

import contextlib
import smtplib
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from crm import (
    ANI,
    Place,
    a_mail,
    contact_of,
    contacts_of,
    conversation_of,
    decided,
    decisions,
    entries,
    query,
    shown,
)
from doors import DATA, Product
from telling import check, done, step, until

BAGUS = "Bagus <bagus@tokoani.example>"
CITRA = "Citra <citra@pelanggan.example>"
EKO = "Eko Prasetyo <eko@baru.example>"


def a_new_prospect(product: Product, here: Place) -> tuple[EmailMessage, str]:
    step("Ani writes to a prospect nobody knows yet, with that address in Bcc")
    first = a_mail("Penawaran untuk Pak Budi", "Selamat pagi Pak Budi,\n\nterlampir penawaran kami.\n\nAni\n")
    done(product.send(first, here.address))

    step("The prospect is a contact now, with a conversation and an outbound entry")
    check("decision", decided(product, first), ("recorded", "C2"))
    contact = contact_of(product, here, "budi@gmail.sandbox")
    check("contact", (contact["name"], contact["source"]), ("Budi Santoso", "bcc"))
    conversation = conversation_of(product, here, contact)
    (entry,) = entries(product, conversation)
    check("entry", (entry["direction"], entry["paths"]), ("outbound", ["bcc"]))
    check("subject", entry["message"]["subject"], "Penawaran untuk Pak Budi")
    check("recipients shown, the BCC address not among them", shown(entry), ["budi@gmail.sandbox"])
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
    until(lambda: len(decisions(product, message_id=str(second["Message-ID"]))) == 2, "the second copy was decided")
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
    until(lambda: len(decisions(product, message_id=str(mail["Message-ID"]))) == 2, "both locations decided")
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


def kept_under(folder: Path, words: bytes) -> list[Path]:
    found = []
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):  # a segment may go while we look
            if path.is_file() and words in path.read_bytes():
                found.append(path)
    return found
