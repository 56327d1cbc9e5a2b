"""Bounces, reports and signed mail of the public corpora, through the real engine over HTTP."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from followed_mailbox import Followed
from mails import a_mail

from crm_store.mail.read import read
from crm_store.models.messages import Entry, Message, Undelivered
from crm_store.rules.automatic import AutomaticMail, read_automatic

CORPORA = Path(__file__).resolve().parents[2] / "../shared/corpora"
# Nothing in its header tells that it is a bounce, so its body is not fetched (B4): it is of nobody who is a contact.
BOUNCES_IN_DISGUISE = {"2013000000000000@example.jp"}
EVERY = [12, pytest.param(1, marks=pytest.mark.soak)]

pytestmark = [
    pytest.mark.skipif(not CORPORA.is_dir(), reason="no ../shared/corpora here"),
    # Mail is the same on both databases.
    pytest.mark.parametrize("followed_settings", ["sqlite"], indirect=True, scope="module"),
]


def mails_of(*folders: str) -> Sequence[bytes]:
    paths = [path for folder in folders for path in sorted((CORPORA / folder).rglob("*"))]
    return [path.read_bytes() for path in paths if path.suffix in (".eml", ".msg", ".txt")]


@pytest.mark.parametrize("one_of", EVERY, ids="one of {}".format)
def test_what_is_automatic_signed_or_odd_holds_up_nothing(ani_followed: Followed, one_of: int):
    """Of nobody who is a contact, and between mails of somebody who is."""
    budi = ani_followed.contact("budi")
    ani_followed.sandbox.limit(user_units_per_minute=100_000)
    subjects = []
    odd = mails_of("bounces", "mail-auth")[::one_of]
    for number, raw in enumerate(odd):
        ani_followed.sandbox.deliver(ani_followed.email, raw)
        if not number % 20:
            subjects.append(f"surat {number}")
            ani_followed.deliver(budi, subject=subjects[-1])
    ani_followed.sync()
    assert ani_followed.subjects() == subjects
    assert ani_followed.told() == (len(odd) + len(subjects), len(subjects), len(odd), 0, 0)


def bounces(one_of: int) -> Sequence[tuple[bytes, AutomaticMail]]:
    """Those that name the mail that they are about, and whom it did not reach."""
    read_all = ((raw, read_automatic(read(raw))) for raw in mails_of("bounces"))
    of_a_mail = [(raw, mail) for raw, mail in read_all if mail and mail.failed and mail.original_message_id]
    return of_a_mail[::one_of]


@pytest.mark.parametrize("one_of", EVERY, ids="one of {}".format)
def test_bounces_are_shown_on_the_mail_that_they_are_about(ani_followed: Followed, one_of: int):
    """C7."""
    ani, sandbox = ani_followed, ani_followed.sandbox
    sandbox.limit(user_units_per_minute=100_000)
    told = bounces(one_of)
    budi, originals = ani.contact("budi"), dict[str, str]()
    for _, mail in told:
        failed = mail.failed[0].original or mail.failed[0].address
        originals.setdefault(str(mail.original_message_id), failed)
    for message_id, failed in originals.items():
        sandbox.send(ani.email, a_mail(ani.email, to=f"{failed}, {budi}", message_id=f"<{message_id}>"), keep_id="true")
    ani.sync()
    for raw, _ in told:
        sandbox.deliver(ani.email, raw)
    ani.sync()
    marked = (
        Message.select(Message.message_id)
        .join(Entry, on=(Entry.message_id == Message.id))
        .join(Undelivered, on=(Undelivered.entry_id == Entry.id))
        .where(Entry.location_id == ani.location_id)
    )
    shown = {row.message_id for row in marked}
    print(f"{len(told)} bounces of {len(originals)} mails; shown on {len(shown)}")
    assert originals.keys() - shown <= BOUNCES_IN_DISGUISE
    assert ani.told() == (len(told) + len(originals), len(originals), len(told), 0, 0)
