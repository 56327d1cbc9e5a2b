"""C9: when two copies are one message."""

import pytest
from mails import a_mail

from crm_store.mail.read import read
from crm_store.rules.sameness import identity_of, same_text


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("Halo Budi", "Halo  Budi\r\n", True, id="white space aside"),
        pytest.param("Halo Budi", "[EXTERNAL]\nHalo Budi", True, id="a tag before"),
        pytest.param("Halo Budi", "Halo Budi\n-- \nGateway footer", True, id="a footer behind"),
        pytest.param("Halo Budi", "Halo Citra", False, id="another text"),
        pytest.param("", "", True, id="both empty"),
        pytest.param("", "Halo", False, id="an empty text is contained in everything, and same as nothing"),
    ],
)
def test_texts(one: str, other: str, same: bool):
    assert same_text(one, other) is same
    assert same_text(other, one) is same


MAIL = {"message_id": "<a@b>"}


@pytest.mark.parametrize(
    ("change", "same"),
    [
        pytest.param({}, True, id="the same"),
        pytest.param({"subject": "Lain"}, True, id="a changed subject"),
        pytest.param({"author": "Ani Lestari <ANI@firma.example>"}, True, id="the author's name and case"),
        pytest.param({"author": "bagus@firma.example"}, False, id="another author"),
        pytest.param({"date": None}, False, id="no date"),
        pytest.param({"message_id": "<c@d>"}, False, id="another Message-ID"),
    ],
)
def test_identities_with_a_message_id(change: dict, same: bool):
    one, other = read(a_mail(**MAIL)), read(a_mail(**{**MAIL, **change}))
    assert (identity_of(one) == identity_of(other)) is same


@pytest.mark.parametrize(
    ("change", "same"),
    [
        pytest.param({}, True, id="the same"),
        pytest.param({"subject": "Lain"}, False, id="another subject"),
        pytest.param({"text": "Lain"}, False, id="another text"),
    ],
)
def test_identities_without_a_message_id(change: dict, same: bool):
    one, other = read(a_mail(message_id="")), read(a_mail(**{"message_id": "", **change}))
    assert (identity_of(one) == identity_of(other)) is same
