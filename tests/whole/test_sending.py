"""Sending, through Gmail and by the provider: the whole product beside the stand-in for Google, on both databases (issue 8)."""

import base64
import hashlib
import secrets
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from typing import Any
from urllib.request import urlopen

import pytest
from bounces import a_bounce
from conditions import until
from connected_gmail import Mailbox
from google_sandbox import GoogleSandbox
from mails import a_mail
from outside import Outside, User
from real_relay import RealRelay
from served_product import Product

SENT_WITHIN_S = 180.0  # also the largest, on a machine that others use too


@pytest.fixture(scope="module")
def outside(
    served_to_module: Callable[..., Product], database_environ_of_module: dict[str, str], sandbox: GoogleSandbox
) -> Outside:
    environ = {"SUNNYDAY_TRUSTED_RELAYS": "127.0.0.1", "SUNNYDAY_SYNC_INTERVAL_S": "1", **sandbox.settings}
    return Outside(served_to_module(**environ, **database_environ_of_module))


@pytest.fixture(scope="module")
def first_user(outside: Outside) -> User:
    """Ani, who needs no time to take a mail back."""
    user = outside.add_user("ani@firma.example", outside.add_location("Toko Ani"))
    assert outside.call(user.token, "PATCH", f"/users/{user.id}", {"undo_s": 0})[0] == 200
    return user


@pytest.fixture
def mailbox(outside: Outside, sandbox: GoogleSandbox, ani: User) -> Mailbox:
    """Ani's, connected in a location where Budi is the only contact."""
    sandbox.as_ever()
    return Mailbox.connect(outside, sandbox, ani)


@pytest.fixture
def capture_door(outside: Outside, sandbox: GoogleSandbox) -> Iterator[None]:
    """Mail to addresses that are none of the stand-in's goes to the product's receiver."""
    sandbox.ask("PUT", "/relay", {"address": f"127.0.0.1:{outside.product.smtp_port}"})
    yield
    sandbox.ask("PUT", "/relay", {"address": None})


def asked(mailbox: Mailbox, key: str | None = None, **mail: object) -> tuple[int, Any]:
    """POST an e-mail; to Budi, if nobody is named. key: for Idempotency-Key."""
    given = {"user_id": mailbox.user.id, "kind": "individual", "to": [{"name": "Budi", "address": mailbox.budi}]}
    body = {"subject": "Penawaran", "text": "Terlampir penawaran kami.", **given, **mail}
    path = f"/locations/{mailbox.user.location_id}/emails"
    return mailbox.outside.call(mailbox.user.token, "POST", path, body, within_s=SENT_WITHIN_S, key=key)


def queued(mailbox: Mailbox, **mail: object) -> str:
    """The e-mail's id. A 503 is asked again under its key, as the answer says."""
    key = secrets.token_hex(8)
    status, answer = asked(mailbox, key, **mail)
    if status == 503:
        status, answer = asked(mailbox, key, **mail)
    assert status == 202, answer
    return str(answer["id"])


def told(mailbox: Mailbox, email_id: str) -> Any:
    return mailbox.outside.get(mailbox.user.token, f"/emails/{email_id}")


def until_sent(mailbox: Mailbox, *email_ids: str) -> list[Any]:
    try:
        until(lambda: all(told(mailbox, one)["state"] == "sent" for one in email_ids), SENT_WITHIN_S)
    except AssertionError:
        raise AssertionError([told(mailbox, one) for one in email_ids]) from None
    return [told(mailbox, one) for one in email_ids]


def entry_of(mailbox: Mailbox, email: Any) -> Any:
    (entry,) = (one for one in mailbox.outside.entries(mailbox.user) if one["id"] == email["entry_id"])
    return entry


def until_seen_on(mailbox: Mailbox, email: Any, *paths: str) -> Any:
    """The entry, once it has been seen on these paths and no other."""
    until(lambda: sorted(entry_of(mailbox, email)["paths"]) == sorted(paths))
    return entry_of(mailbox, email)


def raw_of(mailbox: Mailbox, email: str, gmail_id: str) -> bytes:
    with urlopen(f"{mailbox.sandbox.url}/sandbox/api/accounts/{email}/messages/{gmail_id}/raw", timeout=30) as answer:
        return bytes(answer.read())


def test_an_answer_is_in_one_thread_everywhere_and_what_answers_it_comes_only_where_it_was_sent_from(
    mailbox: Mailbox, outside: Outside
):
    """E5, B9, B10: Budi is a contact in another location of Ani's, too."""
    elsewhere = outside.in_new_location(mailbox.user)
    path = f"/locations/{elsewhere.location_id}/contacts"
    assert outside.call(elsewhere.token, "POST", path, {"addresses": [mailbox.budi], "name": "Budi"})[0] == 201
    sandbox, here = mailbox.sandbox, mailbox.user
    (first,) = until_sent(mailbox, queued(mailbox))
    (at_budi,) = sandbox.messages(mailbox.budi)

    question = a_mail(mailbox.budi, to=mailbox.email, subject="Re: Penawaran", answers=f"<{at_budi['rfc822_id']}>")
    sandbox.send(mailbox.budi, question, thread_id=at_budi["thread_id"])
    asked_us = until(lambda: [one for one in outside.entries(here) if one["direction"] == "inbound"])[0]
    assert asked_us["rule"] == "B9"
    (answer,) = until_sent(mailbox, queued(mailbox, subject="", text="Siap.", reply_to_entry_id=asked_us["id"]))

    entries = {one["id"]: one for one in outside.entries(here)}
    assert entries.keys() == {first["entry_id"], asked_us["id"], answer["entry_id"]}
    assert len({one["thread_id"] for one in entries.values()}) == 1
    assert entries[answer["entry_id"]]["message"]["subject"] == "Re: Penawaran"
    for email in (mailbox.email, mailbox.budi):
        assert len({one["thread_id"] for one in sandbox.messages(email)}) == 1, email
        assert len(sandbox.messages(email)) == 3, email
    assert outside.entries(elsewhere) == []


def test_what_is_sent_with_a_bcc_address_in_bcc_is_one_entry_of_three_paths(mailbox: Mailbox, capture_door: None):
    """C8, E1."""
    bcc = [{"name": "", "address": mailbox.user.bcc}]
    (email,) = until_sent(mailbox, queued(mailbox, bcc=bcc))
    until_seen_on(mailbox, email, "crm", "gmail", "bcc")
    assert len(mailbox.outside.entries(mailbox.user)) == 1
    (arrived,) = mailbox.sandbox.messages(mailbox.budi)
    assert mailbox.user.bcc.encode() not in raw_of(mailbox, mailbox.budi, arrived["id"])
    mailbox.until_done(recorded=1, not_recorded=0)


def test_hostile_words_and_a_hundred_people_arrive_as_they_were_written(mailbox: Mailbox):
    name = 'Budi "Boy" Santoso, S.E. 🌞'
    others = [{"name": f"Tamu {number}, Ünal", "address": f"tamu{number}@tamu.example"} for number in range(99)]
    subject = "Penawaran, terbaru: 产品 ☀️ =?utf-8?q?=0D=0ABcc:_x?="
    mail = {"to": [{"name": name, "address": mailbox.budi}], "cc": others, "text": "Baris.\r\n.\r\n你好"}
    status, refused = asked(mailbox, subject=f"{subject}\r\nBcc: diam@tamu.example", **mail)
    assert (status, refused["errors"][0]["field"]) == (422, "subject"), refused
    (email,) = until_sent(mailbox, queued(mailbox, subject=subject, **mail))
    (arrived,) = mailbox.sandbox.messages(mailbox.budi)
    read = message_from_bytes(raw_of(mailbox, mailbox.budi, arrived["id"]), policy=policy.default)
    assert [(one.display_name, one.addr_spec) for one in read["to"].addresses] == [(name, mailbox.budi)]
    assert [(one.display_name, one.addr_spec) for one in read["cc"].addresses] == [
        (one["name"], one["address"]) for one in others
    ]
    assert read["bcc"] is None
    assert read["subject"] == subject
    assert read.get_content().splitlines() == ["Baris.", ".", "你好"]
    entry = entry_of(mailbox, email)
    assert (entry["message"]["subject"], len(entry["message"]["cc"])) == (subject, 99)
    (outgoing,) = (one for one in mailbox.sandbox.ask("GET", "/outbox") if one["sender"] == mailbox.email)
    assert len(outgoing["recipients"]) == 99


@pytest.mark.parametrize("database_environ_of_module", ["sqlite"], indirect=True)  # no database sees its bytes
def test_what_fits_goes_whole_and_what_does_not_is_refused_by_its_name(mailbox: Mailbox):
    """E4: 24.9 MB by resumable upload, 25.1 MB never queued."""
    content = hashlib.shake_256(b"lampiran").digest(int(24.9 * 1024 * 1024))

    def with_file(data: bytes) -> dict[str, Any]:
        file = {"name": "katalog 产品.pdf", "content_type": "application/pdf"}
        return {"attachments": [{**file, "base64": base64.b64encode(data).decode()}]}

    status, refused = asked(mailbox, **with_file(content + bytes(200 * 1024)))
    assert (status, refused["errors"][0]["field"]) == (422, "attachments"), refused
    (email,) = until_sent(mailbox, queued(mailbox, **with_file(content)))
    (attachment,) = entry_of(mailbox, email)["message"]["attachments"]
    assert (attachment["name"], attachment["size_bytes"]) == ("katalog 产品.pdf", len(content))
    (arrived,) = mailbox.sandbox.messages(mailbox.budi)
    assert base64.b64encode(content) in raw_of(mailbox, mailbox.budi, arrived["id"]).replace(b"\r\n", b"")


def test_at_the_daily_limit_three_wait_in_order_and_go_in_order(mailbox: Mailbox):
    """E3: mail that Ani sent in Gmail itself counts."""
    connection = f"/connections/{mailbox.connection}"
    assert mailbox.outside.call(mailbox.user.token, "PATCH", connection, {"daily_limit": 2})[0] == 200
    mailbox.send(to=mailbox.budi)
    until(lambda: mailbox.counts()["recorded"] == 1)
    until_sent(mailbox, queued(mailbox, subject="1"))
    waiting = [queued(mailbox, subject=subject) for subject in ("2", "3", "4")]
    until(lambda: all(told(mailbox, one)["reason"] for one in waiting))
    assert {told(mailbox, one)["state"] for one in waiting} == {"waiting"}
    assert all(told(mailbox, one)["not_before"] for one in waiting)
    assert len(mailbox.sandbox.messages(mailbox.budi)) == 2
    assert mailbox.outside.call(mailbox.user.token, "PATCH", connection, {"daily_limit": 500})[0] == 200
    until_sent(mailbox, *waiting)
    assert [one["subject"] for one in reversed(mailbox.sandbox.messages(mailbox.budi))][1:] == ["1", "2", "3", "4"]


def test_bulk_mail_goes_to_each_alone_by_the_provider_and_an_answer_joins_it(
    mailbox: Mailbox, outside: Outside, real_relay: RealRelay
):
    """E2, B9: never through Gmail, an entry in each contact's own conversation."""
    user, tamu = mailbox.user, f"tamu@{mailbox.domain}"
    provider = {"host": "127.0.0.1", "port": real_relay.port, "tls": "none"}
    assert outside.call(user.token, "PUT", f"/locations/{user.location_id}/provider", provider)[0] == 200
    to = [{"name": "Budi", "address": mailbox.budi}, {"name": "Tamu, Ünal", "address": tamu}]
    until_sent(mailbox, queued(mailbox, kind="bulk", to=to, subject="Promo 产品"))

    mails = {
        taken.recipients[0]: message_from_bytes(taken.content, policy=policy.default) for taken in real_relay.taken
    }
    assert [len(taken.recipients) for taken in real_relay.taken] == [1, 1]
    assert {address: str(mail["to"]) for address, mail in mails.items()} == {
        mailbox.budi: f"Budi <{mailbox.budi}>",
        tamu: f'"Tamu, Ünal" <{tamu}>',
    }
    assert all(mail["date"] and mail["message-id"] and mail["subject"] == "Promo 产品" for mail in mails.values())
    assert mailbox.sandbox.messages(mailbox.email) == []
    entries = outside.entries(user)
    assert [one["paths"] for one in entries] == [["crm"], ["crm"]]
    assert len({one["conversation_id"] for one in entries}) == 2

    (to_tamu,) = (taken for taken in real_relay.taken if taken.recipients == [tamu])
    outside.send(a_bounce(mails[tamu]["message-id"], (tamu, "failed", "5.1.1")), to_tamu.mail_from, mail_from="")
    (bounced,) = until(lambda: [one for one in outside.entries(user) if one["delivery"] is not None])
    assert bounced["delivery"]["state"] == "failed"
    assert f"Not delivered to {tamu}: " in bounced["delivery"]["reason"]

    mailbox.arrive(f"Budi <{mailbox.budi}>", f"<balas@{mailbox.domain}>", answers=mails[mailbox.budi]["message-id"])
    (answer,) = until(lambda: [one for one in outside.entries(user) if one["direction"] == "inbound"])
    (asked_of,) = (one for one in entries if one["conversation_id"] == answer["conversation_id"])
    assert (answer["rule"], answer["thread_id"]) == ("B9", asked_of["thread_id"])
