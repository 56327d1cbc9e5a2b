"""Captures are found by their state, author, domain or Message-ID, a page at a time."""

import pytest
from capture_desk import BUDI, STRANGER, Queue
from mails import a_mail
from peewee import QueryEvent

from crm_store import (
    capture_queue,
    paging,
)
from crm_store.access import Access
from crm_store.capture_content import forget
from crm_store.database import engine
from crm_store.errors import Invalid
from crm_store.models.captures import Capture, CaptureRecipient
from crm_store.paging import PageRequest
from crm_store.rules.states import CaptureState, Role


def test_a_list_has_the_captures_of_its_own_location_and_no_other(queue: Queue):
    """One user with addresses in two locations; the same mail to both."""
    store, ani = queue.store, queue.ani
    twin = store.user(ani.email, store.location("Lain"), user_id=ani.user_id)
    store.capture(a_mail(STRANGER, to=BUDI, message_id="<one@asing.example>"), ani.bcc, twin.bcc)
    for role in Role:
        access = Access(ani.user_id, {ani.location_id: role, twin.location_id: role})
        for person in (ani, twin):
            for q in (None, "dewa@asing.example", "@asing.example", "<one@asing.example>"):
                for state in (None, CaptureState.HELD):
                    page = capture_queue.list_for(access, person.location_id, PageRequest(), now_ms=0, state=state, q=q)
                    assert [(one.location_id, one.recipients) for one in page.items] == [
                        (person.location_id, [person.bcc])
                    ]


def test_captures_are_found_by_state_author_domain_and_message_id(queue: Queue):
    one = queue.held(a_mail(STRANGER, to=BUDI, message_id="<satu@asing.example>"))
    two = queue.held(a_mail("Eka <Eka@ASING.example>", to=BUDI))
    queue.store.capture(a_mail(), queue.ani.bcc)

    def found(**asked: object) -> list[int]:
        return [view.id for view in queue.all(**asked)]

    assert len(found()) == 3
    assert found(state=CaptureState.HELD) == [two, one]
    assert found(q="dewa@Asing.example") == [one]
    assert found(q="@asing.EXAMPLE") == [two, one]
    assert found(q="<satu@asing.example>") == [one]
    assert found(q="<satu@asing.example>", state=CaptureState.RECORDED) == []
    assert found(q="@example") == []
    assert found(q=" ") == found(), "an empty field asks for nothing"
    assert found(q="@") == found(q="\0") == []
    with pytest.raises(Invalid):
        found(q="x" * 300)


def test_captures_are_found_by_what_their_mails_say(queue: Queue):
    one = queue.held(a_mail(STRANGER, to=BUDI, subject="Penawaran semen", attachment=b"%PDF"))
    two = queue.held(a_mail(STRANGER, to=BUDI, text="Semen dan pasir, terima kasih."))
    three = queue.held(a_mail("Eka <eka@lain.example>", to=BUDI, text="semen"))

    def found(q: str, **asked: object) -> list[int]:
        return [view.id for view in queue.all(q=q, **asked)]

    assert found("semen") == [three, two, one]
    assert found("seme", state=CaptureState.HELD) == [three, two, one]
    assert found("semen", state=CaptureState.RECORDED) == []
    assert found('"pasir terima" dewa') == [two]
    assert found("has:attachment -pasir") == [one]
    assert found("from:lain.example") == [three]
    queue.reject(three)
    forget([three])
    assert found("semen") == [two, one], "what is erased is not found"
    assert found("lain.example") == []


def test_pages_of_the_queue_follow_each_other(queue: Queue):
    ids = [queue.held(a_mail(STRANGER, to=BUDI, text=f"surat {n}")) for n in range(5)]
    for access in (queue.access, queue.ani.access):
        seen, after = [], None
        while True:
            page = capture_queue.list_for(access, queue.location_id, PageRequest(2, after), now_ms=0)
            seen += [view.id for view in page.items]
            after = page.next
            if after is None:
                break
        assert seen == ids[::-1]


def test_a_page_costs_the_same_queries_however_much_is_on_it(queue: Queue):
    asked: list[str] = []

    def count(event: QueryEvent) -> None:
        asked.append(event.sql)

    def cost() -> int:
        asked.clear()
        engine.database.obj.query_hooks.append(count)
        try:
            assert queue.all()
        finally:
            engine.database.obj.query_hooks.clear()
        return len(asked)

    queue.store.capture(a_mail(to=BUDI, message_id="<one@f>"), queue.ani.bcc)
    queue.held(a_mail(STRANGER, to=BUDI, answers="<one@f>"))
    one = cost()
    for n in range(20):
        queue.held(a_mail(STRANGER, to=f"b{n}@pelanggan.example", cc=BUDI, text=f"{n}", answers="<one@f>"))
    assert cost() == one


@pytest.mark.parametrize(
    "asked", [{"state": CaptureState.HELD}, {"q": "@asing.example"}, {"state": CaptureState.RECORDED}]
)
def test_a_page_looks_at_so_many_captures_and_the_following_one_goes_on_from_there(
    queue: Queue, asked: dict[str, object], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(paging, "MOST_LOOKED_AT", 5)
    eko = queue.store.user("eko@firma.example", queue.location_id)
    for number in range(12):
        to_both = (queue.ani.bcc, eko.bcc) if number % 6 == 0 else (queue.ani.bcc,)
        queue.store.capture(a_mail(STRANGER, to=BUDI, text=f"surat {number}"), *to_both)
        queue.store.capture(a_mail(eko.email, to=BUDI, text=f"jawaban {number}"), eko.bcc)

    seen, sizes, after = [], [], None
    while after is not None or not sizes:
        page = capture_queue.list_for(
            eko.access, queue.location_id, PageRequest(2, after), now_ms=queue.store.now_ms, **asked
        )
        sizes.append(len(page.items))
        seen += [view.id for view in page.items]
        after = page.next
    wanted = {"state": Capture.state == asked.get("state"), "q": Capture.author_domain == "asing.example"}
    own = Capture.id.in_(
        CaptureRecipient.select(CaptureRecipient.capture_id).where(CaptureRecipient.user_id == eko.user_id)
    )
    expected = Capture.select().where(own, *(wanted[name] for name in asked)).order_by(Capture.id.desc())
    assert seen == [row.id for row in expected]
    assert len(seen) >= 2
    assert max(sizes) <= 2
