"""RFC 2047 words as mail programs write them."""

import base64

import pytest

from crm_store.mail.header_text import read_text
from crm_store.mail.problems import Problem, Problems

SPLIT = base64.b64encode("Pesanan é".encode()[:-1]).decode(), base64.b64encode("é".encode()[-1:]).decode()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("Penawaran harga", "Penawaran harga", id="plain"),
        pytest.param("=?utf-8?Q?Rp=C2=A01.000?=", "Rp\xa01.000", id="Q"),
        pytest.param("=?UTF-8?B?U2VsYW1hdCBwYWdp?=", "Selamat pagi", id="B"),
        pytest.param("=?iso-8859-1*id?Q?Caf=E9?=", "Café", id="a language behind the charset"),
        pytest.param("=?utf-8?Q?Surat?= =?utf-8?Q?_jalan?=", "Surat jalan", id="space between words is none"),
        pytest.param("=?utf-8?Q?Surat?=\r\n =?utf-8?Q?_jalan?=", "Surat jalan", id="nor is a fold"),
        pytest.param("=?utf-8?Q?Surat?= jalan", "Surat jalan", id="space before plain text stays"),
        pytest.param("Re: =?utf-8?Q?Surat?=", "Re: Surat", id="plain text first"),
        pytest.param("=?utf-8?Q?a?==?utf-8?Q?b?=", "ab", id="words without a space"),
        pytest.param(f"=?utf-8?B?{SPLIT[0]}?= =?utf-8?B?{SPLIT[1]}?=", "Pesanan é", id="split inside a character"),
        pytest.param("=?utf-8?Q?=C3?= =?UTF-8?Q?=A9?=", "é", id="split inside a character, Q"),
        pytest.param("=?iso-8859-1?Q?=E9?= =?utf-8?Q?=C3=A9?=", "éé", id="two charsets"),
        pytest.param("=?utf-8?Q?Jadi kirim?=", "Jadi kirim", id="a space inside a word"),
        pytest.param("=?utf-8?Q?Apa_kabar??=", "Apa kabar?", id="a question mark inside a word"),
        pytest.param("=?utf-8?Q?100%25_=4?=", "100%25 =4", id="percent and half a pair stay"),
        pytest.param("=?utf-8?B?U2VsYW1hdA?=", "Selamat", id="padding left out"),
        pytest.param("=?utf-8?Q?tanpa akhir", "=?utf-8?Q?tanpa akhir", id="a word without an end"),
        pytest.param("=?iso-8859-1?Q?Frösche?=", "Frösche", id="raw 8-bit inside a word"),
        pytest.param("=?us-ascii?Q?=C3=A9?=", "é", id="ASCII that is none"),
        pytest.param("=?utf-8?Q?a=0D=0ABcc:_x=00?=", "a Bcc: x\ufffd", id="line ends and NUL inside a word"),
        pytest.param("=?utf-7?Q?+2AA-?=", "\ufffd", id="a lone surrogate"),
        pytest.param("=?gb2312?B?1tDOxA==?=", "中文", id="gb2312"),
        pytest.param("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本", id="iso-2022-jp"),
        pytest.param("a\r\n\tb\r\n  c", "a b c", id="unfolded"),
    ],
)
def test_a_header_is_read_as_a_person_reads_it(value, expected):
    assert read_text(value, Problems()) == expected


def test_an_unknown_charset_is_said_and_the_text_read_all_the_same():
    problems = Problems()
    assert read_text("=?x-klingon?Q?Qapla=C3=A9?=", problems) == "Qaplaé"
    assert problems == [Problem.UNKNOWN_CHARSET]
