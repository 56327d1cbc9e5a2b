"""The order of asking on the SMTP path: one row per situation."""

from dataclasses import replace

import pytest

from crm_store.mail.automatic.cause import Cause
from crm_store.mail.automatic.signs import Action, Report, ReportedRecipient, ReportKind
from crm_store.mail.parsed_mail import Mailbox
from crm_store.rules.address import fold_identity, normalise
from crm_store.rules.asked import Asked, FiledEntry
from crm_store.rules.bounce import SentMail, bounce_of
from crm_store.rules.decide import ORDER_OF_ASKING, decide, let_in
from crm_store.rules.decision import Decision, NewContact, Placement, Undelivered
from crm_store.rules.parties import Parties, Party
from crm_store.rules.rule import Reason, Rule
from crm_store.rules.states import Automatic, CaptureState, DeliveryState, Direction, Path
from crm_store.rules.thread import KnownThread
from crm_store.rules.verdict import Authenticity, Basis, Verdict

ANI, BAGUS = "ani@firma.example", "bagus@firma.example"  # users of the location
BUDI, CITRA = "budi@pelanggan.example", "citra@pelanggan.example"
STRANGER = "orang@lain.example"
BCC = "k7x@capture.localhost"
OUT, IN = Direction.OUTBOUND, Direction.INBOUND
YES = Verdict(Authenticity.AUTHENTICATED, Basis.TRUSTED_RELAY)
NO = Verdict(Authenticity.NOT_AUTHENTICATED, Basis.NOTHING)
LATER = Verdict(Authenticity.UNDECIDED, Basis.DNS_SILENT)
ROOT = b"root"


def party(written: str) -> Party:
    """written: an address, or a name and it in angle brackets."""
    name, _, rest = written.rpartition("<")
    address = rest.rstrip(">")
    return Party(name.strip(), address, normalise(address), fold_identity(address))


def asked(
    author: str | None = ANI,
    to: tuple[str, ...] = (),
    cc: tuple[str, ...] = (),
    bcc: tuple[str, ...] = (),
    *,
    shown: bool = False,
    readable: bool = True,
    verdict: Verdict = YES,
    contacts: dict[str, int] | None = None,
    threads: tuple[KnownThread, ...] = (),
    keys: tuple[bytes, ...] = (),
    entry: FiledEntry | None = None,
    path: Path = Path.BCC,
    automatic: Automatic | None = None,
    never_logged: bool = False,
    allowed: tuple[str, ...] = (),
    blocked: bool = False,
    elsewhere: bool = False,
    report: Report | None = None,
    sent: tuple[SentMail, ...] = (),
    tested: bool = False,
) -> Asked:
    """shown: the BCC address stood in To or Cc."""
    parties = Parties(
        party(author) if author else None,
        tuple(map(party, to)),
        tuple(map(party, cc)),
        tuple(map(party, bcc)),
        frozenset({BCC} if shown else ()),
    )
    return Asked(
        path=path,
        parties=parties,
        internal=frozenset({ANI, BAGUS}),
        contacts=contacts or {},
        readable=readable,
        verdict=verdict if path is Path.BCC else None,
        automatic=automatic,
        sender_is_owner=author == ANI,
        owner_domains=frozenset({"firma.example"}),
        never_logged=never_logged,
        allowed=frozenset(allowed),
        blocked=blocked,
        keys=keys,
        threads=threads,
        answers_elsewhere=elsewhere,
        report=report,
        sent=sent,
        entry=entry,
        tested=tested,
    )


def thread(thread_id: int, *parties: str, keys: tuple[bytes, ...] = (ROOT,), conversation: int = 70) -> KnownThread:
    return KnownThread(thread_id, conversation, frozenset(keys), frozenset(parties))


def parted(thread_id: int, *parties: str, keys: tuple[bytes, ...] = (ROOT,)) -> KnownThread:
    return replace(thread(thread_id, *parties, keys=keys), parted=True)


def new(address: str) -> Decision:
    return recorded(Rule.C2, Reason.NEW_CONTACT, Placement(OUT, NewContact("", address)))


def owned(contact_id: int) -> Decision:
    return recorded(Rule.C2, Reason.NEW_THREAD, Placement(OUT, contact_id))


def recorded(rule: Rule, reason: Reason, placement: Placement) -> Decision:
    return Decision(CaptureState.RECORDED, rule, reason, placement=placement)


def answers(rule: Rule, placement: Placement) -> Decision:
    return recorded(rule, Reason.ANSWERS_THREAD, placement)


def held(rule: Rule, reason: Reason, *suggestions: str) -> Decision:
    return Decision(CaptureState.HELD, rule, reason, suggestions=suggestions)


FILED = FiledEntry(5, removed=False, owner=7, by_mailbox=False)
BY_MAILBOX = FiledEntry(5, removed=False, owner=7, by_mailbox=True)
WAITS = Decision(CaptureState.RECEIVED, Rule.C4, Reason.AUTHENTICATION_WAITS)
PASSED = Decision(CaptureState.IGNORED, Rule.C1, Reason.SELF_TEST)
UNPROVEN = Decision(CaptureState.IGNORED, Rule.C1, Reason.SELF_TEST_UNPROVEN)
INTERNAL = Decision(CaptureState.IGNORED, Rule.B5, Reason.INTERNAL_MAIL)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param(asked(to=(BUDI,)), new(BUDI), id="C2: a new prospect in To becomes a contact"),
        pytest.param(asked(to=(BUDI,), contacts={BUDI: 7}), owned(7), id="C2: a known one owns the thread"),
        pytest.param(asked(to=(BUDI, CITRA), contacts={CITRA: 8}), new(BUDI), id="C2: the first To, though the second is known"),
        pytest.param(asked(to=(BAGUS, BUDI)), new(BUDI), id="C2: a colleague first in To is passed over"),
        pytest.param(asked(to=(BAGUS,), cc=(BUDI,), contacts={BUDI: 7}), owned(7), id="C2: no outside To: the contact in Cc"),
        pytest.param(asked(cc=(STRANGER, BUDI), contacts={BUDI: 7}), owned(7), id="C2: the first contact in Cc, past a stranger"),
        pytest.param(asked(bcc=(BUDI,), contacts={BUDI: 7}), owned(7), id="C2: then the contact in Bcc"),
        pytest.param(asked(cc=(STRANGER,)), held(Rule.C2, Reason.NO_OUTSIDE_RECIPIENT, STRANGER), id="C2, B6: a stranger in Cc becomes nobody"),
        pytest.param(asked(), held(Rule.C6, Reason.ONLY_TO_BCC_ADDRESS), id="C6: to the BCC address alone"),
        pytest.param(asked(tested=True), PASSED, id="C1: the test of the address, by its owner"),
        pytest.param(asked(tested=True, automatic=Automatic.LIST), PASSED, id="C1: also by a program that marks all its mail"),
        pytest.param(asked(tested=True, verdict=NO), UNPROVEN, id="C1: a test whose sender nothing proves"),
        pytest.param(asked(tested=True, verdict=LATER), WAITS, id="C1: a test waits for the DNS as other mail does"),
        pytest.param(asked(tested=True, never_logged=True), Decision(CaptureState.IGNORED, Rule.B13, Reason.NEVER_LOGGED), id="B13: comes before the test"),
        pytest.param(asked(BAGUS, tested=True), held(Rule.C4, Reason.SENDER_NOT_ALLOWED), id="C4: another's mail is no test"),
        pytest.param(asked(tested=True, to=(BUDI,)), new(BUDI), id="C2: a mail to somebody is recorded, test or not"),
        pytest.param(asked(None, readable=False), held(Rule.C10, Reason.UNREADABLE), id="C10: what can't be read is held"),
        pytest.param(asked(to=(BAGUS,)), INTERNAL, id="B5: members among themselves"),
        pytest.param(asked(to=(ANI,)), INTERNAL, id="B5: to oneself"),
        pytest.param(asked(to=("Bagus+x@FIRMA.example",)), INTERNAL, id="B5: a member's +tag is the member"),
        pytest.param(asked(to=(BAGUS,), verdict=NO), INTERNAL, id="B5 is asked before C4"),
        pytest.param(asked(STRANGER, to=(BAGUS,), contacts={STRANGER: 9}), held(Rule.C4, Reason.SENDER_NOT_ALLOWED), id="B5: an outside author is a party"),
        pytest.param(asked(to=(BUDI,), verdict=NO), held(Rule.C4, Reason.NOT_AUTHENTICATED, BUDI), id="C4: nobody vouches"),
        pytest.param(asked(None, to=(BUDI,)), held(Rule.C4, Reason.NO_AUTHOR, BUDI), id="C4: no author"),
        pytest.param(asked(to=(BUDI,), verdict=LATER), WAITS, id="C4: the DNS did not answer yet"),
        pytest.param(asked(STRANGER, to=(BUDI,), verdict=LATER), WAITS, id="C4: the DNS did not answer yet about a stranger"),
        pytest.param(asked(to=(BAGUS,), verdict=LATER), INTERNAL, id="B5 does not wait for the DNS"),
        pytest.param(asked(STRANGER, to=(BUDI,), verdict=LATER, blocked=True), Decision(CaptureState.REJECTED, Rule.D2, Reason.SENDER_BLOCKED), id="D2: who is blocked does not wait for the DNS"),
        pytest.param(asked("ani@f1rma.example", to=(BUDI,)), held(Rule.C4, Reason.DOMAIN_IMITATES, BUDI), id="C4: a domain that looks like the owner's"),
        pytest.param(asked("ani@f1rma.example", to=(BUDI,), verdict=NO), held(Rule.C4, Reason.DOMAIN_IMITATES, BUDI), id="C4: a look-alike that nobody vouches for"),
        pytest.param(asked("ani@f1rma.example", to=(BUDI,), allowed=("ani@f1rma.example",)), recorded(Rule.C2, Reason.NEW_CONTACT, Placement(IN, NewContact("", BUDI))), id="C4: a look-alike that is allowed by name"),
        pytest.param(asked(f"{ANI} <x@jahat.test>", to=(BUDI,)), held(Rule.C4, Reason.NAME_IMITATES, BUDI), id="C4: the owner's address as a stranger's name"),
        pytest.param(asked("Ani <x@jahat.test>", to=(BUDI,)), held(Rule.C4, Reason.SENDER_NOT_ALLOWED, BUDI), id="C4: the owner's name is no trick, many are called so"),
        pytest.param(asked(f"{CITRA} <{BUDI}>", to=(ANI,), shown=True, contacts={BUDI: 7}, keys=(ROOT,), threads=(thread(3, BUDI),)), answers(Rule.C5, Placement(IN, None, 3)), id="C5: a contact may be called as they like"),
        pytest.param(asked(STRANGER, to=(BUDI,)), held(Rule.C4, Reason.SENDER_NOT_ALLOWED, BUDI), id="C4: not the owner"),
        pytest.param(asked(BAGUS, to=(BUDI,)), held(Rule.C4, Reason.SENDER_NOT_ALLOWED, BUDI), id="C4: a colleague is not the owner"),
        pytest.param(asked(to=(BUDI,), entry=FILED), Decision(CaptureState.RECORDED, Rule.C8, Reason.SAME_MESSAGE, entry_id=5), id="C8: filed already"),
        pytest.param(asked(STRANGER, to=(BAGUS,), verdict=NO, entry=FILED), Decision(CaptureState.RECORDED, Rule.C8, Reason.SAME_MESSAGE, entry_id=5), id="C8 is asked first of all"),
        pytest.param(asked(to=(BUDI,), keys=(ROOT,), threads=(thread(3, BUDI),)), answers(Rule.B9, Placement(OUT, None, 3)), id="B9: into the thread it answers"),
        pytest.param(asked(to=(STRANGER,), keys=(ROOT,), threads=(thread(3, BUDI),)), new(STRANGER), id="B2: a forward to somebody else starts a thread"),
        pytest.param(asked(to=(STRANGER, BUDI), keys=(ROOT,), threads=(thread(3, BUDI),)), answers(Rule.B9, Placement(OUT, None, 3)), id="B9, C2: in a known thread nobody is made"),
        pytest.param(asked(to=(BAGUS,), cc=(BUDI,), keys=(ROOT,), threads=(thread(3, BUDI),)), answers(Rule.B9, Placement(OUT, None, 3)), id="B2: the outside party may stand in Cc"),
        pytest.param(asked(to=(BAGUS, STRANGER), keys=(ROOT,), threads=(thread(3, BAGUS, BUDI),)), new(STRANGER), id="B2: a colleague in the thread is no outside party"),
        pytest.param(asked(BUDI, to=(ANI,), shown=True, keys=(ROOT,), threads=(thread(3, BUDI, ANI),)), answers(Rule.C5, Placement(IN, None, 3)), id="C5: reply-all of the contact"),
        pytest.param(asked(CITRA, to=(ANI,), shown=True, keys=(ROOT,), threads=(thread(3, BUDI, CITRA),)), answers(Rule.C5, Placement(IN, None, 3)), id="C5: reply-all of whoever was in Cc"),
        pytest.param(asked(BAGUS, to=(BUDI,), shown=True, keys=(ROOT,), threads=(thread(3, BUDI),)), answers(Rule.C5, Placement(OUT, None, 3)), id="C5: reply-all of a colleague"),
        pytest.param(asked(STRANGER, to=(ANI,), shown=True, keys=(ROOT,), threads=(thread(3, BUDI),)), held(Rule.C5, Reason.SENDER_NOT_ALLOWED), id="C5: somebody new to the thread is held"),
        pytest.param(asked(BUDI, to=(ANI,), shown=True), held(Rule.C5, Reason.SENDER_NOT_ALLOWED), id="C5: an outsider without a thread is held"),
        pytest.param(asked(BUDI, to=(ANI,), keys=(ROOT,), threads=(thread(3, BUDI),)), held(Rule.C4, Reason.SENDER_NOT_ALLOWED), id="C5 asks for an address that was shown"),
        pytest.param(asked(BUDI, to=(ANI,), shown=True, verdict=NO, keys=(ROOT,), threads=(thread(3, BUDI),)), held(Rule.C4, Reason.NOT_AUTHENTICATED), id="C5: authenticated all the same"),
        pytest.param(asked(to=(BUDI,), keys=(b"near", ROOT), threads=(thread(3, BUDI), thread(4, BUDI, keys=(b"near",), conversation=71))), answers(Rule.B9, Placement(OUT, None, 4)), id="B9: the nearest ancestor's thread"),
        pytest.param(asked(to=(BUDI,), keys=(b"near", ROOT), threads=(thread(3, BUDI), thread(4, BUDI, keys=(b"near",)))), answers(Rule.B9, Placement(OUT, None, 4, merges=(3,))), id="B9: two threads of one conversation are one"),
        pytest.param(asked(to=(BUDI,), keys=(b"near", ROOT), threads=(parted(3, BUDI), thread(4, BUDI, keys=(b"near",)))), answers(Rule.B9, Placement(OUT, None, 4)), id="half of what a person split is no part of another thread"),
        pytest.param(asked(to=(BUDI,), keys=(b"near", ROOT), threads=(thread(3, BUDI), parted(4, BUDI, keys=(b"near",)))), answers(Rule.B9, Placement(OUT, None, 4)), id="nor is another thread a part of it"),
    ],
)  # fmt: skip
def test_what_is_decided(question: Asked, expected: Decision):
    assert decide(question) == expected


def test_the_name_of_a_new_contact_is_the_display_name():
    named = Party("Budi Santoso", BUDI, BUDI, BUDI)
    question = asked()
    parties = Parties(party(ANI), (named,), (), (), frozenset())

    decision = decide(replace(question, parties=parties))

    assert decision.placement is not None
    assert decision.placement.owner == NewContact("Budi Santoso", BUDI)


def test_a_reply_from_another_address_is_marked():
    question = asked(BAGUS, to=(BUDI,), shown=True, keys=(ROOT,), threads=(thread(3, BUDI),))
    assert decide(question).placement == Placement(OUT, None, 3, new_author=False)


def test_a_mailbox_is_not_a_party_yet():
    """The types keep apart what was written and what is compared."""
    assert Mailbox("", BUDI) != party(BUDI)


JOINED = Decision(CaptureState.RECORDED, Rule.C8, Reason.SAME_MESSAGE, entry_id=5)
GONE = FiledEntry(5, removed=True, owner=7, by_mailbox=False)
GMAIL = Path.GMAIL


def ignored(rule: Rule, reason: Reason) -> Decision:
    return Decision(CaptureState.IGNORED, rule, reason)


def moved(owner: int | NewContact) -> Decision:
    return Decision(CaptureState.RECORDED, Rule.C2, Reason.SAME_MESSAGE, entry_id=5, moves_to=owner)


def by_gmail(rule: Rule, direction: Direction, contact_id: int) -> Decision:
    return recorded(rule, Reason.NEW_THREAD, Placement(direction, contact_id))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param(asked(to=(BUDI,), never_logged=True), ignored(Rule.B13, Reason.NEVER_LOGGED), id="B13: a party is on a never-log list"),
        pytest.param(asked(to=(BAGUS,), never_logged=True), INTERNAL, id="B5 is asked before B13"),
        pytest.param(asked(to=(BUDI,), entry=GONE), ignored(Rule.G3, Reason.UN_LOGGED), id="G3: un-logged stays so"),
        pytest.param(asked(to=(BUDI,), automatic=Automatic.BOUNCE), ignored(Rule.C7, Reason.ABOUT_OTHER_MAIL), id="C7: a bounce"),
        pytest.param(asked(to=(BUDI,), automatic=Automatic.FEEDBACK), ignored(Rule.C7, Reason.ABOUT_OTHER_MAIL), id="C7: a feedback report"),
        pytest.param(asked(STRANGER, to=(ANI,), automatic=Automatic.LIST), ignored(Rule.C7, Reason.LIST_MAIL), id="C7: list mail of a stranger"),
        pytest.param(asked(STRANGER, to=(ANI,), automatic=Automatic.LOOP), ignored(Rule.C7, Reason.MAIL_LOOP), id="C7: a loop"),
        pytest.param(asked(BUDI, to=(ANI,), contacts={BUDI: 7}, automatic=Automatic.LOOP), ignored(Rule.C7, Reason.MAIL_LOOP), id="C7: a loop of a contact's mail"),
        pytest.param(asked(to=(BUDI,), contacts={BUDI: 7}, automatic=Automatic.LIST), owned(7), id="C7: a member's own newsletter to a contact"),
        pytest.param(asked(to=(BUDI,), automatic=Automatic.LIST), held(Rule.C7, Reason.AUTOMATIC, BUDI), id="C7: a member's own newsletter makes no contact"),
        pytest.param(asked(None, to=(ANI,), automatic=Automatic.BOUNCE), ignored(Rule.C7, Reason.ABOUT_OTHER_MAIL), id="C7: a bounce without an author"),
        pytest.param(asked(to=(BUDI,), automatic=Automatic.AUTO_REPLY), held(Rule.C7, Reason.AUTOMATIC, BUDI), id="C7: automatic mail makes no contact"),
        pytest.param(asked(to=(BUDI,), automatic=Automatic.CALENDAR, contacts={BUDI: 7}), owned(7), id="C7: an invitation to a contact"),
        pytest.param(asked(STRANGER, to=(BUDI,), allowed=(STRANGER,)), recorded(Rule.C2, Reason.NEW_CONTACT, Placement(IN, NewContact("", BUDI))), id="C4: an allowed sender"),
        pytest.param(asked(STRANGER, to=(BUDI,), allowed=(STRANGER,), verdict=NO), held(Rule.C4, Reason.NOT_AUTHENTICATED, BUDI), id="C4: allowing is who, not whether authenticated"),
        pytest.param(asked(to=(STRANGER, BUDI), allowed=(STRANGER,)), new(BUDI), id="C4: an allowed address is never made a contact"),
        pytest.param(asked(to=(STRANGER,), allowed=(STRANGER,)), held(Rule.C2, Reason.NO_OUTSIDE_RECIPIENT), id="C4: nobody but an allowed address in To"),
        pytest.param(asked(STRANGER, to=(BUDI,), blocked=True), Decision(CaptureState.REJECTED, Rule.D2, Reason.SENDER_BLOCKED), id="D2: a blocked sender"),
        pytest.param(asked(to=(BUDI,), blocked=True), new(BUDI), id="D2: a block that was there before its sender became a member"),
        pytest.param(asked(to=(BUDI,), entry=BY_MAILBOX, contacts={BUDI: 7}), Decision(CaptureState.RECORDED, Rule.C2, Reason.SAME_MESSAGE, entry_id=5), id="C2: the Gmail path came first, and put it where C2 does"),
        pytest.param(asked(to=(BUDI, CITRA), entry=BY_MAILBOX, contacts={CITRA: 7}), moved(NewContact("", BUDI)), id="C2: the Gmail path came first, and put it elsewhere"),
        pytest.param(asked(to=(BUDI, CITRA), entry=BY_MAILBOX, contacts={CITRA: 7}, verdict=NO), JOINED, id="C2, C4: who may not write here moves nothing"),
        pytest.param(asked(BUDI, to=(ANI,), path=GMAIL, contacts={BUDI: 7}), by_gmail(Rule.B1, IN, 7), id="B1: a contact writes to the user"),
        pytest.param(asked(BUDI, to=(STRANGER,), cc=(ANI,), path=GMAIL, contacts={BUDI: 7}), by_gmail(Rule.B1, IN, 7), id="B8: a contact writes to somebody else, the user in Cc"),
        pytest.param(asked(to=(BUDI,), path=GMAIL, contacts={BUDI: 7}), by_gmail(Rule.B2, OUT, 7), id="B2: the user writes to a contact"),
        pytest.param(asked(to=(STRANGER, CITRA), cc=(BUDI,), path=GMAIL, contacts={BUDI: 7, CITRA: 8}), by_gmail(Rule.B2, OUT, 8), id="B7: the first contact in To, Cc, Bcc"),
        pytest.param(asked(to=(STRANGER,), path=GMAIL), ignored(Rule.B4, Reason.NO_CONTACT), id="B4: the Gmail path makes no contacts"),
        pytest.param(asked(STRANGER, to=(BUDI,), cc=(ANI,), path=GMAIL, contacts={BUDI: 7}), by_gmail(Rule.B0, IN, 7), id="B0: a stranger writes to a contact, the user in Cc"),
        pytest.param(asked(to=(BAGUS,), path=GMAIL), INTERNAL, id="B5 on the Gmail path"),
        pytest.param(asked(BUDI, to=(ANI,), path=GMAIL, contacts={BUDI: 7}, never_logged=True), ignored(Rule.B13, Reason.NEVER_LOGGED), id="B13 on the Gmail path"),
        pytest.param(asked(STRANGER, to=(ANI,), path=GMAIL, keys=(ROOT,), threads=(thread(3, BUDI),)), answers(Rule.B9, Placement(IN, None, 3, new_author=True)), id="B9: an answer from an address nobody knows is marked"),
        pytest.param(asked(BUDI, to=(ANI,), path=GMAIL, contacts={BUDI: 7}, elsewhere=True), ignored(Rule.B10, Reason.ANSWERS_ELSEWHERE), id="B10: the talk goes on in another location"),
        pytest.param(asked(to=(BUDI,), contacts={BUDI: 7}, elsewhere=True), owned(7), id="B10: a BCC copy adds its location"),
        pytest.param(asked(BUDI, to=(ANI,), path=GMAIL, contacts={BUDI: 7}, automatic=Automatic.AUTO_REPLY), by_gmail(Rule.B1, IN, 7), id="C7: an auto-reply from a contact"),
        pytest.param(asked(BUDI, to=(ANI,), path=GMAIL, contacts={BUDI: 7}, automatic=Automatic.LIST), by_gmail(Rule.B1, IN, 7), id="C7: list mail that a contact wrote"),
        pytest.param(asked(BUDI, to=(ANI,), path=GMAIL, contacts={BUDI: 7}, blocked=True), by_gmail(Rule.B1, IN, 7), id="D2: a block is the SMTP path's"),
        pytest.param(asked(to=(BUDI,), path=GMAIL, entry=FILED), JOINED, id="C8: seen in Gmail after its BCC copy"),
    ],
)  # fmt: skip
def test_what_is_decided_on_both_paths(question: Asked, expected: Decision):
    assert decide(question) == expected


def approved(placement: Placement) -> Decision:
    return recorded(Rule.D2, Reason.APPROVED, placement)


@pytest.mark.parametrize(
    ("question", "owner", "expected"),
    [
        pytest.param(asked(STRANGER, to=(BUDI,)), None, approved(Placement(IN, NewContact("", BUDI))), id="the guess: whom C2 names"),
        pytest.param(asked(STRANGER, to=(BUDI,), contacts={BUDI: 7}), None, approved(Placement(IN, 7)), id="the guess: a contact"),
        pytest.param(asked(STRANGER, to=(ANI,)), None, approved(Placement(IN, NewContact("", STRANGER))), id="the guess: its author"),
        pytest.param(asked(STRANGER, to=(ANI,), keys=(ROOT,), threads=(thread(3, BUDI),)), None, approved(Placement(IN, None, 3, new_author=True)), id="the guess: the thread it answers"),
        pytest.param(asked(STRANGER, to=(BUDI,)), 9, approved(Placement(IN, 9)), id="a chosen contact"),
        pytest.param(asked(STRANGER, to=(BUDI,)), NewContact("Citra", CITRA), approved(Placement(IN, NewContact("Citra", CITRA))), id="a new contact"),
        pytest.param(asked(), None, None, id="nobody to go to"),
        pytest.param(asked(STRANGER, to=(ANI,), automatic=Automatic.AUTO_REPLY), None, None, id="C7: the author of automatic mail is made no contact"),
        pytest.param(asked(STRANGER, to=(BUDI,), automatic=Automatic.AUTO_REPLY), None, None, id="C7: nor is whom it is sent to"),
        pytest.param(asked(BUDI, to=(ANI,), automatic=Automatic.AUTO_REPLY, contacts={BUDI: 7}), None, approved(Placement(IN, 7)), id="C7: a contact's automatic mail goes to them"),
        pytest.param(asked(STRANGER, to=(ANI,), automatic=Automatic.AUTO_REPLY), NewContact("Citra", CITRA), approved(Placement(IN, NewContact("Citra", CITRA))), id="C7: unless the operator says so"),
        pytest.param(asked(STRANGER, to=(BUDI,), entry=GONE), None, None, id="G3: un-logged meanwhile"),
        pytest.param(asked(STRANGER, to=(BUDI,), entry=FILED), None, Decision(CaptureState.RECORDED, Rule.D2, Reason.SAME_MESSAGE, entry_id=5), id="filed meanwhile"),
    ],
)  # fmt: skip
def test_what_an_operator_lets_in(question: Asked, owner: int | NewContact | None, expected: Decision | None):
    assert let_in(question, owner) == expected


def test_the_order_of_asking_ends_with_an_answer_on_each_path():
    for path in (Path.BCC, Path.GMAIL):
        assert decide(asked(None, path=path)) is not None
        assert [question for question, paths in ORDER_OF_ASKING if path in paths][-1](asked(None)) is not None


def told(address: str, action: Action = Action.FAILED, original: str = "") -> ReportedRecipient:
    return ReportedRecipient(address, original, action, "5.1.1", Cause.MAILBOX_UNKNOWN)


def report(*recipients: ReportedRecipient) -> Report:
    return Report(ReportKind.DELIVERY, "tawaran@firma.example", recipients)


def shown(*recipients: tuple[int, str, DeliveryState]) -> tuple[Undelivered, ...]:
    """On which entry, whom, and how."""
    return tuple(
        Undelivered(entry_id, one, normalise(one), state, "5.1.1", Cause.MAILBOX_UNKNOWN)
        for entry_id, one, state in recipients
    )


OURS = SentMail(3, {BUDI: BUDI, CITRA: "Citra@Pelanggan.example"})
OLDER = SentMail(2, {CITRA: CITRA})
FAILED, DELAYED = DeliveryState.FAILED, DeliveryState.DELAYED
ABOUT_OTHER_MAIL = Decision(CaptureState.IGNORED, Rule.C7, Reason.ABOUT_OTHER_MAIL)


@pytest.mark.parametrize("path", [Path.BCC, Path.GMAIL])
@pytest.mark.parametrize(
    ("recipients", "sent", "expected"),
    [
        pytest.param([told(BUDI)], [OURS], shown((3, BUDI, FAILED)), id="a recipient of the mail"),
        pytest.param([told("BUDI@Pelanggan.example")], [OURS], shown((3, BUDI, FAILED)), id="written otherwise"),
        pytest.param([told(CITRA)], [OURS], shown((3, "Citra@Pelanggan.example", FAILED)), id="as the mail names them"),
        pytest.param([told(BUDI, Action.DELAYED)], [OURS], shown((3, BUDI, DELAYED)), id="a delay"),
        pytest.param([told(BUDI, Action.DONE)], [OURS], (), id="it was delivered"),
        pytest.param([told(STRANGER)], [OURS], (), id="somebody whom the mail did not go to"),
        pytest.param([told(STRANGER, original=BUDI)], [OURS], shown((3, BUDI, FAILED)), id="to whom Budi's mail is forwarded"),
        pytest.param([told(BUDI, original=STRANGER)], [OURS], shown((3, BUDI, FAILED)), id="a list, of whose members one is Budi"),
        pytest.param([told(STRANGER), told(BUDI), told(CITRA)], [OLDER], shown((2, CITRA, FAILED)), id="one of three"),
        pytest.param([told(BUDI), told(BUDI, Action.DELAYED)], [OURS], shown((3, BUDI, FAILED)), id="named twice"),
        pytest.param([told(BUDI)], [OLDER, OURS], shown((3, BUDI, FAILED)), id="of two mails of one id the one that went there"),
        pytest.param([told(BUDI), told(CITRA)], [OLDER, OURS], shown((2, CITRA, FAILED), (3, BUDI, FAILED), (3, "Citra@Pelanggan.example", FAILED)), id="or both that did"),
        pytest.param([told(BUDI)], [], (), id="a mail that is not known here"),
        pytest.param([], [OURS], (), id="nobody is named"),
    ],
)  # fmt: skip
def test_a_bounce_is_shown_on_a_known_mail_of_a_known_recipient(recipients, sent, expected, path):
    question = asked(
        STRANGER, to=(ANI,), path=path, automatic=Automatic.BOUNCE, report=report(*recipients), sent=tuple(sent)
    )
    decision = decide(question)
    reason = Reason.BOUNCE_SHOWN if expected else Reason.ABOUT_OTHER_MAIL
    assert (decision.outcome, decision.rule, decision.reason) == (CaptureState.IGNORED, Rule.C7, reason)
    assert decision.undelivered == expected
    assert decision.entry_id == min((one.entry_id for one in expected), default=None)
    assert decision.bounce == bounce_of(report(*recipients))


@pytest.mark.parametrize(
    ("told_of", "names"),
    [
        pytest.param(report(told(BUDI)), 1, id="a recipient"),
        pytest.param(report(told(STRANGER, original=BUDI)), 2, id="a recipient, and the address that was written to"),
        pytest.param(report(told(BUDI, original="BUDI@pelanggan.example")), 1, id="both are the same"),
        pytest.param(report(told("Budi")), 0, id="no address"),
        pytest.param(report(told(BUDI, Action.DONE)), 0, id="it was delivered"),
        pytest.param(replace(report(told(BUDI)), original_message_id=None), 0, id="of a mail that it does not name"),
    ],
)
def test_of_a_bounce_no_address_is_remembered(told_of: Report, names: int):
    bounce = bounce_of(told_of)
    assert (0 if bounce is None else len(bounce.told[0].keys)) == names
    assert "pelanggan" not in repr(bounce)


def test_a_complaint_or_an_auto_reply_shows_nothing_though_it_has_a_report():
    told_of = {"report": report(told(BUDI)), "sent": (OURS,)}
    assert decide(asked(STRANGER, to=(ANI,), automatic=Automatic.FEEDBACK, **told_of)) == ABOUT_OTHER_MAIL
    assert decide(asked(STRANGER, to=(ANI,), automatic=Automatic.AUTO_REPLY, **told_of)).undelivered == ()


def test_a_never_log_list_is_asked_before_a_bounce_is_shown():
    question = asked(
        STRANGER, to=(ANI,), automatic=Automatic.BOUNCE, report=report(told(BUDI)), sent=(OURS,), never_logged=True
    )
    assert decide(question).rule is Rule.B13
