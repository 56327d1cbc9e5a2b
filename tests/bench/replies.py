"""How long one mail takes to be split into reply and quote, and to be read as a forward, against quotequail.

The mails are ../shared/corpora where it is, with how many each reads right; else a few of our own."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import quotequail
from figures import Figure, compared

from crm_store.mail.forward import find_forward
from crm_store.mail.reply import split_reply

ROUNDS = 9
CORPORA = Path(__file__).resolve().parents[2] / "../shared/corpora"
LETTER = "Kami kirimkan penawaran untuk pesanan Anda, mohon diperiksa.\n" * 12
HEADER = "Dari: Ani <ani@toko.example>\nTanggal: Sen, 2 Nov 2020 10:11\nKepada: budi@pt.example\nSubjek: Harga\n"
ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+")


class Sample(NamedTuple):
    """expected: the text without what is quoted, or the original author's address."""

    text: str
    subject: str
    expected: str


def measure(_folder: Path) -> Iterator[Figure]:
    answers, forwards = _answers(), _forwards()
    yield _compared("splitting an answer", answers, _our_reply, _their_reply)
    yield _compared("reading a forward", forwards, _our_author, _their_author)


def _answers() -> list[Sample]:
    folder = CORPORA / "replies"
    if not folder.exists():
        quoted = "".join(f"> {line}\n" for line in LETTER.splitlines())
        line = "Pada Sen, 2 Nov 2020 pukul 10.11 Ani <ani@toko.example> menulis:"
        return [Sample(f"{LETTER}\n{line}\n\n{quoted}", "Re: Harga", LETTER)] * 40
    paths = sorted((folder / "samples").glob("*.txt"))
    return [Sample(path.read_text(), "Re: x", (folder / "expecteds" / path.name).read_text()) for path in paths]


def _forwards() -> list[Sample]:
    folder = CORPORA / "forwards"
    if not folder.exists():
        text = f"Tolong.\n\n---------- Pesan yang diteruskan ---------\n{HEADER}\n{LETTER}"
        return [Sample(text, "Fwd: Harga", "ani@toko.example")] * 40
    paths = [path for path in sorted(folder.glob("*_body*.txt")) if "variant_4" not in path.name]  # answers
    return [Sample(path.read_text(), "FW: x", "john.doe@acme.com") for path in paths]


def _our_reply(sample: Sample) -> bool:
    split = split_reply(sample.text)
    expected = sample.expected.split()  # the corpus counts signatures as the reply
    return expected in (split.reply_text.split(), [*split.reply_text.split(), *split.signature.split()])


def _their_reply(sample: Sample) -> bool:
    shown = [text for is_shown, text in quotequail.quote(sample.text, quote_intro_line=True) if is_shown]
    return "\n".join(shown).split() == sample.expected.split()


def _our_author(sample: Sample) -> bool:
    found = find_forward(sample.subject, sample.text)
    return found is not None and [box.address for box in found.from_] == [sample.expected]


def _their_author(sample: Sample) -> bool:
    found = quotequail.unwrap(sample.text) or {}
    return ADDRESS.findall(found.get("from", ""))[:1] == [sample.expected]


def _compared(
    name: str, samples: Sequence[Sample], ours: Callable[[Sample], bool], theirs: Callable[[Sample], bool]
) -> Figure:
    right = {who: sum(map(read, samples)) for who, read in (("right", ours), ("quotequail's right", theirs))}
    pairs = [(_us(ours, samples), _us(theirs, samples)) for _ in range(ROUNDS)]
    more: dict[str, object] = {**right, "mails": len(samples)}
    return compared(name, "µs a mail", [us for us, _ in pairs], "quotequail", [us for _, us in pairs], more)


def _us(read: Callable[[Sample], bool], samples: Sequence[Sample]) -> float:
    began_at_s = time.perf_counter()
    for sample in samples:
        read(sample)
    return (time.perf_counter() - began_at_s) * 1e6 / len(samples)
