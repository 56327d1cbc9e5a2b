"""What the author wrote, what they quoted, their signature: a row each for how people and programs lay that out."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.mail.reply import SplitReply, split_reply

REPLIES = Path(__file__).resolve().parents[3] / "../shared/corpora/replies"
WROTE = "On 2 Nov 2020, at 10:11, Ann <ann@shop.example> wrote:"
OUTLOOK = "From: Ann <ann@shop.example>\nSent: Monday, November 2, 2020 10:11 AM\nTo: Budi\nSubject: Offer"

# name, text, reply_text, quoted_text, signature
ROWS = [
    ("nothing", "", "", "", ""),
    ("blank lines", "\n \n\t\n", "", "", ""),
    ("only the author's words", "Halo,\n\nApa kabar?\n", "Halo,\n\nApa kabar?", "", ""),
    ("indentation is kept", "  - satu\n  - dua", "  - satu\n  - dua", "", ""),
    ("CRLF", f"Yes.\r\n\r\n{WROTE}\r\n> Hi\r\n", "Yes.", f"{WROTE}\n> Hi", ""),
    ("answered below", f"{WROTE}\n> Hi\n\nYes.", "Yes.", f"{WROTE}\n> Hi", ""),
    ("answered between", f"Hi Ann,\n\n{WROTE}\n> One?\nYes.\n> Two?\nNo.\n\nBudi", "Hi Ann,\n\nYes.\n\nNo.\n\nBudi",
     f"{WROTE}\n> One?\n\n> Two?", ""),
    ("quotes of quotes", f"Yes.\n{WROTE}\n> Hi\n>> Older\n>>> Oldest", "Yes.", f"{WROTE}\n> Hi\n>> Older\n>>> Oldest", ""),
    ("marks without a line above", "> Hi\n\nYes.", "Yes.", "> Hi", ""),
    ("the line is quoted itself", f"Yes.\n\n> {WROTE}\n>\n> Hi", "Yes.", f"> {WROTE}\n>\n> Hi", ""),
    ("no-break spaces and direction marks", "Ya.\n\n\u200fPada\u00a02\u202fNov 2020 10.11, Ani\u00a0<ani@toko.example>\u200e menulis:\u200f\n> Hai",
     "Ya.", "\u200fPada\u00a02\u202fNov 2020 10.11, Ani\u00a0<ani@toko.example>\u200e menulis:\u200f\n> Hai", ""),
    ("a line that was wrapped in the address", "Ok\n On Mar 8, 2012 9:59 AM, \"A\" <\nr+7f1b@shop.example> wrote:\n\n>  Blah", "Ok",
     " On Mar 8, 2012 9:59 AM, \"A\" <\nr+7f1b@shop.example> wrote:\n\n>  Blah".rstrip(), ""),
    ("in three lines", "Ok\n\nOn Monday, November 2,\n2020 at 10:11 Ann\n<ann@shop.example> wrote:\n\n> Hi", "Ok",
     "On Monday, November 2,\n2020 at 10:11 Ann\n<ann@shop.example> wrote:\n\n> Hi", ""),
    ("a quoted line broken on its way", f"Ok\n{WROTE}\n> see http://shop.example/a\nb=3&c=4)\n> Bye", "Ok",
     f"{WROTE}\n> see http://shop.example/a\nb=3&c=4)\n> Bye", ""),
    ("an answer of one line between", f"{WROTE}\n> Can you come?\nsure\n> When?\nnoon", "sure\n\nnoon",
     f"{WROTE}\n> Can you come?\n\n> When?", ""),
    ("Outlook's header", f"Yes.\n\n{OUTLOOK}\n\nHi", "Yes.", f"{OUTLOOK}\n\nHi", ""),
    ("Outlook's header below its line", f"Yes.\n\n________________________________\n{OUTLOOK}\n\nHi", "Yes.",
     f"________________________________\n{OUTLOOK}\n\nHi", ""),
    ("answers between marked lines below Outlook's header", f"-----Original Message-----\n{OUTLOOK}\n\n> One?\n\nYes.", "Yes.",
     f"-----Original Message-----\n{OUTLOOK}\n\n> One?", ""),
    ("Outlook without addresses", "Yes.\n\nFrom: Ann\nSent: 2 November 2020 10:11\nTo: Budi\nSubject: Offer\n\nHi", "Yes.",
     "From: Ann\nSent: 2 November 2020 10:11\nTo: Budi\nSubject: Offer\n\nHi", ""),
    ("Outlook in Indonesian", "Baik.\n\nDari: Ani <ani@toko.example>\nDikirim: Senin, 2 November 2020 10:11\nKepada: Budi\nSubjek: Harga\n\nHalo", "Baik.",
     "Dari: Ani <ani@toko.example>\nDikirim: Senin, 2 November 2020 10:11\nKepada: Budi\nSubjek: Harga\n\nHalo", ""),
    ("an original without a header", "Yes.\n-----Pesan Asli-----\nHi", "Yes.", "-----Pesan Asli-----\nHi", ""),
    ("hyphens of Unicode", "Yes.\n‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐\nHi", "Yes.", "‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐\nHi", ""),
    ("words of no table", "Eya.\n\n2.11.2020 10:11 Ann <ann@shop.example> nkwuru:\n\nHi", "Eya.",
     "2.11.2020 10:11 Ann <ann@shop.example> nkwuru:\n\nHi", ""),
    ("Android", "Ok\n\n---- Ani Wijaya wrote ----\n\n> Hi", "Ok", "---- Ani Wijaya wrote ----\n\n> Hi", ""),
    ("Android in Indonesian", "Ok\n\n---- Ani menulis ----\n\nHai", "Ok", "---- Ani menulis ----\n\nHai", ""),
    ("a verb without its colon", "Ok\nOn 04/19/2011 07:10 AM, Roman wrote\n\n> Hi", "Ok", "On 04/19/2011 07:10 AM, Roman wrote\n\n> Hi", ""),
    ("what ends in a verb, and nothing quoted", "On 04/19/2011 07:10 AM Roman wrote\nHi", "On 04/19/2011 07:10 AM Roman wrote\nHi", "", ""),
    ("an ornament", "Promo\n>>> Klik http://toko.example <<<\nSalam", "Promo\n>>> Klik http://toko.example <<<\nSalam", "", ""),
    ("a header of two fields", "Ok\n\nFrom: ann@shop.example\nDate: Wed, 16 May 2012 00:15:02 -0600\n\nHi", "Ok",
     "From: ann@shop.example\nDate: Wed, 16 May 2012 00:15:02 -0600\n\nHi", ""),
    ("no colon at all", "Ok\n2011/4/7 Ani <ani@toko.example>\n\n> Hi", "Ok", "2011/4/7 Ani <ani@toko.example>\n\n> Hi", ""),
    ("a field of Outlook's header is wrapped", f"Ok\n\n{OUTLOOK.replace('2020 10', '2020' + chr(10) + '10')}\n\nHi", "Ok",
     f"{OUTLOOK.replace('2020 10', '2020' + chr(10) + '10')}\n\nHi", ""),
    ("a header without an author", "Ok\n\nDate: Wed, 16 May 2012 00:15:02 -0600\nTo: b@pt.example\n\nHi", "Ok",
     "Date: Wed, 16 May 2012 00:15:02 -0600\nTo: b@pt.example\n\nHi", ""),
    ("GitHub's, which says it twice", "Ok\n\nOn Dec 16, 2011, at 12:47 PM, Ani wrote:\n<reply@host.example>\nwrote:\n\n> Hi", "Ok",
     "On Dec 16, 2011, at 12:47 PM, Ani wrote:\n<reply@host.example>\nwrote:\n\n> Hi", ""),
    # Signatures
    ("a signature", "Yes.\n\n-- \nBudi\nPT Maju", "Yes.", "", "-- \nBudi\nPT Maju"),
    ("its mark without the space", "Yes.\n--\nBudi\nPT Maju", "Yes.", "", "--\nBudi\nPT Maju"),
    ("a lone name below the author's own dashes", "Yes.\n--\nBudi", "Yes.\n--\nBudi", "", ""),
    ("a lone name below dashes, below the quote", f"Yes.\n\n{WROTE}\n> Hi\n\n--\n\nBudi", "Yes.", f"{WROTE}\n> Hi", "--\n\nBudi"),
    ("what a program adds below dashes", "Yes.\n--\nSecured with Tuta Mail", "Yes.", "", "--\nSecured with Tuta Mail"),
    ("the mark of RFC 3676 before all others", "Yes.\n-- \nBudi\n--\nPT Maju", "Yes.", "", "-- \nBudi\n--\nPT Maju"),
    ("a long dash divides text", "Yes.\n\n—\nBudi\nPT Maju", "Yes.\n\n—\nBudi\nPT Maju", "", ""),
    ("a signature, and quoted below", f"Yes.\n-- \nBudi\n\n{WROTE}\n> Hi", "Yes.", f"{WROTE}\n> Hi", "-- \nBudi"),
    ("a signature below the answer below", f"{WROTE}\n> Hi\n\nYes.\n\n-- \nBudi", "Yes.", f"{WROTE}\n> Hi", "-- \nBudi"),
    ("the signature of who is quoted", f"Yes.\n\n{WROTE}\n> Hi\n> -- \n> Ann", "Yes.", f"{WROTE}\n> Hi\n> -- \n> Ann", ""),
    ("a signature below the quote", f"Yes.\n\n{WROTE}\n> Hi\n\n-- \nBudi", "Yes.", f"{WROTE}\n> Hi", "-- \nBudi"),
    ("a disclaimer behind the mark", "Yes.\n-- \nBudi\n\nThis e-mail is confidential.", "Yes.", "",
     "-- \nBudi\n\nThis e-mail is confidential."),
    ("a disclaimer without a mark is text", "Yes.\n\nThis e-mail is confidential.", "Yes.\n\nThis e-mail is confidential.", "", ""),
    ("lines of dashes divide text", "One\n--\nTwo\n--\nBudi\nPT Maju", "One\n--\nTwo", "", "--\nBudi\nPT Maju"),
    ("text that somebody divided", "Intro\n--\n" + "word\n" * 80, "Intro\n--\n" + "word\n" * 79 + "word", "", ""),
    ("two dashes within a line", "this -- is no -- mark", "this -- is no -- mark", "", ""),
    ("what a phone adds, and a signature", "Ok.\n\nSent from my iPhone\n-- \nBudi", "Ok.", "", "Sent from my iPhone\n-- \nBudi"),
    ("what a phone adds above more text", "Ok.\n\nSent from my iPhone\n\nOh, and bring it.", "Ok.\n\nSent from my iPhone\n\nOh, and bring it.", "", ""),
    ("a sentence that names a phone", "Sent from my desk, is much easier then my mobile phone.", "Sent from my desk, is much easier then my mobile phone.", "", ""),
    ("an excuse behind what a phone adds", "Ok.\n\nSent from my iPhone, please excuse typos", "Ok.", "", "Sent from my iPhone, please excuse typos"),
    ("a sentence that sounds like it", "Sent from the warehouse yesterday.", "Sent from the warehouse yesterday.", "", ""),
    ("a mailing list's footer below a quote", f"Ok\n\n{WROTE}\n> Hi\n\n____\nusers mailing list", "Ok",
     f"{WROTE}\n> Hi\n\n____\nusers mailing list", ""),
    # What only looks like a quote
    ("a journey", "Dari: Jakarta\nKe: Denpasar\nTanggal: 3 Mei 2024", "Dari: Jakarta\nKe: Denpasar\nTanggal: 3 Mei 2024", "", ""),
    ("an appointment", "Date: Wednesday 3 October 2011\nTime: 7:00\nTo: the lobby", "Date: Wednesday 3 October 2011\nTime: 7:00\nTo: the lobby", "", ""),
    ("who wrote what, in a sentence", "Kemarin Ani menulis:\nharga naik.", "Kemarin Ani menulis:\nharga naik.", "", ""),
    ("a sentence with a year", "In 2019 my father wrote:\nsell.", "In 2019 my father wrote:\nsell.", "", ""),
    ("a list of people", "Please ask:\nAnn <ann@shop.example>:\n- price", "Please ask:\nAnn <ann@shop.example>:\n- price", "", ""),
    ("an address and a time, in a sentence", "Rapat 12/05/2024 10:00 dengan Ani <ani@toko.example>:\n- harga", "Rapat 12/05/2024 10:00 dengan Ani <ani@toko.example>:\n- harga", "", ""),
    ("an address and a verb, in a sentence", "As Ani <ani@toko.example> wrote at 10:30:\nsell.", "As Ani <ani@toko.example> wrote at 10:30:\nsell.", "", ""),
    ("a heading of dashes", "--- Penawaran ---\nHarga 5", "--- Penawaran ---\nHarga 5", "", ""),
    ("a heading about a message", "*** Important message ***\nOffice closed", "*** Important message ***\nOffice closed", "", ""),
    ("a table", "Item\n--------\nKopi", "Item\n--------\nKopi", "", ""),
    ("a forward below words", "Tolong ya.\n\n---------- Forwarded message ---------\nFrom: A <a@b.example>\nDate: 2 Nov 2020 10:11\n\nHi", "Tolong ya.",
     "---------- Forwarded message ---------\nFrom: A <a@b.example>\nDate: 2 Nov 2020 10:11\n\nHi", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [pytest.param(row[1], SplitReply(*row[2:]), id=row[0]) for row in ROWS])
def test_what_the_author_wrote(text, expected):
    assert split_reply(text) == expected


def words(text):
    return " ".join(text.split())


@pytest.mark.skipif(not REPLIES.exists(), reason="no ../shared/corpora here")
def test_replies_of_the_corpus():
    """Their expectation is the text without what is quoted, so signatures are in it: ≥ 90 % must be equal."""
    wrong, apart = [], []
    for path in sorted((REPLIES / "samples").glob("*.txt")):
        split = split_reply(path.read_text())
        expected = words((REPLIES / "expecteds" / path.name).read_text())
        if expected == words(f"{split.reply_text}\n{split.signature}") != words(split.reply_text):
            apart.append(path.name)
        elif expected != words(split.reply_text):
            wrong.append(path.name)
    # "On … wrote:", "> Hi", "Hello": the corpus has nothing left, we an answer below the quote.
    assert wrong == ["thunderbird_dual.txt"]
    assert apart == [
        "email_iphone.txt",
        "email_sent_from.txt",
        "iphone_dual.txt",
    ]  # what a phone adds: 41 of 45 as they are


def written(text):
    return [line.rstrip() for line in text.split("\n") if line.strip()]


PIECES = st.sampled_from([
    "Halo", "", "> Hi", ">> Hi", WROTE, *OUTLOOK.split("\n"), "-- ", "--", "Sent from my iPhone", "____", "On 2 Nov 2020",
    "<ann@shop.example> wrote:", "wrote:", "-----Original Message-----", "Begin forwarded message:", "Dari: a@b", "\u200f",
    "\ufeff>", "To:", " ", ":", "：", "On On On", "________________",
])  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=30).map(lambda text: text.replace("\r", " ")), max_size=30).map("\n".join)


@given(TEXTS)
def test_nothing_is_lost(text):
    split = split_reply(text)
    parts = [written(split.reply_text), written(split.quoted_text), written(split.signature)]
    assert sorted(line for part in parts for line in part) == sorted(written(text))
    for part in parts:  # each in order
        rest = iter(written(text))
        assert all(line in rest for line in part)


@given(TEXTS)
def test_marked_lines_are_never_the_authors(text):
    own = split_reply(text).reply_text.split("\n")
    assert not any(line.startswith(">") and not line.endswith("<<") for line in own)


def test_what_lies_beyond_the_bound_goes_with_the_last_line():
    long = "word\n" * 300_000
    assert written(split_reply(long).reply_text) == written(long)
    split = split_reply(f"Yes.\n{WROTE}\n\n{long}")
    assert (split.reply_text, len(written(split.quoted_text))) == ("Yes.", 300_001)
