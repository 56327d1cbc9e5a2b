"""What is shown of a capture, made again from its raw bytes; who decided what about it stays."""

from collections.abc import Collection

from crm_store import facts
from crm_store.capture_preview import preview_of
from crm_store.database.rows import tuples
from crm_store.mail.parsed_mail import ParsedMail
from crm_store.models.captures import Capture, CaptureRecipient
from crm_store.rules.decide import decide
from crm_store.rules.original import Reading, reading_of
from crm_store.rules.states import CaptureState
from crm_store.rules.verdict import from_kept


def read_anew(capture_id: int, mail: ParsedMail, capture_domains: Collection[str], *, now_ms: int) -> bool:
    """Whether it shows something else now. mail: as it came. It may have gone, or lost its content, since.

    Call in a transaction that holds the location's lock."""
    row: Capture | None = Capture.get_or_none((Capture.id == capture_id) & Capture.blob_sha256.is_null(False))
    if row is None:
        return False
    reading = reading_of(mail, capture_domains)
    shown = preview_of(mail, reading, row.envelope_from or "") | {"suggestions": _suggestions(row, reading, now_ms)}
    if all(getattr(row, name) == value for name, value in shown.items()):
        return False
    Capture.update(**shown).where((Capture.id == row.id) & Capture.blob_sha256.is_null(False)).execute()
    return True


def _suggestions(row: Capture, reading: Reading, now_ms: int) -> list[str]:
    """Of a held one, what the reason that it is held for suggests now; others keep what was suggested."""
    if row.state != CaptureState.HELD or row.location_id is None or row.authentication is None:
        return list(row.suggestions)
    owners = CaptureRecipient.select(CaptureRecipient.user_id).where(CaptureRecipient.capture_id == row.id)
    users = tuple(user_id for (user_id,) in tuples(owners))
    verdict = from_kept(row.authentication) if "basis" in row.authentication else None
    sighted = facts.sighted_by_bcc(reading, users, verdict, envelope_from=row.envelope_from or "")
    decision = decide(facts.gather(row.location_id, sighted, now_ms=now_ms))
    same = (decision.outcome, decision.reason) == (CaptureState.HELD, row.reason)
    return list(decision.suggestions) if same else list(row.suggestions)
