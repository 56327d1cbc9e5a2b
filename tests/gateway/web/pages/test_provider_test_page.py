"""A location's settings › E-mail provider: the test mail, and what became of it."""

import html
import re

import pytest
from noticed import with_provider

from crm_store.database.session import connected, writing
from crm_store.models.notices import WaitingNotice
from crm_store.models.outbox import Delivery
from crm_store.outbox_steps import step
from crm_store.provider_tests import MOST_OF_A_LOCATION
from crm_store.rules.outbox import OutboxReason, OutboxStep

ONE_DATABASE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


def words(answer) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


@pytest.fixture
def here(world) -> str:
    with connected():
        with_provider(world.mine.id)
    return f"/l/{world.mine.id}/admin/provider"


@ONE_DATABASE
def test_a_test_mail_is_sent_and_followed(tab, world, here):
    mine = tab(world.mine.admin)
    assert f'value="{world.mine.admin.email}"' in mine.get(here).text
    assert mine.post(f"{here}/test", {"to": "dewi@lain.test"}).headers["Location"] == f"{here}#test"
    assert "It has not left yet to dewi@lain.test · a moment ago Look again" in words(mine.get(here))
    with connected(), writing():
        delivery_id = Delivery.get(Delivery.email_id == WaitingNotice.get().email_id).id
        step(delivery_id, OutboxStep.FAIL, OutboxReason.REFUSED, detail="550 <b>not here</b>")
    refused = mine.get(here)
    assert "The provider refused it It was refused. (550 <b>not here</b>)" in words(refused)
    assert "<b>not here" not in refused.text


@ONE_DATABASE
def test_what_cannot_be_is_told_beside_the_field_and_the_provider_stays_in_its_form(tab, world, here):
    mine = tab(world.mine.admin)
    answer = mine.post(f"{here}/test", {"to": "<dewi>"})
    assert (answer.status, "Enter an e-mail address" in words(answer)) == (422, True)
    assert 'value="&lt;dewi&gt;"' in answer.text
    assert 'value="crm@firma.example"' in answer.text
    for _ in range(MOST_OF_A_LOCATION):
        assert mine.post(f"{here}/test", {"to": "dewi@lain.test"}).status == 303
    answer = mine.post(f"{here}/test", {"to": "dewi@lain.test"})
    assert (answer.status, "Too many e-mails were asked for." in words(answer)) == (429, True)


@ONE_DATABASE
def test_without_a_provider_there_is_nothing_to_test(tab, world):
    mine, here = tab(world.mine.admin), f"/l/{world.mine.id}/admin/provider"
    assert "Send a test mail" not in words(mine.get(here))
    assert mine.post(f"{here}/test", {"to": "dewi@lain.test"}).status == 404
    assert tab(world.mine.user).post(f"{here}/test").status == 403
