"""What a check may ask of the DNS, and what it was told.

A check is a plain function over `Answers`. It does no I/O: what it has not been told yet it raises as NotAsked, is run
again from its start when the answer is there, and so ends the same way whoever asks, and however long that takes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeVar

Kind = Literal["TXT", "A", "AAAA", "MX", "PTR", "CNAME"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Question:
    """name: lower case, A-labels, no dot at its end. What else a macro of SPF left in it is sent as it is."""

    name: str
    kind: Kind


class Found(StrEnum):
    RECORDS = "records"
    NO_RECORDS = "no-records"  # the name exists, nothing of this kind is there
    NO_NAME = "no-name"  # NXDOMAIN: nor does anything below it exist (RFC 8020)
    TEMPORARY = "temporary"  # nothing is known; asking again later may help


@dataclass(frozen=True, slots=True)
class Answer:
    """problem: a constant word that says why there is nothing, "" where the DNS simply said so."""

    found: Found
    texts: tuple[bytes, ...] = ()  # TXT: the strings of each record, joined
    addresses: tuple[str, ...] = ()  # A, AAAA
    hosts: tuple[tuple[int, str], ...] = ()  # MX: preference and name; PTR, CNAME: 0 and name; "" is the root
    problem: str = ""

    @property
    def unknown(self) -> bool:
        return self.found is Found.TEMPORARY


# It would not be told later either, so it is no temporary failure; and NO_NAME would claim that nothing exists.
TOO_MANY = Answer(Found.NO_RECORDS, problem="too_many_questions")


class NotAsked(Exception):
    """Not an error: the check goes on, from its start, when these are answered."""

    def __init__(self, *questions: Question) -> None:
        super().__init__(*questions)
        self.questions = questions

    @property
    def question(self) -> Question:
        return self.questions[0]


class Answers:
    """limit: how many different questions this check may have answered; to any further one the answer is TOO_MANY."""

    def __init__(self, known: Mapping[Question, Answer], limit: int) -> None:
        self._known = known
        self._limit = limit

    def get(self, question: Question) -> Answer:
        """Raises NotAsked."""
        return self.get_all((question,))[0]

    def get_all(self, questions: Sequence[Question]) -> tuple[Answer, ...]:
        """The same for several, which are then fetched at the same time. Raises NotAsked."""
        missing = [question for question in dict.fromkeys(questions) if question not in self._known]
        if allowed := missing[: max(0, self._limit - len(self._known))]:
            raise NotAsked(*allowed)
        return tuple(self._known.get(question, TOO_MANY) for question in questions)


async def run_check(check: Callable[[Answers], T], ask: Callable[[Question], Awaitable[Answer]], limit: int) -> T:
    """Runs the check until it ends; at most limit questions are asked. How long it may take is the caller's to say."""
    known: dict[Question, Answer] = {}
    while True:
        try:
            return check(Answers(known, limit))
        except NotAsked as stopped:
            questions = stopped.questions
        if len(questions) == 1:  # the usual case: no task for what is probably in the cache
            known[questions[0]] = await ask(questions[0])
        else:
            told = await asyncio.gather(*(ask(question) for question in questions))
            known.update(zip(questions, told, strict=True))
