"""Following a mailbox: what is recorded, and what it costs. The real engine, over HTTP, against the sandbox."""

from collections.abc import Callable

import pytest
from at_once import at_once
from bounces import a_bounce
from followed_mailbox import Followed
from mails import a_mail

from crm_store import connections, mailbox_filing, members, users
from crm_store.models.messages import Blob, Message
from syncer.history.run import run

GET, HISTORY, LIST = "gmail.users.messages.get", "gmail.users.history.list", "gmail.users.messages.list"


def test_mail_of_a_contact_is_recorded(ani_followed: Followed):
    """B1."""
    budi = ani_followed.contact("budi")
    gmail_id = ani_followed.deliver(f"Budi <{budi}>", subject="Halo")
    ani_followed.sync()
    (entry,) = ani_followed.entries()
    assert (entry.message.subject, entry.direction, entry.paths, entry.rule) == ("Halo", "inbound", ["gmail"], "B1")
    assert ani_followed.told() == (1, 1, 0, 0, 0)
    (decision,) = ani_followed.explained(gmail_id)
    assert (decision.outcome, decision.entry_id) == ("recorded", entry.id)


@pytest.mark.parametrize(
    ("author", "fields", "rule"),
    [
        pytest.param("Eko <eko@asing.example>", {}, "B4", id="a stranger"),
        pytest.param('"budi@x.example" <eko@asing.example>', {"cc": "x@asing.example"}, "B4", id="an odd name"),
        pytest.param(
            "Toko <no-reply@asing.example>", {"headers": {"Auto-Submitted": "auto-generated"}}, "B4", id="a notice"
        ),
        pytest.param("Eko <eko@asing.example>", {"message_id": ""}, "B4", id="without an id"),
        pytest.param("News <news@asing.example>", {"headers": {"List-Id": "<l.asing.example>"}}, "C7", id="a list"),
    ],
)
def test_mail_of_nobody_costs_one_look_and_nothing_of_it_is_kept(ani_followed: Followed, author, fields, rule):
    """B4: no body is fetched."""
    blobs, messages = Blob.select().count(), Message.select().count()
    ani_followed.sandbox.forget_calls()
    gmail_id = ani_followed.deliver(author, **fields)
    ani_followed.run_once()
    assert ani_followed.told() == (1, 0, 1, 0, 0)
    assert [(one.rule, one.location_id) for one in ani_followed.explained(gmail_id)] == [(rule, None)]
    assert ani_followed.sandbox.calls(GET, ani_followed.email) == 1
    assert (Blob.select().count(), Message.select().count()) == (blobs, messages)


def test_a_bounce_of_recorded_mail_is_shown_on_it(ani_followed: Followed):
    """C7: its body tells whom it is about, so it is fetched though nobody in it is a contact."""
    budi = ani_followed.contact("budi")
    sent_id = ani_followed.email.replace("@", ".")
    mail = a_mail(ani_followed.email, to=budi, message_id=f"<{sent_id}>")
    ani_followed.sandbox.send(ani_followed.email, mail, keep_id="true")
    bounce = a_bounce(f"<{sent_id}>", (budi, "failed", "5.1.1"), to=ani_followed.email)
    ani_followed.sandbox.deliver(ani_followed.email, bounce)
    ani_followed.sync()
    (entry,) = ani_followed.entries()
    assert entry.delivery is not None
    assert ani_followed.told() == (2, 1, 1, 0, 0)


def test_an_answer_in_a_recorded_talk_is_fetched_at_once(ani_followed: Followed):
    budi = ani_followed.contact("budi")
    ani_followed.deliver(budi, message_id="<1@b.example>", subject="Tanya")
    ani_followed.sync()
    ani_followed.sandbox.forget_calls()
    ani_followed.deliver(budi, message_id="<2@b.example>", answers="<1@b.example>", subject="Re: Tanya")
    ani_followed.run_once()
    assert ani_followed.told() == (2, 2, 0, 0, 0)
    assert ani_followed.sandbox.calls(GET, ani_followed.email) == 1
    assert len({entry.thread_id for entry in ani_followed.entries()}) == 1


def test_a_contact_whose_address_a_decoded_name_hides_is_not_missed(ani_followed: Followed):
    """The look has names decoded: a quotation mark in one hides where the address begins."""
    budi = ani_followed.contact("budi")
    ani_followed.deliver("", headers={"From": f"=?utf-8?q?=22Budi?= <{budi}>"}, subject="Tersembunyi")
    ani_followed.sync()
    assert ani_followed.subjects() == ["Tersembunyi"]


def test_mail_sent_in_gmail_is_recorded_outbound(ani_followed: Followed):
    """B2."""
    budi = ani_followed.contact("budi")
    ani_followed.sandbox.send(ani_followed.email, a_mail(ani_followed.email, to=budi, subject="Penawaran"))
    ani_followed.sync()
    (entry,) = ani_followed.entries()
    assert (entry.direction, entry.rule) == ("outbound", "B2")


def test_mail_to_oneself_is_confidential(ani_followed: Followed):
    """B5; with both labels it is one message."""
    ani_followed.contact("budi")
    mail = a_mail(ani_followed.email, to=ani_followed.email)
    gmail_id = ani_followed.sandbox.send(ani_followed.email, mail)["id"]
    ani_followed.sync()
    assert ani_followed.entries() == []
    assert [one.rule for one in ani_followed.explained(gmail_id)] == ["B5"]


def test_mail_between_connected_colleagues_is_one_message(followed: Callable[..., Followed]):
    """C8: the same message in two mailboxes, with a contact in Cc, is one entry; without one it is confidential."""
    ani = followed("ani")
    bagus = followed("bagus", ani.location_id)
    for one in (ani, bagus):
        one.connect()
        one.sync()
    budi = ani.contact("budi")
    for subject, cc in (("Rahasia", None), ("Bersama", budi)):
        ani.sandbox.send(ani.email, a_mail(ani.email, to=bagus.email, cc=cc, subject=subject))
    for one in (ani, bagus):
        one.sync()
    assert ani.subjects() == ["Bersama"]
    assert (ani.told(), bagus.told()) == ((2, 1, 1, 0, 0), (2, 1, 1, 0, 0))


@pytest.mark.parametrize("labels", [["SPAM"], ["TRASH"], ["DRAFT"]], ids=str)
def test_what_is_no_mail_is_not_fetched_and_is_recorded_when_it_becomes_mail(ani_followed: Followed, labels):
    """B12."""
    budi = ani_followed.contact("budi")
    ani_followed.sandbox.forget_calls()
    gmail_id = ani_followed.deliver(budi, *labels, subject="Nanti")
    ani_followed.sync()
    assert ani_followed.told() == (1, 0, 1, 0, 0)
    assert [(one.rule, one.reason) for one in ani_followed.explained(gmail_id)] == [("B12", "not-mail")]

    change = {"remove": labels, "add": ["INBOX"]}
    ani_followed.sandbox.ask("POST", f"/accounts/{ani_followed.email}/messages/{gmail_id}/labels", change)
    ani_followed.sync()
    assert ani_followed.subjects() == ["Nanti"]
    assert ani_followed.told() == (1, 1, 0, 0, 0)
    assert [one.outcome for one in ani_followed.explained(gmail_id)] == ["recorded"]


def test_what_happens_later_in_gmail_removes_nothing(ani_followed: Followed):
    """B14."""
    budi = ani_followed.contact("budi")
    gmail_id = ani_followed.deliver(budi, subject="Tetap")
    ani_followed.sync()
    path = f"/accounts/{ani_followed.email}/messages/{gmail_id}"
    ani_followed.sandbox.ask("POST", f"{path}/labels", {"add": ["TRASH"], "remove": ["INBOX"]})
    ani_followed.sync()
    ani_followed.sandbox.ask("DELETE", path)
    ani_followed.sync()
    assert ani_followed.subjects() == ["Tetap"]
    assert ani_followed.told() == (1, 1, 0, 0, 0)


def test_what_was_deleted_before_it_was_read_is_gone_and_costs_nothing(ani_followed: Followed):
    budi = ani_followed.contact("budi")
    ani_followed.sandbox.forget_calls()
    gmail_id = ani_followed.deliver(budi)
    ani_followed.deliver(budi, subject="Tinggal")
    ani_followed.sandbox.ask("DELETE", f"/accounts/{ani_followed.email}/messages/{gmail_id}")
    ani_followed.sync()
    assert ani_followed.subjects() == ["Tinggal"]
    assert [one.reason for one in ani_followed.explained(gmail_id)] == ["gone"]
    assert ani_followed.told() == (2, 1, 1, 0, 0)


def test_what_is_gone_at_the_look_alone_is_gone_too(ani_followed: Followed):
    gmail_id = ani_followed.deliver(ani_followed.contact("budi"))
    ani_followed.sandbox.fault(GET, account=ani_followed.email, status=404, reason="notFound")
    ani_followed.sync()
    assert [one.reason for one in ani_followed.explained(gmail_id)] == ["gone"]


def test_mail_from_before_connecting_stays_out_whatever_becomes_of_it(followed: Callable[..., Followed]):
    """A6: also when it is read, moved or found by comparing, and with Google's clock elsewhere."""
    ani = followed("ani")
    budi = ani.contact("budi")
    before = [ani.deliver(budi, *labels, subject="Dulu") for labels in (["INBOX", "UNREAD"], ["SPAM"], ["INBOX"])]
    ani.connect()
    for gmail_id in before:
        change = {"remove": ["UNREAD", "SPAM"], "add": ["STARRED"]}
        ani.sandbox.ask("POST", f"/accounts/{ani.email}/messages/{gmail_id}/labels", change)
    after = ani.deliver(budi, subject="Sekarang")
    ani.sync()
    ani.later(7 * 3600)
    ani.sync()
    assert ani.subjects() == ["Sekarang"]
    assert ani.told() == (1, 1, 0, 0, 0)
    assert [len(ani.explained(one)) for one in (*before, after)] == [0, 0, 0, 1]


def test_a_mailbox_with_nothing_new_costs_two_units_a_poll(ani_followed: Followed):
    ani_followed.ring()
    ani_followed.sync()
    ani_followed.sandbox.forget_calls()
    ani_followed.later(1)
    run_as_polled(ani_followed)
    assert ani_followed.sandbox.units(ani_followed.email) == 2


def run_as_polled(mailbox: Followed) -> None:
    """As the dispatcher hands it out, with nobody's wish."""
    ring = mailbox.ring()
    row = mailbox.mailbox
    row.wanted_at_ms = 0
    row.save()
    assert run(mailbox.engine, ring)


def test_of_two_workers_at_once_one_does_the_work(ani_followed: Followed):
    budi = ani_followed.contact("budi")
    for number in range(5):
        ani_followed.deliver(budi, subject=f"surat {number}")
    ring = ani_followed.ring()
    done = at_once(*[lambda: run(ani_followed.engine, ring)] * 4)
    assert sorted(done) == [False, False, False, True]
    assert ani_followed.subjects() == [f"surat {number}" for number in range(5)]
    assert ani_followed.told() == (5, 5, 0, 0, 0)


def test_a_wish_that_comes_during_a_run_is_another_run(ani_followed: Followed):
    ring = ani_followed.ring()
    row = ani_followed.mailbox
    row.wanted_at_ms = ani_followed.now_ms() + 60_000
    row.save()
    assert run(ani_followed.engine, ring)
    assert ani_followed.mailbox.next_run_at_ms <= ani_followed.now_ms()


def test_history_ids_beyond_63_bits_go_on_upwards(ani_followed: Followed):
    budi = ani_followed.contact("budi")
    ani_followed.sandbox.ask("POST", f"/accounts/{ani_followed.email}/history/jump", {"to": str(2**63 + 12345)})
    for number in range(2):
        ani_followed.deliver(budi, subject=f"surat {number}")
        ani_followed.sync()
    assert ani_followed.subjects() == ["surat 0", "surat 1"]
    assert int(ani_followed.mailbox.cursor) > 2**63


def test_a_user_who_is_in_no_location_any_more_records_nothing(followed: Callable[..., Followed]):
    """G4, F2."""
    bagus = followed("bagus")
    ani = followed("ani", bagus.location_id)
    ani.connect()
    ani.sync()
    budi = bagus.contact("budi")
    members.remove(bagus.access, ani.location_id, ani.user_id, now_ms=ani.now_ms())
    gmail_id = ani.deliver(budi)
    ani.sync()
    assert ani.told() == (1, 0, 1, 0, 0)
    assert [one.rule for one in ani.explained(gmail_id)] == ["B4"]


def test_disconnecting_during_a_run_stops_it_at_once(ani_followed: Followed, monkeypatch):
    """A4: nothing more is written; and after connecting again nothing of the time between is."""
    budi = ani_followed.contact("budi")
    for number in range(3):
        ani_followed.deliver(budi, subject=f"surat {number}")
    filed = mailbox_filing.file_from_mailbox

    def file_and_disconnect(seen, blobs, **more):
        decided = filed(seen, blobs, **more)
        connections.disconnect(
            ani_followed.access, ani_followed.place_id, ani_followed.engine.sealer, now_ms=ani_followed.now_ms()
        )
        return decided

    monkeypatch.setattr(mailbox_filing, "file_from_mailbox", file_and_disconnect)
    ring = ani_followed.ring()
    assert not run(ani_followed.engine, ring)
    monkeypatch.undo()
    assert ani_followed.subjects() == ["surat 0"]

    ani_followed.deliver(budi, subject="di antara")
    ani_followed.connect()
    ani_followed.deliver(budi, subject="sesudah")
    ani_followed.sync()
    ani_followed.later(7 * 3600)
    ani_followed.sync()
    assert ani_followed.subjects() == ["surat 0", "sesudah"]


def test_another_account_takes_the_place_after_the_last_sync_of_the_first(followed: Callable[..., Followed]):
    """A3."""
    ani = followed("ani")
    ani.connect()
    ani.sync()
    budi = ani.contact("budi")
    ani.deliver(budi, subject="terakhir")
    old_row, old_email, old_ring = ani.row, ani.email, ani.ring()
    ani.email = ani.sandbox.new_email("ani2")
    ani.sub = ani.sandbox.add_account(ani.email)["sub"]
    ani.connect(update=ani.place_id)
    assert run(ani.engine, old_ring)
    assert type(old_row).get_by_id(old_row.id).state == "disconnected"
    ani.sandbox.deliver(old_email, a_mail(budi, to=old_email, subject="terlambat"))
    ani.deliver(budi, subject="baru")
    ani.sync()
    assert ani.subjects() == ["terakhir", "baru"]


def test_what_gmail_takes_for_one_talk_is_one_thread(followed: Callable[..., Followed]):
    """B9: the mails name no id that is known here, as what they answer came before connecting. Of somebody who is not in
    the talk the mailbox's thread alone joins nothing."""
    ani = followed("ani")
    budi, citra = ani.contact("budi"), ani.contact("citra")
    tag = ani.email.replace("@", ".")
    ani.deliver(budi, message_id=f"<0@{tag}>", subject="Kontrak")
    for number in (1, 2, 3):
        ani.deliver(budi, message_id=f"<{number}@{tag}>", answers=f"<0@{tag}>", subject="Kontrak")
    ani.connect()
    for number, author in ((1, budi), (2, budi), (3, citra)):
        ani.deliver(author, answers=f"<{number}@{tag}>", subject="Kontrak")
    ani.sync()
    first, second, third = ani.entries()
    assert (second.rule, third.rule) == ("B9", "B1")
    assert first.thread_id == second.thread_id != third.thread_id


def test_addresses_that_the_account_gets_at_google_are_its_users(ani_followed: Followed):
    """Words: identity. Renamed, it stays the same connection; mail from a verified alias to a member is confidential."""
    ani, sandbox = ani_followed, ani_followed.sandbox
    before, alias, renamed = ani.email, sandbox.new_email("toko"), sandbox.new_email("ani-baru")
    sandbox.ask("PUT", f"/accounts/{before}/aliases", {"address": alias})
    sandbox.ask("POST", f"/accounts/{before}/rename", {"email": renamed})
    ani.later(60)
    ani.sync()
    assert ani.row.email == renamed
    identities = {one.address: one.origin for one in users.get(ani.access, ani.user_id).identities}
    assert {before: "gmail", renamed: "gmail", alias: "send_as"}.items() <= identities.items()
