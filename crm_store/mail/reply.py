"""What the author of a mail wrote, apart from what they quoted and from their signature. One pass over the lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from crm_store.mail.languages.tables import SENT_FROM
from crm_store.mail.quoting.lines import Line, lines_of
from crm_store.mail.quoting.openings import next_written, openings

_FEWEST_SIGNATURE_LINES = (
    2  # below "--" without its blank: a lone name is how a person ends a letter, as "Salam, Budi" is
)
_FOOTER = re.compile(r"_{2,}\s*$")  # Mailman's, above the list's name
_MOST_SIGNATURE_LINES = 60  # with a disclaimer; a longer rest behind "--" is text that somebody divided
_MOST_DEVICE_CHARS = 120
# Whoever sends it: without one of these, "Sent from the warehouse yesterday" is a sentence.
_DEVICES = (
    "iphon|ipad|ipod|android|outlook|yahoo|samsung|galaxy|blackberry|windows|proton|gmail|huawei|xiaomi|redmi|nokia|"
    "oppo|vivo|realme|oneplus|lenovo|sony|motorola|bluemail|typeapp|aqua mail|aquamail|mymail|mail.ru|mailbird|spark|"
    "superhuman|thunderbird|k-9|airmail|missive|polymail|shortwave|tuta|zoho|webmail|canary|edison|yandex|zimbra|hotmail|smartphone|phone|tablet|mobil|ponsel|telepon|gawai|handy|móvil|celular|"
    "cellulaire|portable|telefon|telefoon|puhelin|телефон|айфон|手机|手機|アイフォン|スマートフォン|스마트폰|태블릿|"
    "هاتف|جوال|אייפון|ไอโฟน|điện thoại"
)
_DEVICE = re.compile("|".join(map(re.escape, _DEVICES.split("|"))) + r"|\b(?:pixel|htc|lg|hp)\b")
_CLAUSE_END = re.compile(r"[,;，、]|[.!] ")
_SENTENCE_END = ".?!:。？！…"


class _Part(Enum):
    REPLY = 1
    QUOTED = 2
    SIGNATURE = 3


@dataclass(frozen=True, slots=True)
class SplitReply:
    """The three together have every line of the text that is not blank, each once and in order.

    reply_text: what the author wrote, answers between quoted lines too. quoted_text: with attribution lines, headers
    and marks as written. signature: with its mark "--". "" for each that is not there."""

    reply_text: str
    quoted_text: str
    signature: str


def split_reply(text: str) -> SplitReply:
    """text: a mail's text, "\\n" or "\\r\\n" line ends. Never raises; costs what its length costs."""
    lines, beyond = lines_of(text)
    parts = _quoted_parts(lines)
    _find_signatures(lines, parts)
    if beyond.strip():
        lines.append(Line(beyond, "", 0))
        parts.append(parts[-1])
    return SplitReply(*(_joined(lines, parts, part) for part in _Part))


def _joined(lines: Sequence[Line], parts: Sequence[_Part], wanted: _Part) -> str:
    """Its lines; one blank line where something was taken out between them."""
    kept: list[str] = []
    apart = False
    for line, part in zip(lines, parts, strict=True):
        if part is not wanted:
            apart = True
            continue
        if apart and kept and kept[-1].strip() and line.raw.strip():
            kept.append("")
        apart = False
        kept.append(line.raw)
    return _without_blank_ends(kept)


def _without_blank_ends(kept: Sequence[str]) -> str:
    start, end = 0, len(kept)
    while start < end and not kept[start].strip():
        start += 1
    while end > start and not kept[end - 1].strip():
        end -= 1
    return "\n".join(kept[start:end]).rstrip()


def _quoted_parts(lines: Sequence[Line]) -> list[_Part]:
    parts = [_Part.QUOTED if line.depth else _Part.REPLY for line in lines]
    for opening in openings(lines):
        below = next_written(lines, opening.end)
        if below is None or below.depth <= opening.depth:
            parts[opening.start :] = [_Part.QUOTED] * (len(lines) - opening.start)
            break
        parts[opening.start : opening.end] = [_Part.QUOTED] * (opening.end - opening.start)
    _mend_wrapped_quotes(lines, parts)
    _fold_list_footer(lines, parts)
    return parts


def _mend_wrapped_quotes(lines: Sequence[Line], parts: list[_Part]) -> None:
    """A quoted line that was broken on its way: "> View it (http://toko.id/a", "b=3)", "> Thanks"."""
    for at in range(1, len(lines) - 1):
        if parts[at] is _Part.REPLY and lines[at - 1].depth and lines[at + 1].depth and not lines[at].blank:
            before, text = lines[at - 1].bare, lines[at].bare
            if before and before[-1] not in _SENTENCE_END and not text[0].isupper() and text[0].isascii():
                parts[at] = _Part.QUOTED


def _fold_list_footer(lines: Sequence[Line], parts: list[_Part]) -> None:
    """What a mailing list adds below a quote is nobody's answer."""
    at = next((index for index in range(len(lines) - 1, -1, -1) if _FOOTER.match(lines[index].text[:80])), None)
    if at is None or parts[at] is not _Part.REPLY or len(lines) - at > _MOST_SIGNATURE_LINES:
        return
    above = at - 1
    while above >= 0 and lines[above].blank:
        above -= 1
    if above >= 0 and parts[above] is _Part.QUOTED:
        parts[at:] = [_Part.QUOTED] * (len(lines) - at)


def _find_signatures(lines: Sequence[Line], parts: list[_Part]) -> None:
    """Each stretch of the author's own lines may end in a signature."""
    start = 0
    while start < len(lines):
        if parts[start] is not _Part.REPLY:
            start += 1
            continue
        end = start
        while end < len(lines) and parts[end] is _Part.REPLY:
            end += 1
        begins = _signature_start(lines, start, end)
        parts[begins:end] = [_Part.SIGNATURE] * (end - begins)
        start = end


def _signature_start(lines: Sequence[Line], start: int, end: int) -> int:
    """The signature's first line; `end` where there is none."""
    marks = [at for at in range(start, end) if lines[at].raw.rstrip("\r") == "-- "]  # RFC 3676 §4.3
    begins = marks[0] if marks else _typed_mark(lines, start, end)
    if end - begins > _MOST_SIGNATURE_LINES:
        begins = end
    last = begins - 1
    while last >= start and lines[last].blank:
        last -= 1
    return last if last >= start and _names_device(lines[last]) else begins


def _typed_mark(lines: Sequence[Line], start: int, end: int) -> int:
    """The last "--" that lost its blank, or never had one, and has a signature below it; `end` where there is none."""
    at = next((at for at in range(end - 1, start - 1, -1) if lines[at].text.rstrip() == "--"), end)
    above, below = (
        [line for line in lines[one:other] if not line.blank] for one, other in ((start, at), (at + 1, end))
    )
    if len(below) >= _FEWEST_SIGNATURE_LINES or (below and (not above or _names_device(below[0]))):
        return at
    return end


def _names_device(line: Line) -> bool:
    """ "Dikirim dari iPhone saya", "Get Outlook for iOS<https://aka.ms/…>": what a phone adds below the text."""
    text = line.bare.split("http", 1)[0].strip(" *_[]()-~|.<")
    if not text or len(text) > _MOST_DEVICE_CHARS:
        return False
    words = text.casefold()
    found = SENT_FROM.search(words)
    if found is None or (found.start() and found.end() < len(words)):
        return False
    # "Sent from my desk, which is easier than my phone": the device comes before any comma.
    return bool(_DEVICE.search(_CLAUSE_END.split(words, 1)[0] if found.start() == 0 else words))
