"""Templates made into pages."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gateway.web.pages import assets, form_token, languages, navigation
from gateway.web.pages.asking import Session
from gateway.web.pages.lost_accounts import lost_accounts
from gateway.web.pages.visit import Visit

TEMPLATES = Path(__file__).parent.parent / "templates"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action {forms}; base-uri 'none'; frame-ancestors 'none'; frame-src 'self'"
)


# Any: what a template shows.
def page(
    whom: Visit | Session, template: str, *, status: int = 200, forms_end_at: Sequence[str] = (), **shown: Any
) -> Response:
    """A page for somebody who is signed in, or for a visitor.

    forms_end_at: origins that a form of the page may be redirected to, once we have taken it: browsers hold form-action
    against the whole way. shown: the template's own variables."""
    text = (
        _environment(whom.reader.language)
        .get_template(template)
        .render(
            reader=whom.reader,
            site=whom.site,
            form_token=whom.form_token,
            session=whom if isinstance(whom, Session) else None,
            **shown,
        )
    )
    answer = HTMLResponse(text, status)
    answer.headers["Content-Security-Policy"] = _POLICY.format(forms=" ".join(["'self'", *forms_end_at]))
    # With "no-referrer" browsers send "Origin: null" with our own forms.
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
        cache_size=-1,
    )
    translations = languages.translations(language)
    # The extension adds these when it is loaded; Jinja's stubs do not know them.
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    environment.globals |= {
        "asset": assets.address_of,
        "languages": languages.LANGUAGES,
        "main_menu": navigation.main_menu,
        "profile_tabs": navigation.profile_tabs,
        "admin_tabs": navigation.admin_tabs,
        "lost_accounts": lost_accounts,
        "form_token_field": _form_token_field,
    }
    return environment


def _form_token_field(token: str) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(form_token.FIELD, token)
