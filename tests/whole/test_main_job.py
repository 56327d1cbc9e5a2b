"""A BCC'd mail in by SMTP, a conversation out by the API: the whole product, on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from mails import a_mail

BUDI = "Budi Santoso <budi@pelanggan.example>"


def test_a_mail_with_the_bcc_address_makes_contact_conversation_thread_and_outbound_entry(outside, ani):
    raw = a_mail(to=BUDI, cc="citra@pelanggan.example", message_id="<contact@firma.example>", attachment=b"%PDF")
    outside.send(raw, ani.bcc)
    (decision,) = outside.until_decided(ani, "<contact@firma.example>")
    assert (decision["outcome"], decision["rule"], decision["path"]) == ("recorded", "C2", "bcc")

    contacts = outside.items(ani.token, f"/locations/{ani.location_id}/contacts")
    assert [(c["name"], c["addresses"], c["source"]) for c in contacts] == [
        ("Budi Santoso", ["budi@pelanggan.example"], "bcc")
    ]
    (entry,) = outside.entries(ani)
    assert (entry["direction"], entry["paths"], entry["rule"]) == ("outbound", ["bcc"], "C2")
    message = entry["message"]
    assert message["message_id"] == "<contact@firma.example>"
    assert message["from"] == {"name": "Ani", "address": "ani@firma.example"}
    assert [(to["address"], to["contact_id"]) for to in message["to"]] == [
        ("budi@pelanggan.example", contacts[0]["id"])
    ]
    assert [(cc["address"], cc["contact_id"]) for cc in message["cc"]] == [("citra@pelanggan.example", None)]
    assert ani.bcc not in str(entry)
    assert outside.get_bytes(ani.token, f"/entries/{entry['id']}/raw") == raw
    (attached,) = message["attachments"]
    assert outside.get_bytes(ani.token, f"/attachments/{attached['id']}") == b"%PDF"


def test_a_reply_goes_into_its_thread(outside, ani):
    outside.send(a_mail(message_id="<thread@firma.example>"), ani.bcc)
    outside.send(a_mail(subject="Lain", message_id="<answer@firma.example>", answers="<thread@firma.example>"), ani.bcc)
    outside.until_decided(ani, "<thread@firma.example>")
    outside.until_decided(ani, "<answer@firma.example>")

    entries = outside.entries(ani)
    assert len(entries) == 2
    assert len({entry["thread_id"] for entry in entries}) == 1


def test_sixty_sessions_with_one_mail_to_two_locations_are_one_message_and_two_entries(outside, ani):
    second = outside.add_location("Toko Dua")
    status, _ = outside.call(ani.token, "PUT", f"/locations/{second}/members/{ani.id}", {"role": "user"})
    assert status == 200
    bcc_there = outside.get(ani.token, f"/locations/{second}/members/{ani.id}/bcc-address")["address"]
    raw = a_mail(message_id="<sixty@firma.example>")

    with ThreadPoolExecutor(60) as pool:
        receipts = list(pool.map(lambda _: outside.send(raw, ani.bcc, bcc_there), range(60)))

    assert len(set(receipts)) == 60
    decisions = outside.until_decided(ani, "<sixty@firma.example>", count=120)
    assert {decision["outcome"] for decision in decisions} == {"recorded"}
    here = outside.entries(ani)
    (there,) = outside.items(ani.token, f"/locations/{second}/conversations")
    there = outside.items(ani.token, f"/conversations/{there['id']}/entries")
    assert (len(here), len(there)) == (1, 1)
    assert here[0]["message"]["id"] == there[0]["message"]["id"]
    assert len(outside.items(ani.token, f"/locations/{second}/contacts")) == 1


def test_an_address_made_a_moment_ago_takes_mail_and_one_switched_off_refuses_it(outside, ani):
    path = f"/locations/{ani.location_id}/members/{ani.id}/bcc-address"
    status, shown = outside.call(ani.token, "POST", f"{path}/replace", {"grace_days": 0})
    assert status in (200, 201)
    outside.send(a_mail(), shown["address"])
    with pytest.raises(Exception, match=r"5\.1\.1"):
        outside.send(a_mail(), ani.bcc)
    outside.call(ani.token, "DELETE", path)
    with pytest.raises(Exception, match=r"5\.1\.1"):
        outside.send(a_mail(), shown["address"])


def test_another_location_sees_nothing_of_it(outside, ani):
    dewi = outside.add_user("dewi@lain.example", outside.add_location("Toko Dewi"))
    outside.send(a_mail(message_id="<secret@firma.example>"), ani.bcc)
    outside.until_decided(ani, "<secret@firma.example>")
    (entry,) = outside.entries(ani)

    assert outside.decisions(dewi, "<secret@firma.example>") == []
    for path in (
        f"/locations/{ani.location_id}/contacts",
        f"/locations/{ani.location_id}/conversations",
        f"/conversations/{entry['conversation_id']}",
        f"/conversations/{entry['conversation_id']}/entries",
        f"/entries/{entry['id']}/raw",
    ):
        assert outside.call(dewi.token, "GET", path)[0] == 404, path
