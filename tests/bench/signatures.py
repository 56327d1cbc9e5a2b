"""How long a DKIM signature takes to check, against dkimpy, on mail of 2 KB, 30 KB and 5 MB."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dkim
from figures import Figure, compared
from signed_mails import Signer, rsa_key

from gateway.sender_auth.answers import Answer, Answers, Found, Question
from gateway.sender_auth.dkim import DKIM_QUESTIONS, check_dkim, prepare_dkim
from gateway.sender_auth.header_fields import split

ROUNDS = 7
SIZES = {"2 KB": (2_000, 200), "30 KB": (30_000, 100), "5 MB": (5_000_000, 1)}  # and how often in a round
NOW_S = 1_800_000_000
LINE = b"Kami kirimkan penawaran untuk  pesanan Anda,\tmohon diperiksa. \r\n"


def measure(_folder: Path) -> Iterator[Figure]:
    signer = Signer(rsa_key(2048))
    known = {
        Question(name, "TXT"): Answer(Found.RECORDS, texts=(record.encode(),)) for name, record in signer.texts.items()
    }
    answers = Answers(known, limit=DKIM_QUESTIONS)
    for name, (size_bytes, turns) in SIZES.items():
        raw = signer.sign(_mail(size_bytes), c="relaxed/relaxed")

        def ours(raw: bytes = raw) -> bool:
            prepared = prepare_dkim(split(raw), now_s=NOW_S, from_domain=signer.domain)
            return bool(check_dkim(prepared, answers).passed_domains)

        def peer(raw: bytes = raw) -> bool:
            return bool(dkim.verify(raw, dnsfunc=lambda *_args, **_more: signer.record.encode()))

        assert ours()
        assert peer()
        pairs = [(_ms(ours, turns), _ms(peer, turns)) for _ in range(ROUNDS)]
        yield compared(
            f"DKIM, RSA 2048, relaxed/relaxed, {name}",
            "ms",
            [ms for ms, _ in pairs],
            "dkimpy",
            [ms for _, ms in pairs],
            {},
        )


def _mail(size_bytes: int) -> bytes:
    header = b"From: Ani <ani@firma.example>\r\nTo: budi@pelanggan.example\r\nSubject: Penawaran\r\n\r\n"
    return header + LINE * (size_bytes // len(LINE))


def _ms(check: Callable[[], bool], turns: int) -> float:
    began_at_s = time.perf_counter()
    for _ in range(turns):
        check()
    return (time.perf_counter() - began_at_s) * 1000 / turns
