"""Address lists as mail programs write them."""

import pytest

from crm_store.mail.limits import Limits
from crm_store.mail.mailboxes import read_mailboxes
from crm_store.mail.parsed_mail import Mailbox
from crm_store.mail.problems import Problem, Problems

BUDI = Mailbox("Budi Santoso", "budi@toko.id")
ANI = Mailbox("Ani", "ani@kantor.id")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("Budi Santoso <budi@toko.id>", [BUDI], id="name and address"),
        pytest.param("budi@toko.id", [Mailbox("", "budi@toko.id")], id="bare"),
        pytest.param("<budi@toko.id>", [Mailbox("", "budi@toko.id")], id="brackets alone"),
        pytest.param('"Santoso, Budi" <budi@toko.id>, Ani <ani@kantor.id>', [Mailbox("Santoso, Budi", "budi@toko.id"), ANI], id="quoted comma"),
        pytest.param(r'"Budi \"Boy\" S" <budi@toko.id>', [Mailbox('Budi "Boy" S', "budi@toko.id")], id="escaped quotes"),
        pytest.param("Santoso, Budi <budi@toko.id>", [Mailbox("Santoso, Budi", "budi@toko.id")], id="comma in a name, unquoted"),
        pytest.param("Dr. Budi, S.E., M.M. <budi@toko.id>, Ani <ani@kantor.id>", [Mailbox("Dr. Budi, S.E., M.M.", "budi@toko.id"), ANI], id="degrees behind an Indonesian name"),
        pytest.param("root, Ani <ani@kantor.id>", [Mailbox("root, Ani", "ani@kantor.id")], id="a bare name before another: the price of it"),
        pytest.param("ani@kantor.id, Budi Santoso <budi@toko.id>", [Mailbox("", "ani@kantor.id"), BUDI], id="an address is no piece of a name"),
        pytest.param("budi@toko.id (Budi Santoso)", [BUDI], id="the name in a comment"),
        pytest.param("Budi (bagian (jual)) Santoso <budi@toko.id>", [Mailbox("Budi Santoso", "budi@toko.id")], id="nested comment"),
        pytest.param("undisclosed-recipients:;", [], id="empty group"),
        pytest.param("Tim Jual: Budi Santoso <budi@toko.id>, ani@kantor.id;", [BUDI, Mailbox("", "ani@kantor.id")], id="group"),
        pytest.param("Tim:budi@toko.id;, Ani <ani@kantor.id>", [Mailbox("", "budi@toko.id"), ANI], id="something behind a group"),
        pytest.param("a@x.id; b@x.id", [Mailbox("", "a@x.id"), Mailbox("", "b@x.id")], id="semicolons, as Outlook does"),
        pytest.param("a@x.id b@x.id", [Mailbox("", "a@x.id"), Mailbox("", "b@x.id")], id="nothing between"),
        pytest.param("Budi Santoso budi@toko.id", [BUDI], id="no brackets"),
        pytest.param("Budi Santoso <budi@toko.id", [BUDI], id="bracket never closed"),
        pytest.param("Budi Santoso <budi@toko.id, Ani <ani@kantor.id>", [BUDI, ANI], id="bracket closed too late"),
        pytest.param("Budi Santoso <<budi@toko.id>>", [BUDI], id="brackets twice"),
        pytest.param('"Budi Santoso <budi@toko.id>', [Mailbox('"Budi Santoso', "budi@toko.id")], id="quote never closed"),
        pytest.param("Budi (Santoso <budi@toko.id>", [Mailbox("Budi (Santoso", "budi@toko.id")], id="comment never closed"),
        pytest.param("=?utf-8?Q?Budi=2C_Santoso?= <budi@toko.id>", [Mailbox("Budi, Santoso", "budi@toko.id")], id="encoded comma"),
        pytest.param("=?utf-8?Q?Budi,_S?= <budi@toko.id>", [Mailbox("Budi, S", "budi@toko.id")], id="comma inside an encoded word"),
        pytest.param('"=?utf-8?Q?Budi_Santoso?=" <budi@toko.id>', [BUDI], id="encoded word in quotes"),
        pytest.param("=?utf-8?B?UmVuw6k=?= <r@x.id>", [Mailbox("René", "r@x.id")], id="encoded name"),
        pytest.param("Rene\u0301 <r@x.id>", [Mailbox("René", "r@x.id")], id="NFC"),
        pytest.param("José <josé@exámple.id>", [Mailbox("José", "josé@exámple.id")], id="8-bit address stays as written"),
        pytest.param("<@a.id,@b.id:budi@toko.id>", [Mailbox("", "budi@toko.id")], id="route"),
        pytest.param("< budi @ toko . id >", [Mailbox("", "budi@toko.id")], id="blanks inside brackets"),
        pytest.param("budi @toko.id", [Mailbox("", "budi@toko.id")], id="blank before the at sign"),
        pytest.param('"budi santoso"@toko.id', [Mailbox("", '"budi santoso"@toko.id')], id="quoted local part"),
        pytest.param('<"budi santoso"@toko.id>', [Mailbox("", '"budi santoso"@toko.id')], id="quoted local part in brackets"),
        pytest.param("mailto:budi@toko.id", [Mailbox("", "budi@toko.id")], id="mailto"),
        pytest.param("'budi@toko.id'", [Mailbox("", "budi@toko.id")], id="single quotes"),
        pytest.param("Budi@toko.id <budi@toko.id>", [Mailbox("Budi@toko.id", "budi@toko.id")], id="an address as the name"),
        pytest.param("MAILER-DAEMON", [Mailbox("MAILER-DAEMON", "")], id="a name alone"),
        pytest.param("<>", [], id="nobody"),
        pytest.param(" , ,, ", [], id="commas alone"),
        pytest.param("", [], id="nothing"),
    ],
)  # fmt: skip
def test_who_is_named(value, expected):
    assert list(read_mailboxes(value, Problems())) == expected


def test_too_many_recipients_are_cut_and_said():
    problems = Problems()
    value = ", ".join(f"a{i}@x.id" for i in range(30))
    assert len(read_mailboxes(value, problems, Limits(recipients=20))) == 20
    assert problems == [Problem.TOO_MANY_RECIPIENTS]


def test_as_many_as_allowed_are_no_problem():
    problems = Problems()
    assert len(read_mailboxes("a@x.id, b@x.id", problems, Limits(recipients=2))) == 2
    assert problems == []


def test_an_address_too_long_to_be_one_is_not_cut_into_another():
    assert read_mailboxes(f"Budi <{'a' * 600}@x.id>", Problems()) == (Mailbox("Budi", ""),)
