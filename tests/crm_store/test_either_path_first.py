"""C2, C8: the same mail by BCC and by Gmail ends in the same state, whichever path came first."""

import hashlib
import itertools
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from mails import a_mail
from store import Person, Store

from crm_store import capture_approval, capture_decisions, contact_book, conversations, mailbox_filing
from crm_store.capture_approval import Choice, MailSource
from crm_store.contact_book import ContactDetails
from crm_store.mail.read import read
from crm_store.mailbox_filing import MailboxMail
from crm_store.models.captures import Capture, DecisionRow
from crm_store.models.contacts import Contact, ContactAddress
from crm_store.models.messages import Blob
from crm_store.paging import PageRequest
from crm_store.rules.parties import parties_of
from crm_store.rules.states import Role

_numbers = itertools.count()
# An answer that came by BCC says who let it in (C5), one that came by Gmail that it belongs there: both are true of it.
SAME_RULE = {"C5": "answers", "B9": "answers", "B17": "answers"}


@dataclass(frozen=True)
class World:
    """Ani in two locations, Bagus in the first; Budi and Citra are contacts of the first, Citra of the second too."""

    tag: str
    ani: Person
    elsewhere: Person

    def address(self, name: str) -> str:
        return f"{name.title()} <{name}@{self.tag}.example>"


def a_world(store: Store) -> World:
    tag = f"w{next(_numbers)}"
    one, two = store.location("Satu"), store.location("Dua")
    ani = store.user(f"ani@{tag}.example", one, Role.ADMIN)
    store.user(f"bagus@{tag}.example", one)
    elsewhere = store.user(ani.email, two, Role.ADMIN, user_id=ani.user_id)
    for person, name in ((ani, "budi"), (ani, "citra"), (elsewhere, "citra")):
        details = ContactDetails([f"{name}@{tag}.example"], name=name.title())
        contact_book.add(person.access, person.location_id, details, now_ms=store.now_ms)
    return World(tag, ani, elsewhere)


@dataclass(frozen=True)
class Sent:
    """One mail, in names. answers: the number of the mail before that it answers, None for a new one. named: by its id,
    not by its subject alone (B17)."""

    author: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    shown: bool
    answers: int | None
    named: bool = True


def raw_of(world: World, mails: list[Sent], number: int) -> bytes:
    sent = mails[number]
    cc = [*map(world.address, sent.cc), *([world.ani.bcc] if sent.shown else [])]
    answered = None if sent.answers is None or number == 0 else sent.answers % number
    return a_mail(
        world.address(sent.author),
        to=", ".join(map(world.address, sent.to)) or None,
        cc=", ".join(cc) or None,
        subject=subject_of(mails, number),
        text=f"isi {number}",
        message_id=f"<{number}@{world.tag}.example>",
        answers=None if answered is None or not sent.named else f"<{answered}@{world.tag}.example>",
    )


def subject_of(mails: list[Sent], number: int) -> str:
    sent = mails[number]
    if number == 0 or sent.answers is None or sent.named:
        return f"surat {number}"
    return f"Re: {subject_of(mails, sent.answers % number)}"


def by_bcc(store: Store, world: World, raw: bytes) -> None:
    store.capture(raw, world.ani.bcc)


def by_gmail(store: Store, world: World, raw: bytes) -> None:
    mail = read(raw)
    seen = MailboxMail(
        user_id=world.ani.user_id,
        gmail_id=f"{world.tag}-{mail.message_id}",
        raw=raw,
        sha256=hashlib.sha256(raw).digest(),
        mail=mail,
        parties=parties_of(mail, store.settings.capture_domains),
        seen_at_ms=store.now_ms,
    )
    mailbox_filing.file_from_mailbox(seen, store.blobs, now_ms=store.now_ms)
    store.worker.work()


def state(store: Store, world: World) -> str:
    """All that people see of a world, without ids and times."""
    told = []
    for person in (world.ani, world.elsewhere):
        tabs = []
        for tab in store.conversations(person):
            shown = conversations.entries(person.access, tab.id, PageRequest(200)).items
            threads: dict[int, list[object]] = {}
            for entry in sorted(shown, key=lambda entry: entry.message.message_id or ""):
                seen = (
                    entry.message.message_id,
                    entry.direction,
                    tuple(entry.paths),
                    SAME_RULE.get(entry.rule, entry.rule),
                    tuple(entry.marks),
                    entry.unread,
                )
                threads.setdefault(entry.thread_id, []).append(seen)
            tabs.append((tab.contact.details.name, tab.threads, tab.unread, sorted(map(tuple, threads.values()))))
        people = (
            Contact.select(Contact.name, ContactAddress.normal)
            .join(ContactAddress, on=(ContactAddress.contact_id == Contact.id))
            .where(Contact.location_id == person.location_id)
        )
        told.append((sorted(tabs), sorted(people.tuples())))
    ledger = DecisionRow.select(DecisionRow.message_id, DecisionRow.path, DecisionRow.outcome).where(
        DecisionRow.message_id.endswith(f"@{world.tag}.example")
    )
    told.append(sorted(ledger.tuples()))
    return repr(told).replace(world.tag, "w")


names = st.sampled_from(["budi", "citra", "bagus", "eko", "fitri"])
mails = st.builds(
    Sent,
    author=st.sampled_from(["ani", "ani", "ani", "budi", "citra"]),
    to=st.lists(names, max_size=3, unique=True).map(tuple),
    cc=st.lists(names, max_size=2, unique=True).map(tuple),
    shown=st.booleans(),
    answers=st.none() | st.integers(0, 5),
    named=st.booleans(),
)


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # shrinking makes two worlds a step, and takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(sent=st.lists(mails, min_size=1, max_size=3), gmail_first=st.lists(st.booleans(), min_size=3, max_size=3))
def test_the_state_is_the_same_whichever_path_came_first(store: Store, sent: list[Sent], gmail_first: list[bool]):
    one, other = a_world(store), a_world(store)
    for number in range(len(sent)):
        paths = [by_gmail, by_bcc] if gmail_first[number] else [by_bcc, by_gmail]
        for world, order in ((one, paths), (other, paths[::-1])):
            for path in order:
                path(store, world, raw_of(world, sent, number))
    assert state(store, one) == state(store, other)


def test_a_mail_that_the_gmail_path_did_not_record_becomes_recorded(store: Store):
    """B4, then C2: the ledger is corrected, and the entry names both paths."""
    world = a_world(store)
    raw = raw_of(world, [Sent("ani", ("eko",), (), False, None)], 0)
    by_gmail(store, world, raw)
    (decision,) = DecisionRow.select()
    assert (decision.outcome, decision.rule, decision.location_id) == ("ignored", "B4", None)
    assert Blob.select().count() == 0

    by_bcc(store, world, raw)
    (entry,) = store.entries(world.ani)
    assert (entry.paths, entry.rule) == (["bcc", "gmail"], "C2")
    assert sorted((row.path, row.outcome, row.entry_id) for row in DecisionRow.select()) == [
        ("bcc", "recorded", entry.id),
        ("gmail", "recorded", entry.id),
    ]


@pytest.mark.parametrize("paths", [[by_gmail, by_bcc], [by_bcc, by_gmail]], ids=["Gmail first", "BCC first"])
def test_a_bcc_copy_adds_its_location_to_where_the_talk_goes_on(store: Store, paths):
    """B10: and both entries, and the mailbox's ledger, say so whichever came first."""
    world = a_world(store)
    ani = f"Ani <{world.ani.email}>"
    store.capture(a_mail(ani, to=world.address("citra"), message_id="<t@f>"), world.elsewhere.bcc)
    raw = a_mail(ani, to=world.address("eko"), cc=world.address("citra"), message_id="<m@f>", answers="<t@f>")
    for path in paths:
        path(store, world, raw)

    here, there = store.entries(world.ani)[-1], store.entries(world.elsewhere)[-1]
    assert [(one.message.message_id, one.paths) for one in (here, there)] == [
        ("m@f", ["bcc", "gmail"]),
        ("m@f", ["gmail"]),
    ]
    ledger = DecisionRow.select().where(DecisionRow.path == "gmail", DecisionRow.message_id == "m@f")
    assert sorted((row.location_id, row.outcome, row.entry_id) for row in ledger) == [
        (world.ani.location_id, "recorded", here.id),
        (world.elsewhere.location_id, "recorded", there.id),
    ]


def test_undoing_an_approval_leaves_the_ledger_of_other_locations(store: Store):
    world = a_world(store)
    ani = f"Ani <{world.ani.email}>"
    store.capture(a_mail(ani, to=world.address("citra"), message_id="<t@f>"), world.elsewhere.bcc)
    fields = {"to": world.address("eko"), "cc": world.address("citra"), "message_id": "<m@f>", "answers": "<t@f>"}
    raw = a_mail(world.address("citra"), **fields)
    by_bcc(store, world, raw)
    held = Capture.get(Capture.state == "held")
    by_gmail(store, world, raw)
    ledger = DecisionRow.select().where(DecisionRow.path == "gmail", DecisionRow.message_id == "m@f")
    assert [row.location_id for row in ledger] == [world.elsewhere.location_id]

    source = MailSource(store.blobs, store.settings.capture_domains)
    capture_approval.approve(world.ani.access, held.id, Choice(), source, now_ms=store.now_ms)
    assert {row.location_id for row in ledger.clone()} == {world.ani.location_id, world.elsewhere.location_id}
    capture_decisions.undo(world.ani.access, held.id, now_ms=store.now_ms)
    assert [row.location_id for row in ledger.clone()] == [world.elsewhere.location_id]


def test_an_entry_that_the_gmail_path_filed_elsewhere_moves_with_its_thread(store: Store):
    """The first outside To is new: the Gmail path gives the mail to Citra, the BCC copy to Eko (C2)."""
    world = a_world(store)
    mails = [Sent("ani", ("eko", "citra"), (), False, None), Sent("citra", ("ani",), (), False, 0)]
    first, answer = raw_of(world, mails, 0), raw_of(world, mails, 1)
    by_gmail(store, world, first)
    by_gmail(store, world, answer)
    (tab,) = store.conversations(world.ani)
    assert (tab.contact.details.name, tab.unread) == ("Citra", 1)

    by_bcc(store, world, first)
    (tab,) = store.conversations(world.ani)
    assert (tab.contact.details.name, tab.threads, tab.unread) == ("Eko", 1, 1)
    assert len(store.entries(world.ani)) == 2


def test_a_held_capture_goes_when_the_owners_mailbox_shows_the_same_message(store: Store):
    world = a_world(store)
    raw = raw_of(world, [Sent("ani", ("budi",), (), False, None)], 0)
    store.capture(raw, world.ani.bcc, peer="192.0.2.1")
    assert store.entries(world.ani) == []
    by_gmail(store, world, raw)
    (entry,) = store.entries(world.ani)
    assert entry.paths == ["bcc", "gmail"]


def test_the_answer_stays_in_the_location_of_what_it_answers(store: Store):
    """B10: Citra is a contact of both; the talk was begun from the first location only."""
    world = a_world(store)
    mails = [Sent("ani", ("citra",), (), False, None), Sent("citra", ("ani",), (), False, 0)]
    by_bcc(store, world, raw_of(world, mails, 0))
    by_gmail(store, world, raw_of(world, mails, 1))
    assert (len(store.entries(world.ani)), len(store.entries(world.elsewhere))) == (2, 0)


def test_a_new_mail_of_a_contact_is_recorded_in_every_location_that_knows_them(store: Store):
    world = a_world(store)
    by_gmail(store, world, raw_of(world, [Sent("citra", ("ani",), (), False, None)], 0))
    (here,), (there,) = store.entries(world.ani), store.entries(world.elsewhere)
    assert here.message.id == there.message.id


def test_a_mailbox_that_is_read_again_changes_nothing(store: Store):
    world = a_world(store)
    raw = raw_of(world, [Sent("citra", ("ani",), (), False, None)], 0)
    by_gmail(store, world, raw)
    before = state(store, world)
    by_gmail(store, world, raw)
    assert state(store, world) == before
