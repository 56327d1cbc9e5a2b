"""A5: who has to sign in again gets one e-mail about it, through the location's provider, in their language."""

import pytest
from outgoing import Outgoing
from real_relay import RealRelay

from crm_store import connections, locations, members, notices, outbox_turns, providers
from crm_store.access import Access
from crm_store.locations import LocationSettings
from crm_store.mail.read import read
from crm_store.models.captures import AuditRow
from crm_store.models.outbox import Delivery, Email, OutboxLane
from crm_store.models.people import User
from crm_store.providers import ProviderSettings
from crm_store.rules.connection import ConnectionProblem
from crm_store.rules.outbox import EmailKind
from crm_store.rules.provider import ProviderTls
from crm_store.rules.states import Role
from syncer.sending import lane

TOKEN = "oauth.token"


def lose(ani: Outgoing) -> bool:
    row = ani.mailbox.row
    engine = ani.mailbox.engine
    return notices.lost_access(
        row.id,
        row.epoch,
        ConnectionProblem.ACCESS_REVOKED,
        engine.blobs,
        "https://crm.example",
        now_ms=ani.mailbox.now_ms(),
    )


@pytest.fixture
def with_provider(ani: Outgoing, real_relay: RealRelay) -> Outgoing:
    settings = ProviderSettings("127.0.0.1", real_relay.port, ProviderTls.NONE, from_address="crm@firma.example")
    engine, box = ani.mailbox.engine, ani.mailbox
    providers.put(box.access, box.location_id, settings, None, engine.sealer, private_allowed=True, now_ms=box.now_ms())
    return ani


def deliver(ani: Outgoing) -> None:
    row = OutboxLane.get(OutboxLane.location_id == ani.mailbox.location_id, OutboxLane.connection_id.is_null())
    lane.run(ani.mailbox.engine, outbox_turns.ring_for(row.id, now_ms=ani.mailbox.now_ms()))


def notices_of(ani: Outgoing) -> list[Email]:
    mine = (Email.location_id == ani.mailbox.location_id) & (Email.kind == EmailKind.NOTICE)
    return list(Email.select().where(mine).order_by(Email.id))


def test_a_loss_is_mailed_once_and_the_next_one_again(with_provider: Outgoing, real_relay: RealRelay):
    ani = with_provider
    audited = AuditRow.select().count()
    assert lose(ani)
    assert ani.mailbox.row.state == "needs_reauth"
    lose(ani)
    deliver(ani)
    (taken,) = real_relay.taken
    mail = read(taken.content)
    login = User.get_by_id(ani.mailbox.user_id).email
    assert taken.recipients == [login]
    assert (mail.author.name, mail.author.address) == ("SunnyDay Mail", "crm@firma.example")
    assert mail.subject == f"Sign in with Google again: {ani.mailbox.email}"
    assert f"https://crm.example/l/{ani.mailbox.location_id}/settings/email" in mail.text
    assert b"Auto-Submitted: auto-generated\r\n" in taken.content
    assert AuditRow.select().count() == audited
    ani.mailbox.connect(update=ani.mailbox.place_id)
    assert lose(ani)
    deliver(ani)
    assert len(real_relay.taken) == 2


def test_it_is_in_the_readers_language(with_provider: Outgoing, real_relay: RealRelay):
    User.update(locale="id").where(User.id == with_provider.mailbox.user_id).execute()
    lose(with_provider)
    deliver(with_provider)
    assert read(real_relay.taken[0].content).subject.startswith("Masuk lagi dengan Google")


def test_without_a_provider_only_the_pages_tell(ani: Outgoing):
    assert lose(ani)
    assert (ani.mailbox.row.state, notices_of(ani)) == ("needs_reauth", [])


def test_what_has_changed_meanwhile_is_not_mailed_about(with_provider: Outgoing):
    row, engine = with_provider.mailbox.row, with_provider.mailbox.engine
    problem = ConnectionProblem.ACCESS_REVOKED
    assert not notices.lost_access(row.id, row.epoch - 1, problem, engine.blobs, "", now_ms=1)
    assert (with_provider.mailbox.row.state, notices_of(with_provider)) == ("active", [])


def test_the_sync_that_loses_access_mails(with_provider: Outgoing):
    box = with_provider.mailbox
    box.deliver(box.contact("budi"))
    box.sandbox.fault("gmail.users.history.list", account=box.email, status=401, reason="authError", times=0)
    box.sandbox.fault(TOKEN, status=400, times=0, body={"error": "invalid_grant"})
    box.run_once()
    box.sandbox.as_ever()
    assert box.row.state == "needs_reauth"
    assert len(notices_of(with_provider)) == 1


def test_who_signed_in_again_meanwhile_is_not_mailed(with_provider: Outgoing, real_relay: RealRelay):
    """The provider was away, and is back too late."""
    lose(with_provider)
    assert len(notices_of(with_provider)) == 1
    with_provider.mailbox.connect(update=with_provider.mailbox.place_id)
    assert notices_of(with_provider) == []
    deliver(with_provider)
    assert real_relay.taken == []


def test_nor_who_disconnected_the_account(with_provider: Outgoing):
    box = with_provider.mailbox
    lose(with_provider)
    connections.disconnect(box.access, box.place_id, box.engine.sealer, now_ms=box.now_ms())
    assert notices_of(with_provider) == []


def test_of_one_that_has_left_only_that_is_kept_and_that_until_it_is_over(
    with_provider: Outgoing, real_relay: RealRelay
):
    lose(with_provider)
    deliver(with_provider)
    (email,) = notices_of(with_provider)
    assert (email.state, email.text, Delivery.get(Delivery.email_id == email.id).blob_sha256) == ("sent", "", None)
    with_provider.mailbox.connect(update=with_provider.mailbox.place_id)
    assert (notices_of(with_provider), len(real_relay.taken)) == ([], 1)


def test_where_the_location_has_no_provider_one_of_another_location_of_theirs_carries_it(
    ani: Outgoing, real_relay: RealRelay
):
    box = ani.mailbox
    other_id = locations.add(LocationSettings("Cabang"), by=None, now_ms=1).id
    members.put(other_id, box.user_id, Role.USER, domain="capture.localhost", by=None, now_ms=1)
    settings = ProviderSettings("127.0.0.1", real_relay.port, ProviderTls.NONE)
    root = Access(box.user_id, {}, installation_admin=True)
    providers.put(root, other_id, settings, None, box.engine.sealer, private_allowed=True, now_ms=1)
    lose(ani)
    row = OutboxLane.get(OutboxLane.location_id == other_id, OutboxLane.connection_id.is_null())
    lane.run(box.engine, outbox_turns.ring_for(row.id, now_ms=box.now_ms()))
    (taken,) = real_relay.taken
    assert f"/l/{box.location_id}/settings/email" in read(taken.content).text
