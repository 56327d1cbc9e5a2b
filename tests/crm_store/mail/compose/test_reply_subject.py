"""E5: answers keep their subject."""

import pytest

from crm_store.mail.compose.reply_subject import reply_subject


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        pytest.param("Harga kopi", "Re: Harga kopi", id="the first answer"),
        pytest.param("Re: Harga kopi", "Re: Harga kopi", id="the second"),
        pytest.param("RE: Harga", "RE: Harga", id="as Outlook has it"),
        pytest.param("Re[2]: Harga", "Re[2]: Harga", id="counted"),
        pytest.param("Balas: Harga", "Balas: Harga", id="Indonesian"),
        pytest.param("AW: Preis", "AW: Preis", id="German"),
        pytest.param("回复：价格", "回复：价格", id="Chinese"),
        pytest.param("Fwd: Harga", "Re: Fwd: Harga", id="an answer to a forward"),
        pytest.param("Rapat: besok", "Re: Rapat: besok", id="a colon is no prefix"),
        pytest.param("", "Re:", id="none"),
        pytest.param("a\r\nBcc: b@c.id", "Re: a Bcc: b@c.id", id="a line end"),
        pytest.param("x" * 998, "Re: " + "x" * 994, id="never longer than a line"),
    ],
)
def test_the_subject_of_an_answer(subject, expected):
    assert reply_subject(subject) == expected
