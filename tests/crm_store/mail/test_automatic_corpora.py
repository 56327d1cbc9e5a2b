"""Automatic mail of the public corpora: its kind, and whom a bounce did not reach."""

import re
from functools import cache
from pathlib import Path

import pytest

from crm_store.mail.automatic.signs import ReportKind
from crm_store.mail.read import read
from crm_store.rules.automatic import AutomaticMail, read_automatic

CORPORA = Path(__file__).resolve().parents[3] / "../shared/corpora"
pytestmark = pytest.mark.skipif(not CORPORA.exists(), reason="no ../shared/corpora here")

KINDS = {"arf": "feedback", "rfc3834": "auto-reply"}  # by the file's name; lhost, rhost and rfc3464 are bounces
# Amazon's notices for programs, JSON in a text: of a complaint, of a delivery; and a list program's word about a loop.
OTHER_KIND = {"lhost-amazonses-11", "lhost-amazonses-13", "lhost-fml-03"}
_RECIPIENT = re.compile(r"(?im)^(?:final|original)-recipient:(?:[^;<\n]*;)?\s*<?([^\s<>;]+@[^\s<>;]+)")
# Bounces of bounces, of which the inner one names another; and people who wrote to themselves.
OTHER_RECIPIENT = {"lhost-sendmail-41", "rhost-yahooinc-03"}
TO_THEMSELVES = {"lhost-exim-61", "lhost-postfix-09", "lhost-sendmail-39"}


@cache
def automatic() -> dict[str, tuple[bytes, AutomaticMail | None]]:
    found = {}
    for path in sorted((CORPORA / "bounces").glob("*.eml")):
        content = path.read_bytes()
        found[path.stem] = (content, read_automatic(read(content)))
    return found


def test_the_kind_is_as_the_file_s_name_says():
    assert len(automatic()) == 333
    wrong = {
        name
        for name, (_, mail) in automatic().items()
        if (mail.kind.value if mail else None) != KINDS.get(name.split("-")[0], "bounce")
    }
    assert wrong == OTHER_KIND  # 99.1 %


def test_every_recipient_that_a_report_names_is_found():
    missed = set()
    for name, (content, mail) in automatic().items():
        _, _, body = content.decode("latin-1").replace("\r\n", "\n").partition("\n\n")
        named = {address.lower() for address in _RECIPIENT.findall(body)}
        if mail is not None and mail.kind.value == "bounce":
            found = {form.lower() for one in mail.failed for form in (one.address, one.original)}
            missed |= {name} if named - found else set()
    assert missed == OTHER_RECIPIENT


def test_every_bounce_names_somebody_and_not_whom_it_was_sent_to():
    for name, (content, mail) in automatic().items():
        if mail is not None and mail.kind.value == "bounce":
            assert mail.failed, name
            to = {mailbox.address.casefold() for mailbox in read(content).to}
            assert not to & {one.address.casefold() for one in mail.failed} or name in TO_THEMSELVES, name


@pytest.mark.parametrize("folder", ["mime-stalwart", "mime-mime4j", "mime-mikel", "mail-auth", "arc"])
def test_other_mail_is_taken_for_a_report_only_if_it_is_one(folder):
    for path in (CORPORA / folder).rglob("*"):
        if path.suffix in (".eml", ".msg"):
            mail = read(path.read_bytes())
            found = read_automatic(mail)
            if found is not None and found.kind.value == "bounce":
                author = mail.author.address.partition("@")[0].lower()
                assert author in ("mailer-daemon", "postmaster"), path.name
            report = mail.automatic.report
            if report is not None and report.kind is not ReportKind.DELIVERY:
                assert b"report-type" in path.read_bytes().lower(), path.name
