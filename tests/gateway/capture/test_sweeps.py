"""What the capture worker does every so often, beside captures."""

from noticed import waiting, with_provider
from store import Store

from crm_store.models.captures import Capture, Receipt
from crm_store.models.notices import QueueDigest
from crm_store.rules.states import CaptureState, Role
from gateway.capture.service import sweeps


def test_the_digest_is_among_it(store: Store):
    location_id = store.location()
    with_provider(location_id)
    store.user("oki@firma.example", location_id, Role.OPERATOR)
    receipt = Receipt.create(intake_id="0" * 26, received_at_ms=store.now_ms)
    Capture.create(
        receipt_id=receipt.id, location_id=location_id, state=CaptureState.HELD, received_at_ms=2_000_000_000_000
    )
    QueueDigest.update(next_at_ms=1).execute()
    for one in sweeps(store.settings, store.blobs):
        while one.sweep():
            pass
    (mail,) = waiting(store.blobs)
    assert f"{store.settings.base_url}/l/{location_id}/queue" in mail.text
    assert f"{store.settings.base_url}/digest/" in mail.text
