"""What people see of mail, made again from its raw bytes: after the reading of mail has become better.

Its place, its people's ids and its decisions stay; only what is shown of each copy changes, and of what waits in the
queue. It goes over them in slices, each one transaction, and knows how far it has come: whoever starts it again goes on
there."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from crm_store import capture_rereading, copies
from crm_store.blobs.store import BlobStore
from crm_store.database.session import lock_location, writing
from crm_store.errors import NotFound
from crm_store.mail.parsed_mail import ParsedMail
from crm_store.mail.read import read
from crm_store.models.captures import Capture
from crm_store.models.messages import MessageContent, Sighting
from crm_store.models.reparse import Reparse
from crm_store.rules.original import reading_of
from crm_store.rules.parties import Parties, parties_of
from crm_store.rules.states import CaptureState, Path
from crm_store.search import filling, keeping

SLICE = 50
_LOOKED_AT = 1000  # captures that a slice passes over: most are recorded, and read as copies


@dataclass(frozen=True, slots=True)
class Progress:
    """total: how many there are at most, as ids count them. read, changed, missing: of those gone over.

    missing: their raw bytes are gone."""

    done: int
    total: int
    read: int
    changed: int
    missing: int

    @property
    def finished(self) -> bool:
        return self.done >= self.total


def begin(*, now_ms: int) -> Progress:
    """Go on where the last one stopped, or start over where it had finished."""
    with writing():
        row = _open()
        if row is None:
            filling.begin_anew()
            row = Reparse.create(up_to=_newest(Sighting), captures_up_to=_newest(Capture), started_at_ms=now_ms)
        return _progress(row)


def go_on(blobs: BlobStore, capture_domains: Collection[str], *, now_ms: int) -> Progress:
    """One slice further. Call begin() first. Raises: StoreUnavailable; then nothing of the slice has changed."""
    row = _open()
    assert row is not None, "it was begun"
    go_over = _go_over_copies if row.done_up_to < row.up_to else _go_over_captures
    return go_over(row, blobs, capture_domains, now_ms)


def _go_over_copies(row: Reparse, blobs: BlobStore, capture_domains: Collection[str], now_ms: int) -> Progress:
    slice_ = list(
        Sighting.select().where(Sighting.id.between(row.done_up_to + 1, row.up_to)).order_by(Sighting.id).limit(SLICE)
    )
    mails = {one.id: _mail(bytes(one.blob_sha256), blobs) for one in slice_}
    with writing():
        _lock(one.location_id for one in slice_)
        changed = sum(_read_anew(one, mails[one.id], capture_domains, now_ms) for one in slice_)
        done_up_to = slice_[-1].id if slice_ else row.up_to
        Reparse.update(done_up_to=done_up_to).where(Reparse.id == row.id).execute()
        return _count(row.id, changed, list(mails.values()), now_ms)


def _go_over_captures(row: Reparse, blobs: BlobStore, capture_domains: Collection[str], now_ms: int) -> Progress:
    """Those with content that are not recorded: of those a copy is."""
    end = min(row.captures_done_up_to + _LOOKED_AT, row.captures_up_to)
    here = Capture.id.between(row.captures_done_up_to + 1, end)
    kept = (Capture.state != CaptureState.RECORDED) & Capture.blob_sha256.is_null(False)
    slice_ = list(Capture.select().where(here & kept).order_by(Capture.id).limit(SLICE))
    mails = {one.id: _mail(bytes(one.blob_sha256 or b""), blobs) for one in slice_}
    with writing():
        _lock(one.location_id for one in slice_)
        changed = sum(
            capture_rereading.read_anew(capture_id, mail, capture_domains, now_ms=now_ms)
            for capture_id, mail in mails.items()
            if mail is not None
        )
        done_up_to = slice_[-1].id if len(slice_) == SLICE else end
        Reparse.update(captures_done_up_to=done_up_to).where(Reparse.id == row.id).execute()
        return _count(row.id, changed, list(mails.values()), now_ms)


def _lock(location_ids: Iterable[int | None]) -> None:
    for location_id in sorted({one for one in location_ids if one is not None}):
        lock_location(location_id)


def _count(row_id: int, changed: int, mails: Sequence[ParsedMail | None], now_ms: int) -> Progress:
    Reparse.update(
        read_count=Reparse.read_count + len(mails),
        changed_count=Reparse.changed_count + changed,
        missing_count=Reparse.missing_count + sum(mail is None for mail in mails),
    ).where(Reparse.id == row_id).execute()
    progress = _progress(Reparse.get_by_id(row_id))
    if progress.finished:
        Reparse.update(finished_at_ms=now_ms).where(Reparse.id == row_id).execute()
    return progress


def _newest(table: type[Sighting] | type[Capture]) -> int:
    row = table.select(table.id).order_by(table.id.desc()).first()
    return 0 if row is None else int(row.id)


def _open() -> Reparse | None:
    row: Reparse | None = Reparse.select().order_by(Reparse.id.desc()).first()
    return None if row is None or row.finished_at_ms is not None else row


def _progress(row: Reparse) -> Progress:
    done, total = row.done_up_to + row.captures_done_up_to, row.up_to + row.captures_up_to
    return Progress(done, total, row.read_count, row.changed_count, row.missing_count)


def _mail(sha256: bytes, blobs: BlobStore) -> ParsedMail | None:
    try:
        return read(blobs.read(sha256))
    except NotFound:
        return None


def _read_anew(stale: Sighting, mail: ParsedMail | None, capture_domains: Collection[str], now_ms: int) -> bool:
    """Whether it, or the capture that brought it, shows something else now. It may have gone since it was listed."""
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
    changed = copies.read_anew(sighting, copy)
    if changed:
        keeping.sighting_changed(sighting.id)
    if sighting.capture_id is None:
        return changed
    return capture_rereading.read_anew(sighting.capture_id, mail, capture_domains, now_ms=now_ms) or changed


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
