"""Addresses that a user says are theirs: the mail that asks, who may answer it, and what it changes (C4, B5)."""

import pytest
from connected_account import SEALER, connection_of
from mails import a_mail
from noticed import links, waiting, with_provider
from store import DOMAIN, Person, Store

from crm_store import connections, identities, members, users
from crm_store.access import Access
from crm_store.blobs import erasure
from crm_store.errors import Conflict, Forbidden, Invalid, NotFound, TooOften
from crm_store.identities import LINK_LIVES_MS, MOST_MAILS_OF_A_USER, MOST_MAILS_TO_AN_ADDRESS
from crm_store.mail_counts import WINDOW_MS
from crm_store.models.captures import AuditRow, Capture
from crm_store.models.messages import Blob
from crm_store.models.notices import MailCount, PendingIdentity, WaitingNotice
from crm_store.models.outbox import Email
from crm_store.models.people import Identity, User
from crm_store.rules.states import IdentityOrigin, Role

BASE = "https://crm.example"
HOME = "ani@rumah.example"


class Desk:
    """What tests say about one user's addresses."""

    def __init__(self, store: Store, ani: Person) -> None:
        self.store, self.ani = store, ani
        with_provider(ani.location_id)

    def ask(self, address: str = HOME, *, by: Access | None = None, user_id: int | None = None) -> str:
        """The link's token."""
        access, now_ms, blobs = by or self.ani.access, self.store.now_ms, self.store.blobs
        user_id = user_id or self.ani.user_id
        asking = identities.prepare(access, user_id, address, blobs, BASE, (DOMAIN,), now_ms=now_ms)
        identities.ask(access, asking, blobs, now_ms=now_ms)
        link = next(iter(links(waiting(blobs)[-1].text)), "")
        return link.removeprefix(f"{BASE}/identity/")

    def answer(self, token: str, *, is_theirs: bool = True) -> identities.Question:
        return identities.answer(token, is_theirs=is_theirs, now_ms=self.store.now_ms)

    def remove(self, address: str) -> None:
        identities.remove(self.ani.access, self.ani.user_id, address, now_ms=self.store.now_ms)

    def known(self) -> list[tuple[str, str]]:
        return [(one.address, one.origin) for one in users.get(self.ani.access, self.ani.user_id).identities][1:]

    def pending(self) -> list[str]:
        return [one.address for one in identities.pending(self.ani.access, self.ani.user_id, now_ms=self.store.now_ms)]

    def audited(self) -> list[str]:
        rows = AuditRow.select().where(AuditRow.action.startswith("identity.")).order_by(AuditRow.id)
        return [row.action for row in rows]


@pytest.fixture
def desk(store: Store, ani: Person) -> Desk:
    return Desk(store, ani)


def test_an_address_is_the_users_once_the_mail_to_it_is_answered(desk: Desk):
    token = desk.ask()
    (mail,) = waiting(desk.store.blobs)
    assert [one.address for one in mail.to] == [HOME]
    assert (mail.author.name, mail.author.address) == ("SunnyDay Mail", "crm@firma.example")
    assert "ani (ani@firma.example)" in mail.text
    assert (desk.pending(), desk.known()) == ([HOME], [])
    asked = identities.question(token, now_ms=desk.store.now_ms)
    assert (asked.address, asked.user_name, asked.user_email) == (HOME, "ani", "ani@firma.example")
    assert desk.pending() == [HOME], "looking changes nothing: scanners follow links"
    assert desk.answer(token) == asked
    assert (desk.pending(), desk.known()) == ([], [(HOME, IdentityOrigin.ALIAS)])
    with pytest.raises(NotFound):
        desk.answer(token)
    assert desk.audited() == ["identity.ask", "identity.add"]


def test_only_a_hash_of_the_link_is_kept_and_its_mail_goes_when_it_is_needless(desk: Desk):
    token = desk.ask()
    assert token.encode() not in bytes(PendingIdentity.get().token_hash)
    desk.answer(token)
    assert (Email.select().count(), WaitingNotice.select().count()) == (0, 0)
    erasure.sweep(desk.store.blobs)
    assert Blob.select().count() == 0


def test_who_says_no_changes_nothing_and_the_link_is_used(desk: Desk):
    token = desk.ask()
    desk.answer(token, is_theirs=False)
    assert (desk.pending(), desk.known()) == ([], [])
    with pytest.raises(NotFound):
        desk.answer(token)
    declined = AuditRow.select().where(AuditRow.action == "identity.decline").get()
    assert declined.user_id is None, "who said so is nobody that we know"


def test_a_link_is_over_after_a_day_and_when_another_one_is_sent(desk: Desk):
    first = desk.ask()
    second = desk.ask()
    assert [links(mail.text)[0] for mail in waiting(desk.store.blobs)] == [f"{BASE}/identity/{second}"]
    with pytest.raises(NotFound):
        desk.answer(first)
    desk.store.now_ms += LINK_LIVES_MS
    with pytest.raises(NotFound):
        desk.answer(second)
    assert desk.pending() == []
    desk.ask("lain@rumah.example")
    assert [row.address for row in PendingIdentity.select()] == ["lain@rumah.example"]


def test_it_is_asked_of_the_form_in_which_the_address_counts(desk: Desk):
    """At a host where +direktur is somebody else's mailbox, its reader has not shown to be who stands before it."""
    desk.ask("a.ni+direktur@gmail.com")
    assert [one.address for one in waiting(desk.store.blobs)[0].to] == ["ani@gmail.com"]


@pytest.mark.parametrize("origin", [IdentityOrigin.LOGIN, IdentityOrigin.GMAIL, IdentityOrigin.ALIAS])
def test_of_somebody_elses_address_only_its_reader_is_told(desk: Desk, origin: IdentityOrigin):
    other = desk.store.user("budi@lain.example", desk.store.location("Lain"))
    Identity.update(origin=origin).where(Identity.user_id == other.user_id).execute()
    assert desk.ask("budi@lain.example") == ""
    (mail,) = waiting(desk.store.blobs)
    assert ([one.address for one in mail.to], links(mail.text)) == (["budi@lain.example"], [])
    assert "belongs to another account" in mail.text
    assert desk.pending() == ["budi@lain.example"], "the asker is told what they are told of all others"


def test_an_address_that_became_anothers_meanwhile_is_refused(desk: Desk):
    token = desk.ask()
    desk.store.user(HOME, desk.store.location("Lain"))
    with pytest.raises(Conflict):
        desk.answer(token)
    assert (desk.pending(), desk.known()) == ([], [])
    with pytest.raises(NotFound):
        desk.answer(token)


@pytest.mark.parametrize(
    ("address", "refusal"),
    [
        pytest.param("ani", Invalid, id="no address"),
        pytest.param(f"u-x@{DOMAIN}", Invalid, id="at a capture domain"),
        pytest.param("ñandú@firma.example", Invalid, id="no mail goes there"),
        pytest.param("ani@firma.example", Conflict, id="the login"),
        pytest.param("ANI+x@firma.example", Conflict, id="the login, in another spelling"),
    ],
)
def test_what_is_refused_is_not_mailed(desk: Desk, address: str, refusal: type[Exception]):
    with pytest.raises(refusal) as refused:
        desk.ask(address)
    assert refusal is Conflict or refused.value.field == "address"  # type: ignore[attr-defined]
    assert (waiting(desk.store.blobs), desk.pending(), desk.audited()) == ([], [], [])


def test_without_a_provider_it_says_what_to_set_up_and_another_location_may_help(store: Store, ani: Person):
    now_ms = store.now_ms
    with pytest.raises(identities.NobodyCanMail, match="PUT /locations/"):
        identities.prepare(ani.access, ani.user_id, HOME, store.blobs, BASE, (DOMAIN,), now_ms=now_ms)
    other_id = store.location("Cabang")
    with_provider(other_id)
    with pytest.raises(identities.NobodyCanMail):
        identities.prepare(ani.access, ani.user_id, HOME, store.blobs, BASE, (DOMAIN,), now_ms=now_ms)
    members.put(other_id, ani.user_id, Role.USER, domain=DOMAIN, by=None, now_ms=now_ms)
    asking = identities.prepare(ani.access, ani.user_id, HOME, store.blobs, BASE, (DOMAIN,), now_ms=now_ms)
    assert asking.mail.location_id == other_id


def test_nobody_is_mailed_without_end(desk: Desk):
    for _ in range(MOST_MAILS_TO_AN_ADDRESS):
        desk.ask()
    with pytest.raises(TooOften) as refused:
        desk.ask()
    assert refused.value.until_ms == desk.store.now_ms + WINDOW_MS
    assert len(desk.audited()) == MOST_MAILS_TO_AN_ADDRESS
    for number in range(MOST_MAILS_OF_A_USER - MOST_MAILS_TO_AN_ADDRESS):
        desk.ask(f"ani{number % 9}@rumah.example")
    with pytest.raises(TooOften):
        desk.ask("lain@rumah.example")
    desk.store.now_ms += WINDOW_MS
    desk.ask()
    assert sorted(row.mails for row in MailCount.select()) == [1, 1]


def test_it_is_ones_own_to_ask_or_of_who_runs_the_installation(desk: Desk):
    adi = desk.store.user("adi@firma.example", desk.ani.location_id, Role.ADMIN)
    stranger = desk.store.user("eka@lain.example", desk.store.location("Lain"))
    for person, refusal in ((adi, Forbidden), (stranger, NotFound)):
        with pytest.raises(refusal):
            desk.ask(by=person.access)
        with pytest.raises(refusal):
            identities.remove(person.access, desk.ani.user_id, HOME, now_ms=1)
    desk.ask(by=Access(adi.user_id, {}, installation_admin=True))
    assert identities.pending(adi.access, desk.ani.user_id, now_ms=desk.store.now_ms) == []


def test_what_was_added_may_be_removed_and_what_one_signs_in_with_may_not(desk: Desk):
    desk.answer(desk.ask())
    desk.remove(HOME.upper())
    assert desk.known() == []
    desk.ask("lain@rumah.example")
    desk.remove("lain@rumah.example")
    assert (desk.pending(), waiting(desk.store.blobs)) == ([], [])
    with pytest.raises(NotFound):
        desk.remove(HOME)
    with pytest.raises(Conflict):
        desk.remove("ani@firma.example")
    assert desk.audited()[-2:] == ["identity.ask", "identity.remove"]


def test_a_connected_account_is_the_users_until_it_is_disconnected_and_removed(desk: Desk):
    place = connection_of(desk.ani.user_id, desk.ani.location_id, now_ms=desk.store.now_ms)
    with pytest.raises(Conflict):
        desk.remove("mailbox@gmail.test")
    connections.disconnect(desk.ani.access, place, SEALER, now_ms=desk.store.now_ms)
    assert desk.known() == [("mailbox@gmail.test", IdentityOrigin.GMAIL)]
    desk.remove("mailbox@gmail.test")
    assert desk.known() == []


def test_mail_of_an_address_is_held_before_and_recorded_after_it_is_the_users(desk: Desk):
    def captured(number: int) -> str:
        raw = a_mail(f"Ani <{HOME}>", text=f"Penawaran nomor {number}.")
        desk.store.capture(raw, desk.ani.bcc)
        return Capture.select().order_by(Capture.id.desc()).get().state

    assert captured(1) == "held"
    token = desk.ask()
    assert captured(2) == "held", "asked is not answered"
    desk.answer(token)
    assert captured(3) == "recorded"
    desk.remove(HOME)
    assert captured(4) == "held"


def test_the_mail_is_in_the_users_language_and_that_of_a_stranger_is_too(desk: Desk):
    User.update(locale="id").where(User.id == desk.ani.user_id).execute()
    desk.ask()
    desk.store.user("budi@lain.example", desk.store.location("Lain"))
    desk.ask("budi@lain.example")
    subjects = [mail.subject for mail in waiting(desk.store.blobs)]
    assert subjects == ["Apakah alamat ini milik Anda?", "Seseorang meminta menambahkan alamat Anda"]
