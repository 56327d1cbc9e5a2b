"""C1: BCC addresses are made, replaced and switched off, and receivers hear of it."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from at_once import at_once
from mails import a_mail
from store import DOMAIN, Person, Store

from crm_store import bcc_addresses, members, receiving
from crm_store.bcc_addresses import DAY_MS, YEAR_MS
from crm_store.database.session import connected
from crm_store.errors import Invalid
from crm_store.models.bcc import BccAddress
from crm_store.rules.states import Role


def replace(store: Store, ani: Person, grace_days: int | None = None) -> str:
    shown = bcc_addresses.replace(
        ani.location_id, ani.user_id, DOMAIN, grace_days=grace_days, by=None, now_ms=store.now_ms
    )
    assert shown.address is not None
    return shown.address


def answers(address: str, now_ms: int) -> bool:
    """Whether a receiver whose snapshot is fresh says 250."""
    rows, _ = bcc_addresses.changes_since(0)
    return any(row.address == address and (row.answer_until_ms is None or now_ms < row.answer_until_ms) for row in rows)


def test_a_member_gets_an_address_of_a_hundred_random_bits(store: Store, ani: Person):
    local, _, domain = ani.bcc.partition("@")
    assert (len(local), domain) == (20, DOMAIN)
    assert ani.bcc != store.user("bagus@firma.example", ani.location_id).bcc


def test_a_replaced_one_works_for_its_grace(store: Store, ani: Person):
    new = replace(store, ani)
    end = store.now_ms + 30 * DAY_MS
    assert new != ani.bcc
    assert answers(new, end + YEAR_MS)
    assert answers(ani.bcc, end - 1)
    assert not answers(ani.bcc, end)
    (previous,) = bcc_addresses.show(ani.location_id, ani.user_id, now_ms=store.now_ms).previous
    assert (previous.address, previous.until_ms) == (ani.bcc, end)
    store.capture(a_mail(), ani.bcc)
    assert len(store.entries(ani)) == 1


def test_one_that_leaked_stops_at_once(store: Store, ani: Person):
    replace(store, ani, grace_days=0)
    assert not answers(ani.bcc, store.now_ms)
    store.capture(a_mail(), ani.bcc)
    assert store.entries(ani) == []


def test_one_that_was_shown_answers_for_a_year_more_and_is_ignored(store: Store, ani: Person):
    store.capture(a_mail(cc=ani.bcc, message_id="<one@f>"), ani.bcc)
    replace(store, ani, grace_days=0)
    assert answers(ani.bcc, store.now_ms + YEAR_MS - 1)
    assert not answers(ani.bcc, store.now_ms + YEAR_MS)
    store.capture(a_mail(cc=ani.bcc, message_id="<two@f>"), ani.bcc)
    assert len(store.entries(ani)) == 1


def test_shown_late_it_answers_from_then_on_for_its_year(store: Store, ani: Person):
    """Mail that shows it comes in its grace: the receivers have to hear that its end moved."""
    replace(store, ani, grace_days=1)
    _, before = bcc_addresses.changes_since(0)
    store.capture(a_mail(cc=ani.bcc), ani.bcc)
    rows, _ = bcc_addresses.changes_since(before)
    assert [(row.address, row.answer_until_ms) for row in rows] == [(ani.bcc, store.now_ms + DAY_MS + YEAR_MS)]


def test_switching_off_ends_the_old_ones_too_and_replacing_switches_on(store: Store, ani: Person):
    new = replace(store, ani)
    for _ in range(2):
        bcc_addresses.switch_off(ani.location_id, ani.user_id, by=None, now_ms=store.now_ms)
    shown = bcc_addresses.show(ani.location_id, ani.user_id, now_ms=store.now_ms)
    assert (shown.address, shown.active, shown.previous) == (None, False, [])
    assert not answers(new, store.now_ms)
    assert not answers(ani.bcc, store.now_ms)
    assert answers(replace(store, ani), store.now_ms)


def test_a_member_who_leaves_has_no_address_any_more(store: Store, ani: Person):
    boss = store.user("boss@firma.example", ani.location_id, role=Role.ADMIN)
    members.remove(boss.access, ani.location_id, ani.user_id, now_ms=store.now_ms)
    assert not answers(ani.bcc, store.now_ms)


def test_the_feed_tells_each_change_once_in_order(store: Store, ani: Person):
    _, seen = bcc_addresses.changes_since(0)
    assert bcc_addresses.changes_since(seen) == ([], seen)
    new = replace(store, ani, grace_days=3)
    rows, reached = bcc_addresses.changes_since(seen, limit=1)
    assert [row.address for row in rows] == [ani.bcc]
    rows, reached = bcc_addresses.changes_since(reached, limit=1)
    assert [row.address for row in rows] == [new]
    assert reached == bcc_addresses.version()


def test_replacements_at_once_leave_one_that_works(store: Store, ani: Person):
    def one(_: int) -> str:
        with connected():
            return replace(store, ani)

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(one, range(8)))
    assert len(set(made)) == 8
    assert BccAddress.select().where(BccAddress.works_until_ms.is_null()).count() == 1


@pytest.mark.parametrize("days", [-1, 3651])
def test_a_grace_that_makes_no_sense_is_refused(store: Store, ani: Person, days: int):
    with pytest.raises(Invalid):
        replace(store, ani, grace_days=days)


def test_drainers_and_a_replacement_at_once_do_not_wait_for_each_other(store: Store, ani: Person):
    """Two machines get mails for the same addresses, shown in To, in any order."""
    people = [ani, *(store.user(f"orang{number}@firma.example", ani.location_id) for number in range(3))]
    for round_ in range(4):
        now_ms = store.now_ms + round_
        bccs = [bcc_addresses.show(ani.location_id, one.user_id, now_ms=now_ms).address or "" for one in people]
        mails = [store.received(a_mail(cc=bcc, text=f"surat {round_}"), bcc) for bcc in bccs]
        others = [store.received(a_mail(cc=bcc, text=f"surat {round_}"), bcc) for bcc in reversed(bccs)]
        done = at_once(
            partial(receiving.receive, mails, store.blobs, now_ms=now_ms),
            partial(receiving.receive, others, store.blobs, now_ms=now_ms),
            partial(replace, store, people[2]),
        )
        assert done[:2] == [len(people), len(people)]
    shown = {row.address for row in BccAddress.select().where(BccAddress.shown_at_ms.is_null(False))}
    assert {one.bcc for one in people} <= shown
