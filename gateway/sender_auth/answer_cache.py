"""Answers kept for as long as they are good, the least used ones dropped first."""

from collections import OrderedDict

from gateway.sender_auth.answers import Answer, Found, Question

# Below: a zone with a TTL of 0 is still asked once for a burst of mail. Above: a changed key or policy is seen within
# the hour, a new record within five minutes (RFC 2308 §5 lets a resolver cap both).
_KEPT_AT_LEAST_S = 30
_KEPT_AT_MOST_S = {Found.RECORDS: 3600, Found.NO_RECORDS: 300, Found.NO_NAME: 300}
_TEMPORARY_KEPT_S = 5  # RFC 2308 §7 allows five minutes; a mail that waits for its answer should not
_OVERHEAD_BYTES = 400  # of an entry beside its text, as tracemalloc shows it, rounded up


class AnswerCache:
    """Never more than so many entries, nor more than about so many bytes."""

    def __init__(self, max_entries: int, max_bytes: int) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._kept: OrderedDict[Question, tuple[Answer, int, int, int]] = OrderedDict()
        self.size_bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, question: Question, now_ms: int) -> Answer | None:
        """None where nothing is kept, or what was kept is too old."""
        if (entry := self._kept.get(question)) is None:
            return None
        answer, kept_at_ms, good_for_ms, _ = entry
        if not 0 <= now_ms - kept_at_ms < good_for_ms:  # below 0: the clock was set back, and nobody knows by how much
            self._drop(question)
            return None
        self._kept.move_to_end(question)
        return answer

    def put(self, question: Question, answer: Answer, ttl_s: int, now_ms: int) -> None:
        """ttl_s: as the zone says it; what it may be is bounded here."""
        self._drop(question)
        size_bytes = _size_bytes(question, answer)
        self._kept[question] = (answer, now_ms, 1000 * _keep_s(answer, ttl_s), size_bytes)
        self.size_bytes += size_bytes
        while len(self._kept) > self._max_entries or self.size_bytes > self._max_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, question: Question) -> None:
        if (entry := self._kept.pop(question, None)) is not None:
            self.size_bytes -= entry[3]


def _keep_s(answer: Answer, ttl_s: int) -> int:
    if answer.unknown:
        return _TEMPORARY_KEPT_S
    return min(max(ttl_s, _KEPT_AT_LEAST_S), _KEPT_AT_MOST_S[answer.found])


def _size_bytes(question: Question, answer: Answer) -> int:
    parts = [question.name, *answer.texts, *answer.addresses, *(host for _, host in answer.hosts)]
    return _OVERHEAD_BYTES + sum(len(part) + 64 for part in parts)
