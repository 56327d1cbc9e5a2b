"""C6: who sent a mail on, by its header and its envelope; whether it is really they; and what that decides."""

from dataclasses import replace

import pytest
from mails import a_mail

from crm_store.mail.read import read
from crm_store.rules.address import fold_identity, normalise
from crm_store.rules.asked import Asked, FiledEntry
from crm_store.rules.decide import decide, let_in
from crm_store.rules.decision import Decision, NewContact, Placement
from crm_store.rules.original import Forwarded, reading_of
from crm_store.rules.parties import Parties, Party
from crm_store.rules.rule import Reason, Rule
from crm_store.rules.sent_on import SentOn, sent_on, vouched
from crm_store.rules.states import Automatic, CaptureState, Direction, Path
from crm_store.rules.thread import KnownThread
from crm_store.rules.verdict import Authenticity, Basis, SpfFact, Verdict

ANI, BAGUS = "ani@firma.example", "bagus@firma.example"  # users of the location
BUDI, CITRA, BCC = "budi@pelanggan.example", "citra@pelanggan.example", "k7x@capture.localhost"


def party(address: str, name: str = "") -> Party:
    return Party(name, address, normalise(address), fold_identity(address))


@pytest.mark.parametrize(
    ("headers", "envelope", "by", "surely"),
    [
        pytest.param({}, BUDI, [], False, id="its author sent it"),
        pytest.param({}, "", [], False, id="a null sender"),
        pytest.param({}, "budi+retur@pelanggan.example", [], False, id="its author, by a +tag"),
        pytest.param({}, f"ani+caf_={BCC.replace('@', '=')}@firma.example", [ANI], True, id="Gmail forwards for her"),
        pytest.param({}, "Ani+SRS=x7Yz=QT=pelanggan.example=budi@firma.example", ["Ani@firma.example"], True, id="Exchange forwards for her"),
        pytest.param({}, "SRS0=x7=QT=pelanggan.example=budi@firma.example", ["SRS0=x7=QT=pelanggan.example=budi@firma.example"], False, id="SRS of others names no mailbox"),
        pytest.param({}, "retur-123@kirim.example", ["retur-123@kirim.example"], False, id="a service that sends for him"),
        pytest.param({"Sender": ANI}, BUDI, [ANI], False, id="Sender alone is no redirecting"),
        pytest.param({"Resent-From": f"Ani <{ANI}>"}, BUDI, [ANI], True, id="Outlook redirects for her"),
        pytest.param({"Resent-Sender": BAGUS, "Resent-From": ANI}, BUDI, [ANI, BAGUS], True, id="her assistant redirects for her"),
        pytest.param({"X-Forwarded-For": f"{ANI} {BCC}"}, BUDI, [ANI], True, id="Gmail's field: the mailbox, then where to"),
        pytest.param({"X-Forwarded-For": "192.0.2.1"}, BUDI, [], False, id="a web mail's field of that name"),
        pytest.param({"Delivered-To": ANI}, BUDI, [ANI], True, id="it had been delivered to her"),
        pytest.param({"Delivered-To": BCC}, BUDI, [], False, id="our own address is nobody"),
        pytest.param({"X-MS-Exchange-Inbox-Rules-Loop": ANI}, BUDI, [ANI], True, id="a rule in Exchange"),
        pytest.param({"Delivered-To": BUDI}, BUDI, [], False, id="it had been delivered to its author"),
        pytest.param({"Resent-From": "Ani"}, BUDI, [], False, id="no address"),
    ],
)  # fmt: skip
def test_who_sent_it_on(headers, envelope, by, surely):
    reading = reading_of(read(a_mail(f"Budi <{BUDI}>", to=ANI, headers=headers)), ["capture.localhost"])
    found = sent_on(reading, envelope)
    assert (([one.address for one in found.by], found.surely) if found else ([], False)) == (by, surely)


def test_a_mail_that_went_through_a_thousand_mailboxes_names_the_nearest():
    raw = b"".join(f"Delivered-To: u{n}@firma.example\r\n".encode() for n in range(1000)) + a_mail(BUDI, to=ANI)
    found = sent_on(reading_of(read(raw), ["capture.localhost"]), BUDI)
    assert found is not None
    assert [one.address for one in found.by][:2] == ["u0@firma.example", "u1@firma.example"]
    assert len(found.by) <= 10


RELAY = Verdict(Authenticity.AUTHENTICATED, Basis.TRUSTED_RELAY)
NOBODY = Verdict(Authenticity.NOT_AUTHENTICATED, Basis.NOTHING)
HIS_DKIM = Verdict(Authenticity.AUTHENTICATED, Basis.DKIM, aligned_domain="pelanggan.example")
LATER = Verdict(Authenticity.UNDECIDED, Basis.DNS_SILENT)


def spf(domain: str, result: str = "pass", identity: str = "mailfrom", verdict: Verdict = NOBODY) -> Verdict:
    return replace(verdict, spf=SpfFact(result, domain, identity, ""))


@pytest.mark.parametrize(
    ("verdict", "proven"),
    [
        pytest.param(RELAY, True, id="a trusted relay"),
        pytest.param(spf("firma.example"), True, id="SPF of their envelope"),
        pytest.param(spf("firma.example", "softfail"), False, id="SPF does not pass"),
        pytest.param(spf("firma.example", identity="helo"), False, id="SPF of a null sender's host"),
        pytest.param(spf("lain.example"), False, id="SPF of another domain"),
        pytest.param(HIS_DKIM, False, id="DKIM of its author, whose mail anybody may send on"),
        pytest.param(NOBODY, False, id="nothing"),
    ],
)
def test_whether_it_is_really_they(verdict, proven):
    found = vouched(SentOn((party(ANI),), surely=True, envelope=ANI), verdict)
    assert [one.address for one in found] == ([ANI] if proven else [])


@pytest.mark.parametrize(
    ("envelope", "resent_from", "proven"),
    [
        pytest.param("ani@gmail.com", "ani@gmail.com", True, id="her own envelope"),
        pytest.param("ani+caf_=k7x=capture.localhost@gmail.com", "ani@gmail.com", True, id="as Gmail rewrites it"),
        pytest.param("a.ni+x@gmail.com", "ani@gmail.com", True, id="the same mailbox, written otherwise"),
        pytest.param("jahat@gmail.com", "ani@gmail.com", False, id="another customer of her provider, who names her"),
        pytest.param("SRS0=x=y=z=budi@gmail.com", "ani@gmail.com", False, id="an envelope that names no mailbox"),
        pytest.param("", "ani@gmail.com", False, id="a null sender"),
    ],
)
def test_spf_proves_whom_the_envelope_names_and_nobody_whom_the_header_names(envelope, resent_from, proven):
    raw = a_mail(f"Budi <{BUDI}>", to=ANI, headers={"Resent-From": resent_from})
    told = sent_on(reading_of(read(raw), ["capture.localhost"]), envelope)
    assert told is not None
    found = [one.folded for one in vouched(told, spf("gmail.com"))]
    assert ("ani@gmail.com" in found) is proven


def asked(
    author: str = BUDI,
    to: tuple[str, ...] = (ANI,),
    *,
    by: str = ANI,
    surely: bool = True,
    verdict: Verdict | None = None,
    allowed: tuple[str, ...] = (ANI,),
    **more: object,
) -> Asked:
    """A mail to Ani that her mailbox sent on to a BCC address of Bagus, by a host of her domain."""
    return Asked(
        path=Path.BCC,
        parties=Parties(party(author), tuple(map(party, to)), (), (), frozenset()),
        internal=frozenset({ANI, BAGUS}),
        contacts={},
        verdict=spf("firma.example") if verdict is None else verdict,
        allowed=frozenset(allowed),
        sent_on=SentOn((party(by),), surely, envelope=by),
        **more,  # type: ignore[arg-type]  # fields of Asked, by name
    )


def recorded(direction: Direction, owner: str) -> Decision:
    placement = Placement(direction, NewContact("", owner))
    return Decision(CaptureState.RECORDED, Rule.C6, Reason.FORWARDED, placement=placement)


def held(rule: Rule, reason: Reason, *suggestions: str) -> Decision:
    return Decision(CaptureState.HELD, rule, reason, suggestions=suggestions)


IN, OUT = Direction.INBOUND, Direction.OUTBOUND
THREAD = KnownThread(9, 70, frozenset({b"root"}), frozenset({BUDI}))
ANSWERS = Decision(
    CaptureState.RECORDED, Rule.B9, Reason.ANSWERS_THREAD, placement=Placement(Direction.INBOUND, None, 9)
)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param(asked(), recorded(IN, BUDI), id="an outsider's mail: inbound from them"),
        pytest.param(asked(verdict=RELAY), recorded(IN, BUDI), id="by a trusted relay"),
        pytest.param(asked(verdict=spf("firma.example", verdict=HIS_DKIM)), recorded(IN, BUDI), id="its author's DKIM survived"),
        pytest.param(asked(BAGUS, (ANI, CITRA), sender_is_owner=True), recorded(OUT, CITRA), id="a member's mail: outbound to the first outside To"),
        pytest.param(asked(BAGUS, (ANI,)), Decision(CaptureState.IGNORED, Rule.B5, Reason.INTERNAL_MAIL), id="B5: members among themselves"),
        pytest.param(asked(keys=(b"root",), threads=(THREAD,)), ANSWERS, id="B9: it answers a thread"),
        pytest.param(asked(surely=False), recorded(IN, BUDI), id="her envelope alone says it, and she is allowed"),
        pytest.param(asked(allowed=()), held(Rule.C6, Reason.FORWARDER_NOT_ALLOWED, BUDI), id="she is not allowed, though she is a member"),
        pytest.param(asked(allowed=(BUDI,)), held(Rule.C6, Reason.FORWARDER_NOT_ALLOWED), id="its author is allowed, and not proven"),
        pytest.param(asked(allowed=(BAGUS,)), held(Rule.C6, Reason.FORWARDER_NOT_ALLOWED, BUDI), id="another is allowed"),
        pytest.param(asked(verdict=NOBODY), held(Rule.C6, Reason.FORWARDER_NOT_PROVEN, BUDI), id="she is allowed, and nothing proves that it is she"),
        pytest.param(asked(verdict=HIS_DKIM), held(Rule.C6, Reason.FORWARDER_NOT_PROVEN, BUDI), id="the author's DKIM proves no forwarder"),
        pytest.param(asked(surely=False, allowed=()), held(Rule.C4, Reason.NOT_AUTHENTICATED), id="a service that sends for him: as if it said nothing"),
        pytest.param(asked(verdict=LATER), Decision(CaptureState.RECEIVED, Rule.C4, Reason.AUTHENTICATION_WAITS), id="the DNS is silent: it waits"),
        pytest.param(asked(allowed=(ANI, BUDI), verdict=replace(HIS_DKIM)), held(Rule.C2, Reason.NO_OUTSIDE_RECIPIENT), id="its author may write here: it is as if he had"),
        pytest.param(asked(automatic=Automatic.AUTO_REPLY), held(Rule.C7, Reason.AUTOMATIC, BUDI), id="C7: automatic mail makes nobody a contact"),
        pytest.param(asked(automatic=Automatic.LIST), Decision(CaptureState.IGNORED, Rule.C7, Reason.LIST_MAIL), id="C7: list mail of no contact"),
        pytest.param(asked(blocked=True), Decision(CaptureState.REJECTED, Rule.D2, Reason.SENDER_BLOCKED), id="D2: its author is blocked"),
        pytest.param(asked(never_logged=True), Decision(CaptureState.IGNORED, Rule.B13, Reason.NEVER_LOGGED), id="B13: a never-log list"),
    ],
)  # fmt: skip
def test_redirected_mail_is_held_unless_its_forwarder_is_allowed(question, expected):
    assert decide(question) == expected


def test_where_the_gmail_path_filed_it_elsewhere_it_moves_to_its_author():
    entry = FiledEntry(5, removed=False, owner=7, by_mailbox=True)
    decision = decide(asked(entry=entry))
    assert (decision.rule, decision.entry_id, decision.moves_to) == (Rule.C6, 5, NewContact("", BUDI))
    assert decide(asked(entry=entry, allowed=())).rule is Rule.C8


def test_an_operator_who_lets_a_redirected_mail_in_gives_it_to_its_author():
    """And not to the first outside To, which is C2's for what a member wrote."""
    question = replace(asked(to=(ANI, CITRA), allowed=()), verdict=None)
    guess = let_in(question, None)
    assert guess is not None
    assert guess.placement == Placement(IN, NewContact("", BUDI))


@pytest.mark.parametrize(
    ("unattended", "allowed", "expected"),
    [
        pytest.param(False, (), recorded(IN, BUDI), id="she forwarded it herself"),
        pytest.param(True, (), held(Rule.C6, Reason.FORWARDER_NOT_ALLOWED, BUDI), id="a rule did, and she is not allowed"),
        pytest.param(True, (ANI,), recorded(IN, BUDI), id="a rule did, and she is allowed"),
    ],
)  # fmt: skip
def test_what_a_rule_of_the_owners_mailbox_forwards_is_held_unless_she_is_allowed(unattended, allowed, expected):
    forward = Forwarded(sure=True, attached=True, unattended=unattended)
    question = asked(allowed=allowed, verdict=RELAY, writer=party(ANI), forwarded=forward, sender_is_owner=True)
    assert decide(replace(question, sent_on=None)) == expected
