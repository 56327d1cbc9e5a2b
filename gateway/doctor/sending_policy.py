"""Can others send in a capture domain's name? Advice: our own work does not depend on it."""

import asyncio
from collections.abc import Sequence

from gateway.doctor.asking import Ask
from gateway.doctor.finding import Finding, ok, warning
from gateway.sender_auth.answers import Answer, Question, run_check
from gateway.sender_auth.dmarc_tree import MAX_QUERIES, Walk, walk_tree
from gateway.sender_auth.domain_names import is_within

_ASKED = {"none": "let through", "quarantine": "put aside", "reject": "reject, only as a test,"}
_ASK_LATER = "Look at the domain's name servers, and at the resolver"


async def check_sending_policy(domains: Sequence[str], ask: Ask) -> list[Finding]:
    """Nothing for a domain that only this machine knows."""
    found = await asyncio.gather(*(_check(domain, ask) for domain in domains if not is_within(domain, "localhost")))
    return [finding for each in found for finding in each]


async def _check(domain: str, ask: Ask) -> list[Finding]:
    texts, walk = await asyncio.gather(
        ask(Question(domain, "TXT")),
        run_check(lambda answers: walk_tree(domain, answers), ask, MAX_QUERIES),
    )
    return [judge_spf(domain, texts), judge_dmarc(domain, walk)]


def judge_spf(domain: str, answer: Answer) -> Finding:
    """RFC 7208 §10.1.2: a name that never sends says so."""
    mend = f'Set: {domain} TXT "v=spf1 -all"'
    if answer.unknown:
        return warning("spf", f"the DNS does not tell the SPF record of {domain} ({answer.problem})", _ASK_LATER)
    records = [text.lower().split() for text in answer.texts if text.lower().split(b" ")[0] == b"v=spf1"]
    match records:
        case []:
            return warning("spf", f"{domain} has no SPF record, though it never sends", mend)
        case [[_, b"-all"]]:
            return ok("spf", f"{domain} says that it never sends")
        case [_]:
            return warning("spf", f"{domain} lets hosts send in its name, though it never sends", mend)
        case _:
            found = f"{domain} has {len(records)} SPF records, which count for none (RFC 7208 §4.5)"
            return warning("spf", found, f"Remove them all. {mend}")


def judge_dmarc(domain: str, walk: Walk) -> Finding:
    mend = f'Set: _dmarc.{domain} TXT "v=DMARC1; p=reject"'
    published = walk.policy
    if published is None:
        if walk.problem:
            return warning("dmarc", f"the DNS does not tell the DMARC record of {domain} ({walk.problem})", _ASK_LATER)
        return warning("dmarc", f"no DMARC record stands over {domain}", mend)
    record = published.record
    policy = record.policy if published.domain == domain else record.subdomain_policy or record.policy
    if policy != "reject" or record.testing:
        found = f"{published.domain} asks to {_ASKED[policy or 'none']} mail that is forged in the name of {domain}"
        return warning("dmarc", found, mend)
    return ok("dmarc", f"{published.domain} asks to reject mail that is forged in the name of {domain}")
