"""B5: mail of members among themselves is not recorded, and nothing of it is kept."""

from collections.abc import Set

from crm_store.rules.parties import Parties


def is_internal_mail(parties: Parties, internal: Set[str]) -> bool:
    """Whether the mail has no outside party and at least one internal one.

    internal: folded identities of the location's members. A mail to the BCC address alone is not asked: what counts
    there is the original that was forwarded (C6)."""
    if not any(True for _ in parties.recipients()):
        return False
    inside = [party.folded in internal for party in parties.everybody()]
    return bool(inside) and all(inside)
