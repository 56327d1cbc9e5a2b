"""What waits in a capture queue, as the daily mail tells it: figures and reasons, and nothing of what the mails say."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm_store.notice_wording import Notice
from crm_store.wording import DEFAULT_LOCALE, sentence


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """location: its name. count: how many wait, is_more: and there are more, which are not counted. reasons: word and
    rule, and how many, most first. soon_erased: of the counted, within so many days. oldest_days: whole ones."""

    location: str
    count: int
    is_more: bool
    reasons: Sequence[tuple[tuple[str, str], int]]
    oldest_days: int
    soon_erased: int
    erased_within_days: int


@dataclass(frozen=True, slots=True)
class _Words:
    """Where two forms are given, the first is for one."""

    subject: tuple[str, str]
    text: str
    waits: tuple[str, str]
    more_than: str
    days: tuple[str, str, str]
    erased: tuple[str, str]


_WORDS = {
    "en": _Words(
        subject=(
            "{location}: a mail waits in the capture queue",
            "{location}: {count} mails wait in the capture queue",
        ),
        text="Hello {name},\n\n"
        "{waits}\n\n"
        "{reasons}\n\n"
        "{oldest}{erased}\n\n"
        "Decide here: {link}\n\n"
        "This e-mail comes once a day at 8 o'clock while something waits. Switch it off: {off}\n",
        waits=(
            "a mail waits for a decision in the capture queue of {location}:",
            "{count} mails wait for a decision in the capture queue of {location}:",
        ),
        more_than="more than {count}",
        days=(
            "The oldest has waited for less than a day.",
            "The oldest has waited for a day.",
            "The oldest has waited for {days} days.",
        ),
        erased=(
            " Unless somebody decides, one will be rejected and erased within {within} days.",
            " Unless somebody decides, {soon} will be rejected and erased within {within} days.",
        ),
    ),
    "id": _Words(
        subject=(
            "{location}: satu email menunggu di antrean tangkapan",
            "{location}: {count} email menunggu di antrean tangkapan",
        ),
        text="Halo {name},\n\n"
        "{waits}\n\n"
        "{reasons}\n\n"
        "{oldest}{erased}\n\n"
        "Putuskan di sini: {link}\n\n"
        "Email ini dikirim sekali sehari pukul 8 selama ada yang menunggu. Nonaktifkan: {off}\n",
        waits=(
            "satu email menunggu keputusan di antrean tangkapan {location}:",
            "{count} email menunggu keputusan di antrean tangkapan {location}:",
        ),
        more_than="lebih dari {count}",
        days=(
            "Yang terlama menunggu kurang dari sehari.",
            "Yang terlama sudah menunggu sehari.",
            "Yang terlama sudah menunggu {days} hari.",
        ),
        erased=(
            " Jika tidak ada keputusan, satu di antaranya akan ditolak dan dihapus dalam {within} hari.",
            " Jika tidak ada keputusan, {soon} di antaranya akan ditolak dan dihapus dalam {within} hari.",
        ),
    ),
}


def queue_digest(figures: QueueFigures, *, name: str, link: str, off: str, locale: str | None) -> Notice:
    """link: to the queue. off: to switch it off. locale: English for one that we don't speak."""
    words = _WORDS.get(locale or DEFAULT_LOCALE, _WORDS[DEFAULT_LOCALE])
    count = words.more_than.format(count=figures.count) if figures.is_more else str(figures.count)
    many = figures.count > 1
    subject = words.subject[many].format(location=figures.location, count=count)
    text = words.text.format(
        name=name,
        waits=words.waits[many].format(count=count, location=figures.location),
        reasons="\n".join(f"- {number}: {sentence(*why, locale)}" for why, number in figures.reasons),
        oldest=words.days[min(figures.oldest_days, 2)].format(days=figures.oldest_days),
        erased=_erased(words, figures),
        link=link,
        off=off,
    )
    return Notice(subject, text)


def _erased(words: _Words, figures: QueueFigures) -> str:
    if not figures.soon_erased:
        return ""
    form = words.erased[figures.soon_erased > 1]
    return form.format(soon=figures.soon_erased, within=figures.erased_within_days)
