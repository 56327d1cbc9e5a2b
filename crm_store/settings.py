"""Every setting, read once at the start; a wrong one stops the start with one sentence that names it."""

import os
import re
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self
from urllib.parse import urlsplit

import dns.exception
import dns.name
from dotenv import dotenv_values
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from crm_store.errors import SettingsError

PREFIX = "SUNNYDAY_"
_LDH = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")  # RFC 952, RFC 1123 §2.1
_SECRET = frozenset(
    {"database_url", "queue_url", "secret_keys", "google_client_secret"}
)  # never told, not when wrong either
_TOPIC = re.compile(r"projects/[^/\s]+/topics/[^/\s]+")


class ListenAddress(NamedTuple):
    """host may be a name, IPv4, or IPv6 without brackets; port 0 lets the system pick one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _listen_address(value: object) -> object:
    if not isinstance(value, str):
        return value
    host, colon, port = value.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535 or not host.strip("[]"):
        raise ValueError(f"{value!r} is not HOST:PORT")
    return ListenAddress(host.strip("[]"), int(port))


def _http_url(value: object) -> object:
    if (
        isinstance(value, str)
        and value
        and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).netloc)
    ):
        raise ValueError("must begin with http:// or https://")
    return value.rstrip("/") if isinstance(value, str) else value


def _network(value: object) -> object:
    return ip_network(value, strict=False) if isinstance(value, str) else value


def _domain(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        # RFC 5891: what stands in MX records and in RCPT TO is the A-label form.
        name = dns.name.from_text(value, idna_codec=dns.name.IDNA_2008_UTS_46)
    except (dns.exception.DNSException, UnicodeError) as error:
        raise ValueError(f"{value!r} is not a domain name") from error
    domain = name.to_text(omit_final_dot=True).lower()
    if not _LDH.fullmatch(domain):
        raise ValueError(f"{value!r} is not a domain name")
    return domain


Listen = Annotated[ListenAddress, BeforeValidator(_listen_address)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
Domain = Annotated[str, BeforeValidator(_domain)]
HttpUrl = Annotated[str, BeforeValidator(_http_url)]
Commas = BeforeValidator(_split)

MIN_SECRET_KEY_LENGTH = 16


class Settings(BaseModel):
    """Names, defaults and meaning: the contract's table of settings. Frozen; secrets are hidden in its repr."""

    model_config = ConfigDict(frozen=True)

    data: Path = Field(Path("data"), description="where embedded defaults keep their files")
    database_url: SecretStr = Field(SecretStr(""), description="postgresql://… ; empty: SQLite in SUNNYDAY_DATA")
    queue_url: SecretStr = Field(
        SecretStr(""), description="postgresql://… or redis://… for the syncer's queue; empty: SQLite in SUNNYDAY_DATA"
    )
    blobs_url: str = Field("", description="file:///… ; empty: files in SUNNYDAY_DATA")
    smtp_listen: Annotated[tuple[Listen, ...], Commas] = Field(
        (ListenAddress("127.0.0.1", 8025),), description="where mail is taken, HOST:PORT, several with commas"
    )
    http_listen: Annotated[tuple[Listen, ...], Commas] = Field(
        (ListenAddress("127.0.0.1", 8000),), description="where pages and API are served, HOST:PORT"
    )
    smtp_processes: int = Field(
        default_factory=lambda: os.cpu_count() or 1, ge=1, le=64, description="receivers that share the SMTP sockets"
    )
    smtp_loop: Literal["auto", "asyncio", "uvloop"] = Field(
        "auto", description="the event loop of receivers; auto: uvloop where it is installed"
    )
    capture_domains: Annotated[tuple[Domain, ...], Commas] = Field(
        ("capture.localhost",), min_length=1, description="the domains whose MX is here"
    )
    trusted_relays: Annotated[tuple[Network, ...], Commas] = Field(
        (), description="submission hosts that admit only signed-in people; they vouch for the sender (C4)"
    )
    trusted_proxies: Annotated[tuple[Network, ...], Commas] = Field(
        (), description="whose PROXY v2, XCLIENT and XFORWARD are believed; they vouch for nobody"
    )
    smtp_proxies_speak: Literal["either", "proxy", "xclient"] = Field(
        "either", description="which of them: proxy (HAProxy), xclient (Postfix); either: greets half a second later"
    )
    trusted_sealers: Annotated[tuple[Domain, ...], Commas] = Field(
        (), description="domains whose ARC seals are shown as evidence of where a mail was before; they let nothing in"
    )
    resolver: str = Field("", description="HOST:PORT of the DNS server for SPF, DKIM, DMARC; empty: the system's")
    smtp_max_bytes: int = Field(36_700_160, ge=1024, description="the largest mail that is taken")
    smtp_connections: int = Field(4000, ge=1, le=60_000, description="connections at once, over all receivers")
    smtp_connections_per_network: int = Field(50, ge=1, description="of these from one IPv4 address or IPv6 /64")
    smtp_connections_per_minute: int = Field(600, ge=1, le=60_000, description="begun in a minute, likewise")
    smtp_unknown_recipients_per_minute: int = Field(
        300, ge=1, le=60_000, description="recipients that are not here, likewise; further ones wait"
    )
    smtp_unlimited_networks: Annotated[tuple[Network, ...], Commas] = Field(
        (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128")),
        description="for which the limits of one network do not hold: they bring many clients",
    )
    smtp_backlog_bytes: int = Field(
        20 * 1024**3, ge=1024**2, description="mail that waits for the database; with more, senders keep theirs"
    )
    smtp_recipients: int = Field(1000, ge=100, description="recipients of one mail; the sender keeps the others")
    smtp_unknown_recipients: int = Field(50, ge=1, description="recipients that are not here, until a session is ended")
    smtp_errors: int = Field(20, ge=1, description="commands that cannot be followed, until a session is ended")
    smtp_commands: int = Field(3000, ge=200, description="commands since the last mail, until a session is ended")
    smtp_received_fields: int = Field(50, ge=10, description="Received fields of a mail; one with more goes in circles")
    smtp_idle_s: int = Field(300, ge=1, le=3600, description="how long a mail server may be silent")
    smtp_mail_s: int = Field(3600, ge=60, description="how long one mail may take to come")
    smtp_session_s: int = Field(7200, ge=60, description="how old a session is when no further mail begins in it")
    smtp_min_bytes_per_s: int = Field(500, ge=1, description="how fast a mail is to come, after SUNNYDAY_SMTP_IDLE_S")
    tls_cert: Path | None = Field(None, description="certificate chain for STARTTLS, PEM")
    tls_key: Path | None = Field(None, description="its private key, PEM")
    public_url: HttpUrl = Field("", description="where people reach the pages; empty: the first SUNNYDAY_HTTP_LISTEN")
    secret_keys: Annotated[tuple[SecretStr, ...], Commas] = Field(
        (), description="seal tokens: the first encrypts, all decrypt; empty: one is made in SUNNYDAY_DATA"
    )
    google_client_id: str = Field("", description="the OAuth client of this installation (deploy/google.md)")
    google_client_secret: SecretStr = Field(SecretStr(""), description="its secret")
    google_auth_url: HttpUrl = Field("https://accounts.google.com/o/oauth2/v2/auth", description="where people consent")
    google_token_url: HttpUrl = Field("https://oauth2.googleapis.com/token", description="where codes become tokens")
    google_revoke_url: HttpUrl = Field("https://oauth2.googleapis.com/revoke", description="where tokens end")
    google_userinfo_url: HttpUrl = Field(
        "https://openidconnect.googleapis.com/v1/userinfo", description="who somebody is"
    )
    google_certs_url: HttpUrl = Field(
        "https://www.googleapis.com/oauth2/v1/certs", description="the keys by which Google signs"
    )
    google_gmail_url: HttpUrl = Field("https://gmail.googleapis.com", description="the root of the Gmail API")
    google_people_url: HttpUrl = Field("https://people.googleapis.com", description="the root of the People API")
    google_pubsub_topic: str = Field(
        "", description="projects/…/topics/… to which Gmail tells of new mail; empty: polling only"
    )
    google_pubsub_audience: str = Field("", description="aud of the JWTs that Pub/Sub pushes with; empty: the push URL")
    google_pubsub_account: str = Field("", description="e-mail of the service account that Pub/Sub pushes as")
    sync_interval_s: int = Field(60, ge=1, le=86_400, description="how often a mailbox is asked for news")
    provider_private_hosts: bool = Field(
        True, description="whether a location's e-mail provider may be in a private network (deploy/provider.md)"
    )
    image_private_hosts: bool = Field(
        False, description="whether pictures of mails are also fetched from private networks: for tests alone"
    )
    log: Literal["", "text", "json"] = Field("", description="text or json; empty: text on a terminal, else json")

    @field_validator("database_url")
    @classmethod
    def _database_url_is_one_we_speak(cls, url: SecretStr) -> SecretStr:
        scheme = urlsplit(url.get_secret_value()).scheme
        if url.get_secret_value() and scheme not in ("postgresql", "postgres", "sqlite"):
            raise ValueError("must begin with postgresql:// or sqlite:///")
        return url

    @field_validator("blobs_url")
    @classmethod
    def _blobs_url_is_one_we_speak(cls, url: str) -> str:
        if url and not url.startswith("file:///"):
            raise ValueError("must begin with file:///")
        return url

    @field_validator("resolver")
    @classmethod
    def _resolver_is_host_and_port(cls, value: str) -> str:
        return str(_listen_address(value)) if value else ""

    @field_validator("queue_url")
    @classmethod
    def _queue_url_is_one_we_speak(cls, url: SecretStr) -> SecretStr:
        scheme = urlsplit(url.get_secret_value()).scheme
        if url.get_secret_value() and scheme not in ("postgresql", "postgres", "redis", "rediss"):
            raise ValueError("must begin with postgresql:// or redis://")
        return url

    @field_validator("secret_keys")
    @classmethod
    def _secret_keys_are_long(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if any(len(key.get_secret_value()) < MIN_SECRET_KEY_LENGTH for key in keys):
            raise ValueError(
                f"each key has at least {MIN_SECRET_KEY_LENGTH} characters; openssl rand -hex 32 makes one"
            )
        return keys

    @field_validator("google_pubsub_topic")
    @classmethod
    def _topic_has_its_full_name(cls, topic: str) -> str:
        if topic and not _TOPIC.fullmatch(topic):
            raise ValueError("is to be projects/PROJECT/topics/TOPIC")
        return topic

    @model_validator(mode="after")
    def _google_client_comes_as_a_pair(self) -> Self:
        if bool(self.google_client_id) != bool(self.google_client_secret.get_secret_value()):
            missing = "SECRET" if self.google_client_id else "ID"
            raise ValueError(f"SUNNYDAY_GOOGLE_CLIENT_{missing} is missing: a client's id and secret are set together")
        return self

    @model_validator(mode="after")
    def _tls_comes_as_a_pair(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            missing = "SUNNYDAY_TLS_KEY" if self.tls_key is None else "SUNNYDAY_TLS_CERT"
            raise ValueError(f"{missing} is missing: a certificate and its key are set together")
        return self

    @property
    def sqlite_path(self) -> Path | None:
        """The CRM database's file; None on PostgreSQL."""
        url = self.database_url.get_secret_value()
        if not url:
            return self.data / "crm.sqlite3"
        return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else None

    @property
    def blobs_folder(self) -> Path:
        return Path(self.blobs_url.removeprefix("file://")) if self.blobs_url else self.data / "blobs"

    @property
    def intake_folder(self) -> Path:
        return self.data / "intake"

    @property
    def base_url(self) -> str:
        """Where people reach us, without a slash at its end. Of a running service: its settings name bound ports."""
        return self.public_url or f"http://{self.http_listen[0]}"

    @property
    def has_google_client(self) -> bool:
        return bool(self.google_client_id)

    @property
    def takes_pushes(self) -> bool:
        """Only of a service account that is known: without one there is nobody to believe."""
        return bool(self.google_pubsub_account)

    @property
    def asks_for_pushes(self) -> bool:
        return self.takes_pushes and bool(self.google_pubsub_topic)


class Origin(NamedTuple):
    """One line of `sunnyday settings`. origin: default, environment or the env file's path."""

    name: str
    value: str
    origin: str
    description: str


def load(environ: Mapping[str, str] | None = None, env_file: Path | None = None) -> Settings:
    """The settings of this process: the environment over the env file over the defaults.

    Raises: SettingsError with one sentence that names the setting."""
    return _load(os.environ if environ is None else environ, env_file)[0]


def origins(environ: Mapping[str, str] | None = None, env_file: Path | None = None) -> list[Origin]:
    """Each setting with its value (secrets hidden) and who set it. Raises as load() does."""
    settings, said_by = _load(os.environ if environ is None else environ, env_file)
    return [
        Origin(
            PREFIX + name.upper(),
            _shown(name, getattr(settings, name)),
            said_by.get(name, "default"),
            field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


def unknown_names(environ: Mapping[str, str] | None = None) -> list[str]:
    """Names that begin like ours and are none of ours: most likely misspelt."""
    environ = os.environ if environ is None else environ
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    return sorted(name for name in environ if name.startswith(PREFIX) and name not in known)


def _load(environ: Mapping[str, str], env_file: Path | None) -> tuple[Settings, dict[str, str]]:
    values: dict[str, str] = {}
    said_by: dict[str, str] = {}
    if env_file is not None:
        if not env_file.is_file():
            raise SettingsError(f"--env-file: {env_file} is not a file.")
        _take(values, said_by, dotenv_values(env_file), str(env_file))
    _take(values, said_by, environ, "environment")
    try:
        return Settings.model_validate(values), said_by
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from None


def _take(values: dict[str, str], said_by: dict[str, str], source: Mapping[str, str | None], origin: str) -> None:
    for name in Settings.model_fields:
        text = source.get(PREFIX + name.upper())
        if text:  # an empty variable is how shells and compose files say "not set"
            values[name] = text
            said_by[name] = origin


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    reason = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return f"{reason}."
    name = PREFIX + str(first["loc"][0]).upper()
    return f"{name}: {reason}." if first["loc"][0] in _SECRET else f"{name}={first['input']!s}: {reason}."


def _shown(name: str, value: object) -> str:
    if isinstance(value, SecretStr):
        parts = urlsplit(value.get_secret_value())
        if name.endswith("_url"):
            return f"{parts.scheme}://…{parts.path}" if parts.scheme else ""
        return str(value)  # as asterisks, if it is set
    if isinstance(value, tuple) and not isinstance(value, ListenAddress):
        return ",".join(map(str, value))
    return "" if value is None else str(value)
