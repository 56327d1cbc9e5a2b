"""C6: who wrote the mail that somebody forwarded, a row each for what programs print and people do with it."""

import random
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.mail.forward import CONFIDENT, find_forward
from crm_store.mail.parsed_mail import Mailbox

FORWARDS = Path(__file__).resolve().parents[3] / "../shared/corpora/forwards"
ANI = Mailbox("Ani", "ani@toko.example")
MARKED = "---------- Forwarded message ---------"
HEADER = "From: Ani <ani@toko.example>\nDate: 2 Nov 2020 10:11\nTo: Budi <budi@pt.example>\nSubject: Harga"
WROTE = "On 2 Nov 2020, at 10:11, Ani <ani@toko.example> wrote:"


def ms(*moment):
    return int(datetime(*moment, tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        pytest.param("Fwd: Harga", "Lihat ya.", id="only the subject says so"),
        pytest.param("Fwd: Harga", "", id="only the subject, and no text"),
        pytest.param("Re: Harga", f"Ya.\n\n{WROTE}\n> Halo", id="an answer with an attribution"),
        pytest.param("", f"Ya.\n\n{WROTE}\n> Halo", id="an answer of which the subject is not known"),
        pytest.param("Harga", f"Ya.\n\n{WROTE}\n> Halo", id="an answer without a prefix"),
        pytest.param("Re: Harga", f"{WROTE}\n> Halo\n\nYa.", id="an answer below"),
        pytest.param("RE: Harga", f"Ya.\n\n{HEADER}\n\nHalo", id="an answer with a header"),
        pytest.param("RE: Harga", f"Ya.\n\n-----Original Message-----\n{HEADER}\n\nHalo", id="an answer of Outlook"),
        pytest.param("RE: FW: Harga", f"Ya.\n\n{HEADER}\n\n{MARKED}\n{HEADER}\n\nHalo", id="an answer to a forward"),
        pytest.param("Re: Fwd: Harga", f"Ya.\n\n{WROTE}\n> {MARKED}\n> Halo", id="an answer to a forward, marked"),
        pytest.param("Bls: Harga", f"Ya.\n\n{HEADER}\n\nHalo", id="an answer in Indonesian"),
        pytest.param("Perjalanan", "Dari: Jakarta\nKe: Bali\nTanggal: 3 Mei 2024", id="a journey"),
        pytest.param("Fwd: Harga", "Forwarded message:\n\nsee above", id="words about a forward"),
    ],
)
def test_what_is_no_forward(subject, text):
    assert find_forward(subject, text) is None


@pytest.mark.parametrize(
    ("subject", "text", "sure"),
    [
        pytest.param("Fwd: Harga", f"{MARKED}\n{HEADER}\n\nHalo", True, id="marked"),
        pytest.param("Harga", f"{MARKED}\n{HEADER}\n\nHalo", True, id="marked, the subject rewritten"),
        pytest.param("", f"{MARKED}\n{HEADER}\n\nHalo", True, id="marked, no subject"),
        pytest.param("[EXTERNAL] FW: Harga", f"Tolong.\n\n{HEADER}\n\nHalo", True, id="a tag before the prefix"),
        pytest.param("FW: RE: Harga", f"Tolong.\n\n{HEADER}\n\nHalo", True, id="an answer, forwarded"),
        pytest.param("Re: Harga", f"{MARKED}\n{HEADER}\n\nHalo", False, id="marked, within an answer"),
        pytest.param("", f"{HEADER}\n\nHalo", False, id="a header alone, no subject"),
        pytest.param("Fwd: Harga", f"{WROTE}\n> Halo", False, id="an attribution below a forward's subject"),
        pytest.param("Fwd: Harga", f"{MARKED}\n\nHalo", False, id="marked, but no header"),
        pytest.param("Fwd: Harga", "-----Original Message-----\nFrom: Ani\nSent: 2 Nov 2020 10:11\nTo: Budi\nSubject: Harga\n\nHalo",
                     False, id="a name without an address"),
        pytest.param("", f"Lihat.\n> ---------- Original Message ----------\n{re.sub('^', '> ', HEADER, flags=re.MULTILINE)}\n> Halo",
                     False, id="IONOS without a subject"),
    ],
)  # fmt: skip
def test_how_sure_it_is(subject, text, sure):
    found = find_forward(subject, text)
    assert found is not None
    assert (found.confidence >= CONFIDENT) is sure
    assert 0 < found.confidence < 1


@pytest.mark.parametrize(
    ("written", "mailboxes"),
    [
        pytest.param("Ani <ani@toko.example>", [ANI], id="plain"),
        pytest.param('"Ani" <ani@toko.example>', [ANI], id="quoted"),
        pytest.param("„Ani” <ani@toko.example>", [ANI], id="Polish quotes"),
        pytest.param("« Ani » <ani@toko.example>", [ANI], id="French quotes"),
        pytest.param("'Ani' <ani@toko.example>", [ANI], id="Outlook's quotes"),
        pytest.param("*Ani* <ani@toko.example>", [ANI], id="bold"),
        pytest.param("Ani [mailto:ani@toko.example]", [ANI], id="mailto in brackets"),
        pytest.param("Ani<mailto:ani@toko.example>", [ANI], id="a link for an address"),
        pytest.param("Ani <ani@toko.example<mailto:ani@toko.example>>", [ANI], id="a link in the address"),
        pytest.param("Ani<mailto:ani@toko.example> <ani@toko.example<mailto:ani@toko.example>> on behalf of "
                     "sales@toko.example<mailto:sales@toko.example>", [ANI], id="on behalf of"),
        pytest.param("Ani <ani@toko.example> atas nama Toko <toko@toko.example>", [ANI], id="atas nama"),
        pytest.param("ani@toko.example <ani@toko.example>", [Mailbox("", "ani@toko.example")], id="the address as name"),
        pytest.param("ani@toko.example", [Mailbox("", "ani@toko.example")], id="an address"),
        pytest.param("Ani (ani@toko.example)", [ANI], id="in parentheses"),
        pytest.param("Wijaya, Ani <ani@toko.example>", [Mailbox("Wijaya, Ani", "ani@toko.example")], id="a comma in the name"),
        pytest.param("‪Ani‬ <‪ani@toko.example‬>", [ANI], id="direction marks"),
        pytest.param("Ani", [Mailbox("Ani", "")], id="a name only"),
    ],
)  # fmt: skip
def test_the_author_as_programs_print_them(written, mailboxes):
    found = find_forward("Fwd: Harga", f"{MARKED}\nFrom: {written}\nDate: 2 Nov 2020\nTo: budi@pt.example\n\nHalo")
    assert found is not None
    assert list(found.from_) == mailboxes


# Outlook for Mac forwards with a line and indents; a row each for where the words stand.
@pytest.mark.parametrize(
    "line",
    [
        'On 28/10/2021 12:46, "Ani" <ani@toko.example> wrote:',
        'Am 28.10.2021, 12:46 schrieb "Ani" <ani@toko.example>:',
        "Le 28/10/2021 12:46, « Ani » <ani@toko.example> a écrit :",
        "Op 28/10/2021 12:46 heeft Ani <ani@toko.example> geschreven:",
        'D. 28/10/2021 12.46 skrev "Ani" <ani@toko.example>:',
        'Den 2021-10-28 12:46 skrev "Ani" <ani@toko.example> följande:',
        '"Ani" <ani@toko.example> kirjoitti 28.10.2021 12.46:',
        '"Ani" <ani@toko.example> időpontban (dátum: 2021. október 28. 12:46) ezt írta:',
        "28/10/2021, 12:46, používateľ „Ani“ (<ani@toko.example>) napísal:",
        "Dnia 28/10/2021, 12:46 użytkownik „Ani” <ani@toko.example> napisał:",
        '28.10.2021, 12:46 пользователь "Ani" <ani@toko.example> написал:',
        '"Ani" <ani@toko.example>, 28/10/2021 12:46 tarihinde şunu yazdı:',
        'Pada 28/10/2021 12.46, "Ani" <ani@toko.example> menulis:',
    ],
)
def test_a_forward_with_an_attribution(line):
    found = find_forward("FW: Harga", f"{line}\n\n    Halo\n    Budi")
    assert found is not None
    assert (found.from_, found.sent_at_ms, found.subject) == ((ANI,), ms(2021, 10, 28, 12, 46), "Harga")
    assert found.text == "Halo\nBudi"
    assert found.confidence >= CONFIDENT


# Yahoo's HTML becomes one line; some translations lack a colon.
@pytest.mark.parametrize(
    "line",
    [
        "----- Forwarded Message ----- From: WHO To: TOSent: Tuesday, November 2, 2021, 09:26:50 AM GMT+1Subject: Harga",
        "----- Przekazana wiadomość ----- Od: WHO Do: TODw CCWysłano: wtorek, 2 listopada 2021, 09:26:50 CETTemat: Harga",
        "----- Mensagem reencaminhada ----- De: WHO Para: TOCc: CCEnviado: terça-feira, 2 de novembro de 2021, 09:26:50 CETAssunto Harga",
        "----- Pesan yang Diteruskan ----- Dari: WHO Kepada: TOCc: CCTerkirim: Selasa, 2 November 2021 15.26.50 WIBJudul: Harga",
        "----- Továbbított üzenet ----- Feladó: WHO Címzett: TOMásolatot kap: CCElküldve: 2021. november 2., kedd 09:26:50 CETTárgy: Harga",
    ],
)  # fmt: skip
def test_a_header_in_one_line(line):
    line = line.replace("WHO ", "Ani <ani@toko.example>").replace("TO", '"b@pt.example" <b@pt.example>', 1)
    found = find_forward("", f"  {line.replace('CC', 'C <c@pt.example>; D <d@pt.example>', 1)}\n Halo")
    assert found is not None
    assert (found.from_, found.to, found.subject) == ((ANI,), (Mailbox("", "b@pt.example"),), "Harga")
    assert found.sent_at_ms == ms(2021, 11, 2, 8, 26, 50)
    assert found.cc in ((), (Mailbox("C", "c@pt.example"), Mailbox("D", "d@pt.example")))
    assert found.text == "Halo"


def test_recipients_over_several_lines():
    header = "From: Ani <ani@toko.example>\nTo: Budi <budi@pt.example>; Citra\n <citra@pt.example>;\nd@pt.example,\n e@pt.example\nCC: F <f@pt.example>\nSubject: Harga"
    found = find_forward("FW: Harga", f"{header}\n\nHalo")
    assert found is not None
    assert [box.address for box in found.to] == ["budi@pt.example", "citra@pt.example", "d@pt.example", "e@pt.example"]
    assert found.cc == (Mailbox("F", "f@pt.example"),)


def test_the_outermost_original_counts_and_keeps_what_is_inside():
    inner = (
        f"{MARKED}\nFrom: Dewi <dewi@x.example>\nDate: 1 Nov 2020 09:00\nSubject: Awal\nTo: ani@toko.example\n\nAwal"
    )
    found = find_forward("Fwd: Fwd: Harga", f"Lihat.\n\n{MARKED}\n{HEADER}\n\nTeruskan.\n\n{inner}")
    assert found is not None
    assert (found.from_, found.subject, found.text) == ((ANI,), "Harga", f"Teruskan.\n\n{inner}")
    nested = find_forward("", found.text)
    assert nested is not None
    assert (nested.from_, nested.text) == ((Mailbox("Dewi", "dewi@x.example"),), "Awal")


def test_the_subject_is_the_originals_or_else_the_mails_own():
    without = HEADER.replace("\nSubject: Harga", "")
    found = find_forward("FW: Fwd: Re: Harga kopi", f"{MARKED}\n{without}\n\nHalo")
    assert found is not None
    assert found.subject == "Re: Harga kopi"


@pytest.mark.parametrize("marks", ["> ", ">", "    "])
def test_the_text_loses_one_mark(marks):
    text = "\n".join(f"{marks}{line}" for line in ("Halo", "> lama", "dan baru"))
    found = find_forward("FW: Harga", f"{WROTE}\n\n{text}")
    assert found is not None
    assert found.text == "Halo\n> lama\ndan baru"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("Mon, 2 Nov 2020 10:11:12 +0700", ms(2020, 11, 2, 3, 11, 12), id="RFC 5322"),
        pytest.param("2 November 2020 at 10:11:12 WIB", ms(2020, 11, 2, 3, 11, 12), id="Apple's zone"),
        pytest.param("November 2, 2020 at 10:11 PM", ms(2020, 11, 2, 22, 11), id="afternoon"),
        pytest.param("11/2/2020 12:11 AM EST", ms(2020, 11, 2, 5, 11), id="American, after midnight"),
        pytest.param("02/11/2020 10:11", ms(2020, 11, 2, 10, 11), id="day first"),
        pytest.param("11/14/2020 10:11", ms(2020, 11, 14, 10, 11), id="no other way to read it"),
        pytest.param("2020-11-02 10:11", ms(2020, 11, 2, 10, 11), id="year first"),
        pytest.param(
            "Senin, 02 Nopember 2020 10.11.12 WITA", ms(2020, 11, 2, 2, 11, 12), id="Indonesian, old spelling"
        ),
        pytest.param("Am 02.11.2020, 10:11 AM", ms(2020, 11, 2, 10, 11), id="a word that looks like morning"),
        pytest.param("2020年11月2日 下午10:11", ms(2020, 11, 2, 22, 11), id="Chinese afternoon"),
        pytest.param("2 พ.ย. 2563 10:11", ms(2020, 11, 2, 10, 11), id="a Buddhist year"),
        pytest.param("mar. 2 nov. 2021 10:11 UTC-05:00", ms(2021, 11, 2, 15, 11), id="a Tuesday, not March"),
        pytest.param("2 November 2020", None, id="no time"),
        pytest.param("31 February 2020 10:11", None, id="no day"),
        pytest.param("yesterday", None, id="no date"),
        pytest.param("9999-11-02 10:11", None, id="no year of ours"),
    ],
)
def test_the_date_as_programs_print_it(written, expected):
    header = f"From: Ani <ani@toko.example>\nDate: {written}\nDari: x\nSubject: Harga\nTanggal: {written}"
    header = header.split("\nDari")[0] if "Nop" not in written else f"Dari: Ani <ani@toko.example>\nTanggal: {written}"
    header = header.replace("From", "Von") if written.startswith("Am") else header
    header = header.replace("From", "จาก") if "พ.ย" in written else header
    header = header.replace("From", "De") if "nov." in written else header
    found = find_forward("Fwd: Harga", f"{MARKED}\n{header}\n\nHalo")
    assert found is not None
    assert found.sent_at_ms == expected


def test_a_time_without_a_zone_is_the_forwarders():
    found = find_forward("Fwd: Harga", f"{MARKED}\n{HEADER}\n\nHalo", offset_s=7 * 3600)
    assert found is not None
    assert found.sent_at_ms == ms(2020, 11, 2, 3, 11)


# The corpus, with names, addresses, subjects and dates of our own: no constant of it helps.
NAMES = ["Ani Wijaya", "Siti Nurhaliza", "Jörg Müller", "Łukasz Żak", "Δημήτρης Παππάς", "O'Brien Kim", "Nguyễn Văn An",
         "Ирина Петрова", "Zoë van Dijk", "Budi"]  # fmt: skip
SUBJECTS = ["Penawaran harga kopi", "Q3: the plan", "Re: faktur 12/A", "Über die Lieferung", "Заказ № 5", "見積もり"]
GIVEN = "Integer consequat non purus"


class Swap:
    """Replaces the corpus's constants by others, the same ones throughout one file."""

    def __init__(self, seed):
        chosen = random.Random(seed)
        self.name = chosen.choice(NAMES)
        first, _, last = self.name.partition(" ")
        host = "".join(chosen.choices("abcdefghijklmnop", k=8))
        self.address = (
            f"{chosen.choice(['ani', 'k.li', 'x_1', 'info+a'])}@{host}.{chosen.choice(['co.id', 'example', 'de'])}"
        )
        self.subject = chosen.choice(SUBJECTS)
        self.minute, self.year = chosen.randrange(10, 60), chosen.randrange(2010, 2026)
        self._pairs = [
            ("john.doe@acme.com", self.address),
            ("bessie.berry@acme.com", f"b{chosen.randrange(999)}@{host}.example"),
            ("walter.sheltan@acme.com", f"w{chosen.randrange(999)}@{host}.example"),
            ("John, Doe", f"{last}, {first}" if last else first),
            ("John Doe", self.name),
            ("Bessie Berry", chosen.choice(NAMES)),
            (GIVEN, self.subject),
        ]

    def __call__(self, text):
        for constant, ours in self._pairs:
            text = text.replace(constant, ours)
        text = re.sub(r"(?<!\d)(\d{1,2}):\d\d(?!\d*>)", rf"\1:{self.minute}", text)
        text = re.sub(r"(?<=\d/10/)21(?!\d)", str(self.year)[2:], text)
        return re.sub(r"(?<!\d)20[12]\d(?!\d)", str(self.year), text)


def subject_of(path):
    """The subject that comes with the body; Outlook for Mac's have none and begin with FW: as all of Outlook does."""
    own = path.with_name(path.name.replace("body", "subject"))
    shared = path.with_name(f"{path.name.partition('_body')[0]}_subject.txt")
    for candidate in (own, shared):
        if candidate.exists():
            return candidate.read_text().strip()
    return f"FW: {GIVEN}" if path.name.startswith("outlook_2019") else ""


@pytest.mark.skipif(not FORWARDS.exists(), reason="no ../shared/corpora here")
@pytest.mark.parametrize("seed", range(5))
def test_forwards_of_the_corpus(seed):
    """The author's address in ≥ 98 %, the subject in ≥ 95 %, in 122 files; variant 4 is an answer, and none is found."""
    wrong = {"author": [], "subject": [], "date": [], "text": [], "sure": []}
    paths = sorted(FORWARDS.glob("*_body*.txt"))
    for path in paths:
        swap = Swap(f"{seed} {path.name}")
        found = find_forward(swap(subject_of(path)), swap(path.read_text()))
        if "variant_4" in path.name:
            assert found is None, path.name
            continue
        assert found is not None, path.name
        at = datetime.fromtimestamp((found.sent_at_ms or 0) / 1000, UTC)
        right = {
            "author": [swap.address] == [box.address for box in found.from_],
            "subject": found.subject == swap.subject,
            "date": (at.year, at.minute) == (swap.year, swap.minute),
            "text": found.text.startswith("Aenean quis") and "sagittis eget" in found.text,
            "sure": found.confidence >= CONFIDENT,
        }
        for name, is_right in right.items():
            if not is_right:
                wrong[name].append(path.name)
    assert len(paths) == 132
    assert wrong == {
        "author": ["unknown_en_body_variant_12.txt"],  # prints only a name
        "subject": [],
        "date": [],
        "text": [],
        "sure": [
            "ionos_one_and_one_en_body.txt",  # no subject comes with them: they might be answers
            "ionos_one_and_one_en_body_variant_2.txt",
            "unknown_en_body_variant_12.txt",
        ],
    }


PIECES = st.sampled_from([
    MARKED, *HEADER.split("\n"), WROTE, "Begin forwarded message:", "> From: a@b", "From:", "To: a,", "<", "Date: 99:99 2020",
    "> ", "    x", "-----Original Message-----", "Von: <mailto:a@b>", "", "Subject:", "wrote:", "A: b@cFrom: d@eDate: 1",
    "----- Forwarded Message ----- From: A <a@b.example>To: c@d.exampleSent: 1 Nov 2020 10:11Subject: x",
])  # fmt: skip


@given(
    st.sampled_from(["", "Fwd: x", "Re: x", "[a] " * 9]) | st.text(max_size=40),
    st.lists(PIECES | st.text(max_size=40), max_size=20).map("\n".join),
)
def test_it_never_raises_and_stays_in_bounds(subject, text):
    found = find_forward(subject, text)
    if found is not None:
        assert 0 < found.confidence < 1
        assert all("@" in box.address or not box.address for box in (*found.from_, *found.to, *found.cc))
        assert len(found.from_) <= 1


@given(st.text(max_size=80), st.integers(-50_000, 50_000))
def test_any_text_is_a_date_or_none(text, offset_s):
    found = find_forward("Fwd: x", f"{MARKED}\nFrom: a@b.example\nDate: {text}\n\nHalo", offset_s)
    assert found is not None
