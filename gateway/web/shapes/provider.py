"""A location's own e-mail provider."""

from pydantic import Field, StrictInt

from crm_store.outbox_wording import reason_sentence
from crm_store.provider_tests import ProviderTestView
from crm_store.providers import ProviderSettings, ProviderView
from crm_store.rules.provider import ProviderTls
from gateway.web.shapes.email import State
from gateway.web.shapes.fields import Body, Line, Shape, Time, shown_time


class NewProvider(Body):
    """password: without one the one that is there stays, if host and user do."""

    host: Line
    port: StrictInt
    tls: ProviderTls
    user: Line | None = None
    password: Line | None = Field(None, repr=False)
    per_minute: StrictInt | None = None
    from_: Line | None = Field(None, alias="from", description="who its mail is from where nobody says")

    def as_settings(self) -> ProviderSettings:
        return ProviderSettings(
            host=self.host.strip(),
            port=self.port,
            tls=self.tls,
            user=self.user or None,
            per_minute=self.per_minute,
            from_address=self.from_ or None,
        )


class Provider(Shape):
    """Its password is told to nobody."""

    host: str
    port: int
    tls: ProviderTls
    user: str | None
    has_password: bool
    per_minute: int | None
    from_: str | None = Field(serialization_alias="from")
    problem: str | None = Field(description="why its mail waits")


def provider(view: ProviderView) -> Provider:
    settings = view.settings
    return Provider(
        host=settings.host,
        port=settings.port,
        tls=settings.tls,
        user=settings.user,
        has_password=view.has_password,
        per_minute=settings.per_minute,
        from_=settings.from_address,
        problem=view.problem,
    )


class NewProviderTest(Body):
    to: Line | None = Field(None, description="whom the mail goes to; null: who asks")


class ProviderTest(Shape):
    """The latest test mail of a location's provider."""

    to: str
    state: State
    reason: str | None = Field(description="one sentence, with what the provider said, in the asker's language")
    asked_at: Time


def provider_test(view: ProviderTestView, locale: str | None) -> ProviderTest:
    """locale: of who asks; None for the default."""
    return ProviderTest(
        to=view.to,
        state=view.state.value,
        reason=None if view.reason is None else reason_sentence(view.reason, view.detail, locale),
        asked_at=shown_time(view.asked_at_ms),
    )
