"""C6: a mail that came to its reader first, and was sent on to the BCC address by a rule, or by redirecting it.

Such a mail is still its author's; that a member's mailbox sent it on is told by its header and its envelope alone."""

from dataclasses import dataclass

from crm_store.rules.address import domain_of, fold_identity, normalise
from crm_store.rules.original import Reading
from crm_store.rules.parties import Party
from crm_store.rules.verdict import Basis, Verdict

# What hosts write into the envelope of what they send on: Gmail "ani+caf_=bcc=capture.example@firma.example", Exchange
# "ani+SRS=hash=time=customer.example=budi@firma.example". Others' SRS0 names no mailbox.
_REWRITTEN = ("+caf_=", "+srs=")
_MOST = 10


@dataclass(frozen=True, slots=True)
class SentOn:
    """by: whoever is named for it, the surest first; never empty. surely: the mail says that it was sent on; else its
    envelope, or Sender, names another than its author, as of what a service sends for them too. envelope: whose mailbox
    its envelope names, folded; "" for the null sender."""

    by: tuple[Party, ...]
    surely: bool
    envelope: str


def sent_on(reading: Reading, envelope_from: str) -> SentOn | None:
    """None for what its author sent, for all that can be seen; and for a forward, whose author is the forwarder."""
    author = reading.parties.author
    if reading.forwarded is not None or author is None:
        return None
    rewriter = _rewriter(envelope_from)
    said = [rewriter, *(party.address for party in reading.sent_on_by)]
    hinted = ["" if rewriter else envelope_from, *(mailbox.address for mailbox in reading.mail.sender[:1])]
    others = [_party(address) for address in (*said, *hinted) if fold_identity(address) not in ("", author.folded)]
    by = tuple({party.normal: party for party in others}.values())[:_MOST]
    if not by:
        return None
    named = {normalise(address) for address in said}
    surely = any(party.normal in named for party in by)
    return SentOn(by, surely, envelope=fold_identity(rewriter or envelope_from))


def vouched(sent: SentOn, verdict: Verdict) -> tuple[Party, ...]:
    """Those of its forwarders who are really they (C4): a trusted relay says so, or SPF of their envelope.

    SPF proves none whom the header alone names: a provider sees to it that its people use their own address in the
    envelope, and not in Resent-From. DKIM proves who wrote it, and nothing of who sent it on: anybody may."""
    if verdict.basis is Basis.TRUSTED_RELAY:
        return sent.by
    spf = verdict.spf
    if spf is None or spf.result != "pass" or spf.identity != "mailfrom" or spf.domain != domain_of(sent.envelope):
        return ()
    return tuple(party for party in sent.by if party.folded == sent.envelope)


def _rewriter(envelope_from: str) -> str:
    """The mailbox whose host wrote this envelope; "" where it does not tell."""
    local, _, domain = envelope_from.rpartition("@")
    at = max(local.lower().find(mark) for mark in _REWRITTEN)
    return f"{local[:at]}@{domain}" if at > 0 else ""


def _party(address: str) -> Party:
    return Party("", address, normalise(address), fold_identity(address))
