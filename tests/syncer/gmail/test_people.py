"""People's JSON, and whatever else may come in its place (facts/gmail.md 1.10)."""

import pytest

from crm_store.rules.contact_import import Card, Person
from syncer.gmail.people import MAX_ADDRESSES, PeoplePage, people_page

PHOTO = "https://lh3.googleusercontent.com/a/budi=s100"


def person(**told: object) -> Person:
    (one,) = people_page({"connections": [{"resourceName": "people/c1", **told}]}).people
    return one


def photo(url: object, **more: object) -> dict[str, object]:
    return {"photos": [{"url": url, **more}]}


def test_a_whole_person():
    told = person(
        metadata={"previousResourceNames": ["people/c0"], "sources": [{"type": "CONTACT"}]},
        names=[{"displayName": "Lama"}, {"displayName": " Budi  Santoso ", "metadata": {"primary": True}}],
        emailAddresses=[{"value": "Budi@Luar.example"}, {"value": "budi@luar.example"}, {"value": "b@lain.example"}],
        phoneNumbers=[{"value": ""}, {"value": "0811"}],
        organizations=[{"title": "Direktur"}, {"name": "PT Maju"}],
        photos=[{"url": "https://x.example/letter", "default": True}, {"url": PHOTO}],
    )
    assert told == Person(
        "people/c1",
        previous=("people/c0",),
        card=Card("Budi Santoso", "0811", "PT Maju", PHOTO),
        addresses={"budi@luar.example": "Budi@luar.example", "b@lain.example": "b@lain.example"},
    )


def test_a_deleted_one_is_a_name_and_that_it_is_deleted():
    assert person(metadata={"deleted": True}) == Person("people/c1", is_deleted=True)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param({"names": [{"displayName": "x" * 100_000}]}, Card("x" * 200), id="a name without end"),
        pytest.param(
            {"names": [{"displayName": "Bu\x00di\r\nBcc: x\x1b[31m"}]}, Card("Bu\ufffddi Bcc: x[31m"), id="controls"
        ),
        pytest.param({"names": [{"displayName": "\ud800Budi"}]}, Card("\ufffdBudi"), id="half a character"),
        pytest.param({"names": "Budi"}, Card(), id="text in place of a list"),
        pytest.param({"names": ["Budi", None, 7, []]}, Card(), id="anything in place of objects"),
        pytest.param({"names": [{"displayName": ["Budi"]}]}, Card(), id="a list in place of a text"),
        pytest.param({"names": [{"displayName": "Budi", "metadata": "primary"}]}, Card("Budi"), id="odd metadata"),
        pytest.param({"metadata": []}, Card(), id="metadata that are none"),
        pytest.param(
            {"phoneNumbers": [{"canonicalForm": "+62811"}]}, Card(phone="+62811"), id="a number in one form only"
        ),
        pytest.param(photo(PHOTO), Card(photo_url=PHOTO), id="a photo"),
        pytest.param(photo("http://x.example/p"), Card(), id="a photo that is not over https"),
        pytest.param(photo("javascript:alert(1)"), Card(), id="a photo that is a script"),
        pytest.param(photo("https://user@x.example/p"), Card(), id="a photo at a name before the host"),
        pytest.param(photo("https://[x/p"), Card(), id="a photo nowhere"),
        pytest.param(photo('https://x.example/"onload=x y'), Card(), id="a photo with a blank"),
        pytest.param(photo("https://x.example/" + "p" * 2000), Card(), id="a photo whose address does not end"),
    ],
)
def test_what_is_odd_is_absent_or_cut(told: dict[str, object], expected: Card):
    assert person(**told).card == expected


@pytest.mark.parametrize(
    "value", ["", "budi", "budi@", "a b@x.example", "budi@x.example\r\nBcc: y@x.example", "\ud800@x.example", 7, None]
)
def test_what_is_no_address_is_left_out(value: object):
    assert person(emailAddresses=[{"value": value}]).addresses == {}


def test_addresses_without_end_are_cut():
    many = [{"value": f"a{number}@x.example"} for number in range(100_000)]
    assert len(person(emailAddresses=many).addresses) == MAX_ADDRESSES


@pytest.mark.parametrize("resource", ["", "x" * 300, "people/\x00", None, 7])
def test_whoever_has_no_name_at_google_is_nobody(resource: object):
    assert people_page({"connections": [{"resourceName": resource}]}).people == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param({}, PeoplePage([], None, None), id="nothing"),
        pytest.param({"nextPageToken": "p"}, PeoplePage([], "p", None), id="nobody, and a next page"),
        pytest.param({"nextSyncToken": "s", "connections": None}, PeoplePage([], None, "s"), id="the last page"),
        pytest.param({"nextPageToken": 7, "nextSyncToken": []}, PeoplePage([], None, None), id="tokens that are none"),
    ],
)
def test_where_it_goes_on(answer: dict[str, object], expected: PeoplePage):
    assert people_page(answer) == expected
