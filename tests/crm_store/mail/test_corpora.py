"""Mails of the public corpora: all are read; where somebody else's reading lies beside the mail, it is compared."""

import json
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from stalwart_reading import as_stalwart_reads, as_we_read

from crm_store.mail import body
from crm_store.mail.limits import LIMITS
from crm_store.mail.problems import Problems
from crm_store.mail.read import read
from crm_store.mail.shown_html import shown_html
from crm_store.mail.structure import find_parts

CORPORA = Path(__file__).resolve().parents[3] / "../shared/corpora"
pytestmark = pytest.mark.skipif(not CORPORA.exists(), reason="no ../shared/corpora here")

# Stalwart reads on into an unclosed inner part where RFC 2046 §5.1.2 ends it (009, 011, 016); 001, 005, 019, 020, 021 are
# broken on purpose: nothing says which reading is right.
OTHER_TEXT = {f"malformed/{number}" for number in ("001", "005", "009", "011", "016", "019", "020", "021")}
OTHER_DATE = {"malformed/019"}  # "10:00:t": we give no date, Stalwart midnight
AGREED = {"subject": 64, "from": 67, "to": 61, "message_id": 57, "date": 62, "text": 61}


def test_stalwart_and_we_read_the_same():
    """But for the files named above; not compared where Stalwart gives U+FFFD for what we read by the mail's charset."""
    agreed, differing = Counter(), {}
    for path in sorted((CORPORA / "mime-stalwart").glob("*/*.eml")):
        ours = as_we_read(read(path.read_bytes()))
        mail_id = f"{path.parent.name}/{path.stem}"
        for name, theirs in as_stalwart_reads(json.loads(path.with_suffix(".json").read_text())).items():
            if theirs == ours[name]:
                agreed[name] += 1
            elif "\ufffd" not in str(theirs):
                differing.setdefault(name, set()).add(mail_id)
    assert differing == {"text": OTHER_TEXT, "date": OTHER_DATE}
    assert agreed == AGREED


# Where Stalwart's parts are others, and why ours are kept:
OTHER_PARTS = {
    # It looks for the innermost boundary alone and so reads on into an inner part that nobody closed; RFC 2046 §5.1.2 ends
    # that where the outer multipart goes on, and so do programs that people use.
    *(f"malformed/{number}" for number in ("009", "011", "012", "016")),
    # A boundary that begins as another one does ("a", "ab", "a--"): it takes one for the other; RFC 2046 §5.1.1 needs the
    # line to end behind it.
    *(f"malformed/{number}" for number in ("001", "005", "007")),
    # Delimiters, and headers that no empty line ends: to Stalwart a multipart without parts, to us four empty parts.
    "malformed/000",
    # Two mails written over one another.
    "malformed/019",
    # A part with two Content-Type fields: the delimiter between them is lost. It takes the last, which shows a person the
    # source of all parts that follow; we the first, whose parts can be read.
    *(f"malformed/{number}" for number in ("020", "021")),
}


def content_type_of(part, default):
    for header in part["headers"]:
        if header["name"] == "content_type" and "ContentType" in header["value"]:
            told = header["value"]["ContentType"]
            return f"{told['c_type']}/{told['c_subtype'] or ''}".lower()
    return default


def their_parts(parsed, place=0, default="text/plain"):
    """Content types in order, each multipart before its parts."""
    part = parsed["parts"][place]
    kind = content_type_of(part, "message/rfc822" if "Message" in part["body"] else default)
    if "Multipart" not in part["body"]:
        return ["text/plain" if kind.startswith("multipart/") else kind]
    inner = "message/rfc822" if kind == "multipart/digest" else "text/plain"
    return [kind, *(each for child in part["body"]["Multipart"] for each in their_parts(parsed, child, inner))]


def our_parts(part):
    return [part.content_type, *(each for child in part.children for each in our_parts(child))]


def test_stalwart_and_we_find_the_same_parts():
    differing, same = set(), 0
    for path in sorted((CORPORA / "mime-stalwart").glob("*/*.eml")):
        theirs = their_parts(json.loads(path.with_suffix(".json").read_text()))
        if our_parts(find_parts(path.read_bytes(), LIMITS, Problems())) == theirs:
            same += 1
        else:
            differing.add(f"{path.parent.name}/{path.stem}")
    assert differing == OTHER_PARTS
    assert same == 87 - len(OTHER_PARTS)


# Where mime4j's parts are others: a multipart without any part is a text to us, an empty multipart to mime4j; boundaries that
# end in blanks, which RFC 2046 §5.1.1 forbids, end elsewhere.
OTHER_SHAPE = {
    "badbound", "missing-boundary", "missing-inner-boundary", "missing-inner-start-boundary", "multipartnopart",
    "very-long-boundary", "very-very-long-boundary", "weird-boundary",
}  # fmt: skip


def mime4j_shape(node):
    """M with its parts, R with the mail in it, L for a leaf."""
    for child in node:
        if child.tag == "multipart":
            return ["M", *(mime4j_shape(part) for part in child if part.tag == "body-part")]
        if child.tag == "message":
            return ["R", mime4j_shape(child)]
    return "L"


def our_shape(raw, part):
    if part.children:
        return ["M", *(our_shape(raw, child) for child in part.children)]
    if not part.is_message:
        return "L"
    inner = body.content(raw, part, Problems())
    return ["R", our_shape(inner, find_parts(inner, LIMITS, Problems()))]


def test_mime4j_and_we_find_the_same_parts():
    """Mails in mails too, also where these are in base64."""
    differing, same = set(), 0
    for path in sorted((CORPORA / "mime-mime4j").rglob("*.msg")):
        raw = path.read_bytes()
        theirs = mime4j_shape(ElementTree.parse(path.with_name(f"{path.stem}_decoded.xml")).getroot())
        if our_shape(raw, find_parts(raw, LIMITS, Problems())) == theirs:
            same += 1
        else:
            differing.add(path.stem)
    assert differing == OTHER_SHAPE
    assert same == 72


@pytest.mark.parametrize("folder", ["mime-stalwart", "mime-mime4j", "mime-mikel", "bounces", "mail-auth"])
def test_every_mail_is_read(folder):
    paths = [path for path in (CORPORA / folder).rglob("*") if path.suffix in (".eml", ".msg")]
    assert paths
    unreadable = [path.name for path in paths if "unreadable" in read(path.read_bytes()).problems]
    assert unreadable == []
    for path in paths:
        shown_html(path.read_bytes())


def test_bounces_show_their_signs():
    reports = [read(path.read_bytes()) for path in (CORPORA / "bounces").glob("rfc3464-*.eml")]
    told = [parsed for parsed in reports if "report-type=delivery-status" in parsed.automatic.content_type]
    assert (len(told), len(reports)) == (14, 17)  # three have no report-type
