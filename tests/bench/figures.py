"""What was measured: one line each to read, one object each in results.json."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True)
class Figure:
    """ours, peer: in the unit. ratio: the median of what each round's two figures make. more: what explains it."""

    name: str
    unit: str
    ours: float
    peer_name: str = ""
    peer: float | None = None
    ratio: float | None = None
    more: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        line = f"{self.name:<72} {_short(self.ours):>7} {self.unit}"
        if self.ratio is not None:
            line += f", ×{self.ratio:.2f} of {self.peer_name} ({_short(self.peer)})"
        return "; ".join([line, *(f"{name} {_short(value)}" for name, value in self.more.items())])


def compared(
    name: str, unit: str, ours: Sequence[float], peer_name: str, peer: Sequence[float], more: dict[str, object]
) -> Figure:
    """ours, peer: one figure for each round, in the same order."""
    ratio = median(a / b for a, b in zip(ours, peer, strict=True))
    return Figure(name, unit, median(ours), peer_name, median(peer), ratio, more)


def _short(value: object) -> str:
    if isinstance(value, list):
        return " : ".join(map(_short, value))
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    return "-" if value is None else str(value)
