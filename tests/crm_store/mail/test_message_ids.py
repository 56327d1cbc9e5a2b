"""Message-ID, In-Reply-To, References."""

import pytest

from crm_store.mail.limits import Limits
from crm_store.mail.message_ids import answered_ids, message_id
from crm_store.mail.problems import Problem, Problems


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("<a@x.id>", "a@x.id", id="as it should be"),
        pytest.param("a@x.id", "a@x.id", id="no brackets"),
        pytest.param("<a@x.id", "a@x.id", id="half a bracket"),
        pytest.param("<abc123>", "abc123", id="no at sign"),
        pytest.param("<a\r\n b@x.id>", "ab@x.id", id="folded inside"),
        pytest.param("<a@x.id> (added by postmaster)", "a@x.id", id="a comment behind"),
        pytest.param("<>", None, id="empty"),
        pytest.param("bukan id sama sekali", None, id="words"),
        pytest.param("", None, id="nothing"),
        pytest.param(f"<{'a' * 2000}>", None, id="too long"),
    ],
)
def test_the_id_of_a_mail(value, expected):
    assert message_id(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("<a@x> <b@x>\r\n\t<c@x>", ("a@x", "b@x", "c@x"), id="folded list"),
        pytest.param("<a@x><b@x>", ("a@x", "b@x"), id="no blanks"),
        pytest.param("<a@x>, <b@x>", ("a@x", "b@x"), id="commas"),
        pytest.param("<a@x> <b@x> <a@x>", ("a@x", "b@x"), id="each once"),
        pytest.param("Your message of Mon, 1 Jan <a@x>", ("a@x",), id="junk words around"),
        pytest.param("a@x b@x", ("a@x", "b@x"), id="no brackets at all"),
        pytest.param("Pesan Anda kepada budi@toko.id", (), id="a sentence that names a person is no id"),
        pytest.param("", (), id="nothing"),
    ],
)
def test_the_ids_that_a_mail_answers(value, expected):
    assert answered_ids(value, Problems()) == expected


def test_of_too_many_references_the_first_and_the_latest_stay():
    problems = Problems()
    value = " ".join(f"<{i}@x>" for i in range(10))
    assert answered_ids(value, problems, Limits(references=3)) == ("0@x", "8@x", "9@x")
    assert problems == [Problem.TOO_MANY_REFERENCES]
