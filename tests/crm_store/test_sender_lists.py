"""Allowed, blocked and never-log lists: who keeps them, what a pattern is, and whom it means."""

import pytest
from mails import a_mail
from peewee import QueryEvent
from store import Person, Store

from crm_store import sender_list_changes, sender_lists
from crm_store.access import Access
from crm_store.database import engine
from crm_store.errors import Forbidden, Invalid, NotFound
from crm_store.models.captures import AuditRow, Capture
from crm_store.models.people import Membership
from crm_store.paging import PageRequest
from crm_store.rules.states import Role, SenderList

ALLOWED, BLOCKED, NEVER_LOG = SenderList.ALLOWED, SenderList.BLOCKED, SenderList.NEVER_LOG
DAY_MS = 86_400_000


@pytest.fixture
def adi(store: Store, ani: Person) -> Person:
    """The location's admin."""
    return store.user("adi@firma.example", ani.location_id, Role.ADMIN)


@pytest.fixture
def olga(store: Store, ani: Person) -> Person:
    """An operator of the location."""
    return store.user("olga@firma.example", ani.location_id, Role.OPERATOR)


def add(person: Person, kind: SenderList, pattern: str) -> sender_list_changes.PatternView:
    return sender_list_changes.add(person.access, person.location_id, kind, pattern, now_ms=5)


def remove(person: Person, kind: SenderList, pattern: str) -> None:
    sender_list_changes.remove(person.access, person.location_id, kind, pattern, now_ms=5)


def patterns(person: Person, kind: SenderList) -> list[str]:
    page = sender_list_changes.list_for(person.access, person.location_id, kind, PageRequest())
    return [one.pattern for one in page.items]


# What a pattern is


@pytest.mark.parametrize(
    ("typed", "shown", "normal"),
    [
        pytest.param(" Ani@Toko.Example ", "Ani@toko.example", "ani@toko.example", id="an address"),
        pytest.param("@Toko.Example", "@toko.example", "@toko.example", id="a domain"),
        pytest.param("toko.example", "@toko.example", "@toko.example", id="a domain without @"),
        pytest.param("*@toko.example", "@toko.example", "@toko.example", id="a domain as others write it"),
        pytest.param("@bücher.example", "@bücher.example", "@xn--bcher-kva.example", id="beyond ASCII"),
        pytest.param("ani+x@toko.example", "ani+x@toko.example", "ani+x@toko.example", id="a tag is told apart"),
    ],
)
def test_a_pattern_is_an_address_or_a_domain(typed, shown, normal):
    assert sender_list_changes.typed(typed) == sender_list_changes.Pattern(shown, normal)


@pytest.mark.parametrize("typed", ["", "@", "a b", "a@b@", "@a..b", "*", "ani@", "@-x.example", "a\r\nb@c.example"])
def test_what_is_neither_is_refused_by_name(typed):
    with pytest.raises(Invalid) as refusal:
        sender_list_changes.typed(typed)
    assert refusal.value.field == "pattern"


# Whom it means


@pytest.mark.parametrize(
    ("kind", "pattern", "meant"),
    [
        (ALLOWED, "a@toko.example", {"a@toko.example"}),
        (ALLOWED, "@toko.example", {"a@toko.example", "b@toko.example"}),
        (BLOCKED, "@toko.example", {"a@toko.example", "b@toko.example", "c@cabang.toko.example"}),
        (NEVER_LOG, "@toko.example", {"a@toko.example", "b@toko.example", "c@cabang.toko.example"}),
        (BLOCKED, "@example", set()),
        (BLOCKED, "@cabang.toko.example", {"c@cabang.toko.example"}),
    ],
)
def test_whom_a_pattern_means(store: Store, adi: Person, kind, pattern, meant):
    asked = {"a@toko.example", "b@toko.example", "c@cabang.toko.example", "d@xtoko.example"}
    add(adi, kind, pattern)
    assert sender_lists.listed(adi.location_id, (), kind, asked) == meant
    others = set(SenderList) - {kind}
    assert not any(sender_lists.listed(adi.location_id, (), other, asked) for other in others)
    assert not sender_lists.listed(adi.location_id + 1, (adi.user_id,), kind, asked)
    assert not sender_lists.listed(None, (), kind, asked)


def test_a_users_own_list_means_only_that_users_paths(store: Store, ani: Person, adi: Person):
    sender_list_changes.add_own(ani.access, ani.user_id, "@dokter.example", now_ms=5)
    asked = ["x@dokter.example", "y@lain.example"]
    assert sender_lists.listed(ani.location_id, (ani.user_id,), NEVER_LOG, asked) == {"x@dokter.example"}
    assert sender_lists.listed(None, (ani.user_id, adi.user_id), NEVER_LOG, asked) == {"x@dokter.example"}
    assert sender_lists.listed(ani.location_id, (adi.user_id,), NEVER_LOG, asked) == frozenset()


def test_a_look_up_is_two_queries_for_a_usual_mail_and_few_for_a_hostile_one(store: Store, ani: Person):
    asked: list[str] = []

    def count(event: QueryEvent) -> None:
        asked.append(event.sql)

    def cost(normals: list[str]) -> int:
        asked.clear()
        engine.database.obj.query_hooks.append(count)
        try:
            sender_lists.listed(ani.location_id, (ani.user_id,), NEVER_LOG, normals)
        finally:
            engine.database.obj.query_hooks.clear()
        return len(asked)

    assert cost([f"p{n}@pelanggan{n}.example" for n in range(40)]) == 2
    deep = ".".join("a" * 60) + ".example"
    assert cost([f"p{n}@{n}.{deep}" for n in range(1000)]) <= 10


# Who keeps them


def test_adding_twice_is_one_row_and_removing_takes_it_away(store: Store, adi: Person):
    first = add(adi, ALLOWED, "Eka@Mitra.example")
    assert add(adi, ALLOWED, "eka@mitra.EXAMPLE") == first
    assert patterns(adi, ALLOWED) == ["Eka@mitra.example"]
    remove(adi, ALLOWED, "EKA@mitra.example")
    assert patterns(adi, ALLOWED) == []
    with pytest.raises(NotFound):
        remove(adi, ALLOWED, "eka@mitra.example")
    noted = [(row.action, row.subject, row.user_id) for row in AuditRow.select() if "pattern" in row.subject]
    subject = f"pattern {first.id}"
    assert noted == [("allowed_senders.add", subject, adi.user_id), ("allowed_senders.remove", subject, adi.user_id)]


@pytest.mark.parametrize(
    ("kind", "may"),
    [(ALLOWED, {"olga", "adi"}), (BLOCKED, {"olga", "adi"}), (NEVER_LOG, {"adi"})],
)
def test_who_may_keep_which_list(store: Store, ani: Person, olga: Person, adi: Person, kind, may):
    for name, person in (("ani", ani), ("olga", olga), ("adi", adi)):
        if name in may:
            add(person, kind, f"{name}@mitra.example")
            remove(person, kind, f"{name}@mitra.example")
            continue
        for act in (add, remove):
            with pytest.raises(Forbidden):
                act(person, kind, "x@mitra.example")
    assert patterns(olga, kind) == []
    with pytest.raises(Forbidden):
        patterns(ani, kind)


def test_strangers_find_no_list(store: Store, ani: Person, adi: Person):
    xena = store.user("xena@lain.example", store.location("Lain"), Role.ADMIN)
    add(adi, ALLOWED, "x@mitra.example")
    here = (xena.access, ani.location_id, ALLOWED)
    for ask in (
        lambda: sender_list_changes.list_for(*here, PageRequest()),
        lambda: sender_list_changes.add(*here, "y@mitra.example", now_ms=5),
        lambda: sender_list_changes.remove(*here, "x@mitra.example", now_ms=5),
        lambda: sender_list_changes.list_own(xena.access, ani.user_id, PageRequest()),
        lambda: sender_list_changes.add_own(xena.access, ani.user_id, "y@mitra.example", now_ms=5),
        lambda: sender_list_changes.remove_own(xena.access, ani.user_id, "y@mitra.example", now_ms=5),
    ):
        with pytest.raises(NotFound):
            ask()
    with pytest.raises(NotFound):
        remove(xena, ALLOWED, "x@mitra.example")
    assert patterns(adi, ALLOWED) == ["x@mitra.example"]


def test_a_users_own_list_is_kept_by_the_user_or_the_installations_admin(store: Store, ani: Person, adi: Person):
    root = Access(adi.user_id, {}, installation_admin=True)
    made = sender_list_changes.add_own(ani.access, ani.user_id, "@dokter.example", now_ms=5)
    assert sender_list_changes.add_own(root, ani.user_id, "dokter.example", now_ms=6) == made
    with pytest.raises(Forbidden):
        sender_list_changes.list_own(adi.access, ani.user_id, PageRequest())
    assert sender_list_changes.list_own(ani.access, ani.user_id, PageRequest()).items == [made]
    sender_list_changes.remove_own(ani.access, ani.user_id, "@dokter.example", now_ms=5)
    assert sender_list_changes.list_own(root, ani.user_id, PageRequest()).items == []


def test_pages_of_a_list_follow_each_other(store: Store, adi: Person):
    for n in range(5):
        add(adi, BLOCKED, f"p{n}@toko.example")
    add(adi, ALLOWED, "lain@toko.example")
    seen, after = [], None
    while True:
        page = sender_list_changes.list_for(adi.access, adi.location_id, BLOCKED, PageRequest(2, after))
        seen += [one.pattern for one in page.items]
        after = page.next
        if after is None:
            break
    assert seen == [f"p{n}@toko.example" for n in range(5)]


# Members are never blocked


@pytest.mark.parametrize(
    "pattern", ["ani@firma.example", "ANI+x@firma.example", "@firma.example", "@Induk.example", "ani@FIRMA.example"]
)
def test_a_block_that_would_shut_out_a_member_is_refused(store: Store, ani: Person, adi: Person, pattern):
    store.user("gita@anak.induk.example", ani.location_id)
    with pytest.raises(Invalid) as refusal:
        add(adi, BLOCKED, pattern)
    assert refusal.value.field == "pattern"
    assert patterns(adi, BLOCKED) == []
    add(adi, ALLOWED, pattern)


def test_a_domain_that_only_looks_like_a_members_is_blocked(store: Store, ani: Person, adi: Person):
    for pattern in ("@xfirma.example", "@irma.example", "@cabang.firma.example", "@f_rma.example", "@%.example"):
        if "_" in pattern or "%" in pattern:
            with pytest.raises(Invalid, match="neither"):
                add(adi, BLOCKED, pattern)
        else:
            add(adi, BLOCKED, pattern)


def test_googles_two_domains_are_one_for_a_member(store: Store, ani: Person, adi: Person):
    store.user("b.udi@googlemail.com", ani.location_id)
    for pattern in ("@gmail.com", "@googlemail.com", "budi@gmail.com", "bu.di+x@googlemail.com"):
        with pytest.raises(Invalid):
            add(adi, BLOCKED, pattern)
    add(adi, BLOCKED, "bodi@gmail.com")


def test_who_left_may_be_blocked_after_ninety_days(store: Store, ani: Person, adi: Person):
    Membership.update(left_at_ms=1000).where(Membership.user_id == ani.user_id).execute()
    for pattern in ("ani@firma.example",):
        assert sender_list_changes.shuts_out_a_member(ani.location_id, pattern, now_ms=1000 + 89 * DAY_MS)
        assert not sender_list_changes.shuts_out_a_member(ani.location_id, pattern, now_ms=1000 + 91 * DAY_MS)


# What the lists do to mail


def test_an_allowed_colleague_may_write_to_a_members_address(store: Store, ani: Person, adi: Person):
    add(adi, ALLOWED, "adi@firma.example")
    store.capture(a_mail("Adi <adi@firma.example>"), ani.bcc)
    assert [capture.state for capture in Capture.select()] == ["recorded"]


@pytest.mark.parametrize("pattern", ["budi@pelanggan.example", "@pelanggan.example"])
def test_mail_with_a_never_logged_party_leaves_ids_and_the_rule_and_nothing_else(store, ani, adi, pattern):
    add(adi, NEVER_LOG, pattern)
    received = store.capture(a_mail(subject="RAHASIA"), ani.bcc)
    (capture,) = Capture.select()
    assert (capture.state, capture.rule) == ("ignored", "B13")
    assert (capture.subject, capture.author_normal, capture.clues, capture.blob_sha256) == (None,) * 4
    assert store.blobs.missing([received.sha256]) == [received.sha256]
