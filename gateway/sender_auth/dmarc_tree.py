"""The DNS Tree Walk: which records of DMARC stand over a domain, and whose domain it is. RFC 9989 §4.10. Pure."""

from dataclasses import dataclass
from typing import Final

from gateway.sender_auth.answers import TOO_MANY, Answers, Question
from gateway.sender_auth.dmarc_record import DmarcRecord, parse_dmarc_record
from gateway.sender_auth.domain_names import is_within, shortened

MAX_QUERIES: Final = 8

# A registry that publishes a record and forgets psd=y would make all its customers one organization: RFC 9989 §11.8
# leaves it to each customer to notice. Here a name of one label is a registry's with or without the tag, and so is one
# of these under a country's: co.id, ac.uk, gov.au. That can only keep domains apart; psd=n is still believed.
_REGISTRY_LABELS: Final = frozenset(
    {"ac", "biz", "co", "com", "edu", "go", "gob", "gov", "gouv", "mil", "ne", "net", "or", "org", "sch"}
)
_REGISTRIES: Final = frozenset({"desa.id", "my.id", "ponpes.id", "web.id"})


@dataclass(frozen=True, slots=True)
class Published:
    domain: str
    record: DmarcRecord


@dataclass(frozen=True, slots=True)
class Walk:
    """published: what was found, the longest name first, up to the first that ends the walk.

    problem: why some of it is not known, "" where all is."""

    domain: str
    published: tuple[Published, ...]
    problem: str = ""

    @property
    def organization(self) -> str:
        """RFC 9989 §4.10.2. Where nothing is published the domain stands for itself alone."""
        if not self.published:
            return self.domain
        last = self.published[-1]
        # One label below, and no more than there are: a suffix that writes mail is an organization like others.
        return shortened(self.domain, last.domain.count(".") + 2) if is_suffix(last) else last.domain

    @property
    def policy(self) -> Published | None:
        """RFC 9989 §4.10.1: the record of the domain, else of its organization, else of the public suffix above."""
        if not self.published:
            return None
        at = {entry.domain: entry for entry in self.published}
        return at.get(self.domain) or at.get(self.organization) or self.published[-1]


def is_suffix(entry: Published) -> bool:
    """May those below it be strangers to each other?"""
    if entry.record.psd != "u":
        return entry.record.psd == "y"
    first, _, rest = entry.domain.partition(".")
    return not rest or entry.domain in _REGISTRIES or (first in _REGISTRY_LABELS and len(rest) == 2)


def walk_tree(domain: str, answers: Answers) -> Walk:
    """At most 8 names, all asked at the same time. Raises NotAsked."""
    targets = walk_targets(domain)
    told = answers.get_all([Question(f"_dmarc.{target}", "TXT") for target in targets])
    published: list[Published] = []
    problem = ""
    for target, answer in zip(targets, told, strict=True):
        if answer.unknown or answer is TOO_MANY:
            problem = problem or answer.problem
        records = [record for text in answer.texts if (record := parse_dmarc_record(text)) is not None]
        if len(records) != 1:
            continue  # RFC 9989 §4.10: several are as good as none
        published.append(Published(target, records[0]))
        if records[0].psd == "n" or is_suffix(published[-1]):
            break
    return Walk(domain, tuple(published), problem)


def walk_targets(domain: str) -> tuple[str, ...]:
    """RFC 9989 §4.10: the name, then, from seven labels on, each without its first one."""
    labels = domain.count(".") + 1
    first_parent = min(labels, MAX_QUERIES) - 1
    return (domain, *(shortened(domain, count) for count in range(first_parent, 0, -1)))


def may_align(domain: str, author: Walk) -> bool:
    """Could the walk from this domain end at the organization that the author's ended at?"""
    return is_within(domain, author.organization)
