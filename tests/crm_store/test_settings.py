"""Settings are read once, told with their origin, and a wrong one stops the start with a sentence that names it."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from crm_store.errors import SettingsError
from crm_store.settings import ListenAddress, load, origins, unknown_names


def test_defaults_need_nothing():
    settings = load({})
    assert settings.smtp_listen == (ListenAddress("127.0.0.1", 8025),)
    assert settings.http_listen == (ListenAddress("127.0.0.1", 8000),)
    assert settings.sqlite_path == Path("data/crm.sqlite3")
    assert settings.blobs_folder == Path("data/blobs")
    assert settings.trusted_relays == ()


def test_lists_have_commas_and_an_empty_variable_is_not_set():
    settings = load(
        {
            "SUNNYDAY_SMTP_LISTEN": "127.0.0.1:0, [::1]:25",
            "SUNNYDAY_CAPTURE_DOMAINS": "Capture.Example, bücher.example",
            "SUNNYDAY_TRUSTED_RELAYS": "10.0.0.0/8,2001:db8::1",
            "SUNNYDAY_SMTP_MAX_BYTES": "",
        }
    )
    assert settings.smtp_listen == (ListenAddress("127.0.0.1", 0), ListenAddress("::1", 25))
    assert [str(address) for address in settings.smtp_listen] == ["127.0.0.1:0", "[::1]:25"]
    assert settings.capture_domains == ("capture.example", "xn--bcher-kva.example")
    assert settings.trusted_relays == (ip_network("10.0.0.0/8"), ip_network("2001:db8::1/128"))
    assert settings.smtp_max_bytes == 36_700_160


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("SMTP_LISTEN", "8025", id="no host"),
        pytest.param("SMTP_LISTEN", "127.0.0.1:99999", id="no such port"),
        pytest.param("SMTP_PROCESSES", "0", id="no process"),
        pytest.param("SMTP_PROCESSES", "many", id="no number"),
        pytest.param("CAPTURE_DOMAINS", "not a domain", id="blanks in a domain"),
        pytest.param("CAPTURE_DOMAINS", ",", id="no domain"),
        pytest.param("TRUSTED_RELAYS", "10.0.0.0/8,everybody", id="no network"),
        pytest.param("DATABASE_URL", "mysql://user:secret@host/name", id="a database we don't speak"),
        pytest.param("BLOBS_URL", "ftp://host", id="a blob store we don't speak"),
        pytest.param("PUBLIC_URL", "example.com", id="no scheme"),
        pytest.param("LOG", "xml", id="no such log"),
        pytest.param("QUEUE_URL", "amqp://user:secret@host", id="a queue we don't speak"),
        pytest.param("SECRET_KEYS", "secret", id="a key that is guessed"),
        pytest.param("GOOGLE_GMAIL_URL", "gmail.example", id="a root without scheme"),
        pytest.param("GOOGLE_PUBSUB_TOPIC", "gmail", id="half a name of a topic"),
        pytest.param("SYNC_INTERVAL_S", "0", id="never a pause"),
        pytest.param("TLS_CERT", "/etc/cert.pem", id="a certificate without its key"),
    ],
)
def test_a_wrong_one_is_one_sentence_that_names_it(name: str, value: str):
    with pytest.raises(SettingsError) as refused:
        load({f"SUNNYDAY_{name}": value})
    told = str(refused.value)
    assert "SUNNYDAY_" + ("TLS_KEY" if name == "TLS_CERT" else name) in told
    assert "\n" not in told
    assert told.endswith(".")
    assert "secret" not in told


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"SUNNYDAY_GOOGLE_CLIENT_ID": "one"}, "SUNNYDAY_GOOGLE_CLIENT_SECRET"),
        ({"SUNNYDAY_GOOGLE_CLIENT_SECRET": "one"}, "SUNNYDAY_GOOGLE_CLIENT_ID"),
    ],
)
def test_half_a_google_client_is_told_by_what_is_missing(given: dict[str, str], missing: str):
    with pytest.raises(SettingsError, match=f"^{missing} is missing"):
        load(given)


def test_where_people_reach_us_is_what_was_said_else_where_we_listen():
    assert load({}).base_url == "http://127.0.0.1:8000"
    assert load({"SUNNYDAY_HTTP_LISTEN": "[::1]:80"}).base_url == "http://[::1]:80"
    assert load({"SUNNYDAY_PUBLIC_URL": "https://crm.example/"}).base_url == "https://crm.example"


def test_the_environment_goes_before_the_file_and_each_value_tells_its_origin(tmp_path: Path):
    file = tmp_path / "sunnyday.env"
    file.write_text("SUNNYDAY_LOG=json\nSUNNYDAY_SMTP_PROCESSES=3\n")
    told = {line.name: line for line in origins({"SUNNYDAY_SMTP_PROCESSES": "5"}, file)}
    assert (told["SUNNYDAY_SMTP_PROCESSES"].value, told["SUNNYDAY_SMTP_PROCESSES"].origin) == ("5", "environment")
    assert (told["SUNNYDAY_LOG"].value, told["SUNNYDAY_LOG"].origin) == ("json", str(file))
    assert told["SUNNYDAY_DATA"].origin == "default"


def test_secrets_are_shown_nowhere():
    environ = {
        "SUNNYDAY_DATABASE_URL": "postgresql://user:hush-hush@host/name",
        "SUNNYDAY_QUEUE_URL": "redis://user:hush-hush@host/1",
        "SUNNYDAY_SECRET_KEYS": "scheme://hush-hush-hush/hush, hush-hush-hush-hush",
        "SUNNYDAY_GOOGLE_CLIENT_ID": "client.example",
        "SUNNYDAY_GOOGLE_CLIENT_SECRET": "GOCSPX-hush",
    }
    told = {line.name: line.value for line in origins(environ)}
    assert (told["SUNNYDAY_DATABASE_URL"], told["SUNNYDAY_QUEUE_URL"]) == ("postgresql://…/name", "redis://…/1")
    assert told["SUNNYDAY_SECRET_KEYS"], "that they are set is told"
    assert "hush" not in " ".join(told.values())
    assert "hush" not in repr(load(environ))


def test_an_env_file_that_is_not_there_is_told():
    with pytest.raises(SettingsError, match="--env-file"):
        load({}, Path("/nowhere/at/all"))


def test_a_misspelt_name_is_found():
    assert unknown_names({"SUNNYDAY_SMTP_LISTN": "x", "SUNNYDAY_DATA": "y", "HOME": "z"}) == ["SUNNYDAY_SMTP_LISTN"]
