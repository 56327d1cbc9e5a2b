"""B17: what looks like an answer though it names no ids, and which threads it may go on with."""

from base64 import b64encode

import pytest

from crm_store.mail.read import read
from crm_store.rules.resumed import RecentThread, base_subject, likely_threads, unnamed_reply

NOW_MS = 1_795_000_000_000
TALK, OTHER_TALK = bytes(range(1, 23)), bytes(range(22))


def index(talk: bytes, answers: int) -> bytes:
    """As Outlook writes it: 22 octets for the talk, 5 more for each answer."""
    return b64encode(talk + bytes(5 * answers))


ROOT, CHILD = index(TALK, 0), index(TALK, 1)


@pytest.mark.parametrize(
    ("subject", "base", "is_reply"),
    [
        pytest.param("Penawaran", "penawaran", False, id="none"),
        pytest.param("Re: Penawaran", "penawaran", True, id="Re"),
        pytest.param("RE : re:  Penawaran  baru", "penawaran baru", True, id="several, and blanks"),
        pytest.param("Balas: Penawaran", "penawaran", True, id="Indonesian"),
        pytest.param("Bls: Penawaran", "penawaran", True, id="Indonesian, short"),
        pytest.param("AW: Penawaran", "penawaran", True, id="German"),
        pytest.param("回复：Penawaran", "penawaran", True, id="Chinese, with a wide colon"),
        pytest.param("Re[2]: Penawaran", "penawaran", True, id="counted"),
        pytest.param("Re (3): Penawaran", "penawaran", True, id="counted otherwise"),
        pytest.param("[EXTERNAL] Re: Penawaran", "penawaran", True, id="a gateway's tag before"),
        pytest.param("Re: [Ext] Penawaran", "penawaran", True, id="a gateway's tag behind"),
        pytest.param("Re: [Tiket 7] Penawaran", "[tiket 7] penawaran", True, id="another tag is part of the subject"),
        pytest.param("Fwd: Re: Penawaran", "penawaran", False, id="a forward"),
        pytest.param("Trs: Penawaran", "penawaran", False, id="a forward in Indonesian"),
        pytest.param("Re: Fwd: Penawaran", "penawaran", True, id="the answer to a forward"),
        pytest.param("Rekening: tagihan", "rekening: tagihan", False, id="a word that only begins so"),
        pytest.param("Re:", "", True, id="nothing but a prefix"),
        pytest.param("", "", False, id="nothing"),
    ],
)
def test_the_base_of_a_subject(subject: str, base: str, is_reply: bool):
    found = base_subject(subject)
    assert (found.base, found.is_reply) == (base, is_reply)


def mail(subject: str = "Re: Penawaran", *lines: bytes):
    return read(b"\r\n".join([b"From: a@b.example", b"Subject: " + subject.encode(), *lines, b"", b"isi"]))


@pytest.mark.parametrize(
    ("subject", "lines", "expected"),
    [
        pytest.param("Re: Penawaran", [], ("penawaran", False), id="by its subject"),
        pytest.param("Re: Penawaran", [b"In-Reply-To: <a@b>"], None, id="B9: it names what it answers"),
        pytest.param("Re: Penawaran", [b"References: <a@b>"], None, id="B9: it names the talk"),
        pytest.param("Penawaran", [], None, id="a new mail"),
        pytest.param("Fwd: Penawaran", [b"Thread-Index: " + CHILD], None, id="B2: a forward"),
        pytest.param("Re:", [], None, id="no subject is no clue"),
        pytest.param("Jadi?", [b"Thread-Index: " + CHILD], ("", True), id="by Outlook's index, under another subject"),
        pytest.param("Re: Penawaran", [b"Thread-Index: " + CHILD], ("penawaran", True), id="by both"),
        pytest.param("Penawaran", [b"Thread-Index: " + ROOT], None, id="the index of a new talk"),
        pytest.param("Re: Penawaran", [b"Thread-Index: !!"], ("penawaran", False), id="an index that is none"),
        pytest.param("Jadi?", [b"Thread-Index: " + b64encode(TALK + bytes(6))], None, id="half an index"),
        pytest.param("Jadi?", [b"Thread-Index: " + b64encode(TALK[:20])], None, id="too little of an index"),
    ],
)
def test_what_looks_like_an_answer(subject: str, lines: list[bytes], expected: tuple[str, bool] | None):
    reply = unnamed_reply(mail(subject, *lines))
    assert (None if reply is None else (reply.subject, reply.index_key is not None)) == expected


def test_all_of_one_talk_have_one_index_key_and_others_another():
    keys = [
        reply.index_key
        for written in (CHILD, index(TALK, 7), index(OTHER_TALK, 1))
        if (reply := unnamed_reply(mail("Jadi?", b"Thread-Index: " + written)))
    ]
    assert (len(keys), keys[0] == keys[1], keys[0] == keys[2]) == (3, True, False)


def thread(thread_id: int, subject: str = "Penawaran", days: float = 1, *, index: bool = False) -> RecentThread:
    return RecentThread(thread_id, subject, NOW_MS - int(days * 86_400_000), parted=False, shares_index=index)


@pytest.mark.parametrize(
    ("threads", "likely"),
    [
        pytest.param([thread(1)], [1], id="the same subject"),
        pytest.param([thread(1, "RE: penawaran")], [1], id="one whose first mail is an answer too"),
        pytest.param([thread(1, "Penawaran baru")], [], id="another subject"),
        pytest.param([thread(1, days=30)], [1], id="thirty days"),
        pytest.param([thread(1, days=30.1)], [], id="more than thirty days"),
        pytest.param([thread(1, days=-30.1)], [], id="an old mail that comes late to a new talk"),
        pytest.param([thread(1, days=3), thread(2, days=2)], [2, 1], id="the nearest first"),
        pytest.param(
            [thread(1, "Lain", days=3, index=True), thread(2, days=2)], [1, 2], id="by index before by subject"
        ),
    ],
)
def test_which_threads_it_may_go_on_with(threads: list[RecentThread], likely: list[int]):
    reply = unnamed_reply(mail("Re: Penawaran", b"Thread-Index: " + CHILD))
    assert reply is not None
    assert [one.id for one in likely_threads(reply, NOW_MS, threads)] == likely


def test_an_answer_whose_subject_is_no_clue_goes_by_its_index_alone():
    reply = unnamed_reply(mail("Jadi?", b"Thread-Index: " + CHILD))
    assert reply is not None
    threads = [thread(1, ""), thread(2, "Jadi?"), thread(3, "Lain", index=True)]
    assert [one.id for one in likely_threads(reply, NOW_MS, threads)] == [3]
