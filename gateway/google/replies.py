"""What Google answers, as far as we read it. A reply of another shape is a fault of the other side."""

from pydantic import BaseModel, Field, SecretStr


class Reply(BaseModel):
    """Fields that we don't read are left alone: Google adds some."""


class Tokens(Reply):
    """RFC 6749 §5.1. scope: None where it is as asked for. refresh_token: None where Google gives no new one."""

    access_token: SecretStr = Field(min_length=1)
    expires_in: int = Field(3600, ge=0, le=86_400 * 30)  # s
    refresh_token: SecretStr | None = None
    scope: str | None = None


class Person(Reply):
    """OpenID Connect Core §5.3.2. sub: who it is; the address may change (facts/gmail.md 1.8). hd: the Workspace that
    the account belongs to; "" for none."""

    sub: str = Field(min_length=1, max_length=255)
    email: str = Field("", max_length=320)
    email_verified: bool = False
    hd: str = ""


class Profile(Reply):
    """users.getProfile. historyId: uint64 in a string. at_ms: when Google said so, by its clock; None where it does not
    tell: of the answer's header, whatever its body says."""

    email_address: str = Field(alias="emailAddress", min_length=3, max_length=320)
    history_id: str | int = Field(alias="historyId")
    at_ms: int | None = None


class SendAs(Reply):
    """One of users.settings.sendAs. verificationStatus is only there where Google had to verify."""

    address: str = Field(alias="sendAsEmail")
    is_primary: bool = Field(False, alias="isPrimary")
    is_default: bool = Field(False, alias="isDefault")
    verification: str | None = Field(None, alias="verificationStatus")

    @property
    def is_verified(self) -> bool:
        return self.is_primary or self.verification == "accepted"


class SendAsList(Reply):
    send_as: list[SendAs] = Field(default_factory=list, alias="sendAs")


class ApiFault(Reply):
    """The part of an error that says why. The token endpoint has a word, the APIs have an object."""

    error: str | dict[str, object] = ""

    @property
    def word(self) -> str:
        if isinstance(self.error, str):
            return self.error
        errors = self.error.get("errors")
        first = errors[0] if isinstance(errors, list) and errors else None
        reason = first.get("reason") if isinstance(first, dict) else None
        return str(reason or self.error.get("status") or "unknown")

    @property
    def is_no_mailbox(self) -> bool:
        """facts/gmail.md 1.7: an account that has no Gmail."""
        message = "" if isinstance(self.error, str) else str(self.error.get("message") or "")
        return "mail service not enabled" in message.lower()
