"""The shape of one language's table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """Words as programs print them, alternatives parted by "|"; what a program adds (colons, dashes) is left out.

    code: BCP 47. author … other: labels of a quoted header; other is known but not used (importance, attachments).
    passed_on: what stands above a forwarded mail. original: above one that is quoted or forwarded, both.
    wrote: the verbs of "Ani wrote:"; on: what such a line begins with. sent_from: how the line begins or ends that a
    phone adds. represents: "on behalf of", between two authors. forward, answer: prefixes of subjects.
    months: twelve words, or variants parted by "/"; three letters of a word are enough where no other begins so; ""
    where months are numbers.
    spaced: words are parted by spaces."""

    code: str
    author: str
    to: str
    date: str
    subject: str
    cc: str = ""
    bcc: str = ""
    reply_to: str = ""
    other: str = ""
    passed_on: str = ""
    original: str = ""
    wrote: str = ""
    on: str = ""
    sent_from: str = ""
    represents: str = ""
    forward: str = ""
    answer: str = ""
    months: str = ""
    spaced: bool = True
