"""How much of each text a page ships. What is longer has its whole text on a page of its own. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

LEAST_OCTETS = 280


@dataclass(frozen=True, slots=True)
class Folded:
    """text: as much as is shown. is_cut: there is more."""

    text: str
    is_cut: bool


def shares(sizes: Sequence[int], total: int, most: int) -> list[int]:
    """How many octets of each text are shown, the first served first: most at most, LEAST_OCTETS at least."""
    left, given = total, []
    for at, size in enumerate(sizes):
        kept_for_others = LEAST_OCTETS * (len(sizes) - at - 1)
        share = max(LEAST_OCTETS, min(size, most, left - kept_for_others))
        given.append(share)
        left -= min(size, share)
    return given


def fold(text: str, octets: int) -> Folded:
    """Cut behind a word, where there is one near the end."""
    raw = text.encode()
    if len(raw) <= octets:
        return Folded(text, is_cut=False)
    kept = raw[:octets].decode("utf-8", "ignore")
    at_word = kept.rsplit(maxsplit=1)[0] if kept.split() else kept
    return Folded(f"{at_word if len(at_word) > len(kept) // 2 else kept}…", is_cut=True)
