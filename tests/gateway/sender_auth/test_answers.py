"""A check is run again until all that it asks is told."""

import asyncio
import pickle

import pytest

from gateway.sender_auth.answers import TOO_MANY, Answer, Answers, Found, NotAsked, Question, run_check

A = Question("a.example", "A")
B = Question("b.example", "A")
C = Question("c.example", "A")


def told(question: Question) -> Answer:
    return Answer(Found.RECORDS, texts=(question.name.encode(),))


class Asking:
    """Counts how often it was asked, and how many at the same time."""

    def __init__(self) -> None:
        self.questions: list[Question] = []
        self.at_once = 0
        self._under_way = 0

    async def __call__(self, question: Question) -> Answer:
        self.questions.append(question)
        self._under_way += 1
        self.at_once = max(self.at_once, self._under_way)
        await asyncio.sleep(0)
        self._under_way -= 1
        return told(question)


def test_each_question_is_asked_once_and_the_check_ends_with_all_of_them() -> None:
    asking, runs = Asking(), []

    def check(answers: Answers) -> bytes:
        runs.append(1)
        return answers.get(A).texts[0] + answers.get(B).texts[0] + answers.get(A).texts[0]

    assert asyncio.run(run_check(check, asking, 10)) == b"a.exampleb.examplea.example"
    assert asking.questions == [A, B]
    assert len(runs) == 3


def test_questions_that_are_asked_together_are_fetched_together_and_once_each() -> None:
    asking = Asking()
    got = asyncio.run(run_check(lambda answers: answers.get_all((A, B, A, C)), asking, 10))
    assert got == (told(A), told(B), told(A), told(C))
    assert asking.questions == [A, B, C]
    assert asking.at_once == 3


def test_beyond_the_limit_nothing_is_asked_and_the_answer_is_not_temporary() -> None:
    asking = Asking()
    got = asyncio.run(run_check(lambda answers: (answers.get(A), answers.get_all((B, C)), answers.get(A)), asking, 2))
    assert got == (told(A), (told(B), TOO_MANY), told(A))
    assert asking.questions == [A, B]
    assert not TOO_MANY.unknown
    assert TOO_MANY.found is not Found.NO_NAME


def test_an_endless_check_ends() -> None:
    def greedy(answers: Answers) -> int:
        number = 0
        while answers.get(Question(f"n{number}.example", "A")) is not TOO_MANY:
            number += 1
        return number

    assert asyncio.run(run_check(greedy, Asking(), 25)) == 25


def test_what_a_check_raises_comes_through() -> None:
    def broken(answers: Answers) -> None:
        answers.get(A)
        raise LookupError("of the check itself")

    with pytest.raises(LookupError):
        asyncio.run(run_check(broken, Asking(), 10))


def test_a_check_in_another_process_can_say_what_it_has_not_been_told() -> None:
    stopped = pickle.loads(pickle.dumps(NotAsked(A, B)))
    assert stopped.questions == (A, B)
    assert stopped.question == A
