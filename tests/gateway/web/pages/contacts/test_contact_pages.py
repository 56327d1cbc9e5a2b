"""Contacts over HTTP: made, found, changed, merged, deleted and brought back, without a script."""

import html
import re

import pytest
from suggested_merge import a_suggestion

from crm_store import contact_book
from crm_store.access import Access, roles_of
from crm_store.clock import now_ms
from crm_store.contact_book import ContactDetails, ContactView
from crm_store.database.session import connected
from crm_store.models.contacts import Contact

ONE_DATABASE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
BUDI = {
    "name": "Budi Santoso",
    "addresses": "budi@pelanggan.test\r\n\r\nbudi@rumah.test",
    "phone": "0812",
    "organization": "PT Maju",
}


def words(answer) -> str:
    """What stands on the page, without its marks."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def told(tab, answer) -> str:
    assert answer.status == 303, words(answer)
    return words(tab.get(answer.headers["Location"]))


@pytest.fixture
def mine(tab, world):
    return tab(world.mine.user)


@pytest.fixture
def here(world) -> str:
    return f"/l/{world.mine.id}/contacts"


@pytest.fixture
def add(world):
    def add(name: str, *addresses: str) -> ContactView:
        with connected():
            access = Access(world.mine.user.id, roles_of(world.mine.user.id))
            return contact_book.add(access, world.mine.id, ContactDetails([*addresses], name), now_ms=now_ms())

    return add


def test_a_contact_is_made_shown_and_changed(mine, here):
    made = mine.post(f"{here}/new", BUDI)
    assert "The contact is made." in told(mine, made)
    path = made.headers["Location"].partition("?")[0]
    shown = mine.get(path)
    assert "budi@pelanggan.test\nbudi@rumah.test</textarea>" in shown.text
    assert "No mail with this contact yet." in words(shown)
    assert "The contact is saved." in told(
        mine, mine.post(path, {**BUDI, "addresses": "budi@rumah.test", "name": "Pak Budi"})
    )
    with connected():
        (view,) = contact_book.views(list(Contact.select()))
    assert view.details == ContactDetails(["budi@rumah.test"], "Pak Budi", "0812", "PT Maju")


@ONE_DATABASE
@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        pytest.param({"addresses": ""}, "Write 1 to 50 addresses", id="no address"),
        pytest.param({"addresses": "budi"}, "Write 1 to 50 addresses", id="no address at all"),
        pytest.param({"name": "x" * 201}, "Use 200 characters at most.", id="a long name"),
        pytest.param({"phone": "1" * 201}, "Use 200 characters at most.", id="a long number"),
    ],
)
def test_what_cannot_be_taken_is_told_and_stays(mine, here, add, typed, problem):
    for path in (f"{here}/new", f"{here}/{add('Citra', 'citra@pelanggan.test').id}"):
        answer = mine.post(path, {**BUDI, **typed})
        assert answer.status == 422
        assert problem in words(answer)
        assert 'value="PT Maju"' in answer.text


def test_contacts_are_listed_the_latest_first_and_found_by_address(mine, here, add):
    add("Dewi", "dewi@pelanggan.test")
    add("", "anonim@pelanggan.test")
    shown = words(mine.get(here))
    assert shown.index("anonim@pelanggan.test") < shown.index("Dewi")
    found = words(mine.get(f"{here}?q=DEWI@pelanggan.test"))
    assert "Dewi" in found
    assert "anonim" not in found
    assert "dewi@" in words(mine.get(f"{here}?q=dew"))
    assert "Nobody is found" in words(mine.get(f"{here}?q=nobody@pelanggan.test"))


@ONE_DATABASE
def test_a_list_of_many_goes_on_by_links(mine, here, add):
    for number in range(52):
        add(f"Kontak {number:02}", f"k{number}@pelanggan.test")
    (after,) = re.findall(r'rel="next" href="([^"]+)"', mine.get(here).text)
    second = words(mine.get(html.unescape(after)))
    assert "Kontak 01" in second
    assert "Kontak 02" not in second


@ONE_DATABASE
def test_an_empty_list_says_how_contacts_come(mine, here):
    assert "A mail with your BCC address makes the contact by itself" in words(mine.get(here))


def test_a_contact_is_deleted_and_back_by_undo(mine, here, add):
    contact = add("Citra", "citra@pelanggan.test")
    assert "For 30 days there is a way back." in words(mine.get(f"{here}/{contact.id}/delete"))
    deleted = mine.post(f"{here}/{contact.id}/delete")
    page = mine.get(deleted.headers["Location"])
    assert "The contact is deleted." in words(page)
    assert mine.get(f"{here}/{contact.id}").status == 404
    (undo,) = re.findall(rf'action="({here}/\d+/restore)"', page.text)
    assert "The contact is back." in told(mine, mine.post(undo))


def test_a_contact_is_merged_into_one_that_is_searched_for(mine, here, add):
    gone, stays = add("Citra", "citra@rumah.test"), add("Citra Lestari", "citra@pelanggan.test")
    found = mine.get(f"{here}/{gone.id}/merge?q=citra@pelanggan.test")
    assert re.findall(r'name="contact" value="(\d+)"', found.text) == [str(stays.id)]
    assert "Choose another contact" in words(mine.post(f"{here}/{gone.id}/merge", {"contact": str(gone.id)}))
    assert "Choose another contact" in words(mine.post(f"{here}/{gone.id}/merge"))
    assert "The two contacts are one now." in told(
        mine, mine.post(f"{here}/{gone.id}/merge", {"contact": str(stays.id)})
    )
    assert "citra@rumah.test" in mine.get(f"{here}/{stays.id}").text


def test_who_seems_to_be_one_person_is_merged_or_kept_apart(mine, here, add, world):
    contact = add("Citra", "citra@pelanggan.test")
    suggestion_id = a_suggestion(world.mine.user.id, world.mine.id, contact.id, now_ms=now_ms())
    assert "Some contacts seem to be one person." in words(mine.get(here))
    shown = mine.get(f"{here}/suggestions")
    assert "kembar@kembar.test" in words(shown)
    dismissed = mine.post(f"/l/{world.mine.id}/merge-suggestions/{suggestion_id}/dismiss")
    assert "They stay two contacts." in told(mine, dismissed)
    assert "Nobody seems to be there twice." in words(mine.get(f"{here}/suggestions"))


@ONE_DATABASE
def test_names_stay_text(mine, here, add):
    contact = add('"><script>alert(1)</script>', "x@pelanggan.test")
    for path in (here, f"{here}/{contact.id}", f"{here}/{contact.id}/delete", f"{here}/{contact.id}/merge"):
        assert "<script>alert" not in mine.get(path).text
    assert "<script>" not in mine.get(f"{here}?q=%3Cscript%3E").text.replace('<script type="module"', "")


@ONE_DATABASE
def test_a_note_is_made_of_known_words_and_ids_alone(mine, here):
    for query in ("done=anything", "done=contact_deleted&id=1/../../x", "done=contact_deleted&id=%22onclick"):
        page = mine.get(f"{here}?{query}")
        assert page.status == 200
        assert "restore" not in page.text
