"""What a reader sees of recorded mail, made again from its raw bytes: after the reading of mail has become better.

Its place, its people's ids and its decisions stay; only what is shown of each copy changes. It goes over the copies in
slices, each one transaction, and knows how far it has come: whoever starts it again goes on there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from crm_store import copies
from crm_store.blobs.store import BlobStore
from crm_store.database.session import lock_location, writing
from crm_store.errors import NotFound
from crm_store.mail.parsed_mail import ParsedMail
from crm_store.mail.read import read
from crm_store.models.messages import MessageContent, Sighting
from crm_store.models.reparse import Reparse
from crm_store.rules.original import reading_of
from crm_store.rules.parties import Parties, parties_of
from crm_store.rules.states import Path

SLICE = 50


@dataclass(frozen=True, slots=True)
class Progress:
    """copies: how many there are at most, as ids count them. read, changed, missing: of those gone over.

    missing: their raw bytes are gone."""

    done_up_to: int
    copies: int
    read: int
    changed: int
    missing: int

    @property
    def finished(self) -> bool:
        return self.done_up_to >= self.copies


def begin(*, now_ms: int) -> Progress:
    """Go on where the last one stopped, or start over where it had finished."""
    with writing():
        row = _open()
        if row is None:
            newest = Sighting.select(Sighting.id).order_by(Sighting.id.desc()).first()
            row = Reparse.create(up_to=0 if newest is None else newest.id, started_at_ms=now_ms)
        return _progress(row)


def go_on(blobs: BlobStore, capture_domains: Collection[str], *, now_ms: int) -> Progress:
    """One slice further. Call begin() first. Raises: StoreUnavailable; then nothing of the slice has changed."""
    row = _open()
    assert row is not None, "it was begun"
    slice_ = list(
        Sighting.select().where(Sighting.id.between(row.done_up_to + 1, row.up_to)).order_by(Sighting.id).limit(SLICE)
    )
    mails = {one.id: _mail(one, blobs) for one in slice_}
    with writing():
        for location_id in sorted({one.location_id for one in slice_}):
            lock_location(location_id)
        changed = sum(_read_anew(one, mails[one.id], capture_domains) for one in slice_)
        done_up_to = slice_[-1].id if slice_ else row.up_to
        Reparse.update(
            done_up_to=done_up_to,
            read_count=Reparse.read_count + len(slice_),
            changed_count=Reparse.changed_count + changed,
            missing_count=Reparse.missing_count + sum(mail is None for mail in mails.values()),
            finished_at_ms=now_ms if done_up_to >= row.up_to else None,
        ).where(Reparse.id == row.id).execute()
        return _progress(Reparse.get_by_id(row.id))


def _open() -> Reparse | None:
    row: Reparse | None = Reparse.select().order_by(Reparse.id.desc()).first()
    return None if row is None or row.finished_at_ms is not None else row


def _progress(row: Reparse) -> Progress:
    return Progress(row.done_up_to, row.up_to, row.read_count, row.changed_count, row.missing_count)


def _mail(sighting: Sighting, blobs: BlobStore) -> ParsedMail | None:
    try:
        return read(blobs.read(bytes(sighting.blob_sha256)))
    except NotFound:
        return None


def _read_anew(stale: Sighting, mail: ParsedMail | None, capture_domains: Collection[str]) -> bool:
    """Whether it shows something else now. It may have gone since it was listed."""
    sighting: Sighting | None = Sighting.get_or_none(Sighting.id == stale.id)
    if sighting is None or mail is None:
        return False
    shown, parties = _what_it_shows(sighting, mail, capture_domains)
    copy = copies.Copy(
        location_id=sighting.location_id,
        path=Path(sighting.path),
        mail=shown,
        parties=parties,
        blob_sha256=bytes(sighting.blob_sha256),
        seen_at_ms=sighting.seen_at_ms,
    )
    return copies.read_anew(sighting, copy)


def _what_it_shows(
    sighting: Sighting, mail: ParsedMail, capture_domains: Collection[str]
) -> tuple[ParsedMail, Parties]:
    """C6: the original where that was recorded, which its author tells; else the mail itself."""
    itself = mail, parties_of(mail, capture_domains)
    if sighting.path != Path.BCC:
        return itself
    reading = reading_of(mail, capture_domains)
    wrote = MessageContent.get_by_id(sighting.content_id).author_address
    choices: Sequence[tuple[ParsedMail, Parties]] = ((reading.mail, reading.parties), itself)
    return next((one for one in choices if one[0].author.address == wrote), itself)
