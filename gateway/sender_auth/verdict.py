"""From what the checks found to one verdict (C4): an aligned pass of DKIM or SPF vouches for the sender, no other."""

from collections.abc import Collection

from crm_store.rules.verdict import ArcFact, Authenticity, Basis, DmarcFact, SignatureFact, SpfFact, Verdict
from gateway.sender_auth.authentication_results import authentication_results
from gateway.sender_auth.checks import Checked, PreparedChecks
from gateway.sender_auth.domain_names import is_within
from gateway.sender_auth.signature_results import ArcResult, DkimResult

MAX_SAYS_CHARS = 500


def verdict_of(
    prepared: PreparedChecks, checked: Checked, *, authserv_id: str, trusted_sealers: Collection[str]
) -> Verdict:
    """authserv_id: our name in the Authentication-Results field (RFC 8601 §2.5)."""
    dmarc = checked.dmarc
    authenticity, basis = _come_to(checked)
    return Verdict(
        authenticity,
        basis,
        peer=prepared.envelope.peer,
        sender_domain=prepared.from_domain,
        aligned_domain=dmarc.aligned_domain,
        spf=SpfFact(checked.spf.result, checked.spf.domain, checked.spf.identity, checked.spf.reason),
        signatures=_signatures(checked.dkim, prepared.from_domain, dmarc.organization),
        skipped_signatures=checked.dkim.skipped,
        dmarc=DmarcFact(dmarc.result, dmarc.policy, dmarc.policy_domain, dmarc.reason),
        arc=_arc(checked.arc, trusted_sealers),
        header=authentication_results(authserv_id, checked, prepared.from_domain),
    )


def _come_to(checked: Checked) -> tuple[Authenticity, Basis]:
    dmarc = checked.dmarc
    if dmarc.aligned_by:
        return Authenticity.AUTHENTICATED, Basis(dmarc.aligned_by)
    if dmarc.may_change:
        return Authenticity.UNDECIDED, Basis.DNS_SILENT
    if not dmarc.from_domain:
        return Authenticity.NOT_AUTHENTICATED, Basis.NO_SENDER
    return Authenticity.NOT_AUTHENTICATED, Basis.NOTHING


def _signatures(dkim: DkimResult, from_domain: str, organization: str) -> tuple[SignatureFact, ...]:
    own = organization or from_domain
    return tuple(
        SignatureFact(
            one.result,
            one.domain,
            one.selector,
            str(one.reason),
            bool(own and one.domain) and is_within(one.domain, own),
        )
        for one in dkim.signatures
    )


def _arc(arc: ArcResult | None, trusted_sealers: Collection[str]) -> ArcFact | None:
    """Evidence only: told to people, and lets nothing in. The newest sealer vouches for those before it, so that is
    who has to be trusted (RFC 8617 §5.2)."""
    if arc is None:
        return None
    newest = arc.sets[0] if arc.sets else None
    return ArcFact(
        result=arc.result,
        sealer=newest.sealer if newest else "",
        trusted=newest is not None and newest.sealer in trusted_sealers,
        says=newest.authentication_results[:MAX_SAYS_CHARS] if newest else "",
    )
