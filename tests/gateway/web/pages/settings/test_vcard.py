"""RFC 6350: the card of a BCC address, whatever is in the names."""

import pytest

from gateway.web.pages.settings.vcard import vcard

ADDRESS = "k7x@capture.example"


def lines(name: str = "Toko Ani", note: str = "Catatan") -> list[str]:
    """Unfolded."""
    text = vcard(name, note, ADDRESS).decode()
    assert text.endswith("\r\n")
    return text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def test_a_card_has_its_parts_in_order():
    begin, version, name, email, note, uid, end = lines()
    assert (begin, version, end) == ("BEGIN:VCARD", "VERSION:4.0", "END:VCARD")
    assert (name, email, note) == ("FN:Toko Ani", f"EMAIL:{ADDRESS}", "NOTE:Catatan")
    assert uid.startswith("UID:urn:uuid:")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        pytest.param("Ani, Budi; Citra", r"Ani\, Budi\; Citra", id="separators"),
        pytest.param("C:\\Ani", "C:\\\\Ani", id="a backslash"),
        pytest.param("Ani\r\nEMAIL:jahat@lain.example", r"Ani\nEMAIL:jahat@lain.example", id="a line of its own"),
        pytest.param("Ani\nEND:VCARD", r"Ani\nEND:VCARD", id="an end"),
        pytest.param("Ani\rX", r"Ani\nX", id="a bare CR"),
        pytest.param("Ani\x85\u2028\u2029\x00X", "AniX", id="what others take for a line break"),
    ],
)
def test_no_name_is_more_than_a_value(name: str, written: str):
    found = lines(name)
    assert found[2] == f"FN:{written}"
    assert len(found) == 7


@pytest.mark.parametrize("name", ["a" * 400, "é" * 200, "😀" * 100, "日本" * 90])
def test_long_lines_are_folded_between_characters(name: str):
    card = vcard(name, "", ADDRESS)
    assert all(len(line) <= 75 for line in card.split(b"\r\n"))
    for line in card.split(b"\r\n"):
        line.decode()
    assert lines(name)[2] == f"FN:{name}"


def test_the_same_address_is_the_same_contact():
    assert vcard("Satu", "", ADDRESS).split(b"UID:")[1] == vcard("Dua", "", ADDRESS).split(b"UID:")[1]
