"""The order of asking on the SMTP path: one row per situation."""

import pytest

from crm_store.mail.parsed_mail import Mailbox
from crm_store.rules.address import fold_identity, normalise
from crm_store.rules.decide import Asked, decide
from crm_store.rules.decision import Decision, NewContact, Placement
from crm_store.rules.parties import Parties, Party
from crm_store.rules.rule import Reason, Rule
from crm_store.rules.states import CaptureState, Direction
from crm_store.rules.thread import KnownThread
from crm_store.rules.verdict import Authenticity, Verdict

ANI, BAGUS = "ani@firma.example", "bagus@firma.example"  # users of the location
BUDI, CITRA = "budi@pelanggan.example", "citra@pelanggan.example"
STRANGER = "orang@lain.example"
BCC = "k7x@capture.localhost"
OUT, IN = Direction.OUTBOUND, Direction.INBOUND
YES = Verdict(Authenticity.AUTHENTICATED, "vouched for")
NO = Verdict(Authenticity.NOT_AUTHENTICATED, "nobody vouches")
ROOT = b"root"


def party(address: str) -> Party:
    return Party("", address, normalise(address), fold_identity(address))


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
    entry_id: int | None = None,
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
        parties,
        readable,
        verdict,
        internal=frozenset({ANI, BAGUS}),
        owner_identities=frozenset({ANI}),
        contacts=contacts or {},
        keys=keys,
        threads=threads,
        entry_id=entry_id,
    )


def thread(thread_id: int, *parties: str, keys: tuple[bytes, ...] = (ROOT,), conversation: int = 70) -> KnownThread:
    return KnownThread(thread_id, conversation, frozenset(keys), frozenset(parties))


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
        pytest.param(asked(None, readable=False), held(Rule.C10, Reason.UNREADABLE), id="C10: what can't be read is held"),
        pytest.param(asked(to=(BAGUS,)), INTERNAL, id="B5: members among themselves"),
        pytest.param(asked(to=(ANI,)), INTERNAL, id="B5: to oneself"),
        pytest.param(asked(to=("Bagus+x@FIRMA.example",)), INTERNAL, id="B5: a member's +tag is the member"),
        pytest.param(asked(to=(BAGUS,), verdict=NO), INTERNAL, id="B5 is asked before C4"),
        pytest.param(asked(STRANGER, to=(BAGUS,), contacts={STRANGER: 9}), held(Rule.C4, Reason.SENDER_NOT_ALLOWED), id="B5: an outside author is a party"),
        pytest.param(asked(to=(BUDI,), verdict=NO), held(Rule.C4, Reason.NOT_AUTHENTICATED, BUDI), id="C4: nobody vouches"),
        pytest.param(asked(None, to=(BUDI,)), held(Rule.C4, Reason.NO_AUTHOR, BUDI), id="C4: no author"),
        pytest.param(asked(STRANGER, to=(BUDI,)), held(Rule.C4, Reason.SENDER_NOT_ALLOWED, BUDI), id="C4: not the owner"),
        pytest.param(asked(BAGUS, to=(BUDI,)), held(Rule.C4, Reason.SENDER_NOT_ALLOWED, BUDI), id="C4: a colleague is not the owner"),
        pytest.param(asked(to=(BUDI,), entry_id=5), Decision(CaptureState.RECORDED, Rule.C8, Reason.SAME_MESSAGE, entry_id=5), id="C8: filed already"),
        pytest.param(asked(STRANGER, to=(BAGUS,), verdict=NO, entry_id=5), Decision(CaptureState.RECORDED, Rule.C8, Reason.SAME_MESSAGE, entry_id=5), id="C8 is asked first of all"),
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
    ],
)  # fmt: skip
def test_what_is_decided(question: Asked, expected: Decision):
    assert decide(question) == expected


def test_the_name_of_a_new_contact_is_the_display_name():
    named = Party("Budi Santoso", BUDI, BUDI, BUDI)
    question = Asked(
        Parties(party(ANI), (named,), (), (), frozenset()),
        True,
        YES,
        frozenset({ANI}),
        frozenset({ANI}),
        {},
        (),
        (),
        None,
    )

    decision = decide(question)

    assert decision.placement is not None
    assert decision.placement.owner == NewContact("Budi Santoso", BUDI)


def test_a_reply_from_another_address_is_marked():
    question = asked(BAGUS, to=(BUDI,), shown=True, keys=(ROOT,), threads=(thread(3, BUDI),))
    assert decide(question).placement == Placement(OUT, None, 3, new_author=False)


def test_a_mailbox_is_not_a_party_yet():
    """The types keep apart what was written and what is compared."""
    assert Mailbox("", BUDI) != party(BUDI)
