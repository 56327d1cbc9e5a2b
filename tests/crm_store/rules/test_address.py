"""When two spellings are one address."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm_store.rules.address import domain_of, fold_identity, normalise


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        pytest.param("Ani@Firma.EXAMPLE", "ani@firma.example", id="case"),
        pytest.param(" ani@firma.example. ", "ani@firma.example", id="blanks around, dot at the end"),
        pytest.param("ani@münchen.example", "ani@xn--mnchen-3ya.example", id="the domain as A-label"),
        pytest.param("ANI+x@Firma.example", "ani+x@firma.example", id="a contact's +tag stays"),
        pytest.param("a.n.i@gmail.com", "a.n.i@gmail.com", id="a contact's dots stay"),
        pytest.param('"a@b"@firma.example', '"a@b"@firma.example', id="an @ inside quotes"),
        pytest.param("I\u0307@firma.example", "i\u0307@firma.example", id="composed alike"),
        pytest.param("ani", "", id="no @"),
        pytest.param("@firma.example", "", id="nobody"),
        pytest.param("ani@", "", id="nowhere"),
        pytest.param("ani @firma.example", "", id="a blank inside"),
        pytest.param("ani\x00@firma.example", "", id="a NUL inside"),
        pytest.param("a" * 400 + "@firma.example", "", id="longer than any address"),
    ],
)
def test_the_normal_form(written: str, normal: str):
    assert normalise(written) == normal


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        pytest.param("Ani+crm@firma.example", "ani@firma.example", id="+tag"),
        pytest.param("a.n.i+x@gmail.com", "ani@gmail.com", id="dots at Gmail"),
        pytest.param("a.n.i@googlemail.com", "ani@gmail.com", id="Gmail's other name"),
        pytest.param("a.n.i@firma.example", "a.n.i@firma.example", id="dots elsewhere are somebody else"),
        pytest.param("+@firma.example", "+@firma.example", id="nothing but a tag"),
        pytest.param("...@gmail.com", "...@gmail.com", id="nothing but dots"),
        pytest.param("ani", "", id="no address"),
    ],
)
def test_the_identity_behind_it(written: str, folded: str):
    assert fold_identity(written) == folded


@given(st.text())
@example("0@´")
@example("0@＠")
@example("0@…")
def test_folding_and_normalising_take_any_text_and_doing_it_twice_changes_nothing(text: str):
    assert normalise(normalise(text)) == normalise(text)
    assert fold_identity(fold_identity(text)) == fold_identity(text)
    assert domain_of(normalise(text)) == normalise(text).rpartition("@")[2]
