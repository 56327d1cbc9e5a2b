"""What is found of mail and contacts, the same on both databases."""

import pytest
from mails import a_mail
from store import Person, Store

from crm_store.paging import PageRequest
from crm_store.search import finding

MAILS = {
    "offer": a_mail(
        to="Budi Santoso <budi@pelanggan.co.id>",
        cc="Citra Dewi <citra@dewi.example>",
        subject="Penawaran harga semen",
        text="Selamat pagi Pak Budi,\n\nterlampir penawaran kami untuk proyek gudang INV-2026/001.",
        attachment=b"%PDF-1.4",
    ),
    "thanks": a_mail(
        to="Budi Santoso <budi@pelanggan.co.id>",
        subject="Terima kasih",
        text="Terima kasih atas pesanan semen dan pasir, dan sampai jumpa di Jalan Übersee 5.",
    ),
    "contract": a_mail(
        to="山田太郎 <yamada@kaisha.example>", subject="契約書について", text="契約書を送ります。東京都の件。"
    ),
    "thai": a_mail(to="somchai@ran.example", subject="ขอบคุณครับ", text="สวัสดีครับ"),
}

FOUND = [
    pytest.param("semen", ["thanks", "offer"], id="a word, the newest first"),
    pytest.param("SEMEN gudang", ["offer"], id="two words, both of them, in any case"),
    pytest.param("penaw", ["offer"], id="the last word may go on"),
    pytest.param("penaw ", [], id="but not behind a space"),
    pytest.param("penaw harga", [], id="nor may a word before it"),
    pytest.param('"penaw"', [], id="nor one in quotation marks"),
    pytest.param('"penawaran harga"', ["offer"], id="a phrase"),
    pytest.param('"harga penawaran"', [], id="words the other way round"),
    pytest.param('"semen terlampir"', [], id="a phrase does not go from one field into another"),
    pytest.param("semen -pasir", ["offer"], id="without a word"),
    pytest.param("-semen", ["thai", "contract"], id="nothing but what is not to be there"),
    pytest.param('semen -"pesanan semen"', ["offer"], id="without a phrase"),
    pytest.param("subject:semen", ["offer"], id="in the subject alone"),
    pytest.param('subject:"harga semen"', ["offer"], id="a phrase in the subject"),
    pytest.param("-subject:semen pasir", ["thanks"], id="not in the subject"),
    pytest.param("from:ani", ["thai", "contract", "thanks", "offer"], id="who wrote it"),
    pytest.param("from:budi", [], id="who did not write it"),
    pytest.param("to:citra", ["offer"], id="who was in Cc"),
    pytest.param("to:budi@pelanggan.co.id", ["thanks", "offer"], id="an address of a recipient"),
    pytest.param("budi@pelanggan.co.id", ["thanks", "offer"], id="an address as it is written"),
    pytest.param("pelanggan.co.id", ["thanks", "offer"], id="a domain as it is written"),
    pytest.param("pelanggan.co", ["thanks", "offer"], id="the beginning of a domain"),
    pytest.param("co.pelanggan", [], id="a domain the wrong way round"),
    pytest.param("inv-2026/001", ["offer"], id="a number with strokes"),
    pytest.param("2026/01", [], id="another number"),
    pytest.param("has:attachment", ["offer"], id="with a file"),
    pytest.param("-has:attachment semen", ["thanks"], id="without a file"),
    pytest.param("penawaran.pdf", ["offer"], id="the name of a file"),
    pytest.param("ubersee", ["thanks"], id="without its accents"),
    pytest.param("ÜBERSEE", ["thanks"], id="with its accents, in capitals"),
    pytest.param("契約", ["contract"], id="a word of a script without spaces"),
    pytest.param("約書", ["contract"], id="from within a run of it"),
    pytest.param("契約書について", ["contract"], id="a whole run of it"),
    pytest.param("書契", [], id="its characters the other way round"),
    pytest.param("東", ["contract"], id="one character"),
    pytest.param("件", ["contract"], id="the last character of a run"),
    pytest.param("東京都", ["contract"], id="three characters"),
    pytest.param("ขอบคุณ", ["thai"], id="Thai"),
    pytest.param("semen OR gudang", [], id="no words of the index are taken for orders"),
    pytest.param('semen") OR rowid:* (', [], id="nor are its signs"),
    pytest.param("semen' | 'x':*", [], id="of either database"),
    pytest.param("semen \x00 \\ %s ?", [], id="nor anything else"),
    pytest.param("", [], id="nothing asked"),
    pytest.param('"" -- !!', [], id="no words"),
]


@pytest.fixture
def filed(store: Store, ani: Person) -> dict[str, int]:
    """The entry of each mail."""
    return {name: _file(store, ani, raw) for name, raw in MAILS.items()}


def test_what_is_found(store: Store, ani: Person, filed: dict[str, int]):
    for row in FOUND:
        typed, expected = row.values
        found = finding.find_entries(ani.access, ani.location_id, typed, PageRequest()).items
        assert [one.entry_id for one in found] == [filed[name] for name in expected], (row.id, typed)


def _file(store: Store, person: Person, raw: bytes) -> int:
    store.capture(raw, person.bcc)
    return store.entries(person)[-1].id
