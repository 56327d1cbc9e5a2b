"""What the control API takes and gives."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from crm_store.settings import Listen
from syncer.sandbox.oauth.clients import DEFAULT_ID

Strict = ConfigDict(extra="forbid")
EVERY_SCOPE = (
    "openid https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/userinfo.profile "
    "https://www.googleapis.com/auth/gmail.modify https://www.googleapis.com/auth/gmail.send "
    "https://www.googleapis.com/auth/gmail.readonly https://www.googleapis.com/auth/contacts.readonly "
    "https://www.googleapis.com/auth/contacts.other.readonly"
)


class AccountMade(BaseModel):
    model_config = Strict
    email: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    name: str = ""


class AccountShown(BaseModel):
    sub: str
    email: str
    name: str
    history_id: str
    messages: int


class AliasMade(BaseModel):
    model_config = Strict
    address: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")
    name: str = ""
    verified: bool = True


class MessageShown(BaseModel):
    id: str
    thread_id: str
    label_ids: list[str]
    rfc822_id: str
    subject: str
    internal_date_ms: int


class LabelChange(BaseModel):
    model_config = Strict
    add: list[str] = []
    remove: list[str] = []


class Filling(BaseModel):
    """count mails that arrive now, or `every_ms` apart up to now. sender: {n} is the mail's number, from 0."""

    model_config = Strict
    count: int = Field(ge=1, le=1_000_000)
    sender: str = "person{n}@outside.example"
    subject: str = "Mail {n}"
    text: str = "Hello, this is mail {n}."
    every_ms: int = 0


class Filled(BaseModel):
    first_id: str
    last_id: str
    history_id: str


class ContactMade(BaseModel):
    model_config = Strict
    name: str = ""
    addresses: list[str] = []
    phones: list[str] = []
    organization: str = ""


class ContactShown(BaseModel):
    """id: of people/{id} or otherContacts/{id}."""

    id: str


class HistoryJump(BaseModel):
    model_config = Strict
    to: str = Field(pattern=r"^\d{1,20}$")


class GrantMade(BaseModel):
    """As if a person had consented. scopes: blank-separated."""

    model_config = Strict
    client_id: str = DEFAULT_ID
    scopes: str = EVERY_SCOPE


class Tokens(BaseModel):
    access_token: str
    refresh_token: str
    expires_in: int
    scope: str


class FaultMade(BaseModel):
    """See syncer/sandbox/api/faults.py for each field."""

    model_config = Strict
    account: str = "*"
    method: str = "*"
    nth: int = Field(1, ge=1)
    times: int = Field(1, ge=0)
    when: Literal["before", "after"] = "before"
    delay_ms: int = Field(0, ge=0, le=600_000)
    drop: bool = False
    status: int = Field(0, ge=0, le=599)
    reason: str = "backendError"
    message: str = "Backend Error"
    body: JsonValue = None
    headers: dict[str, str] = {}


class FaultShown(FaultMade):
    id: int
    seen: int
    struck: int


class CountShown(BaseModel):
    account: str
    method: str
    calls: int
    units: int
    statuses: dict[str, int]


class BehaviourChange(BaseModel):
    """What is absent stays. See syncer/sandbox/google.py for each field."""

    model_config = Strict
    clock_skew_ms: int | None = None
    latency_ms: int | None = Field(None, ge=0, le=60_000)
    empty_history_pages: int | None = Field(None, ge=0, le=100)
    history_lag_ms: int | None = Field(None, ge=0)
    repeat_history: bool | None = None
    contacts_lag_ms: int | None = Field(None, ge=0)
    access_token_s: int | None = Field(None, ge=1)


class LimitsChange(BaseModel):
    """What is absent stays; 0 is no limit. See syncer/sandbox/api/quota.py for each field."""

    model_config = Strict
    user_units_per_minute: int | None = Field(None, ge=0)
    project_units_per_minute: int | None = Field(None, ge=0)
    user_calls_at_once: int | None = Field(None, ge=0)
    user_sends_per_day: int | None = Field(None, ge=0)
    refusal: Literal["403", "429"] | None = None
    json_bytes: int | None = Field(None, ge=1)
    media_bytes: int | None = Field(None, ge=0)


class SubscriptionChange(BaseModel):
    """What is absent stays. See syncer/sandbox/push/subscription.py for each field."""

    model_config = Strict
    endpoint: str | None = None
    audience: str | None = None
    account: str | None = None
    name: str | None = None
    numbers: bool | None = None
    paused: bool | None = None
    delay_ms: int | None = Field(None, ge=0)
    per_second: int | None = Field(None, ge=0)
    attempts: int | None = Field(None, ge=1, le=100)
    retry_ms: int | None = Field(None, ge=0)


class PushShown(BaseModel):
    """A push that was tried; status 0: nobody answered."""

    email: str
    history_id: str
    message_id: str
    status: int


class OutboxShown(BaseModel):
    """state: waiting, kept (there is no relay), handed on, refused. raw: the mail, undecodable bytes replaced."""

    sender: str
    recipients: list[str]
    state: str
    raw: str


class RelayMade(BaseModel):
    """address: HOST:PORT."""

    model_config = Strict
    address: Listen | None


class ClientMade(BaseModel):
    model_config = Strict
    secret: str
    redirect_uris: list[str] = []
