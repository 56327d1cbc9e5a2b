"""tag=value lists, by RFC 6376 §3.2."""

import pytest

from gateway.sender_auth.tag_list import base64_value, parse_tags


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        pytest.param(b"a=1;b=2", {"a": b"1", "b": b"2"}, id="two"),
        pytest.param(b" a =\r\n\t1 ;\r\n b= 2 ; \r\n", {"a": b"1", "b": b"2"}, id="blanks everywhere, ; at the end"),
        pytest.param(b"a=x = y\r\n z", {"a": b"x = y\r\n z"}, id="= and blanks within"),
        pytest.param(b"a=;A=1;a_9=\xc3\xa9", {"a": b"", "A": b"1", "a_9": b"\xc3\xa9"}, id="empty, cases, UTF-8"),
        pytest.param(b"", {}, id="nothing"),
    ],
)
def test_what_is_a_tag_list(text: bytes, tags: dict[str, bytes]) -> None:
    found = parse_tags(text)
    assert {name: tag.value for name, tag in found.items()} == tags
    for tag in found.values():  # the offsets are of what stands between = and ;
        assert text[tag.start : tag.end].strip(b" \t\r\n") == tag.value
        assert text[tag.start - 1 : tag.start] == b"="
        assert text[tag.end : tag.end + 1] in (b";", b"")


@pytest.mark.parametrize(
    "text",
    [b"a=1;;b=2", b"a=1;;", b";", b"a", b"=1", b"1a=1", b"a b=1", b"a-b=1", b"a=1;a=2", b"a=\0", b"a=\x7f", b"\xe9=1"],
)
def test_what_is_none(text: bytes) -> None:
    with pytest.raises(ValueError):
        parse_tags(text)


@pytest.mark.parametrize("value", [b"?", b"abc", b"ab=c", b"abcd=", b"abcd====", b"=", b"\xff"])
def test_what_is_no_base64(value: bytes) -> None:
    with pytest.raises(ValueError):
        base64_value(value)


def test_base64_may_be_folded() -> None:
    assert base64_value(b"aG\r\n\tFs bG8=") == b"hallo"
