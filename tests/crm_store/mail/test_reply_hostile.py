"""Texts made to hurt the readers of replies and forwards: what they cost grows as their length does, and ends."""

import pytest
from cpu_cost import assert_costs_less_than, assert_grows_with_length, cpu_s

from crm_store.mail.forward import find_forward
from crm_store.mail.reply import split_reply

CHARS, LINES = 200_000, 10_000  # not above the bounds, or growth would not show
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
    return cpu_s(lambda: (split_reply(text), find_forward("Fwd: x", text)))


@pytest.mark.parametrize("head", [pytest.param(head, id=name or "alone") for name, head in HEADS])
@pytest.mark.parametrize("unit", [pytest.param(unit, id=name) for name, unit in SHAPES])
def test_what_a_text_costs_grows_as_its_length_does(head, unit):
    most = min(CHARS // len(unit), LINES // max(1, unit.count("\n")))
    assert_grows_with_length(lambda times: cost_s(head + unit * times), most)


@pytest.mark.parametrize("unit", [pytest.param(unit, id=name) for name, unit in SHAPES])
def test_five_megabytes_are_bounded(unit):
    text = unit * (5_000_000 // len(unit))
    assert_costs_less_than(2, lambda: cost_s(text))  # both readers; a second each
