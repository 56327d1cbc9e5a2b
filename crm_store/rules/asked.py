"""What is asked about one message in one location: all the facts that the rules decide by."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from crm_store.mail.automatic.signs import Report
from crm_store.rules.bounce import SentMail
from crm_store.rules.decision import NewContact
from crm_store.rules.original import Forwarded
from crm_store.rules.parties import Parties, Party
from crm_store.rules.sent_on import SentOn, vouched
from crm_store.rules.states import Automatic, Direction, Path
from crm_store.rules.thread import KnownThread, answered_thread
from crm_store.rules.verdict import Verdict


@dataclass(frozen=True, slots=True)
class FiledEntry:
    """Where the location shows the message already.

    removed: un-logged (G3). owner: the contact in whose tab it is. by_mailbox: only the Gmail path put it there, and it
    began its thread, so a BCC copy may still say whose it is (C2). answers: it joined a thread that was there."""

    id: int
    removed: bool
    owner: int
    by_mailbox: bool
    answers: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One message, asked about for one location, with all that the location knows of it.

    readable: False where the reader gave up (C10). verdict: None on the Gmail path, whose mailbox speaks for itself.
    automatic: None where a person wrote it. report: of a bounce; sent: what the location shows of the mail that it is
    about. internal: folded identities among the parties that belong to members.
    writer: who forwarded an original to us; None where the author sent it. forwarded: of an original (C6).
    sent_on: of a mail that somebody else than its author may have sent to us (C6).
    sender_is_owner: whoever sent it owns a BCC address that it came to; else owner_domains: of those owners' addresses.
    contacts: normalised address → the contact created first that has it (B11), nobody internal among them.
    never_logged: a party is on such a list (B13).
    allowed: normalised addresses among the parties that may write here (C4). blocked: its sender is (D2).
    keys: Message-IDs that it names, nearest first. threads: what this location knows of those. resumes: the thread that
    it goes on with, where it names none (B17). answers_elsewhere: the nearest recorded message that it answers has
    entries in other locations of the mailbox's user only (B10). tested: a self-test of a BCC address
    waited for it (C1)."""

    path: Path
    parties: Parties
    internal: Set[str]
    contacts: Mapping[str, int]
    readable: bool = True
    verdict: Verdict | None = None
    automatic: Automatic | None = None
    report: Report | None = None
    sent: Sequence[SentMail] = ()
    writer: Party | None = None
    forwarded: Forwarded | None = None
    sent_on: SentOn | None = None
    sender_is_owner: bool = False
    owner_domains: Set[str] = frozenset()
    never_logged: bool = False
    allowed: Set[str] = frozenset()
    blocked: bool = False
    keys: Sequence[bytes] = ()
    threads: Sequence[KnownThread] = ()
    resumes: KnownThread | None = None
    answers_elsewhere: bool = False
    entry: FiledEntry | None = None
    tested: bool = False

    @property
    def author_is_internal(self) -> bool:
        return self.parties.author is not None and self.parties.author.folded in self.internal

    @property
    def direction(self) -> Direction:
        """B0: outbound if the author is internal to the location, else inbound. What the CRM sends is outbound, also
        where its author is no member, as news@ of the location's provider is none."""
        sent_here = self.path is Path.CRM or self.author_is_internal
        return Direction.OUTBOUND if sent_here else Direction.INBOUND

    @property
    def sender(self) -> Party | None:
        """Who sent it here: whoever forwarded an original, else the author."""
        return self.writer or self.parties.author

    @property
    def names_nobody(self) -> bool:
        """To the BCC address alone, and nothing forwarded in it."""
        return self.forwarded is None and not any(True for _ in self.parties.recipients())

    @property
    def sender_is_internal(self) -> bool:
        return self.sender is not None and self.sender.folded in self.internal

    @property
    def sender_may_write(self) -> bool:
        """C4: who it is, not whether it is really they."""
        return self.sender is not None and (self.sender_is_owner or self.sender.normal in self.allowed)

    @property
    def forwarder(self) -> Party | None:
        """C6: who sent it on, is really they, and is allowed to; None where nobody is."""
        if self.sent_on is None or self.verdict is None:
            return None
        return next((party for party in vouched(self.sent_on, self.verdict) if party.normal in self.allowed), None)

    @property
    def is_redirected(self) -> bool:
        """C6: it is here because somebody sent it on, not because its author wrote to us."""
        proven = self.verdict is None or self.verdict.authenticated
        if self.sent_on is None or (self.sender_may_write and proven):
            return False
        return self.sent_on.surely or self.forwarder is not None

    def answered(self) -> tuple[KnownThread, tuple[int, ...]] | None:
        outbound = self.direction is Direction.OUTBOUND
        by_ids = answered_thread(self.keys, self.threads, self.parties, self.internal, outbound=outbound)
        return (self.resumes, ()) if by_ids is None and self.resumes is not None else by_ids

    @property
    def counterpart(self) -> int | None:
        """With whom it talks, on either path, so that two people's talks are never taken for one (B17): its author, or
        of an outbound mail the first outside To, else the first contact in Cc, Bcc. None where that is no contact."""
        if self.direction is Direction.INBOUND:
            return self.contact_among([self.parties.author] if self.parties.author else [])
        return self.contact_among(self.outside(self.parties.to)[:1] or (*self.parties.cc, *self.parties.bcc))

    def outside(self, parties: Sequence[Party]) -> list[Party]:
        """Whoever is neither internal nor allowed to write for the location: only these can own a conversation."""
        return [party for party in parties if party.folded not in self.internal and party.normal not in self.allowed]

    def contact_among(self, parties: Sequence[Party]) -> int | None:
        """The first of these who is a contact."""
        return next((self.contacts[party.normal] for party in parties if party.normal in self.contacts), None)

    def owner_among(self, parties: Sequence[Party]) -> int | NewContact | None:
        """The first contact of these, or the first of them as one to be made, which automatic mail does not do (C7)."""
        contact = self.contact_among(parties)
        if contact is not None or self.automatic is not None:
            return contact
        return next((NewContact(party.name, party.address) for party in parties), None)
