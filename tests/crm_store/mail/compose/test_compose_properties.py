"""Whatever people type: what is composed is read back as it was given, and holds nothing else."""

import email
import hashlib
import re
from email import policy

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_store.mail.clean_text import clean_line, clean_lines, clean_name
from crm_store.mail.compose.draft import Draft, DraftAttachment, ReplyTo
from crm_store.mail.compose.message import compose
from crm_store.mail.html_text import text_of_html
from crm_store.mail.parsed_mail import Mailbox
from crm_store.mail.read import read
from crm_store.typed_address import wire_form

TOKEN = "k7w2m4q9x3z8b6n5v2c4j7h3d8"
TRICKS = [
    "\r\nBcc: evil@x.id\r\n", "\n\n", "\r", "\n ", "\t", "\0", "\x0b", "\u2028", "\x85", "\ud83d", "\ufeff", '"', "\\", ",", ";", ":", "<", ">",
    "(", ")", "@", "=?utf-8?q?=0D=0ABcc:_a@b.c?=", "=?", "?=", "=", "é", "ü,", "产品", "مرحبا", "\u202e", "👨‍👩‍👧", "🌞", "  ", " ", ".", "\r\n.\r\n",
    f"\n--=_{TOKEN}m--\n", f"--=_{TOKEN}a", "From ", "-- \n", "> ", "Budi", "Santoso, S.E.", "x" * 90, "ö" * 60, "harga kopi terbaru ", "/", "..\\", "%",
]  # fmt: skip
typed = st.lists(st.one_of(st.sampled_from(TRICKS), st.text(max_size=6)), max_size=8).map("".join)
ADDRESSES = [
    "budi@toko.id",
    "ani.sari+x@kantor.example",
    "Info@Toko-Bücher.example",
    "x@例え.jp",
    "o'neil@a.b",
    "l" * 64 + "@c.d",
]
people = st.lists(st.builds(Mailbox, typed, st.sampled_from(ADDRESSES)), max_size=4).map(tuple)
# Readers take encoded words there for what they encode, and name a mail that has no name.
file_names = st.builds("{}.a".format, typed.filter(lambda name: "=?" not in name))
TYPES = [
    "application/pdf",
    "",
    "text/html",
    "text/plain; charset=utf-16",
    "message/rfc822",
    "multipart/mixed",
    "message/partial",
    "image/PNG",
]
CONTENTS = [
    b"", b"x", b"Subject: a\r\n\r\nb\r\n", b"Subject: a\n\nb\n", b"\xff" * 57, b"a" * 58, b"--=_" + TOKEN.encode() + b"m--\r\n", b"y" * 999, bytes(range(256)),
]  # fmt: skip
files = st.lists(
    st.builds(DraftAttachment, file_names, st.sampled_from(TYPES), st.sampled_from(CONTENTS)), max_size=3
).map(tuple)
drafts = st.builds(
    Draft,
    from_name=typed,
    from_address=st.sampled_from(ADDRESSES),
    to=people,
    cc=people,
    bcc=people,
    subject=typed.filter(lambda text: len(text) < 900),
    text=typed,
    html=st.one_of(st.none(), typed),
    token=st.just(TOKEN),
    attachments=files,
    reply=st.one_of(st.none(), st.builds(ReplyTo, typed, st.lists(typed, max_size=3).map(tuple))),
)


def as_read(mailboxes):
    return tuple(Mailbox(clean_name(one.name, 256), wire_form(one.address, "to")) for one in mailboxes)


def written(text):
    text = clean_lines(text).lstrip("\ufeff").rstrip("\n") + "\n"
    return text if text.strip() else ""


def assert_goes_over_any_wire(raw):
    assert raw.isascii()
    assert b"\0" not in raw
    assert re.sub(rb"\r\n", b"", raw).translate(None, b"\r\n") == re.sub(rb"\r\n", b"", raw)  # no line end but CRLF
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert raw.endswith(b"\r\n")
    header = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert all(len(line) <= 76 or len(line.split()) <= 2 for line in header)  # an address, an id: no place to fold


@settings(max_examples=120, deadline=None)
@given(drafts)
def test_what_is_read_is_what_was_given(draft):
    raw = compose(draft, bcc_field=True)
    assert_goes_over_any_wire(raw)
    mail = read(raw)
    assert mail.from_ == as_read([Mailbox(draft.from_name, draft.from_address)])
    assert (mail.to, mail.cc, mail.bcc) == (as_read(draft.to), as_read(draft.cc), as_read(draft.bcc))
    assert mail.subject == clean_line(draft.subject)
    page = written(draft.html or "")
    assert mail.text == (written(draft.text) or written(text_of_html(page)))
    assert mail.has_html is bool(page)
    assert [(a.name, a.size_bytes, a.sha256) for a in mail.attachments] == [
        (clean_name(re.sub(r"(?s).*[/\\]", "", a.name), 256), len(a.content), hashlib.sha256(a.content).hexdigest())
        for a in draft.attachments
    ]
    assert set(mail.problems) <= {"no Message-ID", "no Date"}


@settings(max_examples=60, deadline=None)
@given(drafts, st.booleans())
def test_the_header_has_the_fields_of_the_draft_and_no_other(draft, bcc_field):
    raw = compose(draft, bcc_field=bcc_field)
    mail = email.message_from_bytes(raw, policy=policy.compat32)
    given_ = {"From", "Subject", "X-SunnyDay-Delivery", "MIME-Version"}
    given_ |= {name for name, people in (("To", draft.to), ("Cc", draft.cc), ("Bcc", draft.bcc)) if people}
    given_ -= set() if bcc_field else {"Bcc"}
    may = {"Content-Type", "Content-Transfer-Encoding", *(["In-Reply-To", "References"] if draft.reply else [])}
    assert given_ <= set(mail.keys()) <= given_ | may
    assert len(set(mail.keys())) == len(mail.keys())


@settings(max_examples=60, deadline=None)
@given(drafts)
def test_another_reader_finds_the_same_people_and_nothing_to_mend(draft):
    mail = email.message_from_bytes(compose(draft, bcc_field=True), policy=policy.default)
    for name, people_ in (("to", draft.to), ("cc", draft.cc), ("bcc", draft.bcc)):
        found = mail[name].addresses if people_ else ()
        assert [one.addr_spec for one in found] == [one.address for one in as_read(people_)]
    assert [defect for part in mail.walk() for defect in part.defects] == []
    assert [defect for value in mail.values() for defect in value.defects] == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(st.sampled_from(["=", " ", "\t", "é", "\n", ".", "a" * 74, "\nFrom x"]), st.text(max_size=3)),
        max_size=40,
    ).map("".join)
)
def test_no_encoded_line_is_longer_than_rfc_2045_allows(text):
    raw = compose(Draft("", "a@b.c", (), "s", text, TOKEN), bcc_field=True)
    header, _, body = raw.partition(b"\r\n\r\n")
    most = 78 if b"7bit" in header else 76
    assert max(map(len, body.split(b"\r\n"))) <= most
    assert read(raw).text == written(text)
