"""Texts made to hurt the readers of replies and forwards: what they cost grows as their length does, and ends."""

import time

import pytest

from crm_store.mail.forward import find_forward
from crm_store.mail.reply import split_reply

CHARS, LINES = 100_000, 5_000  # twice this is below the bounds, or growth would not show
SHAPES = [
    ("spaces", " "),
    ("words far apart", " " * 9_000 + "a"),
    ("no-break spaces", "\u00a0"),
    ("newlines", "\n"),
    ("carriage returns", "\r\n"),
    ("marks", ">"),
    ("marks and spaces", "> "),
    ("marked lines", ">\n"),
    ("deeper and deeper", "> >\n> > >\n"),
    ("marks and text in turn", "> a\nb\n"),
    ("On", "On "),
    ("On, a line each", "On\n"),
    ("Pada", "Pada 2 Nov 2020 "),
    ("colons", ":"),
    ("lines that end in a colon", "a:\n"),
    ("days that end in a colon", "On 2 Nov 2020 10:11 a@b:\n"),
    ("attributions", "On 2 Nov 2020 10:11 a@b wrote:\n> x\n"),
    ("verbs", "wrote:\n"),
    ("addresses", "<a@b> "),
    ("at signs", "@"),
    ("at signs in lines", "@\n"),
    ("digits", "1"),
    ("digits and dots", "1."),
    ("days without a year", "1 1 "),
    ("open brackets", "<"),
    ("links", "<mailto:"),
    ("dashes", "-"),
    ("dashes in lines", "---\n"),
    ("dashes and words", "-- a "),
    ("underscores in lines", "_____\n"),
    ("separators", "---------- Forwarded message ---------\n"),
    ("Apple's", "Begin forwarded message:\n"),
    ("originals", "-----Original Message-----\n"),
    ("labels", "From: a@b\n"),
    ("labels in turn", "From: a@b\nTo: c@d\n"),
    ("labels without values", "To:\n"),
    ("labels, values below", "From:\n\n\n"),
    ("recipients in lines", "a@b.example,\n"),
    ("headers", "From: a@b\nDate: 1\nTo: c@d\nSubject: x\n"),
    ("headers that wait", "From: a,\nb,\nc,\nd,\n"),
    ("glued headers", "----- Forwarded Message ----- From: a@bTo: c@dSubject: x\n"),
    ("one glued line", "From: a@bTo: c@d"),
    ("signatures", "-- \n"),
    ("signatures and text", "--\na\n"),
    ("phones", "Sent from my iPhone\n"),
    ("footers", "____\n"),
    ("direction marks", "\u200f"),
    ("direction marks and lines", "\u200f\n"),
    ("prefixes", "Re: "),
    ("letters that fold to more", "İß"),
]
HEADS = [
    ("", ""),
    ("below a header", "---------- Forwarded message ---------\nFrom: "),
    ("as recipients", "---------- Forwarded message ---------\nFrom: a@b.example\nTo: "),
]


def cost_s(text: str) -> float:
    began_at_s = time.process_time()
    split_reply(text)
    find_forward("Fwd: x", text)
    return time.process_time() - began_at_s


@pytest.mark.parametrize("head", [pytest.param(head, id=name or "alone") for name, head in HEADS])
@pytest.mark.parametrize("unit", [pytest.param(unit, id=name) for name, unit in SHAPES])
def test_twice_the_text_costs_about_twice(head, unit):
    times = min(CHARS // len(unit), LINES // max(1, unit.count("\n")))
    once = twice = float("inf")
    for _ in range(6):  # noise of a shared machine spares one round of six
        once = min(once, cost_s(head + unit * times))
        twice = min(twice, cost_s(head + unit * 2 * times))
        # Below 0.1 s the allocator says more than growth does; the square of 10,000 lines would be many seconds.
        if twice < 0.1 or twice <= 2.6 * once:
            break
    else:
        pytest.fail(f"{once:.3f} s, then {twice:.3f} s for twice as much")
    assert twice < 1


@pytest.mark.parametrize("unit", [pytest.param(unit, id=name) for name, unit in SHAPES])
def test_five_megabytes_are_bounded(unit):
    text = unit * (5_000_000 // len(unit))
    assert any(cost_s(text) < 2 for _ in range(3))  # both readers; a second each
