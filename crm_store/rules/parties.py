"""The people of a message: its author and recipients, without our own capture addresses (Words: party)."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from crm_store.mail.parsed_mail import Mailbox, ParsedMail
from crm_store.rules.address import domain_of, fold_identity, normalise


@dataclass(frozen=True, slots=True)
class Party:
    """name, address: as written. normal: how contacts are looked up. folded: how identities are."""

    name: str
    address: str
    normal: str
    folded: str


@dataclass(frozen=True, slots=True)
class Parties:
    """author: None where From names nobody. capture_to_cc: capture addresses that stood in To or Cc, normalised."""

    author: Party | None
    to: tuple[Party, ...]
    cc: tuple[Party, ...]
    bcc: tuple[Party, ...]
    capture_to_cc: frozenset[str]

    def recipients(self) -> Iterator[Party]:
        """In the order in which they own a conversation (B7)."""
        yield from self.to
        yield from self.cc
        yield from self.bcc

    def everybody(self) -> Iterator[Party]:
        if self.author is not None:
            yield self.author
        yield from self.recipients()


def parties_of(mail: ParsedMail, capture_domains: Collection[str]) -> Parties:
    """capture_domains: lower case, as A-labels."""
    to, cc, bcc = (list(_parties(field)) for field in (mail.to, mail.cc, mail.bcc))
    authors = [party for party in _parties(mail.from_[:1]) if domain_of(party.normal) not in capture_domains]
    captures = frozenset(party.normal for party in (*to, *cc) if domain_of(party.normal) in capture_domains)
    return Parties(
        author=authors[0] if authors else None,
        to=_outside(to, capture_domains),
        cc=_outside(cc, capture_domains),
        bcc=_outside(bcc, capture_domains),
        capture_to_cc=captures,
    )


def named_parties(addresses: Iterable[str], capture_domains: Collection[str]) -> tuple[Party, ...]:
    """Of bare addresses, as parties_of."""
    return _outside(list(_parties(Mailbox("", address) for address in addresses)), capture_domains)


def _parties(mailboxes: Iterable[Mailbox]) -> Iterator[Party]:
    for mailbox in mailboxes:
        if normal := normalise(mailbox.address):
            yield Party(mailbox.name, mailbox.address, normal, fold_identity(mailbox.address))


def _outside(parties: list[Party], capture_domains: Collection[str]) -> tuple[Party, ...]:
    return tuple(party for party in parties if domain_of(party.normal) not in capture_domains)
