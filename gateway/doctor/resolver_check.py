"""Does the resolver answer, soon enough, and of the internet?"""

from collections.abc import Callable

from gateway.doctor.asking import Ask
from gateway.doctor.finding import Finding, ok, warning, wrong
from gateway.sender_auth.answers import Answer, Found, Question

_KNOWN_NAME = "example.com"  # RFC 2606 §3 keeps it, so whoever knows the internet knows it
_SLOW_MS = 1_000


async def check_resolver(server: str, ask: Ask, now_ms: Callable[[], int]) -> list[Finding]:
    """server: as SUNNYDAY_RESOLVER names it."""
    began_ms = now_ms()
    answer = await ask(Question(_KNOWN_NAME, "A"))
    return [judge_resolver(server or "the system's", answer, now_ms() - began_ms)]


def judge_resolver(name: str, answer: Answer, took_ms: int) -> Finding:
    if answer.unknown:
        mend = "Set SUNNYDAY_RESOLVER to a DNS server that answers: until then mail from outside waits, up to a day"
        return wrong("resolver", f"{name} does not answer ({answer.problem})", mend)
    if answer.found is Found.NO_NAME:
        mend = "Set SUNNYDAY_RESOLVER to one that knows the internet: without it every sender's mail is held"
        return warning("resolver", f"{name} answers, and says that {_KNOWN_NAME} does not exist", mend)
    if took_ms > _SLOW_MS:
        mend = "Run one on this machine (apt install unbound), and set SUNNYDAY_RESOLVER=127.0.0.1:53"
        return warning("resolver", f"{name} took {took_ms} ms to answer", mend)
    return ok("resolver", f"{name} answers in {took_ms} ms")
