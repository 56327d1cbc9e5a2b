"""The main job by Gmail: Ani connects her mailbox on Google's pages, and then simply mails; the product follows."""

from email.message import EmailMessage
from typing import Any

from browsing import Browser
from crm import Place, a_mail, contact_of, contacts_of, conversation_of, decisions, entries, shown
from doors import Product
from stand_in import ANA, ANI, BUDI, INDRA, StandIn
from telling import OffError, check, done, step, until


def connect(product: Product, google: StandIn, user: str, password: str) -> str:
    """The seed's steps. The connection's id."""
    step("Ani signs in, presses Connect on the settings page, chooses her account at Google and grants all it asks for")
    google.add_account(ANI, "Ani Lestari")
    google.hand_mail_to(*product.smtp)
    page = Browser()
    page.open(f"{product.url}/sign-in")
    page.press("Sign in", email="ani@tokoani.example", password=password)
    page.open(f"{product.url}/l/1/settings/email")
    page.press("Connect")
    page.press(ANI)
    page.press("Continue")
    check("back on the settings page", page.url, f"{product.url}/l/1/settings/email?done=connected")
    (connection,) = product.get(f"/users/{user}/connections")["items"]
    check("account and state", (connection["email"], connection["state"]), (ANI, "active"))
    done(f"connection {connection['id']}: {connection['email']}, {connection['state']}")
    return str(connection["id"])


def an_answer_arrives(product: Product, google: StandIn, conversation: str, first: EmailMessage) -> Any:
    """first: what he answers. What Gmail has of the answer, in Ani's mailbox."""
    step("Budi answers her first mail: it comes to her Gmail, and into his conversation by itself")
    answer = a_mail(
        "Re: Penawaran untuk Pak Budi", "Boleh, kirim besok.\n", author=BUDI, to=ANI, answers=str(first["Message-ID"])
    )
    google.send(BUDI, answer)
    (arrived,) = google.messages(ANI)
    entry = entry_of(product, conversation, arrived["rfc822_id"])
    check("entry", (entry["direction"], entry["paths"], entry["rule"]), ("inbound", ["gmail"], "B9"))
    check("threads", len({one["thread_id"] for one in entries(product, conversation)}), 1)
    done("an inbound entry in the thread that began by BCC")
    return arrived


def an_answer_is_sent(product: Product, google: StandIn, conversation: str, arrived: Any) -> None:
    step("Ani answers in Gmail, without any BCC address")
    answer = a_mail(
        "Re: Penawaran untuk Pak Budi", "Siap, Pak.\n", author=ANI, to=BUDI, answers=f"<{arrived['rfc822_id']}>"
    )
    sent = google.send(ANI, answer, arrived["thread_id"])
    entry = entry_of(product, conversation, sent["rfc822_id"])
    check("entry", (entry["direction"], entry["paths"]), ("outbound", ["gmail"]))
    check("threads", len({one["thread_id"] for one in entries(product, conversation)}), 1)
    done("an outbound entry in the same thread")


def a_mail_is_sent_from_the_crm(
    product: Product, google: StandIn, here: Place, user: str, conversation: str, arrived: Any
) -> None:
    """It goes by her own Gmail, and the sync sees it there, too."""
    step("She answers once more, now from the CRM: it leaves by her Gmail, once, and is recorded once")
    product.patch(f"/users/{user}", {"undo_s": 0})  # else it waits ten seconds for her to take it back
    answered = entry_of(product, conversation, arrived["rfc822_id"])
    before = len(google.messages(BUDI))
    mail = {
        "user_id": user,
        "kind": "individual",
        "to": [{"name": "Budi", "address": BUDI}],
        "subject": "Re: Penawaran untuk Pak Budi",
        "text": "Satu hal lagi, Pak: ongkos kirim kami yang tanggung. 🙂\n",
        "reply_to_entry_id": answered["id"],
    }
    posted = product.post(f"/locations/{here.location}/emails", mail)
    email = until(lambda: sent(product, posted["id"]), "it is sent")
    copy = google.messages(ANI)[0]
    check("Gmail's thread", copy["thread_id"], arrived["thread_id"])
    until(lambda: len(entry_of(product, conversation, copy["rfc822_id"])["paths"]) == 2, "the sync saw it in Sent")
    entry = entry_of(product, conversation, copy["rfc822_id"])
    told = (entry["id"], entry["direction"], sorted(entry["paths"]))
    check("entry", told, (email["entry_id"], "outbound", ["crm", "gmail"]))
    check("threads", len({one["thread_id"] for one in entries(product, conversation)}), 1)
    check("mails that came to Budi", len(google.messages(BUDI)) - before, 1)
    done("one entry in the same thread, one mail in Sent, one at Budi's")


def sent(product: Product, email: str) -> Any:
    """The e-mail; None while it is not sent."""
    told = product.get(f"/emails/{email}")
    return told if told["state"] == "sent" else None


def a_prospect_by_both_paths(product: Product, google: StandIn, here: Place) -> str:
    """The Gmail id of the copy in Sent."""
    step("She writes from Gmail to somebody new, with her BCC address in Bcc: one mail, seen on both paths")
    google.add_account(INDRA, "Indra Gunawan")
    mail = a_mail(
        "Salam kenal", "Perkenalkan, kami Toko Ani.\n", author=ANI, to=f"Indra Gunawan <{INDRA}>", bcc=here.address
    )
    sent = google.send(ANI, mail)
    until(lambda: contacts_of(product, here, INDRA), "the BCC copy made a contact")
    contact = contact_of(product, here, INDRA)
    check("contact", (contact["name"], contact["source"]), ("Indra Gunawan", "bcc"))
    conversation = conversation_of(product, here, contact)
    until(lambda: len(entries(product, conversation)[0]["paths"]) == 2, "both copies were seen")
    (entry,) = entries(product, conversation)
    check("entry", (entry["direction"], sorted(entry["paths"])), ("outbound", ["bcc", "gmail"]))
    check("recipients shown, the BCC address not among them", shown(entry), [INDRA])
    done(f"contact {contact['id']} “{contact['name']}”, and one entry that names both paths")
    return str(sent["id"])


def mail_of_nobody_we_know(product: Product, google: StandIn) -> None:
    step("Ana, who is no contact, writes to Ani: nothing of it is kept")
    google.send(ANA, a_mail("Makan siang?", "Besok jam 12?\n", author=ANA, to=ANI))
    arrived = google.messages(ANI)[0]["id"]
    (decision,) = until(lambda: decisions(product, gmail_id=arrived), "the mail was decided")
    check("decision", (decision["rule"], decision["location_id"]), ("B4", None))
    done("not recorded by B4; only Ani herself can ask why")


def nothing_is_missed(product: Product, google: StandIn, connection: str, in_sent: str) -> None:
    step("The counts add up to what is in her mailbox, and each mail can be explained by its Gmail id")
    expected = {"seen": len(google.messages(ANI)), "recorded": 4, "not_recorded": 1, "failed": 0, "pending": 0}
    until(lambda: product.get(f"/connections/{connection}")["counts"] == expected, f"the counts are {expected}")
    told = product.command("explain", in_sent)["decisions"]
    check("explained", {(one["path"], one["outcome"]) for one in told}, {("gmail", "recorded")})
    done("  ".join(f"{count} {word.replace('_', ' ')}" for word, count in expected.items()))


def entry_of(product: Product, conversation: str, message_id: str) -> Any:
    """message_id: as the stand-in tells it, without angle brackets."""

    def found() -> list[Any]:
        return [one for one in entries(product, conversation) if one["message"]["message_id"] == f"<{message_id}>"]

    listed = until(found, f"{message_id} is in the conversation")
    if len(listed) != 1:
        raise OffError(f"{message_id} has {len(listed)} entries")
    return listed[0]
