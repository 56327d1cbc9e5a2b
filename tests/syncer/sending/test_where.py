"""Where a sent mail is recorded: in the location that it was sent from, once, and nowhere else (B3, B10, E5)."""

from collections.abc import Callable

import pytest
from mails import a_mail
from outgoing import Outgoing, subjects

from crm_store import contact_book, locations, members
from crm_store.clock import now_ms
from crm_store.contact_book import ContactDetails
from crm_store.locations import LocationSettings
from crm_store.models.messages import Entry
from crm_store.rules.states import Role

SEND = "gmail.users.messages.send"

pytestmark = pytest.mark.parametrize("followed_settings", ["sqlite"], indirect=True, scope="module")


def another_location(ani: Outgoing, address: str) -> int:
    """Of the same user, with the same contact."""
    place = locations.add(LocationSettings("Cabang"), by=None, now_ms=now_ms()).id
    members.put(place, ani.mailbox.user_id, Role.USER, domain="capture.localhost", by=None, now_ms=now_ms())
    contact_book.add(ani.mailbox.access, place, ContactDetails([address], name="Budi"), now_ms=now_ms())
    return place


def places() -> list[int]:
    return [row.location_id for row in Entry.select().order_by(Entry.id)]


@pytest.mark.parametrize("first", ["the sync", "the reader"])
def test_other_locations_of_its_user_get_none_whoever_sees_it_first(ani: Outgoing, first):
    """B10, though the contact is known there too; and the sync may be faster than who reads back."""
    Entry.delete().execute()
    budi = ani.mailbox.contact("budi")
    another_location(ani, budi)
    mail = ani.post(budi)
    if first == "the sync":
        ani.sandbox.fault(SEND, account=ani.mailbox.email, drop=True, when="after")
        ani.run()
        assert ani.told(mail) == ["unknown"]
        ani.mailbox.sync()
        assert ani.told(mail) == ["sent"]
        ani.mailbox.later(60)
    ani.run()
    ani.mailbox.sync()
    ani.run()
    assert places() == [ani.mailbox.location_id]
    assert ani.mailbox.told() == (1, 1, 0, 0, 0)
    assert ani.row(mail).entry_id == ani.mailbox.entries()[0].id
    assert ani.sandbox.calls(SEND, ani.mailbox.email) <= 1


def test_the_answer_goes_on_where_the_mail_was_sent_from(ani: Outgoing):
    """B9, B10; and the mail joins the talk of its sender's mailbox (E5)."""
    Entry.delete().execute()
    budi = ani.mailbox.contact("budi")
    place = another_location(ani, budi)
    mail = ani.post(budi, location_id=place)
    ani.run()
    sent = ani.sandbox.messages(ani.mailbox.email)[0]
    ani.mailbox.deliver(budi, subject="Re: Penawaran", answers=sent["rfc822_id"])
    ani.mailbox.sync()
    assert places() == [place, place]
    assert ani.told(mail) == ["sent"]


def test_a_reply_joins_its_talk_in_the_senders_mailbox(ani: Outgoing):
    """E5: and where its user has deleted the talk for good, it goes all the same."""
    budi = ani.mailbox.contact("budi")
    thread_id = ani.sandbox.deliver(ani.mailbox.email, a_mail(budi, to=ani.mailbox.email))["thread_id"]
    mails = [ani.post(budi, thread_id=thread_id), ani.post(budi, thread_id="0123456789abcdef")]
    ani.run()
    assert ani.told(*mails) == ["sent", "sent"]
    talks = [one["thread_id"] for one in ani.sandbox.messages(ani.mailbox.email)]
    assert talks.count(thread_id) >= 1
    assert len(ani.in_sent()) == 2


def test_mail_to_a_colleague_with_a_mailbox_is_one_entry(outgoing: Callable[..., Outgoing]):
    """The colleague's copy names the delivery too; it is nobody's but the sender's."""
    ani = outgoing("ani")
    rina = outgoing("rina", location_id=ani.mailbox.location_id)
    budi = ani.mailbox.contact("budi")
    mail = ani.post(budi, cc=rina.mailbox.email)
    ani.run()
    rina.mailbox.sync()
    ani.mailbox.sync()
    assert ani.told(mail) == ["sent"]
    assert len(ani.mailbox.entries()) == 1
    assert subjects(ani.mailbox, rina.mailbox.email) == ["Penawaran"]


def test_mail_to_oneself_is_one_message(ani: Outgoing):
    """One message with both labels (facts/gmail.md 1.3); an outside recipient makes it a matter of a contact."""
    budi = ani.mailbox.contact("budi")
    mail = ani.post(budi, cc=ani.mailbox.email)
    ani.sandbox.fault(SEND, account=ani.mailbox.email, drop=True, when="after")
    ani.run_until_over(mail)
    ani.mailbox.sync()
    assert ani.told(mail) == ["sent"]
    assert (len(ani.mailbox.entries()), ani.mailbox.told()) == (1, (1, 1, 0, 0, 0))


def test_an_alias_is_the_author(ani: Outgoing):
    alias = ani.mailbox.email.replace("ani@", "penjualan@")
    ani.sandbox.ask("PUT", f"/accounts/{ani.mailbox.email}/aliases", {"address": alias})
    mail = ani.post(ani.mailbox.contact("budi"), from_address=alias)
    ani.run()
    assert ani.told(mail) == ["sent"]
    [entry] = ani.mailbox.entries()
    assert (entry.message.author_address, entry.direction) == (alias, "outbound")
