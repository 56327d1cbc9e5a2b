"""Address lists (RFC 5322 §3.4, §4.4) as mail programs write them; one pass, whatever the input."""

import re

from crm_store.mail.clean_text import clean_line, clean_name
from crm_store.mail.header_text import decode_words
from crm_store.mail.limits import LIMITS, Limits
from crm_store.mail.parsed_mail import Mailbox
from crm_store.mail.problems import Problem, Problems

_TOKEN = re.compile(r'=\?[^?\s]{1,100}\?[bBqQ]\?[^?\s]*\?=|\\.|[^\\"()<>,;:=]+|.', re.DOTALL)
_QUOTED = re.compile(r'((?:[^"\\]|\\.)*+)"', re.DOTALL)
_BRACKETED = re.compile(r"([^<>]*)>")
_PARENTHESIS = re.compile(r"[()]|\\.", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MOST_NAME_PIECES = 6  # "Dr. Budi Santoso, S.E., M.M., Ph.D. <budi@toko.id>" without quotes


def read_mailboxes(value: str, problems: Problems, limits: Limits = LIMITS) -> tuple[Mailbox, ...]:
    """Every mailbox of an address field in order, groups opened. value: raw 8-bit is decoded already.

    A name without a readable address is a Mailbox with address "". Never more than limits.recipients."""
    reader = _Reader(problems, limits)
    reader.read(clean_line(value))
    if len(reader.found) > limits.recipients:
        problems.note(Problem.TOO_MANY_RECIPIENTS)
    return tuple(reader.found[: limits.recipients])


class _Reader:
    """Collects one mailbox at a time. A quote, comment or bracket that is never closed is taken for a letter."""

    def __init__(self, problems: Problems, limits: Limits) -> None:
        self.found: list[Mailbox] = []
        self._problems, self._limits = problems, limits
        self._open_comment = False  # one was searched to the end in vain: searching again would cost the square
        self._held: list[str] = []  # what stood before commas and may belong to a name that goes on
        self._start()

    def _start(self) -> None:
        self._phrase: list[str] = []  # words outside of brackets and comments, quotes taken off
        self._bare: list[str] = []  # the same, quotes kept: an address without brackets
        self._comments: list[str] = []
        self._angle: str | None = None
        self._at_sign = self._quoted = False

    def read(self, value: str) -> None:
        at = 0
        while at < len(value) and len(self.found) <= self._limits.recipients:
            match = _TOKEN.match(value, at)
            assert match  # the last alternative takes any character
            lexeme, at = match[0], match.end()
            if lexeme == '"' and (closed := _QUOTED.match(value, at)):
                self._add(_ESCAPED.sub(r"\1", closed[1]), f'"{closed[1]}"')
                self._quoted, at = True, closed.end()
            elif lexeme == "<" and (closed := _BRACKETED.match(value, at)):  # looks no further than to the next bracket
                self._angle, at = closed[1], closed.end()
            elif lexeme == "(" and (end := self._comment_end(value, at)):
                self._comments.append(_ESCAPED.sub(r"\1", value[at : end - 1]))
                at = end
            elif lexeme in (",", ";"):
                self._finish(may_go_on=lexeme == ",")
            elif lexeme == ":" and self._angle is None and not self._at_sign:
                self._start()  # a group's name, or mailto:
                self._release()
            else:
                self._add(lexeme[1:] if len(lexeme) == 2 and lexeme[0] == "\\" else lexeme, lexeme)
        self._finish(may_go_on=False)

    def _comment_end(self, value: str, at: int) -> int:
        """The offset behind the parenthesis that closes the comment (they nest, RFC 5322 §3.2.2); 0 where none does."""
        depth = 1
        for match in _PARENTHESIS.finditer(value, at) if not self._open_comment else ():
            depth += {"(": 1, ")": -1}.get(match[0], 0)
            if not depth:
                return match.end()
        self._open_comment = True
        return 0

    def _add(self, text: str, as_written: str) -> None:
        self._phrase.append(text)
        self._bare.append(as_written)
        self._at_sign = self._at_sign or "@" in text

    def _finish(self, *, may_go_on: bool) -> None:
        """The mailbox ends here, or its name has a comma that nobody quoted."""
        phrase = "".join(self._phrase).strip()
        if self._angle is not None:
            name = ", ".join((*self._held, phrase)) if phrase and not (self._quoted or self._at_sign) else phrase
            if name == phrase:
                self._release()
            self._held.clear()
            self._keep(name or " ".join(self._comments), _bare_address(self._angle))
        elif self._at_sign:
            self._release()
            name, *addresses = _name_and_addresses("".join(self._bare))
            for address in addresses:
                self._keep(name or " ".join(self._comments), address)
        elif phrase:
            self._held.append(phrase)
            if self._quoted or len(self._held) >= _MOST_NAME_PIECES:
                self._release()
        if not may_go_on:
            self._release()
        self._start()

    def _release(self) -> None:
        """What was held did not go on: each piece is a name without an address."""
        for name in self._held:
            self._keep(name, "")
        self._held.clear()

    def _keep(self, name: str, address: str) -> None:
        chars = self._limits.name_chars
        # Encoded words take up to twelve letters for one; beyond that a name is cut before it is decoded.
        name = clean_name(decode_words(name.strip(" \t<>")[: 12 * chars], self._problems), chars)
        address = address if len(address) <= self._limits.address_chars else ""
        if name or address:
            self.found.append(Mailbox(name, address))


def _bare_address(text: str) -> str:
    """What stands between brackets, without RFC 5322 §4.4's route, comments' rests and white space."""
    text = text.strip()
    if text.startswith("@") and ":" in text:
        text = text.rpartition(":")[2]
    text = text.removeprefix("mailto:")
    return text if text.startswith('"') else "".join(text.split())


def _name_and_addresses(text: str) -> list[str]:
    """[name, address, ...] of a mailbox without brackets: each word with an @ is an address, the others name it."""
    start, quoted, domain = text.rpartition('"@')
    if quoted and (opened := start.rfind('"')) >= 0:
        return [text[:opened], start[opened:] + quoted + domain.partition(" ")[0]]
    words = " ".join(text.split()).replace(" @", "@").replace("@ ", "@").split()
    name = " ".join(word.strip('"') for word in words if "@" not in word)
    return [name, *(word.strip("<>'\"[]") for word in words if "@" in word)]
