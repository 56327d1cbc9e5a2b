"""Senders that look like somebody else: another address in their name, or a domain that reads like the owner's."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import takewhile

from crm_store.rules.address import domain_of, normalise
from crm_store.rules.parties import Party

# One wrong letter in a shorter domain is most often just another domain.
_MIN_LENGTH = 10
_MAX_LENGTH = 255

_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:@]{1,64}@[^\s<>()\[\]\"',;:@]{1,255}")
# Letters that the eye takes for another: digits, Cyrillic and Greek (Unicode TR 39, of what domains are made of).
_LIKE = str.maketrans("01358ıаеорсухіјѕԁһӏпгтмкνορτικ", "olesbiaeopcyxijsdhlnrtmkvoptik")
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("ii", "u"))


def names_another(author: Party) -> bool:
    """Whether the name shows an address of another domain than the one it comes from: what mail clients show alone."""
    shown = (normalise(match.group()) for match in _ADDRESS.finditer(author.name))
    own = domain_of(author.normal)
    return any(address and not _of_one_house(domain_of(address), own) for address in shown)


def looks_like(domain: str, own: Iterable[str]) -> bool:
    """Whether the domain reads like one of these and is another. Domains as A-labels, lower case."""
    if not domain or len(domain) > _MAX_LENGTH:
        return False
    seen = _as_seen(domain)
    return any(_reads_like(domain, seen, one) for one in own)


def _reads_like(domain: str, seen: str, own: str) -> bool:
    if _of_one_house(domain, own):
        return False
    other = _as_seen(own)
    return seen == other or (min(len(seen), len(other)) >= _MIN_LENGTH and _one_apart(seen, other))


def _as_seen(domain: str) -> str:
    """The domain as the eye takes it: letters without their marks, look-alikes as the letter that they look like."""
    written = ".".join(map(_as_written, domain.split(".")))
    plain = "".join(one for one in unicodedata.normalize("NFKD", written) if not unicodedata.combining(one))
    seen = plain.lower().translate(_LIKE).replace("-", "")
    for pair, letter in _PAIRS:
        seen = seen.replace(pair, letter)
    return seen


def _as_written(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label.removeprefix("xn--").encode("ascii").decode("punycode")
    except ValueError:
        return label


def _one_apart(one: str, other: str) -> bool:
    """Whether one letter was put in, left out, changed or swapped with the next."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    rest, other_rest = one[start:], other[start:]
    swapped = rest[:2] == other_rest[1::-1] and rest[2:] == other_rest[2:]
    return swapped or rest[1:] == other_rest[1:] or rest == other_rest[1:] or rest[1:] == other_rest


def _of_one_house(domain: str, other: str) -> bool:
    return domain == other or domain.endswith(f".{other}") or other.endswith(f".{domain}")
