"""The decoder against a reference that sees the whole text at once."""

import asyncio
import re
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.smtp.data_stream import ClientGone, DotDecoder, MailStream, MailTooLarge

# Made of what matters, so that ends and near-ends are frequent.
TEXTS = st.lists(st.sampled_from([b"\r\n", b".", b"\r", b"\n", b"a", b"\r\n.", b"\r\n.\r\n", b"..", b"\x00"])).map(
    b"".join
)


def reference(text: bytes) -> tuple[bytes, bytes] | None:
    """The mail and what stands behind it; None where it has no end. RFC 5321 §4.5.2, line by line."""
    mail = []
    while True:
        line, end, text = text.partition(b"\r\n")
        if not end:
            return None
        if line == b".":
            return b"".join(mail), text
        mail.append((line[1:] if line.startswith(b".") else line) + end)


def cut(text: bytes, at: list[int]) -> list[bytes]:
    borders = sorted({0, len(text), *(n % (len(text) + 1) for n in at)})
    return [text[a:b] for a, b in pairwise(borders)]


@given(TEXTS, st.lists(st.integers(min_value=0, max_value=200)))
@example(b".\r\n", [1, 2])
@example(b".\r\nQUIT\r\n", [])
@example(b"\r\n.\r\n", [0, 1, 2, 3, 4])
@example(b".\rx\r\n.\r\n", [1, 2])
def test_decoder_agrees_with_the_reference_however_the_text_is_cut(text, at):
    expected = reference(text)
    decoder, decoded, blocks = DotDecoder(), b"", cut(text, at)
    while blocks and decoder.rest is None:
        decoded += decoder.feed(blocks.pop(0))
    if expected is None:
        assert decoder.rest is None
    else:
        assert decoder.rest is not None
        assert (decoded, decoder.rest + b"".join(blocks)) == expected


@given(st.binary(max_size=300), st.lists(st.integers(min_value=0, max_value=400)))
def test_what_a_client_stuffs_comes_out_as_it_was(mail, at):
    mail += b"\r\n"
    stuffed = re.sub(rb"(^|\r\n)\.", rb"\1..", mail)
    decoder = DotDecoder()
    decoded = b"".join(decoder.feed(block) for block in cut(stuffed + b".\r\n", at) if decoder.rest is None)
    assert (decoded, decoder.rest) == (mail, b"")


def reader(*blocks: bytes):
    waiting = [*blocks, b""]

    async def read() -> bytes:
        return waiting.pop(0)

    return read


async def whole(stream: MailStream) -> bytes:
    return b"".join([block async for block in stream])


def test_a_mail_as_large_as_the_limit_is_taken():
    assert asyncio.run(whole(MailStream(reader(b"12345678\r\n.\r\n"), 10))) == b"12345678\r\n"


def test_a_mail_one_octet_larger_is_not_and_can_be_skipped():
    async def play() -> bytes | None:
        stream = MailStream(reader(b"123456789\r\n", b"more\r\n.\r\nQUIT"), 10)
        with pytest.raises(MailTooLarge):
            await whole(stream)
        assert await stream.skip(100)
        return stream.rest

    assert asyncio.run(play()) == b"QUIT"


def test_stuffed_dots_do_not_count_to_the_size():
    assert asyncio.run(whole(MailStream(reader(b"..345678\r\n.\r\n"), 9))) == b".345678\r\n"


def test_skipping_ends_at_its_limit():
    async def play() -> bool:
        return await MailStream(reader(*[b"x" * 100] * 10), 10).skip(300)

    assert asyncio.run(play()) is False


def test_a_client_that_goes_away_is_no_end():
    with pytest.raises(ClientGone):
        asyncio.run(whole(MailStream(reader(b"half a mail\r\n"), 1000)))
