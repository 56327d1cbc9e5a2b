"""The command as people and programs meet it: words in, text and an exit status out.

Those that start it have nothing imported beforehand, and every command is among them."""

import json
import subprocess
import sys

import pytest

COMMANDS = [
    "serve",
    "smtp",
    "web",
    "worker",
    "settings",
    "migrate",
    "status",
    "location",
    "user",
    "token",
    "explain",
    "audit",
    "read",
    "doctor",
    "reparse",
]


def test_help_lists_every_command(started_sunnyday):
    done = started_sunnyday("--help")
    assert done.returncode == 0
    assert {word for word in COMMANDS if f"\n  {word} " not in done.stdout} == set()


@pytest.mark.parametrize(
    "words", [[name] for name in COMMANDS] + [["location", "add"], ["user", "add"], ["token", "create"]], ids=" ".join
)
def test_every_command_explains_itself(started_sunnyday, words):
    done = started_sunnyday(*words, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: sunnyday {' '.join(words)} ")


def test_help_loads_neither_database_nor_settings():
    heavy = "import sys, crm_store.command.main as m; m.build(); print(*{'peewee', 'pydantic', 'dns', 'psycopg'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("\n", "")


def test_it_tells_its_version(started_sunnyday):
    assert started_sunnyday("--version").stdout.startswith("sunnyday 0.")


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["bogus"], id="no such command"),
        pytest.param(["settings", "--bogus"], id="no such option"),
        pytest.param(["location", "add"], id="a word is missing"),
        pytest.param(["explain"], id="no Message-ID"),
        pytest.param(
            ["user", "add", "a@b.example", "--name", "A", "--location", "1", "--role", "boss"], id="no such role"
        ),
    ],
)
def test_words_that_are_not_understood_give_2(sunnyday, words):
    done = sunnyday(*words)
    assert done.returncode == 2
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words", [["settings"], ["serve"], ["smtp"], ["migrate"], ["location", "add", "A"]], ids=" ".join
)
@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        (
            {"SUNNYDAY_SMTP_LISTEN": "somewhere"},
            "SUNNYDAY_SMTP_LISTEN=somewhere: 'somewhere' is not HOST:PORT.\n",
        ),
        (
            {"SUNNYDAY_TLS_CERT": "cert.pem"},
            "SUNNYDAY_TLS_KEY is missing: a certificate and its key are set together.\n",
        ),
    ],
)
def test_a_wrong_setting_stops_every_command_with_one_sentence_and_2(sunnyday, words, environ, sentence):
    done = sunnyday(*words, **environ)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", sentence)


def test_an_address_that_cannot_be_bound_stops_the_start_with_1(started_sunnyday, tmp_path):
    done = started_sunnyday("smtp", SUNNYDAY_SMTP_LISTEN="192.0.2.1:25", SUNNYDAY_LOG="json")
    assert done.returncode == 1
    assert done.stderr == "SUNNYDAY_SMTP_LISTEN=192.0.2.1:25: Cannot assign requested address.\n"
    assert list(tmp_path.iterdir()) == []


def test_settings_tell_who_set_them(sunnyday, tmp_path):
    (tmp_path / "our.env").write_text("SUNNYDAY_CAPTURE_DOMAINS=in.example\nSUNNYDAY_SMTP_PROCESSES=3\n")
    done = sunnyday("--env-file", "our.env", "settings", "--json", SUNNYDAY_SMTP_PROCESSES="4")
    listed = json.loads(done.stdout)
    told = {name: (listed[name]["value"], listed[name]["origin"]) for name in listed}
    assert told["SUNNYDAY_CAPTURE_DOMAINS"] == ("in.example", "our.env")
    assert told["SUNNYDAY_SMTP_PROCESSES"] == ("4", "environment")
    assert told["SUNNYDAY_DATA"] == ("data", "default")


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["for people", "for programs"])
def test_settings_hide_secrets(sunnyday, form):
    done = sunnyday("settings", *form, SUNNYDAY_DATABASE_URL="postgresql://crm:s3cret@db.example/crm")
    assert done.returncode == 0
    assert "s3cret" not in done.stdout
    assert "postgresql://…/crm" in done.stdout


def test_an_env_file_that_is_missing_is_named(sunnyday):
    done = sunnyday("--env-file", "gone.env", "settings")
    assert (done.returncode, done.stderr) == (2, "--env-file: gone.env is not a file.\n")


def test_a_database_that_does_not_answer_is_one_sentence_and_1(sunnyday):
    done = sunnyday("migrate", SUNNYDAY_DATABASE_URL="postgresql://127.0.0.1:1/crm")
    assert (done.returncode, done.stderr) == (1, "The database does not answer.\n")


def test_a_folder_that_cannot_be_made_is_named(sunnyday):
    done = sunnyday("migrate", SUNNYDAY_DATA="/proc/nowhere")
    assert (done.returncode, done.stderr) == (1, "/proc/nowhere: No such file or directory.\n")
