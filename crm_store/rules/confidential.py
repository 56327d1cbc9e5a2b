"""B5: mail of members among themselves is not recorded, and nothing of it is kept."""

from collections.abc import Set

from crm_store.rules.original import Forwarded
from crm_store.rules.parties import Parties
from crm_store.rules.states import Automatic


def is_confidential(
    parties: Parties, internal: Set[str], automatic: Automatic | None, forwarded: Forwarded | None
) -> bool:
    """Whether this is why a mail is not recorded. forwarded: None for a mail that is itself (C6)."""
    if forwarded is not None and not forwarded.sure:
        return False  # C6: whom it was between is a guess
    if automatic is Automatic.BOUNCE and parties.author is None:
        return False  # a mail system wrote it, without an address: no member among members
    return is_internal_mail(parties, internal)


def is_internal_mail(parties: Parties, internal: Set[str]) -> bool:
    """Whether the mail has no outside party and at least one internal one.

    internal: folded identities of the location's members. A mail to the BCC address alone is not asked: what counts
    there is the original that was forwarded (C6)."""
    if not any(True for _ in parties.recipients()):
        return False
    inside = [party.folded in internal for party in parties.everybody()]
    return bool(inside) and all(inside)
