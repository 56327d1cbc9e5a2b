"""From an empty folder to a token, by commands alone, on both databases."""

import json

import pytest


class SetUp:
    """Commands on one database."""

    def __init__(self, sunnyday, environ):
        self._sunnyday = sunnyday
        self._environ = environ

    def __call__(self, *words, given=""):
        """The JSON object of a command that succeeds."""
        done = self._sunnyday(*words, "--json", given=given, **self._environ)
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)

    def failure(self, *words):
        """The sentence of a command that fails."""
        done = self._sunnyday(*words, **self._environ)
        assert (done.returncode, done.stdout) == (1, "")
        return done.stderr


@pytest.fixture(params=["sqlite", "postgresql"])
def set_up(request, sunnyday):
    """On a migrated database."""
    on_postgresql = request.param == "postgresql"
    environ = {"SUNNYDAY_DATABASE_URL": request.getfixturevalue("postgres_database")} if on_postgresql else {}
    commands = SetUp(sunnyday, environ)
    commands("migrate")
    return commands


def test_a_location_a_user_and_a_token(set_up):
    location = set_up("location", "add", "Jakarta")
    assert location["name"] == "Jakarta"
    words = ["--name", "Ana", "--location", location["id"], "--role", "admin", "--password-stdin"]
    user = set_up("user", "add", "Ana@Agency.example", *words, given="correct horse battery\n")
    assert (user["name"], user["email"]) == ("Ana", "Ana@agency.example")
    by_id = set_up("token", "create", "--user", user["id"])
    by_email = set_up("token", "create", "--user", "ana@agency.example", "--admin")
    assert by_id["user_id"] == by_email["user_id"] == user["id"]
    assert by_id["token"] != by_email["token"]


def test_what_cannot_be_done_is_one_sentence_and_1(set_up):
    location = set_up("location", "add", "Jakarta")
    ana = ["user", "add", "ana@agency.example", "--name", "Ana", "--role", "user"]
    assert set_up.failure(*ana, "--location", "999") == "No location 999.\n"
    set_up(*ana, "--location", location["id"])  # nothing is left of the first try
    told = f"ana@agency.example exists already, and is a member of location {location['id']}.\n"
    assert set_up.failure(*ana, "--location", location["id"]).endswith(told)
    assert set_up.failure("token", "create", "--user", "bo@agency.example") == "No user bo@agency.example.\n"
    assert set_up.failure("location", "add", " ") == "Name: has 1 to 200 characters.\n"


def test_who_works_in_one_location_is_taken_into_another(set_up):
    first, second = (set_up("location", "add", name)["id"] for name in ("Jakarta", "Bandung"))
    given = "correct horse battery\n"
    ana = ["user", "add", "ana@agency.example", "--password-stdin"]
    made = set_up(*ana, "--name", "Ana", "--role", "admin", "--location", first, given=given)
    words = [*ana, "--name", "Lain", "--role", "operator", "--location", second]
    there = set_up(*words, given=given)
    assert (made["is_new"], there) == (True, {**made, "is_new": False}), "the name stays as it was"


def test_status_tells_what_waits_and_says_that_nothing_runs(set_up):
    status = set_up("status")
    assert status["captures"] == {"waiting": 0, "failed": 0, "oldest_waiting_s": 0}
    assert status["serve"] == {"up": False, "problems": ["not running on this machine"]}


def test_migrating_again_applies_nothing(set_up):
    assert set_up("migrate") == {"applied": []}


def test_a_database_that_was_never_migrated_is_not_touched(sunnyday, tmp_path, postgres_database):
    on_sqlite = sunnyday("location", "add", "A")
    assert on_sqlite.returncode == 1
    assert on_sqlite.stderr == "There is no database at data/crm.sqlite3 yet: run sunnyday migrate.\n"
    assert list(tmp_path.iterdir()) == []
    on_postgresql = sunnyday("location", "add", "A", SUNNYDAY_DATABASE_URL=postgres_database)
    assert on_postgresql.returncode == 1
    assert on_postgresql.stderr.startswith("The database lacks 0001_")
    assert on_postgresql.stderr.endswith(": run sunnyday migrate.\n")
