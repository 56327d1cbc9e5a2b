"""A location's own e-mail provider: who keeps it, and what becomes of its password."""

from dataclasses import replace

import pytest
from store import Person, Store

from crm_store import providers
from crm_store.errors import Forbidden, Invalid, NotFound
from crm_store.models.captures import AuditRow
from crm_store.models.outbox import OutboxLane
from crm_store.models.providers import LocationProvider
from crm_store.providers import ProviderSettings
from crm_store.rules.outbox import LaneKind, OutboxReason
from crm_store.rules.provider import ProviderTls
from crm_store.rules.states import Role
from crm_store.sealing import Sealer

PLAIN = ProviderSettings("smtp.example", 587, ProviderTls.STARTTLS)
SIGNED_IN = replace(PLAIN, user="toko")
SEALER = Sealer(lambda: ("words that nobody knows",))


@pytest.fixture
def adi(store: Store, ani: Person) -> Person:
    """The location's admin."""
    return store.user("adi@firma.example", ani.location_id, Role.ADMIN)


def put(
    person: Person,
    settings: ProviderSettings,
    password: str | None = None,
    *,
    private_allowed: bool = True,
    now_ms: int = 5,
) -> providers.ProviderView:
    return providers.put(
        person.access,
        person.location_id,
        settings,
        password,
        SEALER,
        private_allowed=private_allowed,
        now_ms=now_ms,
    )


def password(person: Person) -> str | None:
    relay = providers.relay_of(person.location_id, SEALER)
    assert relay is not None
    assert "rahasia" not in repr(relay)
    return relay.password


def test_a_password_is_sealed_and_stays_only_where_host_and_user_do(adi: Person):
    assert put(adi, SIGNED_IN, "rahasia").has_password
    assert "rahasia" not in str(LocationProvider.get().password)
    put(adi, replace(SIGNED_IN, port=25))
    assert password(adi) == "rahasia"
    for other in (replace(SIGNED_IN, host="evil.example"), replace(SIGNED_IN, user="lain")):
        with pytest.raises(Invalid) as refusal:
            put(adi, other)
        assert refusal.value.field == "password"
    assert password(adi) == "rahasia"
    put(adi, replace(SIGNED_IN, host="baru.example"), "lain")
    assert password(adi) == "lain"
    put(adi, PLAIN)
    assert password(adi) is None
    with pytest.raises(Invalid):
        put(adi, SIGNED_IN)


@pytest.mark.parametrize(
    ("settings", "given", "private_allowed", "field"),
    [
        pytest.param(replace(PLAIN, host=""), None, True, "host", id="no host"),
        pytest.param(replace(PLAIN, host="smtp.example:25"), None, True, "host", id="a port in it"),
        pytest.param(replace(PLAIN, host="a b"), None, True, "host", id="a space in it"),
        pytest.param(replace(PLAIN, host="169.254.169.254"), None, True, "host", id="where clouds tell secrets"),
        pytest.param(replace(PLAIN, host="127.0.0.1"), None, False, "host", id="loopback, forbidden here"),
        pytest.param(replace(PLAIN, port=0), None, True, "port", id="no port"),
        pytest.param(replace(PLAIN, port=65536), None, True, "port", id="too high a port"),
        pytest.param(replace(PLAIN, per_minute=0), None, True, "per_minute", id="no rate"),
        pytest.param(PLAIN, "rahasia", True, "user", id="a password and no user"),
        pytest.param(replace(SIGNED_IN, user="x" * 501), "rahasia", True, "user", id="too long a user"),
        pytest.param(replace(PLAIN, from_address="nobody"), None, True, "from", id="no address"),
    ],
)
def test_what_cannot_be_is_refused_by_name(adi: Person, settings, given, private_allowed, field):
    with pytest.raises(Invalid) as refusal:
        put(adi, settings, given, private_allowed=private_allowed)
    assert refusal.value.field == field
    assert LocationProvider.select().count() == 0


def test_only_admins_of_the_location_keep_it(store: Store, ani: Person, adi: Person):
    put(adi, PLAIN)
    other = store.user("budi@lain.example", store.location("Lain"), Role.ADMIN)
    for person, refusal in ((ani, Forbidden), (replace(other, location_id=adi.location_id), NotFound)):
        with pytest.raises(refusal):
            put(person, PLAIN)
        with pytest.raises(refusal):
            providers.get(person.access, adi.location_id)
        with pytest.raises(refusal):
            providers.remove(person.access, adi.location_id, now_ms=5)
    noted = [row.action for row in AuditRow.select() if row.action.startswith("provider.")]
    assert noted == ["provider.put"]


def test_what_waits_for_it_is_looked_at_when_it_changes_or_goes(adi: Person):
    lane = OutboxLane.create(kind=LaneKind.PROVIDER, location_id=adi.location_id, reason=OutboxReason.PROVIDER_LOGIN)
    put(adi, PLAIN, now_ms=7)
    row = OutboxLane.get_by_id(lane.id)
    assert (row.reason, row.next_run_at_ms) == (None, 7)
    providers.remove(adi.access, adi.location_id, now_ms=9)
    assert OutboxLane.get_by_id(lane.id).next_run_at_ms == 9
    with pytest.raises(NotFound):
        providers.get(adi.access, adi.location_id)


def test_its_rate_holds_over_all_who_ask(adi: Person):
    put(adi, replace(PLAIN, per_minute=60))
    now_ms = 1_000_000

    def taken(most: int, at_ms: int) -> tuple[int, int]:
        slots = providers.take_slots(adi.location_id, most, now_ms=at_ms)
        return slots.count, slots.free_at_ms

    assert [taken(1, now_ms)[0] for _ in range(3)] == [1, 1, 0]
    assert taken(16, now_ms) == (0, now_ms + 1000)
    assert taken(16, now_ms + 1000)[0] == 1
    assert taken(16, now_ms + 60_000)[0] == 2
    put(adi, PLAIN)
    assert taken(16, now_ms)[0] == 16
