"""What becomes of mails as people send them: one row each, from raw bytes to what a location shows.

The world: Ani and Bagus work in location 1, Ani and Dewi in location 2. Budi is a contact in both, Citra in 1 alone.
Bagus is a contact of location 2 (user here, contact there). Ani also writes as ani.lestari@gmail.com."""

from dataclasses import dataclass

import pytest
from mails import a_mail
from store import Person, Store

from crm_store import bcc_addresses, contact_book
from crm_store.contact_book import ContactDetails
from crm_store.models.captures import Capture
from crm_store.models.contacts import Contact, Conversation
from crm_store.models.messages import Entry
from crm_store.models.people import Identity
from crm_store.models.sender_lists import ListedSender
from crm_store.rules.address import fold_identity
from crm_store.rules.states import Role, SenderList

ANI, BAGUS, DEWI = "Ani Lestari <ani@firma.example>", "Bagus <bagus@firma.example>", "Dewi <dewi@firma.example>"
BUDI, CITRA = "Budi <budi@pelanggan.example>", "Citra <citra@pelanggan.example>"
NEW, OTHER = "Eko Prasetyo <eko@baru.example>", "Fitri <fitri@baru.example>"
ASSISTANT = "Asisten <asisten@jasa.example>"
SPAM = "Spam <x@spam.example>"
ROOT = "<root@firma.example>"
RELAY, INTERNET = "127.0.0.1", "192.0.2.25"


@dataclass(frozen=True)
class World:
    store: Store
    ani: Person
    bagus: Person
    ani2: Person
    dewi: Person
    retired: str
    shown_retired: str

    def address(self, word: str) -> str:
        known = {
            "ani": self.ani.bcc, "bagus": self.bagus.bcc, "ani2": self.ani2.bcc, "dewi": self.dewi.bcc,
            "retired": self.retired, "shown-retired": self.shown_retired, "postmaster": "postmaster@capture.localhost",
        }  # fmt: skip
        return known[word]


@pytest.fixture
def world(store: Store) -> World:
    one, two = store.location("Satu"), store.location("Dua")
    ani = store.user("ani@firma.example", one, Role.ADMIN)
    bagus = store.user("bagus@firma.example", one)
    ani2 = store.user("ani@firma.example", two, Role.ADMIN, user_id=ani.user_id)
    dewi = store.user("dewi@firma.example", two)
    Identity.create(
        user_id=ani.user_id, address="ani.lestari@gmail.com", folded=fold_identity("ani.lestari@gmail.com"),
        origin="send_as", created_at_ms=0,
    )  # fmt: skip
    for person, names in ((ani, (BUDI, CITRA)), (ani2, (BUDI, BAGUS))):
        for name in names:
            shown, _, address = name.partition(" <")
            contact_book.add(
                person.access, person.location_id, ContactDetails([address[:-1]], name=shown), now_ms=store.now_ms
            )
    for kind, normal, whose in (
        (SenderList.ALLOWED, "asisten@jasa.example", {"location_id": one}),
        (SenderList.BLOCKED, "@spam.example", {"location_id": one}),
        (SenderList.NEVER_LOG, "@dokter.example", {"location_id": one}),
        (SenderList.NEVER_LOG, "mama@keluarga.example", {"user_id": ani.user_id}),
    ):
        ListedSender.create(kind=kind, pattern=normal, normal=normal, created_at_ms=0, **whose)
    store.capture(a_mail(ANI, to=BUDI, message_id=ROOT, subject="Akar"), ani.bcc)
    old = dewi.bcc
    shown = bcc_addresses.replace(two, dewi.user_id, "capture.localhost", grace_days=0, by=None, now_ms=store.now_ms)
    assert shown.address
    store.capture(a_mail(DEWI, to=BUDI, cc=shown.address, message_id="<dewi@firma.example>"), shown.address)
    current = bcc_addresses.replace(two, dewi.user_id, "capture.localhost", grace_days=0, by=None, now_ms=store.now_ms)
    assert current.address
    dewi = Person(dewi.user_id, dewi.email, two, current.address)
    return World(store, ani, bagus, ani2, dewi, old, shown.address)


def outcomes(world: World, since: int) -> dict[int, str]:
    """For each location: outcome and rule; of what is recorded also direction and whose tab it is in."""
    told = {}
    for capture in Capture.select().where(Capture.id > since).order_by(Capture.id):
        place = {world.ani.location_id: 1, world.dewi.location_id: 2, None: 0}[capture.location_id]
        words = [capture.state, capture.rule]
        if capture.entry_id is not None:
            entry = Entry.get_by_id(capture.entry_id)
            conversation = Conversation.get_by_id(entry.conversation_id)
            words += [entry.direction, Contact.get_by_id(conversation.contact_id).name]
        told[place] = " ".join(words)
    return told


def row(name: str, to_whom: str, expected: dict[int, str], *, peer: str = RELAY, **mail: object):
    """One mail. to_whom: BCC addresses named at RCPT. In a header value, {ani} stands for Ani's BCC address."""
    return pytest.param(to_whom, mail, peer, expected, id=name)


AUTO = {"Auto-Submitted": "auto-replied"}
LIST = {"List-Id": "<warta.baru.example>"}
REPORT = {"Auto-Submitted": "auto-replied", "Return-Path": "<>"}

ROWS = [
    # New threads: whose it is
    row("a new prospect in To", "ani", {1: "recorded C2 outbound Eko Prasetyo"}, to=NEW),
    row("a known contact in To", "ani", {1: "recorded C2 outbound Budi"}, to=BUDI),
    row("a contact under another spelling", "ani", {1: "recorded C2 outbound Budi"}, to="BUDI@Pelanggan.EXAMPLE"),
    row("a contact's +tag is somebody else", "ani", {1: "recorded C2 outbound Budi Toko"}, to="Budi Toko <budi+toko@pelanggan.example>"),
    row("a prospect with no display name", "ani", {1: "recorded C2 outbound "}, to="polos@baru.example"),
    row("a prospect with an encoded name", "ani", {1: "recorded C2 outbound Żółć"}, to="=?utf-8?q?=C5=BB=C3=B3=C5=82=C4=87?= <z@baru.example>"),
    row("a prospect with a comma in the name", "ani", {1: "recorded C2 outbound Santoso, S.Kom., Budi"}, to='"Santoso, S.Kom., Budi" <s@baru.example>'),
    row("two prospects in To: the first", "ani", {1: "recorded C2 outbound Eko Prasetyo"}, to=f"{NEW}, {OTHER}"),
    row("a prospect before a contact in To", "ani", {1: "recorded C2 outbound Eko Prasetyo"}, to=f"{NEW}, {BUDI}"),
    row("a contact before a prospect in To", "ani", {1: "recorded C2 outbound Budi"}, to=f"{BUDI}, {NEW}"),
    row("a colleague first, then a prospect", "ani", {1: "recorded C2 outbound Eko Prasetyo"}, to=f"{BAGUS}, {NEW}"),
    row("oneself first, then a prospect", "ani", {1: "recorded C2 outbound Eko Prasetyo"}, to=f"{ANI}, {NEW}"),
    row("the BCC address in To before the prospect", "ani", {1: "recorded C2 outbound Eko Prasetyo"}, to="{ani}, " + NEW),
    row("the BCC address in Cc", "ani", {1: "recorded C2 outbound Eko Prasetyo"}, to=NEW, cc="{ani}"),
    row("a colleague in To, the contact in Cc", "ani", {1: "recorded C2 outbound Citra"}, to=BAGUS, cc=CITRA),
    row("a colleague in To, stranger and contact in Cc", "ani", {1: "recorded C2 outbound Citra"}, to=BAGUS, cc=f"{NEW}, {CITRA}"),
    row("a colleague in To, a stranger in Cc", "ani", {1: "held C2"}, to=BAGUS, cc=NEW),
    row("a colleague in To, the contact in a Bcc header", "ani", {1: "recorded C2 outbound Citra"}, to=BAGUS, bcc=CITRA),
    row("a colleague in Cc", "ani", {1: "recorded C2 outbound Eko Prasetyo"}, to=NEW, cc=BAGUS),
    row("a group in To", "ani", {1: "recorded C2 outbound Eko Prasetyo"}, to=f"Pelanggan: {NEW}, {OTHER};"),
    row("an empty group in To, the contact in Cc", "ani", {1: "recorded C2 outbound Citra"}, to="undisclosed-recipients:;", cc=CITRA),
    row("undisclosed recipients only", "ani", {1: "held C6"}, to="undisclosed-recipients:;"),
    row("an internationalised domain", "ani", {1: "recorded C2 outbound Jörg"}, to="Jörg <j@bücher.example>"),
    row("an allowed sender's address is never made a contact", "ani", {1: "held C2"}, to=ASSISTANT),
    # Who may write
    row("from an alias of hers", "ani", {1: "recorded C2 outbound Budi"}, author="Ani <ani.lestari@gmail.com>", to=BUDI),
    row("from the alias without its dot", "ani", {1: "recorded C2 outbound Budi"}, author="anilestari@googlemail.com", to=BUDI),
    row("from a +tag of hers", "ani", {1: "recorded C2 outbound Budi"}, author="Ani <ani+crm@firma.example>", to=BUDI),
    row("from hers in capitals", "ani", {1: "recorded C2 outbound Budi"}, author="ANI@FIRMA.EXAMPLE", to=BUDI),
    row("from a dotted spelling elsewhere", "ani", {1: "held C4"}, author="a.ni@firma.example", to=BUDI),
    row("from a colleague to her address", "ani", {1: "held C4"}, author=BAGUS, to=BUDI),
    row("from a colleague to his own address", "bagus", {1: "recorded C2 outbound Budi"}, author=BAGUS, to=BUDI),
    row("from a stranger", "ani", {1: "held C4"}, author=NEW, to=BUDI),
    row("from a contact", "ani", {1: "held C4"}, author=BUDI, to=ANI),
    row("from an allowed sender", "ani", {1: "recorded C2 inbound Citra"}, author=ASSISTANT, to=CITRA),
    row("from an allowed sender nobody vouches for", "ani", {1: "held C4"}, author=ASSISTANT, to=CITRA, peer=INTERNET),
    row("allowed in one location is not allowed in another", "ani2", {2: "held C4"}, author=ASSISTANT, to=BUDI),
    row("from a blocked domain", "ani", {1: "rejected D2"}, author=SPAM, to=BUDI),
    row("from below a blocked domain", "ani", {1: "rejected D2"}, author="x@mail.spam.example", to=BUDI),
    row("her own mail that nobody vouches for", "ani", {1: "held C4"}, author=ANI, to=BUDI, peer=INTERNET),
    row("Reply-To is not the author", "ani", {1: "held C4"}, author=NEW, to=BUDI, headers={"Reply-To": ANI}),
    row("Sender is not the author", "ani", {1: "held C4"}, author=NEW, to=BUDI, headers={"Sender": ANI}),
    row("a Reply-To elsewhere changes nothing", "ani", {1: "recorded C2 outbound Budi"}, to=BUDI, headers={"Reply-To": NEW}),
    row("no author at all", "ani", {1: "held C4"}, author="", to=BUDI),
    row("two authors: the first counts", "ani", {1: "recorded C2 outbound Budi"}, author=f"{ANI}, {NEW}", to=BUDI),
    row("two authors, a stranger first", "ani", {1: "held C4"}, author=f"{NEW}, {ANI}", to=BUDI),
    # Confidential, never logged
    row("to a colleague", "ani", {1: "ignored B5"}, to=BAGUS),
    row("to a colleague's +tag", "ani", {1: "ignored B5"}, to="bagus+rahasia@firma.example"),
    row("to oneself", "ani", {1: "ignored B5"}, to=ANI),
    row("to a colleague, unvouched: nothing is kept either", "ani", {1: "ignored B5"}, to=BAGUS, peer=INTERNET),
    row("to a colleague, another in Cc", "ani", {1: "ignored B5"}, to=BAGUS, cc="ani.lestari@gmail.com"),
    row("to a colleague, a customer in Cc", "ani", {1: "recorded C2 outbound Budi"}, to=BAGUS, cc=BUDI),
    row("a user here is a contact there", "ani2", {2: "recorded C2 outbound Bagus"}, to=BAGUS),
    row("internal here, a contact there, in one mail", "ani ani2", {1: "ignored B5", 2: "recorded C2 outbound Bagus"}, to=BAGUS),
    row("a never-log domain in Cc", "ani", {1: "ignored B13"}, to=BUDI, cc="praktik@dokter.example"),
    row("below a never-log domain", "ani", {1: "ignored B13"}, to="praktik@rs.dokter.example"),
    row("a user's own never-log address", "ani", {1: "ignored B13"}, to=BUDI, cc="mama@keluarga.example"),
    row("the same address on a colleague's path", "bagus", {1: "recorded C2 outbound Budi"}, author=BAGUS, to=BUDI, cc="mama@keluarga.example"),
    row("a location's never-log list is its own", "ani2", {2: "recorded C2 outbound Budi"}, to=BUDI, cc="praktik@dokter.example"),
    # Threads
    row("an answer to a recorded mail", "ani", {1: "recorded B9 outbound Budi"}, to=BUDI, answers=ROOT),
    row("an answer under another subject", "ani", {1: "recorded B9 outbound Budi"}, to=BUDI, answers=ROOT, subject="Lain"),
    row("an answer that names the root in References only", "ani", {1: "recorded B9 outbound Budi"}, to=BUDI, references=f"{ROOT} <x@y>"),
    row("in a known thread nobody is made", "ani", {1: "recorded B9 outbound Budi"}, to=f"{NEW}, {BUDI}", answers=ROOT),
    row("the contact in Cc of the answer", "ani", {1: "recorded B9 outbound Budi"}, to=BAGUS, cc=BUDI, answers=ROOT),
    row("a forward to somebody else", "ani", {1: "recorded C2 outbound Citra"}, to=CITRA, answers=ROOT),
    row("an answer whose root is in the other location", "ani2", {2: "recorded C2 outbound Budi"}, to=BUDI, answers=ROOT),
    row("reply-all of the contact", "ani", {1: "recorded C5 inbound Budi"}, author=BUDI, to=ANI, cc="{ani}", answers=ROOT),
    row("reply-all of the contact, unvouched", "ani", {1: "held C4"}, author=BUDI, to=ANI, cc="{ani}", answers=ROOT, peer=INTERNET),
    row("reply-all of a colleague", "ani", {1: "recorded C5 outbound Budi"}, author=BAGUS, to=BUDI, cc="{ani}", answers=ROOT),
    row("reply-all of somebody new to the thread", "ani", {1: "held C5"}, author=NEW, to=ANI, cc="{ani}", answers=ROOT),
    row("a contact writes to the shown address without a thread", "ani", {1: "held C5"}, author=BUDI, to=ANI, cc="{ani}"),
    row("reply of the contact to an address that was not shown", "ani", {1: "held C4"}, author=BUDI, to=ANI, answers=ROOT),
    # Several locations and owners, and addresses whose time is over
    row("two locations", "ani ani2", {1: "recorded C2 outbound Budi", 2: "recorded C2 outbound Budi"}, to=BUDI),
    row("two locations, a prospect in both", "ani ani2", {1: "recorded C2 outbound Eko Prasetyo", 2: "recorded C2 outbound Eko Prasetyo"}, to=NEW),
    row("two owners in one location, one of them the author", "ani bagus", {1: "recorded C2 outbound Budi"}, to=BUDI),
    row("two locations, the owner in one of them", "ani dewi", {1: "recorded C2 outbound Budi", 2: "held C4"}, to=BUDI),
    row("a contact of one location only", "ani ani2", {1: "recorded C2 outbound Citra", 2: "recorded C2 outbound Citra"}, to=CITRA),
    row("a retired address that was never shown", "retired", {2: "ignored C1"}, author=DEWI, to=BUDI),
    row("a retired address that was shown", "shown-retired", {2: "ignored C1"}, author=DEWI, to=BUDI),
    row("a retired and a live one of one location", "shown-retired dewi", {2: "recorded C2 outbound Budi"}, author=DEWI, to=BUDI),
    row("postmaster", "postmaster", {0: "held F1"}, author=NEW, to="postmaster@capture.localhost"),
    # Automatic mail
    row("an auto-reply of the contact to the shown address", "ani", {1: "recorded C5 inbound Budi"}, author=BUDI, to=ANI, cc="{ani}", answers=ROOT, headers=AUTO),
    row("an auto-reply of hers to a prospect makes no contact", "ani", {1: "held C7"}, to=NEW, headers=AUTO),
    row("a newsletter of a stranger", "ani", {1: "ignored C7"}, author=NEW, to=ANI, headers=LIST),
    row("bulk mail of a stranger", "ani", {1: "ignored C7"}, author=NEW, to=ANI, headers={"Precedence": "bulk"}),
    row("list mail that a contact wrote", "ani", {1: "held C4"}, author=BUDI, to="warta@baru.example", headers=LIST),
    row("an auto-reply with a null return path", "ani", {1: "held C4"}, author=NEW, to=ANI, headers=REPORT),
    row("a mail with a null return path", "ani", {1: "ignored C7"}, author=NEW, to=ANI, headers={"Return-Path": "<>"}),
    # Broken ones
    row("no Message-ID", "ani", {1: "recorded C2 outbound Budi"}, to=BUDI, message_id=""),
    row("no Date", "ani", {1: "recorded C2 outbound Budi"}, to=BUDI, date=None),
    row("an empty body", "ani", {1: "recorded C2 outbound Budi"}, to=BUDI, text=""),
    row("no subject", "ani", {1: "recorded C2 outbound Budi"}, to=BUDI, subject=""),
    row("to the BCC address alone", "ani", {1: "held C6"}, to="{ani}"),
    row("no To and no Cc", "ani", {1: "held C6"}, to=None),
    row("a recipient that is no address", "ani", {1: "recorded C2 outbound Budi"}, to=f"bukan alamat, {BUDI}"),
]  # fmt: skip


@pytest.mark.parametrize(("to_whom", "mail", "peer", "expected"), ROWS)
def test_what_becomes_of_it(world: World, to_whom: str, mail: dict, peer: str, expected: dict[int, str]):
    since = max((capture.id for capture in Capture.select()), default=0)
    filled = {
        name: value.format(ani=world.ani.bcc) if isinstance(value, str) and "{ani}" in value else value
        for name, value in mail.items()
    }
    raw = a_mail(**{"author": ANI, **filled})
    world.store.capture(raw, *map(world.address, to_whom.split()), peer=peer)
    assert outcomes(world, since) == expected


def test_there_are_at_least_eighty_of_them():
    assert len(ROWS) >= 80
