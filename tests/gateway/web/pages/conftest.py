"""A browser without a window: it keeps its cookie, and sends forms with the token that the page had."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import pytest

from crm_store import web_sessions
from crm_store.clock import now_ms
from crm_store.database.session import connected
from gateway.web.pages import form_token

_ANY_FORM_TOKEN = re.compile(rf'name="{form_token.FIELD}" value="(\w+)"')


@dataclass
class Tab:
    """cookie: the value of the one cookie, "" for none. headers: sent with every request."""

    web: Any
    cookie: str = ""
    headers: dict[str, str] = field(default_factory=lambda: {"Accept": "text/html", "Accept-Language": "en"})
    cookie_name: str = "sunnyday"

    def get(self, path: str, **headers: str) -> Any:
        return self._answered(self.web.call("GET", path, headers=self._headers(headers)))

    def post(
        self, path: str, form: Mapping[str, str] | None = None, *, token: str | None = None, **headers: str
    ) -> Any:
        """token: None for the right one."""
        token = form_token.token_of(self.cookie) if token is None else token
        raw = urlencode({form_token.FIELD: token, **(form or {})}).encode()
        said = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        return self._answered(self.web.call("POST", path, raw=raw, headers=self._headers(said)))

    def token_on(self, path: str) -> str:
        """What the page's own forms carry."""
        (token,) = set(_ANY_FORM_TOKEN.findall(self.get(path).text))
        return token

    def sign_in(self, email: str, password: str, **more: str) -> Any:
        self.get("/sign-in")
        return self.post("/sign-in", {"email": email, "password": password, **more})

    def _headers(self, more: Mapping[str, str]) -> dict[str, str]:
        cookie = {"Cookie": f"{self.cookie_name}={self.cookie}"} if self.cookie else {}
        return {**self.headers, **cookie, **more}

    def _answered(self, answer: Any) -> Any:
        for line in answer.headers.get_all("Set-Cookie", []):
            if (set_now := SimpleCookie(line).get(self.cookie_name)) is not None:
                self.cookie = set_now.value
        return answer


@pytest.fixture
def tab(web) -> Callable[..., Tab]:
    """tab(person): their browser, signed in; tab(): a stranger's."""

    def opened(person: Any = None) -> Tab:
        if person is None:
            return Tab(web)
        with connected():
            return Tab(web, web_sessions.begin(person.id, agent="Test/1", now_ms=now_ms()))

    return opened
