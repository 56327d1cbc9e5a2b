"""Templates of the sandbox. Everything is escaped: mail is hostile, and shown as text alone."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
# No script runs and nothing is fetched, whatever a mail says. form-action is free: consent ends at the client's URL.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"


def page(request: Request, template: str, status: int = 200, **values: object) -> HTMLResponse:
    html = _ENVIRONMENT.get_template(template).render(here=str(request.url.path), **values)
    return HTMLResponse(html, status, headers={"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"})
