"""DMARC (RFC 9989): does what SPF and DKIM vouch for belong to whom the mail says it is from?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Final, Literal

from gateway.sender_auth.answers import Answers, Found, Question
from gateway.sender_auth.dmarc_record import Policy
from gateway.sender_auth.dmarc_tree import MAX_QUERIES, Published, Walk, may_align, walk_tree
from gateway.sender_auth.domain_names import ascii_domain, is_within, shortened
from gateway.sender_auth.spf import SpfResult, SpfVerdict

MAX_SIGNERS: Final = 8
DMARC_QUESTIONS: Final = MAX_QUERIES * (2 + MAX_SIGNERS) + 1  # walks from author, SPF domain, signers; does it exist?

_MAX_SPELLINGS = 100

Mechanism = Literal["dkim", "spf"]


class DmarcVerdict(StrEnum):
    """RFC 9989 §9.2, RFC 8601 §2.7. NONE: nothing is published that applies."""

    NONE = "none"
    PASS = "pass"  # noqa: S105 a word of the standard
    FAIL = "fail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


@dataclass(frozen=True, slots=True)
class DmarcResult:
    """Domains as A-labels, "" where there is none.

    policy: what the domain's owner wants done with what fails; "" where nothing is published that can be applied.
    testing: it asks for the next milder policy (t=y). policy_domain: where the record stands.
    aligned_by, aligned_domain: what vouches for from_domain, also where no record is published (C4).
    may_change: nothing vouches for it now, but only as the DNS did not answer; trying again can help.
    reason: a constant word."""

    result: DmarcVerdict
    from_domain: str = ""
    policy: Policy | Literal[""] = ""
    policy_domain: str = ""
    organization: str = ""
    aligned_by: Mechanism | Literal[""] = ""
    aligned_domain: str = ""
    testing: bool = False
    may_change: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Identifier:
    mechanism: Mechanism
    domain: str
    passed: bool  # False: it could not be checked for now


def check_dmarc(
    *,
    from_domains: Sequence[str],
    spf: SpfResult,
    dkim_passes: Sequence[str],
    answers: Answers,
    dkim_temporary: Sequence[str] = (),
) -> DmarcResult:
    """from_domains: of each author in the mail; a mail with several From fields is the caller's to refuse.

    dkim_passes, dkim_temporary: d= of the signatures that passed, and of those whose key could not be had for now.
    Raises NotAsked, and nothing else."""
    spellings = set(from_domains)
    authors = {ascii_domain(domain) for domain in islice(spellings, _MAX_SPELLINGS)}
    if len(authors) > 1 or len(spellings) > _MAX_SPELLINGS:
        # RFC 9989 §5.3.1 leaves it to us, §11.5 warns: a forger adds the domain of his victim to one of his own.
        return DmarcResult(DmarcVerdict.FAIL, reason="several_from_domains")
    if not (author := next(iter(authors), "")):
        return DmarcResult(DmarcVerdict.PERMERROR, reason="no_from_domain")
    identifiers = _identifiers(author, spf, dkim_passes, dkim_temporary)
    walk = walk_tree(author, answers)
    aligned, uncertain = _find_aligned(walk, identifiers, answers)
    published = walk.policy
    result, reason = _judge(walk, published, identifiers, aligned, uncertain)
    return DmarcResult(
        result,
        from_domain=author,
        policy=_policy(walk, published, answers),
        policy_domain=published.domain if published else "",
        organization=walk.organization,
        aligned_by=aligned.mechanism if aligned else "",
        aligned_domain=aligned.domain if aligned else "",
        testing=published is not None and published.record.testing,
        may_change=uncertain,
        reason=reason,
    )


def _identifiers(
    author: str, spf: SpfResult, dkim_passes: Iterable[str], dkim_temporary: Iterable[str]
) -> list[_Identifier]:
    """What vouches for a domain, or may yet; that of the author itself first, as it needs no look-up.

    RFC 9989 §3.2.4, RFC 7208 §2.4: for the null sender the HELO name counts, as the domain of postmaster there."""
    signers = [
        *(_Identifier("dkim", domain, True) for domain in _domains(dkim_passes)),
        *(_Identifier("dkim", domain, False) for domain in _domains(dkim_temporary)),
    ]
    found = _own_first(author, signers)[:MAX_SIGNERS]
    if spf.result in (SpfVerdict.PASS, SpfVerdict.TEMPERROR):
        found.append(_Identifier("spf", spf.domain, spf.result is SpfVerdict.PASS))
    return _own_first(author, found)


def _own_first(author: str, identifiers: Iterable[_Identifier]) -> list[_Identifier]:
    return sorted(identifiers, key=lambda identifier: identifier.domain != author)


def _domains(typed: Iterable[str]) -> list[str]:
    return [domain for text in islice(dict.fromkeys(typed), _MAX_SPELLINGS) if (domain := ascii_domain(text))]


def _find_aligned(
    author: Walk, identifiers: Iterable[_Identifier], answers: Answers
) -> tuple[_Identifier | None, bool]:
    """The first that passed and is aligned; and whether one could be that is not known now. RFC 9989 §4.10.2."""
    uncertain = False
    for identifier in identifiers:
        known = _is_aligned(author, identifier, answers)
        if known and identifier.passed:
            return identifier, False
        uncertain = uncertain or known is None or known
    return None, uncertain


def _is_aligned(author: Walk, identifier: _Identifier, answers: Answers) -> bool | None:
    """None: not known now."""
    if identifier.domain == author.domain:
        return True
    if not is_within(identifier.domain, shortened(author.domain, 1)):
        return False  # whatever stands over the author
    if author.problem:
        return None
    published = author.policy
    if published is None or not may_align(identifier.domain, author):
        # Where no record stands over the author its organization is itself (§4.10.2), and nobody's walk ends there but
        # its own: two customers of one public suffix never meet.
        return False
    if published.record.strict_dkim if identifier.mechanism == "dkim" else published.record.strict_spf:
        return False
    other = walk_tree(identifier.domain, answers)
    return None if other.problem else other.organization == author.organization


def _judge(
    walk: Walk,
    published: Published | None,
    identifiers: Sequence[_Identifier],
    aligned: _Identifier | None,
    uncertain: bool,
) -> tuple[DmarcVerdict, str]:
    """RFC 9989 §5.3.5, §5.3.6."""
    own_record = published is not None and published.domain == walk.domain
    settled = own_record and (aligned is not None or not identifiers)  # what stands above would change nothing
    if walk.problem and not settled:
        too_many = walk.problem == "too_many_questions"
        return DmarcVerdict.PERMERROR if too_many else DmarcVerdict.TEMPERROR, walk.problem
    if published is None:
        return DmarcVerdict.NONE, "no_record"
    if published.record.policy is None:
        return DmarcVerdict.NONE, "no_policy"
    if aligned:
        return DmarcVerdict.PASS, "aligned"
    if uncertain:
        return DmarcVerdict.TEMPERROR, "identifier_unknown"
    return DmarcVerdict.FAIL, "not_aligned" if any(found.passed for found in identifiers) else "nothing_passed"


def _policy(walk: Walk, published: Published | None, answers: Answers) -> Policy | Literal[""]:
    """RFC 9989 §4.10.1: p for the domain itself, sp for one below that exists, np for one that does not."""
    if published is None or published.record.policy is None:
        return ""
    record, policy = published.record, published.record.policy
    if published.domain == walk.domain:
        return policy
    existing = record.subdomain_policy or policy
    missing = record.missing_policy or existing
    if missing == existing:
        return existing
    exists = answers.get(Question(walk.domain, "A")).found is not Found.NO_NAME
    return existing if exists else missing
