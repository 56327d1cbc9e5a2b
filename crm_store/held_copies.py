"""C4's last sentence: the same message seen in its sender's mailbox proves who sent the copy that waits."""

from crm_store.database.prepared import Prepared, Statement
from crm_store.models.captures import Capture, CaptureRecipient, DecisionRow
from crm_store.rules.rule import Reason
from crm_store.rules.sameness import message_id_key
from crm_store.rules.states import CaptureState, Path


def wake(message_id: str | None, user_id: int, location_id: int, *, now_ms: int) -> None:
    """Captures of this user's BCC addresses that wait, in the queue or for the DNS, are decided again; each finds the
    entry, and joins it. Call inside the transaction that files it."""
    if message_id is None or _by_bcc.first(message_id_key(message_id), location_id) is None:
        return
    same = DecisionRow.select(DecisionRow.capture_id).where(
        (DecisionRow.message_id_key == message_id_key(message_id))
        & (DecisionRow.location_id == location_id)
        & (DecisionRow.path == Path.BCC)
    )
    own = CaptureRecipient.select(CaptureRecipient.capture_id).where(
        CaptureRecipient.user_id == user_id,
        CaptureRecipient.location_id == location_id,
        CaptureRecipient.capture_id.in_(same),
    )
    waits = (Capture.state == CaptureState.RECEIVED) & (Capture.reason == Reason.AUTHENTICATION_WAITS)
    Capture.update(state=CaptureState.RECEIVED, next_try_at_ms=now_ms).where(
        ((Capture.state == CaptureState.HELD) | waits) & Capture.id.in_(own)
    ).execute()


@Prepared
def _by_bcc(key: bytes, location_id: int) -> Statement:
    """Most often there is none: what more is asked then costs more than all else of a mail's filing."""
    return (
        DecisionRow.select(DecisionRow.id)
        .where(DecisionRow.message_id_key == key, DecisionRow.location_id == location_id, DecisionRow.path == Path.BCC)
        .limit(1)
    )
