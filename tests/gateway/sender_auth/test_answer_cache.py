"""How long an answer is kept, and how many are."""

import pytest

from gateway.sender_auth.answer_cache import AnswerCache
from gateway.sender_auth.answers import Answer, Found, Question

QUESTION = Question("example.com", "TXT")


@pytest.mark.parametrize(
    ("found", "ttl_s", "kept_s"),
    [
        pytest.param(Found.RECORDS, 600, 600, id="records: as the zone says"),
        pytest.param(Found.RECORDS, 0, 30, id="a TTL of 0 still serves a burst of mail"),
        pytest.param(Found.RECORDS, 2**31, 3600, id="a changed key is seen within the hour"),
        pytest.param(Found.NO_NAME, 60, 60, id="no name: as the SOA says"),
        pytest.param(Found.NO_NAME, 86400, 300, id="no name: a new one is seen within five minutes"),
        pytest.param(Found.NO_RECORDS, 86400, 300, id="no records: the same"),
        pytest.param(Found.TEMPORARY, 86400, 5, id="a temporary failure: seconds"),
    ],
)
def test_how_long_an_answer_is_kept(found: Found, ttl_s: int, kept_s: int) -> None:
    cache, answer = AnswerCache(10, 10**6), Answer(found)
    cache.put(QUESTION, answer, ttl_s, now_ms=1_000)
    assert cache.get(QUESTION, 1_000 + kept_s * 1000 - 1) is answer
    assert cache.get(QUESTION, 1_000 + kept_s * 1000) is None
    assert len(cache) == 0
    assert cache.size_bytes == 0


def test_a_clock_that_was_set_back_keeps_nothing_for_longer() -> None:
    cache = AnswerCache(10, 10**6)
    cache.put(QUESTION, Answer(Found.RECORDS), 60, now_ms=10_000_000)
    assert cache.get(QUESTION, 9_999_999) is None


def test_the_least_used_are_dropped_first() -> None:
    cache = AnswerCache(3, 10**6)
    questions = [Question(f"{number}.example", "A") for number in range(4)]
    for question in questions[:3]:
        cache.put(question, Answer(Found.RECORDS), 60, 0)
    cache.get(questions[0], 1)
    cache.put(questions[3], Answer(Found.RECORDS), 60, 1)
    assert [cache.get(question, 1) is not None for question in questions] == [True, False, True, True]


def test_it_never_holds_more_than_its_bytes() -> None:
    cache = AnswerCache(10_000, 1_000_000)
    for number in range(500):
        answer = Answer(Found.RECORDS, texts=(bytes(number * 100),))
        cache.put(Question(f"{number}.example", "TXT"), answer, 60, 0)
        assert cache.size_bytes <= 1_000_000
    assert 0 < len(cache) < 500


def test_an_answer_larger_than_all_is_not_kept() -> None:
    cache = AnswerCache(10, 1_000)
    cache.put(QUESTION, Answer(Found.RECORDS, texts=(bytes(60_000),)), 60, 0)
    assert (len(cache), cache.size_bytes) == (0, 0)


def test_what_is_put_again_counts_once() -> None:
    cache = AnswerCache(10, 10**6)
    for _ in range(3):
        cache.put(QUESTION, Answer(Found.RECORDS, texts=(b"x",)), 60, 0)
    once = AnswerCache(10, 10**6)
    once.put(QUESTION, Answer(Found.RECORDS, texts=(b"x",)), 60, 0)
    assert cache.size_bytes == once.size_bytes
