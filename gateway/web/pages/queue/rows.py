"""The list of captures, by days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from crm_store.capture_views import CaptureView
from crm_store.rules.states import CaptureState
from gateway.web.pages.queue import wording
from gateway.web.pages.reader import Reader

_DAY_MS = 86_400_000
# How a state that is no longer waiting is coloured.
_TONES = {CaptureState.RECORDED: "good", CaptureState.FAILED: "bad"}


@dataclass(frozen=True, slots=True)
class Row:
    """who, subject: "" where the mail names none, or it is not kept. chip: why it is held, or what became of it.

    code: the same as a constant word. owner: whose BCC address; "" for one's own."""

    view: CaptureView
    who: str
    subject: str
    chip: str
    code: str
    tone: str
    owner: str


@dataclass(frozen=True, slots=True)
class Day:
    title: str
    rows: list[Row]


def days(views: Sequence[CaptureView], owners: Mapping[int, Sequence[str]], reader: Reader) -> list[Day]:
    """views: newest first. owners: names by capture."""
    rows = [_row(view, owners.get(view.id, ()), reader) for view in views]
    by_day = groupby(rows, key=lambda row: reader.day(row.view.received_at_ms))
    return [Day(_title(day, reader), list(its)) for day, its in by_day]


def subject_of(view: CaptureView, reader: Reader) -> str:
    if view.subject is None:
        return reader.gettext("(content not kept)")
    return view.subject or reader.gettext("(no subject)")


def sender_of(view: CaptureView) -> str:
    """A name, else an address; "" where none is kept."""
    if view.author is not None:
        return view.author.name or view.author.address
    return view.envelope_from or ""


def _row(view: CaptureView, owners: Sequence[str], reader: Reader) -> Row:
    is_held = view.state is CaptureState.HELD
    return Row(
        view=view,
        who=sender_of(view) or reader.gettext("Sender unknown"),
        subject=subject_of(view, reader),
        chip=reader.gettext(wording.chip(view.reason_code) if is_held else wording.STATES[view.state]),
        code=(view.reason_code if is_held else None) or view.state.value,
        tone=_TONES.get(view.state, ""),
        owner=", ".join(owners),
    )


def _title(day: str, reader: Reader) -> str:
    if day == reader.day(reader.now_ms):
        return reader.gettext("Today")
    if day == reader.day(reader.now_ms - _DAY_MS):
        return reader.gettext("Yesterday")
    return day
