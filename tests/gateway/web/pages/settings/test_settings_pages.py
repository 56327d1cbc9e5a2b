"""Settings › My profile over HTTP: what is shown, changed, asked about before it is done, and told afterwards."""

import html
import re

import pytest
from connected_account import connection_of

from crm_store import audit, bcc_addresses, users
from crm_store.access import Access
from crm_store.clock import now_ms
from crm_store.database.session import connected
from crm_store.models.connections import Connection
from crm_store.models.web import InstallationAdmin
from crm_store.rules.connection import ConnectionProblem
from gateway.web.app import make_app

PROFILE = {"name": "Ani W", "locale": "id", "time_zone": "Asia/Makassar", "signature": "Salam,\r\nAni", "undo_s": "20"}
ONE_DATABASE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


def words(answer) -> str:
    """What stands on the page, without its marks."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def general(world) -> str:
    return f"/l/{world.mine.id}/settings/general"


def email(world, *more: object) -> str:
    return "/".join(map(str, (f"/l/{world.mine.id}/settings/email", *more)))


def bcc(world, what: str) -> str:
    return f"/l/{world.mine.id}/settings/bcc/{what}"


def shown(world) -> bcc_addresses.BccAddressView:
    with connected():
        return bcc_addresses.show(world.mine.id, world.mine.user.id, now_ms=now_ms())


def told(tab, answer) -> str:
    """The page that a form leads to."""
    assert answer.status == 303, words(answer)
    return words(tab.get(answer.headers["Location"].partition("#")[0]))


def test_a_profile_is_changed_and_speaks_its_new_language(tab, world):
    mine = tab(world.mine.user)
    assert "Profil Anda disimpan." in told(mine, mine.post(general(world), PROFILE))
    with connected():
        own = users.get(Access(world.mine.user.id, {}), world.mine.user.id).settings
    assert (own.name, own.locale, own.time_zone) == ("Ani W", "id", "Asia/Makassar")
    assert (own.signature, own.undo_s) == ("Salam,\nAni", 20)
    mine.post(general(world), {**PROFILE, "locale": "", "time_zone": ""})
    assert "Your name" not in words(mine.get(general(world)))
    with connected():
        own = users.get(Access(world.mine.user.id, {}), world.mine.user.id).settings
    assert (own.locale, own.time_zone) == (None, None)


@ONE_DATABASE
@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        pytest.param({"name": " "}, "Enter a name with 1 to 200 characters.", id="no name"),
        pytest.param({"undo_s": "121"}, "Enter a number of seconds from 0 to 120.", id="too long to undo"),
        pytest.param({"undo_s": "x"}, "Enter a number of seconds from 0 to 120.", id="no number"),
        pytest.param({"undo_s": "９"}, "Enter a number of seconds from 0 to 120.", id="a digit of elsewhere"),
        pytest.param({"locale": "fr"}, "Choose a language from the list.", id="a language that we do not speak"),
        pytest.param({"time_zone": "Mars/Olympus"}, "Choose a time zone from the list.", id="a zone of elsewhere"),
        pytest.param({"signature": "x" * 10_001}, "A signature has at most 10,000 characters.", id="a long signature"),
    ],
)
def test_what_cannot_be_taken_is_told_at_its_field_and_what_was_typed_stays(tab, world, typed, problem):
    answer = tab(world.mine.user).post(general(world), {**PROFILE, "signature": "Salam hangat", **typed})
    assert answer.status == 422
    assert problem in words(answer)
    assert 'aria-invalid="true"' in answer.text
    assert "Salam hangat" in answer.text or "signature" in typed


def test_a_bcc_address_is_tested_and_the_page_says_how_it_went(tab, world, deliver, a_mail):
    mine = tab(world.mine.user)
    before = words(mine.get(general(world)))
    assert "No mail has come in here yet" in before
    assert "Answers of your contacts are not recorded by themselves" in before, "C3"
    assert "Waiting for your test mail" in told(mine, mine.post(bcc(world, "test")))
    deliver(a_mail("budi@budi.test", world.mine.user.bcc, "coba"), world.mine.user)
    after = words(mine.get(general(world)))
    assert "Last capture a moment ago" in after
    assert "It works: a mail arrived a moment ago" in after
    assert "(C1)." in after


@ONE_DATABASE
@pytest.mark.parametrize(
    ("author", "to", "said"),
    [
        pytest.param(
            "orang@lain.test", "{bcc}", "It came from an address that is not known to be yours.", id="a stranger"
        ),
        pytest.param("budi@budi.test", "citra@customer.test", "It works: a mail arrived", id="a mail to a customer"),
    ],
)
def test_any_mail_answers_the_test(tab, world, deliver, a_mail, author, to, said):
    mine = tab(world.mine.user)
    mine.post(bcc(world, "test"))
    deliver(a_mail(author, to.format(bcc=world.mine.user.bcc)), world.mine.user)
    assert said in words(mine.get(general(world)))


@ONE_DATABASE
@pytest.mark.parametrize(("grace", "still_works"), [("usual", 1), ("none", 0)])
def test_a_bcc_address_is_replaced_after_a_question(tab, world, grace, still_works):
    mine, old = tab(world.mine.user), world.mine.user.bcc
    question = mine.get(bcc(world, "replace"))
    assert "works for 30 more days" in words(question)
    assert old in question.text
    after = told(mine, mine.post(bcc(world, "replace"), {"grace": grace}))
    assert "You have a new BCC address." in after
    assert len(shown(world).previous) == still_works
    assert (old in after) == bool(still_works)


@ONE_DATABASE
def test_a_bcc_address_is_switched_off_after_a_question_and_on_again(tab, world):
    mine = tab(world.mine.user)
    assert "addresses from before stop as well" in words(mine.get(bcc(world, "off")))
    assert shown(world).active, "a question changes nothing"
    assert "The BCC address is switched off." in told(mine, mine.post(bcc(world, "off")))
    assert mine.post(bcc(world, "test")).status == 409
    assert mine.get(bcc(world, "contact.vcf")).status == 409
    assert mine.get(bcc(world, "how-to")).status == 200
    assert "switched on" in told(mine, mine.post(bcc(world, "on")))
    address = shown(world).address
    assert address not in (None, world.mine.user.bcc)
    mine.post(bcc(world, "on"))
    assert shown(world).address == address, "what is on is left as it is"


@ONE_DATABASE
def test_the_vcard_is_a_file(tab, world):
    card = tab(world.mine.user).get(bcc(world, "contact.vcf"))
    assert (card.status, card.headers["Content-Type"]) == (200, "text/vcard; charset=utf-8")
    assert card.headers["Content-Disposition"] == 'attachment; filename="bcc.vcf"'
    assert f"EMAIL:{world.mine.user.bcc}\r\n" in card.text


@ONE_DATABASE
def test_without_a_google_client_an_admin_is_told_what_to_set_and_a_user_whom_to_ask(tab, world, serve, settings):
    tabs = [tab(world.mine.admin), tab(world.mine.user)]
    tabs[0].web = tabs[1].web = serve(make_app(settings))
    admin, user = (words(one.get(general(world))) for one in tabs)
    for word in ("SUNNYDAY_GOOGLE_CLIENT_ID", "SUNNYDAY_GOOGLE_CLIENT_SECRET", "/oauth/google/callback"):
        assert word in admin
        assert word not in user
    assert "ask an admin of your location" in user
    assert tabs[0].post(email(world, "connect")).status == 409


def test_a_connection_is_shown_from_the_data_and_changed(tab, world):
    mine = tab(world.mine.user)
    connection_id = connection_of(world.mine.user.id, world.mine.id, now_ms=now_ms(), email="ani@gmail.test")
    first = words(mine.get(email(world)))
    assert "ani@gmail.test" in first
    assert "Connected, first sync under way" in first
    assert "not synced yet" in first
    assert "0 of 500" in first
    assert "Answers of your contacts are not recorded by themselves" not in words(mine.get(general(world)))
    assert "The mailbox is looked at now." in told(mine, mine.post(email(world, connection_id, "sync")))
    changed = mine.post(email(world, connection_id), {"daily_limit": "2000"})
    assert "0 of 2,000" in told(mine, changed)
    with connected():
        row = Connection.get_by_id(connection_id)
        assert (row.daily_limit, row.import_contacts) == (2000, False)
    refused = mine.post(email(world, connection_id), {"daily_limit": "2001"})
    assert (refused.status, "Enter a number from 1 to 2,000." in words(refused)) == (422, True)


def test_older_mail_is_fetched_and_an_account_disconnected_after_a_question(tab, world):
    mine = tab(world.mine.user)
    connection_id = connection_of(world.mine.user.id, world.mine.id, now_ms=now_ms())
    assert "Days back from today" in words(mine.get(email(world, connection_id, "backfill")))
    for days in ("0", "x", "99999", ""):
        assert mine.post(email(world, connection_id, "backfill"), {"days": days}).status == 422
    fetched = mine.post(email(world, connection_id, "backfill"), {"days": "7"})
    after = told(mine, fetched)
    assert "Older mail is being fetched." in after
    assert "Stop fetching" in after
    after = told(mine, mine.post(email(world, connection_id, "backfill", "stop")))
    assert "No more older mail is fetched." in after
    assert "is being stopped" in after
    assert "Stop fetching" not in after
    question = words(mine.get(email(world, connection_id, "disconnect")))
    assert "Every mail that is recorded, with its conversation." in question
    after = told(mine, mine.post(email(world, connection_id, "disconnect")))
    assert "The account is disconnected." in after
    assert "Disconnected" in after
    assert "Sync now" not in after
    assert mine.post(email(world, connection_id, "sync")).status == 409
    assert mine.get(email(world, connection_id, "backfill")).status == 409
    with connected():
        done = [one.what for one in audit.latest(world.mine.id, 10)]
    assert done[:3] == ["connection.disconnect", "connection.backfill_stop", "connection.backfill"]


@ONE_DATABASE
def test_who_runs_the_installation_looks_into_nobodys_mailbox(tab, world):
    connection_id = connection_of(world.mine.user.id, world.mine.id, now_ms=now_ms())
    with connected():
        InstallationAdmin.create(user_id=world.mine.admin.id, created_at_ms=now_ms())
    admin = tab(world.mine.admin)
    for what in ("backfill", "disconnect"):
        assert admin.get(email(world, connection_id, what)).status == 404
    for what in ("sync", "update", "disconnect", "backfill", "backfill/stop"):
        assert admin.post(email(world, connection_id, what), {"days": "7"}).status == 404
    assert admin.post(email(world, connection_id), {"daily_limit": "x"}).status == 404


@ONE_DATABASE
def test_one_that_lost_its_access_says_so_and_offers_to_sign_in(tab, world):
    connection_id = connection_of(world.mine.user.id, world.mine.id, now_ms=now_ms(), email="ani@gmail.test")
    with connected():
        Connection.update(state="needs_reauth", problem=ConnectionProblem.ACCESS_REVOKED).where(
            Connection.id == connection_id
        ).execute()
    page = words(tab(world.mine.user).get(email(world)))
    assert "Sign in with Google again" in page
    assert "Google no longer lets us in" in page
    assert "Sync now" not in page
    told = "Google no longer lets us into ani@gmail.test."
    assert told not in page, "the page itself says more"
    for path in (general(world), f"/l/{world.mine.id}/settings/security", "/locations", bcc(world, "how-to")):
        everywhere = tab(world.mine.user).get(path)
        assert told in words(everywhere), f"A5: {path}"
        assert f'href="{email(world)}"' in everywhere.text
        assert told not in words(tab(world.mine.admin).get(path)), "a matter of their own"


@ONE_DATABASE
@pytest.mark.parametrize("word", ["saved", "nonsense", "<b>", "connected"])
def test_a_word_in_the_address_is_never_shown_as_it_is(tab, world, word):
    mine = tab(world.mine.user)
    for path in (general(world), email(world)):
        assert "<b>" not in mine.get(f"{path}?done={word}").text
        assert mine.get(f"{path}?done={word}").status == 200
