"""A location's own e-mail provider."""

from pydantic import Field, StrictInt

from crm_store.providers import ProviderSettings, ProviderView
from crm_store.rules.provider import ProviderTls
from gateway.web.shapes.fields import Body, Line, Shape


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
