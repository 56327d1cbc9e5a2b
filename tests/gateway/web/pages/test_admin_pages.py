"""Settings › the location over HTTP: who may open what, what is changed, and what is told afterwards."""

import html
import re
from pathlib import Path

import pytest

import crm_store
from crm_store import bcc_addresses, locations, members, providers, sender_list_changes, users
from crm_store.access import Access, by_token
from crm_store.clock import now_ms
from crm_store.database.session import connected
from crm_store.errors import NotFound
from crm_store.models.web import InstallationAdmin
from crm_store.paging import PageRequest
from crm_store.rules.states import Role, SenderList
from crm_store.users import UserSettings
from gateway.web.pages.admin import audit_words

ONE_DATABASE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
LOCATION = {
    "name": "Toko <b>Ani</b>",
    "locale": "id",
    "time_zone": "Asia/Makassar",
    "retention_days": "14",
    "bcc_grace_days": "0",
    "own_domains": "Toko.example\r\ncabang.example",
    "read_state_sync": "on",
}
PROVIDER = {"host": "smtp.provider.example", "port": "465", "tls": "implicit", "user": "ani", "password": "hush-hush"}


def words(answer) -> str:
    """What stands on the page, without its marks."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def told(tab, answer) -> str:
    """The page that a form leads to."""
    assert answer.status == 303, words(answer)
    return words(tab.get(answer.headers["Location"]))


def path(world, *more: object) -> str:
    return "/".join(map(str, (f"/l/{world.mine.id}/admin", *more)))


def has_role(world, role: Role) -> None:
    """The location's user has this role from now on."""
    with connected():
        members.put(world.mine.id, world.mine.user.id, role, domain="in.example.net", by=None, now_ms=now_ms())


def patterns(world, kind: SenderList) -> list[str]:
    with connected():
        access = by_token(world.mine.admin.token)
        return [one.pattern for one in sender_list_changes.list_for(access, world.mine.id, kind, PageRequest()).items]


@ONE_DATABASE
@pytest.mark.parametrize(
    ("role", "open_to_them"),
    [
        (Role.USER, set()),
        (Role.OPERATOR, {"senders/allowed", "senders/blocked", "senders/never-log"}),
        (Role.ADMIN, {"location", "members", "senders/allowed", "senders/blocked", "senders/never-log", "provider", "audit"}),
    ],
)  # fmt: skip
def test_each_role_is_shown_its_own_pages_and_no_others(tab, world, role, open_to_them):
    has_role(world, role)
    mine = tab(world.mine.user)
    every = {"location", "members", "senders/allowed", "senders/blocked", "senders/never-log", "provider", "audit"}
    assert {one for one in every if mine.get(path(world, one)).status == 200} == open_to_them
    assert {mine.get(path(world, one)).status for one in every - open_to_them} <= {403}
    menu = mine.get(f"/l/{world.mine.id}/settings/general").text
    assert ("Location settings" in menu) == bool(open_to_them)
    for one in open_to_them:
        tabs = set(re.findall(r'href="[^"]*/admin/([a-z]+)"', mine.get(path(world, one)).text))
        assert tabs >= {other.partition("/")[0] for other in open_to_them}


def test_a_locations_settings_are_changed(tab, world):
    mine = tab(world.mine.admin)
    assert "The location's settings are saved." in told(mine, mine.post(path(world, "location"), LOCATION))
    with connected():
        said = locations.get(by_token(world.mine.admin.token), world.mine.id).settings
    assert (said.name, said.locale, said.time_zone) == ("Toko <b>Ani</b>", "id", "Asia/Makassar")
    assert (said.retention_days, said.bcc_grace_days) == (14, 0)
    assert said.own_domains == ["toko.example", "cabang.example"]
    assert (said.read_state_sync, said.own_provider_for_individual) == (True, False)
    page = mine.get(path(world, "location")).text
    assert "toko.example\ncabang.example</textarea>" in page
    assert "<b>Ani</b>" not in page
    mine.post(path(world, "location"), {name: value for name, value in LOCATION.items() if name != "read_state_sync"})
    with connected():
        assert not locations.get(by_token(world.mine.admin.token), world.mine.id).settings.read_state_sync


# Read in one test: a world for each row would cost more than all of them.
NO_LOCATION = [
    ("name", " ", "Enter a name with 1 to 200 characters."),
    ("time_zone", "Mars/Olympus", "Choose a time zone from the list."),
    ("locale", "xx", "Choose a language from the list."),
    ("retention_days", "0", "Enter a number of days from 1 to 3,650."),
    ("retention_days", "a week", "Enter a number of days from 1 to 3,650."),
    ("bcc_grace_days", "", "Enter a number of days from 0 to 3,650."),
    ("own_domains", "ani@toko.example", "Enter at most 100 domain names"),
]


@ONE_DATABASE
def test_what_a_location_can_not_be_is_told_beside_its_field_and_kept(tab, world):
    mine = tab(world.mine.admin)
    for field, typed, problem in NO_LOCATION:
        answer = mine.post(path(world, "location"), {**LOCATION, "name": "Another", field: typed})
        assert answer.status == 422, (field, typed)
        assert problem in words(answer)
        assert f'id="{field}-told"' in answer.text
        assert "cabang.example" in answer.text or field == "own_domains", "what was typed is kept"
    with connected():
        assert locations.get(by_token(world.mine.admin.token), world.mine.id).settings.name != "Another"


def test_a_member_whom_the_admin_knows_is_added_and_removed(tab, world):
    """The other location's admin works here too, so they know its user."""
    with connected():
        members.put(world.mine.id, world.theirs.admin.id, Role.ADMIN, domain="in.example.net", by=None, now_ms=now_ms())
    both = tab(world.theirs.admin)
    form = {"email": world.theirs.user.email.upper(), "role": "operator"}
    page = told(both, both.post(path(world, "members"), form))
    assert "They are a member, and have a BCC address of their own." in page
    one = path(world, "members", world.theirs.user.id)
    assert "works" in words(both.get(one))
    assert "Their BCC address of this location dies at once." in words(both.get(f"{one}/remove"))
    assert "They are a member no more." in told(both, both.post(f"{one}/remove"))
    assert both.get(one).status == 404


@ONE_DATABASE
def test_an_admin_of_a_location_learns_nothing_of_who_else_works_in_the_installation(tab, world):
    mine = tab(world.mine.admin)
    answers = [
        mine.post(path(world, "members"), {"email": email, "role": "user"})
        for email in (world.theirs.user.email, "nobody@nowhere.example")
    ]
    assert [answer.status for answer in answers] == [422, 422]
    assert {words(answer).count("Nobody whom you may add signs in with this address.") for answer in answers} == {1}
    assert "first password" not in words(answers[0]).lower()


def test_who_runs_the_installation_makes_users(tab, world):
    with connected():
        InstallationAdmin.create(user_id=world.mine.admin.id, created_at_ms=now_ms())
    mine = tab(world.mine.admin)
    new = {"email": "budi@firma.example", "name": "Budi", "role": "user", "password": "correct horse"}
    assert "They are a member" in told(mine, mine.post(path(world, "members"), new))
    assert tab().sign_in("budi@firma.example", "correct horse").status == 303
    for field, wrong in (("password", "short"), ("email", "budi@"), ("name", " ")):
        answer = mine.post(path(world, "members"), {**new, "email": "cici@firma.example", field: wrong})
        assert answer.status == 422, field
        assert f'id="{field}-told"' in answer.text
        assert "correct horse" not in answer.text, "a password is shown to nobody"
    with connected():
        assert users.known("cici@firma.example") is None


def test_a_location_keeps_an_admin(tab, world):
    mine = tab(world.mine.admin)
    own = path(world, "members", world.mine.admin.id)
    for answer in (mine.post(own, {"role": "user"}), mine.post(f"{own}/remove")):
        assert answer.status == 409
        assert "A location keeps at least one admin" in words(answer)
    again = mine.post(path(world, "members"), {"email": world.mine.admin.email, "role": "user"})
    assert "A location keeps at least one admin" in words(again)
    assert "The role is changed." in told(
        mine, mine.post(path(world, "members", world.mine.user.id), {"role": "admin"})
    )
    assert mine.post(f"{own}/remove").headers["Location"] == "/locations", "it is theirs no more"
    assert mine.get(path(world, "members")).status == 404


@ONE_DATABASE
def test_a_role_that_there_is_not_changes_nothing(tab, world):
    mine = tab(world.mine.admin)
    assert mine.post(path(world, "members", world.mine.user.id), {"role": "owner"}).status == 404


def test_a_members_bcc_address_is_replaced_and_switched_off(tab, world):
    mine, one = tab(world.mine.admin), path(world, "members", world.mine.user.id)

    def bcc() -> bcc_addresses.BccAddressView:
        with connected():
            return bcc_addresses.show(world.mine.id, world.mine.user.id, now_ms=now_ms())

    first = bcc().address
    assert "They have a new BCC address." in told(mine, mine.post(f"{one}/bcc/replace"))
    second = bcc()
    assert second.address != first
    assert [old.address for old in second.previous] == [first], "it works on for the location's days"
    mine.post(f"{one}/bcc/replace", {"grace": "none"})
    assert [old.address for old in bcc().previous] == []
    assert "Mail to it is not recorded any more." in told(mine, mine.post(f"{one}/bcc/off"))
    assert not bcc().active
    assert "Switch on, with a new address" in words(mine.get(one))


@pytest.mark.parametrize(
    ("word", "kind"),
    [("allowed", SenderList.ALLOWED), ("blocked", SenderList.BLOCKED), ("never-log", SenderList.NEVER_LOG)],
)
def test_a_sender_is_put_on_a_list_taken_off_and_put_back(tab, world, word, kind):
    mine, here = tab(world.mine.admin), path(world, "senders", word)
    page = told(mine, mine.post(here, {"pattern": " mitra.example "}))
    assert "@mitra.example is on the list." in page
    assert patterns(world, kind) == ["@mitra.example"]
    removed = mine.post(f"{here}/remove", {"pattern": "@mitra.example"})
    assert "@mitra.example is off the list. Undo" in words(removed)
    assert patterns(world, kind) == []
    undo = re.search(r'action="([^"]+)" data-soft>.*?name="pattern" value="([^"]+)"', removed.text, re.DOTALL)
    assert undo is not None
    mine.post(undo[1], {"pattern": undo[2]})
    assert patterns(world, kind) == ["@mitra.example"]
    mine.post(f"{here}/remove", {"pattern": "@mitra.example"})
    assert mine.post(f"{here}/remove", {"pattern": "@mitra.example"}).status == 303, "somebody was faster"


@ONE_DATABASE
@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("no address", "Enter an e-mail address, or a domain such as @company.com."),
        ("<script>alert(1)</script>", "Enter an e-mail address, or a domain such as @company.com."),
        ("{member}", "This is an address of a member of this location, and members are never blocked."),
    ],
)
def test_who_can_not_be_blocked_is_told_why(tab, world, typed, problem):
    answer = tab(world.mine.admin).post(
        path(world, "senders/blocked"), {"pattern": typed.format(member=world.mine.user.email)}
    )
    assert answer.status == 422
    assert problem in words(answer)
    assert "<script>alert" not in answer.text
    assert patterns(world, SenderList.BLOCKED) == []


@ONE_DATABASE
def test_operators_read_the_never_log_list_and_admins_keep_it(tab, world):
    has_role(world, Role.OPERATOR)
    operator, here = tab(world.mine.user), path(world, "senders/never-log")
    tab(world.mine.admin).post(here, {"pattern": "@dokter.example"})
    page = operator.get(here)
    assert "@dokter.example" in page.text
    assert 'name="pattern"' not in page.text
    assert operator.post(here, {"pattern": "@x.example"}).status == 403
    assert operator.post(f"{here}/remove", {"pattern": "@dokter.example"}).status == 403
    assert patterns(world, SenderList.NEVER_LOG) == ["@dokter.example"]


@ONE_DATABASE
def test_a_long_list_has_pages(tab, world):
    with connected():
        access = by_token(world.mine.admin.token)
        for number in range(51):
            sender_list_changes.add(access, world.mine.id, SenderList.ALLOWED, f"@d{number}.example", now_ms=now_ms())
    mine = tab(world.mine.admin)
    first = mine.get(path(world, "senders/allowed"))
    assert "@d50.example" not in first.text
    (more,) = re.findall(r'href="([^"]+)" rel="next"', first.text)
    assert "@d50.example" in mine.get(html.unescape(more)).text
    assert mine.get(path(world, "senders/allowed?after=nonsense")).status == 422


def test_a_provider_is_set_kept_and_removed_and_its_password_is_shown_to_nobody(tab, world):
    mine, here = tab(world.mine.admin), path(world, "provider")
    assert "The provider is set." in told(mine, mine.post(here, PROVIDER))
    assert "hush-hush" not in mine.get(here).text
    changed = {**PROVIDER, "password": "", "per_minute": "60", "from": "toko@ani.example"}
    assert "The provider is set." in told(mine, mine.post(here, changed))
    with connected():
        view = providers.get(by_token(world.mine.admin.token), world.mine.id)
    assert view.has_password
    assert (view.settings.port, view.settings.per_minute, view.settings.from_address) == (465, 60, "toko@ani.example")
    assert "What waits is marked as failed" in words(mine.get(f"{here}/remove"))
    assert "no provider any more" in told(mine, mine.post(f"{here}/remove"))
    with connected(), pytest.raises(NotFound):
        providers.get(by_token(world.mine.admin.token), world.mine.id)
    assert mine.get(f"{here}/remove").status == 404


NO_PROVIDER = [
    ("host", "169.254.169.254"),
    ("host", "smtp.provider.example:25"),
    ("host", ""),
    ("port", "0"),
    ("port", "many"),
    ("per_minute", "-1"),
    ("from", "nobody"),
    ("user", ""),
]


@ONE_DATABASE
def test_what_a_provider_can_not_be_is_told_beside_its_field(tab, world):
    mine = tab(world.mine.admin)
    for field, typed in NO_PROVIDER:
        answer = mine.post(path(world, "provider"), {**PROVIDER, field: typed})
        assert answer.status == 422, (field, typed)
        assert f'id="{field}-told"' in answer.text
        assert "hush-hush" not in answer.text
    with connected(), pytest.raises(NotFound):
        providers.get(by_token(world.mine.admin.token), world.mine.id)


@ONE_DATABASE
def test_another_server_does_not_get_the_stored_password(tab, world):
    mine, here = tab(world.mine.admin), path(world, "provider")
    mine.post(here, PROVIDER)
    answer = mine.post(here, {**PROVIDER, "host": "smtp.thief.example", "password": ""})
    assert answer.status == 422
    assert "Enter the password again: the server or the login has changed." in words(answer)


def test_the_audit_tells_who_did_what(tab, world):
    mine = tab(world.mine.admin)
    mine.post(path(world, "senders/blocked"), {"pattern": "@spam.example"})
    page = mine.get(path(world, "audit"))
    assert "blocked a sender" in words(page)
    with connected():
        name = users.get(Access(world.mine.admin.id, {}), world.mine.admin.id).settings.name
    assert html.escape(name) in page.text
    assert "spam.example" not in page.text, "ids, never content"


@ONE_DATABASE
def test_a_long_audit_has_pages(tab, world):
    mine = tab(world.mine.admin)
    for number in range(60):
        with connected():
            access = by_token(world.mine.admin.token)
            locations.change(access, world.mine.id, {"retention_days": 1 + number}, now_ms=now_ms())
    first = mine.get(path(world, "audit"))
    (earlier,) = re.findall(r'href="([^"]+)" rel="next"', first.text)
    second = mine.get(html.unescape(earlier))
    assert "Latest" in words(second)
    assert "Latest" not in words(first)


@ONE_DATABASE
def test_names_are_text_and_never_marks(tab, world):
    with connected():
        InstallationAdmin.create(user_id=world.mine.admin.id, created_at_ms=now_ms())
        named = users.add("x@firma.example", UserSettings("<img src=x onerror=alert(1)>"), password_hash=None, by=None, now_ms=now_ms())  # fmt: skip
    mine = tab(world.mine.admin)
    mine.post(path(world, "members"), {"email": "x@firma.example", "role": "user"})
    for page in ("members", f"members/{named.id}", f"members/{named.id}/remove", "audit"):
        text = mine.get(path(world, page)).text
        assert "<img src=x" not in text
    assert "&lt;img src=x" in mine.get(path(world, "members")).text


def test_everything_that_is_written_to_the_audit_has_words():
    """Actions whose words are put together as the program runs are named by their beginning."""
    source = "".join(file.read_text() for file in Path(crm_store.__file__).parent.rglob("*.py"))
    written = set(re.findall(r'(?:audit\.write|_note|_audit)\(\s*"([a-z_]+\.[a-z_]+)"', source))
    assert len(written) > 20
    of_the_installation = {
        "identity.ask",
        "identity.remove",
        "session.end",
        "token.create",
        "user.add",
        "user.change",
        "user.link_google",
        "user.password",
    }
    assert written - of_the_installation - set(audit_words.SENTENCES) == set()
    begun = set(re.findall(r'audit\.write\(\s*f"([a-z_]*)\.?\{', source)) - {""}
    assert {action.partition(".")[0] for action in audit_words.SENTENCES} >= begun
