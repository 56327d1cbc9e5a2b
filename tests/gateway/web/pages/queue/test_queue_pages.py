"""The capture queue over HTTP, as a browser without scripts has it: what is shown, decided, taken back, and told."""

import html
import re

import pytest

from crm_store import capture_content, contact_book, members, sender_list_changes, users
from crm_store.access import Access
from crm_store.clock import now_ms
from crm_store.contact_book import ContactDetails
from crm_store.database import engine
from crm_store.database.session import connected, writing
from crm_store.ids import new_receipt_id
from crm_store.models.captures import Capture, CaptureRecipient, Receipt
from crm_store.paging import PageRequest
from crm_store.rules.states import Role, SenderList

STRANGER = "Dodo <dodo@asing.test>"
CUSTOMER = "Citra <citra@customer.test>"
ONE_DATABASE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


def words(answer) -> str:
    """What stands on the page, without its marks."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def buttons(answer) -> list[str]:
    """What the open capture offers."""
    decide = answer.text.partition('class="decide"')[2].partition("</section>")[0]
    return re.findall(r'value="(\w+)" data-key', decide) + re.findall(r'href="\S+/(contact|block)', decide)


def rows(answer) -> list[int]:
    return [int(row) for row in re.findall(r'id="row-(\d+)"', answer.text)]


def opened(answer) -> int:
    """The capture beside the list; 0 for none."""
    (capture_id,) = re.findall(r'id="capture-(\d+)"', answer.text)
    return int(capture_id)


def led_to(tab, answer):
    """The page that a form leads to."""
    assert answer.status == 303, words(answer)
    return tab.get(answer.headers["Location"])


def undo_form(answer) -> tuple[str, dict[str, str]]:
    """Of the note: where it goes, and with what."""
    note = answer.text.partition("data-toast")[2].partition("</form>")[0]
    fields = dict(re.findall(r'name="([\w-]+)" value="([^"]*)"', note))
    return re.findall(r'action="([^"]+)"', note)[0], {name: fields[name] for name in fields if name != "form_token"}


@pytest.fixture
def queue(world) -> str:
    return f"/l/{world.mine.id}/queue"


@pytest.fixture
def olga(world, tab):
    """The browser of an operator."""
    with connected():
        made = users.add("olga@olga.test", users.UserSettings("Olga"), password_hash=None, by=None, now_ms=now_ms())
        members.put(world.mine.id, made.id, Role.OPERATOR, domain="in.example.net", by=None, now_ms=now_ms())
    return tab(made)


@pytest.fixture
def held(world, deliver, a_mail):
    """held(subject, …): the id of a stranger's mail to a customer that waits in my location."""

    def make(subject: str = "Penawaran", author: str = STRANGER, to: str = CUSTOMER, **said: str) -> int:
        deliver(a_mail(author, to, subject=subject, **said), world.mine.user)
        with connected():
            return int(Capture.select(Capture.id).order_by(Capture.id.desc()).first().id)

    return make


def state_of(capture_id: int) -> str:
    with connected():
        return str(Capture.get_by_id(capture_id).state)


def listed(world, kind: SenderList) -> list[str]:
    access = Access(world.mine.admin.id, {world.mine.id: Role.ADMIN})
    with connected():
        page = sender_list_changes.list_for(access, world.mine.id, kind, PageRequest())
    return [one.pattern for one in page.items]


def test_a_held_capture_is_explained(olga, world, queue, held):
    first, second = held("Surat pertama"), held("Surat kedua", Cc="Eka <eka@lain.test>")
    shown = olga.get(queue)
    assert rows(shown) == [second, first]
    assert "Held 2" in words(shown)
    assert "Capture queue 2" in words(shown), "in the menu"
    for said in ("Today", "Dodo", "Surat kedua", "Sender not known", "BCC Budi", "a moment ago"):
        assert said in words(shown), said
    detail = olga.get(f"{queue}/{second}")
    for said in (
        "Dodo <dodo@asing.test>",
        "Sent by dodo@asing.test",
        "to the BCC address of Budi",
        "To Citra <citra@customer.test>",
        "Cc Eka <eka@lain.test>",
        "Its sender is neither the owner of the BCC address nor allowed to write here (C4).",
        "The trusted relay 127.0.0.1 vouches for the sender.",
        "It is recorded in the conversation of Citra, as received from them. A contact is made: citra@customer.test.",
        "Halo",
        "Kept until",
    ):
        assert said in words(detail), said
    assert buttons(detail) == ["approve", "allow", "reject", "retry", "contact", "block"]


@ONE_DATABASE
def test_the_page_speaks_one_language(olga, queue, held):
    olga.headers["Accept-Language"] = "id"
    detail = words(olga.get(f"{queue}/{held()}"))
    assert "Pengirimnya bukan pemilik alamat BCC dan belum diizinkan menulis ke sini (C4)." in detail
    assert "Relay tepercaya 127.0.0.1 menjamin pengirimnya." in detail


@ONE_DATABASE
@pytest.mark.parametrize(
    ("envelope_from", "said"),
    [
        pytest.param("bounce@mailer.test", "The address that sent it is of another domain", id="another domain"),
        pytest.param("", "It names no address to which it could come back", id="nobody"),
        pytest.param("dodo@mail.asing.test", None, id="a host of the same domain"),
    ],
)
def test_who_sent_it_is_told_apart_from_who_wrote_it(olga, queue, held, envelope_from, said):
    capture_id = held()
    with connected():
        Capture.update(envelope_from=envelope_from).execute()
    detail = words(olga.get(f"{queue}/{capture_id}"))
    assert (said or "another domain") in detail if said else "domain" not in detail
    assert ("Sent by" in detail) == bool(envelope_from)


@ONE_DATABASE
@pytest.mark.parametrize(
    ("action", "state", "note"),
    [
        pytest.param("approve", "recorded", "Approved: Tengah", id="approve"),
        pytest.param("allow", "recorded", "Approved, and its sender may write here from now on: Tengah", id="allow"),
        pytest.param("reject", "rejected", "Rejected: Tengah", id="reject"),
        pytest.param("block", "rejected", "Rejected, and its sender is blocked: Tengah", id="block"),
    ],
)
def test_after_a_decision_the_next_one_is_shown_and_the_note_takes_it_back(
    olga, world, queue, held, action, state, note
):
    older, middle, newer = held("Lama"), held("Tengah"), held("Baru")
    after = led_to(olga, olga.post(f"{queue}/{middle}", {"action": action}))
    assert state_of(middle) == state
    assert (opened(after), rows(after)) == (older, [newer, older])
    assert note in words(after)
    assert listed(world, SenderList.ALLOWED) == (["dodo@asing.test"] if action == "allow" else [])
    assert listed(world, SenderList.BLOCKED) == (["dodo@asing.test"] if action == "block" else [])
    back = led_to(olga, olga.post(*undo_form(after)))
    assert state_of(middle) == "held"
    assert (opened(back), rows(back)) == (middle, [newer, middle, older])
    assert "It waits again: Tengah" in words(back)
    assert listed(world, SenderList.ALLOWED) == listed(world, SenderList.BLOCKED) == []
    history = words(back).partition("What happened so far")[2]
    assert re.search(r"Olga took the decision back .* Olga (approved|rejected) it .* It came in", history)


@ONE_DATABASE
def test_the_last_of_the_list_leads_to_the_first_and_the_only_one_to_an_empty_queue(olga, queue, held):
    older, newer = held("Lama"), held("Baru")
    assert opened(led_to(olga, olga.post(f"{queue}/{older}", {"action": "reject"}))) == newer
    empty = led_to(olga, olga.post(f"{queue}/{newer}", {"action": "reject"}))
    assert (opened(empty), rows(empty)) == (0, [])
    assert "Nothing waits" in words(empty)
    assert "Rejected: Baru" in words(empty)


@ONE_DATABASE
def test_trying_again_asks_the_rules_and_what_waits_for_a_worker_offers_nothing(olga, queue, held):
    capture_id = held()
    after = led_to(olga, olga.post(f"{queue}/{capture_id}", {"action": "retry"}))
    assert "The rules are asked again: Penawaran" in words(after)
    assert state_of(capture_id) == "received"
    assert buttons(olga.get(f"{queue}/{capture_id}")) == []


def test_of_two_operators_one_wins_and_the_other_is_told_who_and_goes_on(olga, tab, world, queue, held):
    older, newer = held("Lama"), held("Baru")
    ani = tab(world.mine.admin)
    ani.post(f"{queue}/{newer}", {"action": "reject"})
    late = led_to(olga, olga.post(f"{queue}/{newer}", {"action": "approve"}))
    assert opened(late) == older
    assert "Ani was first with “Baru”, a moment ago: Rejected" in words(late)
    assert state_of(newer) == "rejected"
    decided = olga.get(f"{queue}/{newer}")
    assert "Ani rejected it" in words(decided)
    assert "Show it in its conversation" not in words(decided)
    assert buttons(decided) == ["undo"]


def test_many_are_decided_at_once_and_those_that_are_not_are_named(olga, tab, world, queue, held):
    good, other, taken = held("Satu"), held("Dua"), held("Tiga")
    nobody = held("Tanpa tujuan", author="Budi <budi@budi.test>", to=f"Budi <{world.mine.user.bcc}>")
    olga.post(f"{queue}/{taken}", {"action": "reject"})
    picks = {f"pick-{capture_id}": "yes" for capture_id in (good, other, taken, nobody)}
    after = led_to(olga, olga.post(queue, {"action": "approve", **picks}))
    assert [state_of(one) for one in (good, other, taken, nobody)] == ["recorded", "recorded", "rejected", "held"]
    said = words(after)
    assert "2 e-mails approved" in said
    assert "Tiga : somebody else was first" in said
    assert "Tanpa tujuan : there is no contact to go to" in said
    assert "2 e-mails wait again" in words(led_to(olga, olga.post(*undo_form(after))))
    assert [state_of(one) for one in (good, other)] == ["held", "held"]
    olga.post(f"{queue}/{good}", {"action": "approve"})
    (entry,) = re.findall(r'href="(/l/\d+/entries/\d+)"', olga.get(f"{queue}/{good}").text)
    assert "Satu" in words(olga.get(entry))


@ONE_DATABASE
def test_a_bulk_decision_reaches_no_other_location_and_needs_a_tick(olga, world, queue, held, deliver, a_mail):
    deliver(a_mail(STRANGER, CUSTOMER), world.theirs.user)
    with connected():
        (theirs,) = [row.id for row in Capture.select()]
    after = led_to(olga, olga.post(queue, {"action": "reject", f"pick-{theirs}": "yes", "pick-x": "yes"}))
    assert state_of(theirs) == "held"
    assert "rejected" not in words(after)
    assert olga.post(queue, {"action": "reject"}).headers["Location"] == queue
    assert olga.post(queue, {"action": "erase", f"pick-{held()}": "yes"}).status == 400


@ONE_DATABASE
def test_who_works_in_two_locations_finds_in_each_its_own_alone(tab, world, queue, deliver, a_mail):
    deliver(a_mail(STRANGER, CUSTOMER), world.theirs.user)
    with connected():
        members.put(world.theirs.id, world.mine.admin.id, Role.ADMIN, domain="in.example.net", by=None, now_ms=now_ms())
        (theirs,) = [row.id for row in Capture.select()]
    ani = tab(world.mine.admin)
    assert ani.get(f"/l/{world.theirs.id}/queue/{theirs}").status == 200
    for path in ("", "/raw", "/contact", "/block"):
        assert ani.get(f"{queue}/{theirs}{path}").status == 404, path
    for path in ("", "/contact"):
        assert ani.post(f"{queue}/{theirs}{path}", {"action": "reject", "address": "x@x.test"}).status == 404, path
    assert rows(ani.get(f"{queue}?state=all&done=approved&of={theirs}&not={theirs}:gone")) == []
    assert "Penawaran" not in words(ani.get(f"{queue}?state=all&done=approved&of={theirs}&not={theirs}:gone"))
    assert state_of(theirs) == "held"


@ONE_DATABASE
def test_all_on_the_page_are_ticked_without_a_script_too(olga, queue, held):
    ids = [held(f"Surat {number}") for number in range(3)]
    address = re.findall(r'href="(\S+)" data-all', olga.get(f"{queue}?q=dodo@asing.test").text)[0]
    ticked = olga.get(html.unescape(address)).text
    assert len(re.findall(r'name="pick-\d+" value="yes" checked', ticked)) == len(ids)


def contact(world, name: str, address: str) -> int:
    access = Access(world.mine.admin.id, {world.mine.id: Role.ADMIN})
    with connected():
        return contact_book.add(access, world.mine.id, ContactDetails([address], name), now_ms=now_ms()).id


@ONE_DATABASE
def test_a_contact_is_searched_for_and_chosen(olga, world, queue, held):
    gita = contact(world, "Gita", "gita@toko.test")
    capture_id = held()
    path = f"{queue}/{capture_id}/contact"
    asked = words(olga.get(path))
    assert "Nobody named in this mail is a contact." in asked
    assert "Gita" not in asked
    assert "Nobody is found" in words(olga.get(f"{path}?find=x@toko.test"))
    found = olga.get(f"{path}?find=gita@toko.test")
    assert "Gita gita@toko.test" in words(found)
    assert f'name="contact_id" value="{gita}"' in found.text
    after = led_to(olga, olga.post(path, {"contact_id": str(gita), "allow": "yes"}))
    assert "Approved, and its sender may write here from now on: Penawaran" in words(after)
    assert listed(world, SenderList.ALLOWED) == ["dodo@asing.test"]
    assert olga.get(path).status == 303, "there is nothing to choose any more"


@ONE_DATABASE
@pytest.mark.parametrize(
    ("form", "problem"),
    [
        pytest.param(
            {"name": "Hana", "address": "hana"}, "Enter an e-mail address of somebody outside", id="no address"
        ),
        pytest.param({"name": "H", "address": "budi@budi.test"}, "members, and who may write here", id="a member"),
        pytest.param({"name": "x" * 201, "address": "h@toko.test"}, "A name has at most 200", id="a long name"),
        pytest.param({"contact_id": "999999"}, "It can't go there.", id="nobody"),
        pytest.param({"contact_id": "x"}, "It can't go there.", id="no id"),
    ],
)
def test_a_choice_that_cannot_be_taken_is_told_and_what_was_typed_stays(olga, queue, held, form, problem):
    capture_id = held()
    answer = olga.post(f"{queue}/{capture_id}/contact", form)
    assert answer.status == 422
    assert problem in words(answer)
    assert form.get("name", "") in answer.text
    assert state_of(capture_id) == "held"
    made = led_to(olga, olga.post(f"{queue}/{capture_id}/contact", {"name": "Hana", "address": "hana@toko.test"}))
    assert "Approved: Penawaran" in words(made)


@ONE_DATABASE
def test_what_has_nobody_to_go_to_is_not_approved_but_asked_about(olga, world, queue, held):
    capture_id = held("Catatan", to=f"Budi <{world.mine.user.bcc}>", author="Budi <budi@budi.test>")
    detail = olga.get(f"{queue}/{capture_id}")
    assert "approve" not in buttons(detail)
    assert "There is no contact to approve it to: choose one." in words(detail)
    asked = led_to(olga, olga.post(f"{queue}/{capture_id}", {"action": "approve"}))
    assert "Whose conversation is it?" in words(asked)
    assert "there is no contact to go to" in words(asked)


@ONE_DATABASE
def test_blocking_is_asked_about_and_changes_nothing_before(olga, world, queue, held):
    capture_id = held()
    asked = olga.get(f"{queue}/{capture_id}/block")
    assert "dodo@asing.test" in words(asked)
    assert 'value="block"' in asked.text
    assert state_of(capture_id) == "held"
    members_own = held(author="Ani <ani@ani.test>", Reply_To="x@x.test", to=f"x <{world.mine.user.bcc}>")
    assert olga.get(f"{queue}/{members_own}/block").status == 303, "members are never blocked"


@ONE_DATABASE
def test_the_address_holds_the_filter_and_forms_keep_it(olga, queue, held):
    held("Lain", author="Eka <eka@lain.test>")
    first, second = held("Satu"), held("Dua")
    found = olga.get(f"{queue}?q=@asing.test")
    assert rows(found) == [second, first]
    detail = olga.get(f"{queue}/{second}?q=@asing.test")
    assert f'href="{queue}/{first}?q=%40asing.test" rel="next"' in detail.text
    after = olga.post(f"{queue}/{second}", {"action": "reject", "q": "@asing.test"})
    assert after.headers["Location"].startswith(f"{queue}/{first}?q=%40asing.test&done=rejected")
    rejected = olga.get(f"{queue}?state=rejected")
    assert rows(rejected) == [second]
    assert len(rows(olga.get(f"{queue}?state=all"))) == 3
    assert rows(olga.get(f"{queue}?state=nonsense&q=eka@lain.test&after=")) == rows(
        olga.get(f"{queue}?q=eka@lain.test")
    )
    assert "Nothing found" in words(olga.get(f"{queue}?q=nobody@lain.test"))


@ONE_DATABASE
@pytest.mark.parametrize(
    ("state", "offered"),
    [
        pytest.param("held", ["approve", "allow", "reject", "retry"], id="what waits"),
        pytest.param("rejected", ["undo", "retry"], id="what was rejected"),
        pytest.param("ignored", [], id="what can't be changed"),
        pytest.param("all", ["approve", "allow", "reject", "retry", "undo"], id="all"),
    ],
)
def test_with_many_is_done_what_may_be_done_with_one(olga, queue, held, state, offered):
    held()
    with connected():
        Capture.update(state=state if state != "all" else "held").execute()
    page = olga.get(f"{queue}?state={state}")
    bulk = page.text.partition('class="bulk"')[2].partition("</form>")[0]
    assert re.findall(r'value="(\w+)" data-key', bulk) == offered
    assert len(re.findall(r'name="pick-\d+"', page.text)) == bool(offered)


def test_a_search_that_no_database_can_keep_is_told(olga, queue, held):
    contact_page = f"{queue}/{held()}/contact"
    for q in ("%00", "a%00@b.test", "%3Ca%00b%3E", "x" * 2000, "%F0%9F%98%80@x.test", "%ED%A0%80@x.test"):
        assert olga.get(f"{queue}?q={q}").status in (200, 422), q
        assert olga.get(f"{contact_page}?find={q}").status == 200, q


@ONE_DATABASE
def test_what_cannot_be_searched_for_is_told_and_a_page_that_is_none_is_the_first(olga, queue, held):
    capture_id = held()
    answer = olga.get(f"{queue}?q={'a+' * 30}")
    assert answer.status == 422
    assert "That is more than can be searched for" in words(answer)
    assert rows(olga.get(f"{queue}?after=nonsense")) == [capture_id]


def copies(capture_id: int, count: int) -> None:
    """As many others like it."""
    with connected(), writing():
        row = Capture.select().where(Capture.id == capture_id).dicts().get()
        to = CaptureRecipient.select().where(CaptureRecipient.capture_id == capture_id).dicts().get()
        for _ in range(count):
            receipt = Receipt.create(intake_id=new_receipt_id(now_ms()), received_at_ms=now_ms())
            copy = Capture.create(**{**row, "id": None, "receipt_id": receipt.id})
            CaptureRecipient.create(**{**to, "id": None, "capture_id": copy.id})


@ONE_DATABASE
def test_pages_of_the_list_follow_each_other_and_what_waits_is_counted_to_99(olga, queue, held):
    copies(held(), 110)
    seen, path, pages = [], queue, 0
    while path:
        page = olga.get(path)
        seen += rows(page)
        pages += 1
        (path,) = re.findall(r'href="(\S+)" rel="next"', page.text) or [""]
    assert (len(seen), len(set(seen)), pages) == (111, 111, 3)
    assert seen == sorted(seen, reverse=True)
    assert "Held 99+" in words(olga.get(queue))
    assert "First page" in words(page)


@ONE_DATABASE
def test_a_page_asks_the_database_as_often_for_fifty_captures_as_for_two(olga, queue, held):
    asked: list[object] = []
    first, counts = held(), []
    for more in (1, 48):
        copies(first, more)
        engine.database.obj.query_hooks.append(asked.append)
        asked.clear()
        olga.get(f"{queue}/{first}")
        counts.append(len(asked))
        engine.database.obj.query_hooks.clear()
    assert counts[0] == counts[1]


@ONE_DATABASE
def test_nothing_that_a_mail_says_is_taken_for_html(olga, queue, held):
    mark = '"><script>alert(1)</script>'
    capture_id = held(
        f"Subjek {mark}", author=f"{mark} <dodo@asing.test>", to="Citra <citra@customer.test>", text=f"Isi {mark}"
    )
    box = {"name": mark, "address": f"{mark}@x.test"}
    with connected():
        Capture.update(
            author_name=mark,
            envelope_from=mark,
            to=[box],
            cc=[box],
            message_id=mark,
            attachments=[{"name": mark, "content_type": mark, "size_bytes": 1234567, "inline": False}],
        ).execute()
    for path in ("", f"/{capture_id}", f"/{capture_id}/contact", f"/{capture_id}/block", f"?q={mark}"):
        answer = olga.get(queue + path)
        assert answer.status in (200, 422)
        assert "<script>" not in answer.text, path
    assert "1.2 MB" in words(olga.get(f"{queue}/{capture_id}"))
    after = led_to(olga, olga.post(f"{queue}/{capture_id}", {"action": "reject"}))
    assert "Rejected: Subjek" in words(after)
    assert "<script>" not in after.text


@ONE_DATABASE
def test_an_address_can_say_nothing_of_its_own_on_the_page(olga, queue, held):
    """What was done is told by words of ours and ids alone."""
    held()
    for query in ("done=You+won", "done=approved&of=x", "done=late&of=999", "not=1:You+won", "done=approved"):
        said = words(olga.get(f"{queue}?{query}"))
        assert "won" not in said
        assert "Approved" not in said


@ONE_DATABASE
def test_the_mail_is_downloaded_as_a_file(olga, queue, held):
    capture_id = held()
    raw = olga.get(f"{queue}/{capture_id}/raw")
    assert raw.headers["Content-Type"] == "message/rfc822"
    assert raw.headers["Content-Disposition"].startswith(f'attachment; filename="capture-{capture_id}.eml"')
    assert "Subject: Penawaran" in raw.text


@ONE_DATABASE
def test_a_capture_whose_content_is_erased_is_shown_without_it(olga, queue, held):
    capture_id = held()
    with connected():
        capture_content.forget([capture_id])
        Capture.update(state="rejected", rule="D4", reason="retention-ended").execute()
    detail = words(olga.get(f"{queue}/{capture_id}?state=rejected"))
    assert "(content not kept)" in detail
    assert "Nobody decided about it in time, so its content was erased (D4)." in detail


def test_users_look_at_their_own_captures_and_decide_about_none(tab, world, queue, held, deliver, a_mail):
    """D5."""
    budi, own = tab(world.mine.user), f"/l/{world.mine.id}/captures"
    mine = held("Punya Budi")
    deliver(a_mail(STRANGER, CUSTOMER, subject="Punya Ani"), world.mine.admin)
    with connected():
        others = int(Capture.select(Capture.id).order_by(Capture.id.desc()).first().id)
    shown = budi.get(own)
    assert rows(shown) == [mine]
    assert "My captures" in words(shown)
    assert "Capture queue" not in words(shown)
    detail = budi.get(f"{own}/{mine}")
    assert "Its sender is neither the owner" in words(detail)
    assert buttons(detail) == []
    assert budi.get(f"{own}/{mine}/raw").status == 200
    for path in (f"{own}/{others}", f"{own}/{others}/raw"):
        assert budi.get(path).status == 404, path
    for path in ("", f"/{mine}", f"/{mine}/raw", f"/{mine}/contact", f"/{mine}/block"):
        assert budi.get(queue + path).status == 403, path
    for path in ("", f"/{mine}", f"/{mine}/contact"):
        assert budi.post(queue + path, {"action": "reject", f"pick-{mine}": "yes"}).status == 403, path
    assert state_of(mine) == "held"
    ani = tab(world.mine.admin)
    assert ani.get(f"{own}/{others}?q=@asing.test").headers["Location"] == f"{queue}/{others}?q=%40asing.test"
    assert ani.get(own).headers["Location"] == queue


@ONE_DATABASE
def test_an_empty_queue_says_what_comes_here(olga, tab, world, queue):
    assert "Nothing waits Here you decide about mail to a BCC address" in words(olga.get(queue))
    own = words(tab(world.mine.user).get(f"/l/{world.mine.id}/captures"))
    assert "No mail has come in here yet" in own
