"""Google's own client, pointed at the sandbox; every JSON reply is compared with its response schema on the way."""

import json
from collections.abc import Callable
from copy import deepcopy
from functools import cached_property
from urllib.parse import parse_qsl, unquote, urlsplit

import httplib2
import pytest
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from google_sandbox import GoogleSandbox
from googleapiclient.discovery import Resource, build_from_document

from syncer.sandbox.api.discovery import document, methods
from syncer.sandbox.api.schema import faults_of
from syncer.sandbox.oauth.clients import DEFAULT_ID, DEFAULT_SECRET


class CheckedHttp(httplib2.Http):
    """Fails at once where a reply is not what the discovery document says."""

    checked = 0

    def __init__(self) -> None:
        super().__init__(timeout=10)
        # As googleapiclient.http.build_http does: 308 is no redirection, but "go on" in a resumable upload.
        self.redirect_codes = self.redirect_codes - {308}

    def request(self, uri, method="GET", body=None, headers=None, **more):
        response, content = super().request(uri, method=method, body=body, headers=headers, **more)
        self._check(method, urlsplit(uri), response, content)
        return response, content

    def _check(self, verb, uri, response, content) -> None:
        path = unquote(uri.path)
        if (
            response.status not in (200, 204)
            or path.startswith(("/batch", "/token"))
            or "upload_id" in dict(parse_qsl(uri.query))
        ):
            return
        for method in methods():
            pattern = method.upload_pattern if path.startswith(("/upload", "/resumable")) else method.pattern
            if verb == method.verb and pattern and pattern.fullmatch(path):
                if method.response and content:
                    assert faults_of(json.loads(content), method.response, f"{method.service}.v1") == []
                    CheckedHttp.checked += 1
                else:
                    assert not content
                return
        raise AssertionError(f"{verb} {path} is no method of either API")


class Client:
    """One account's view. gmail, people: the services of Google's client."""

    def __init__(self, sandbox: GoogleSandbox, email: str, scopes: str | None) -> None:
        self.email = email
        self.tokens = sandbox.tokens(email, scopes)
        self._url = sandbox.url

    @cached_property
    def gmail(self) -> Resource:
        return self.service("gmail.v1")

    @cached_property
    def users(self) -> Resource:
        return self.gmail.users()

    @cached_property
    def people(self) -> Resource:
        return self.service("people.v1").people()

    def service(self, name: str) -> Resource:
        """A new one: httplib2 is not thread-safe."""
        rewritten = deepcopy(document(name)) | {"rootUrl": f"{self._url}/", "baseUrl": f"{self._url}/"}
        credentials = Credentials(
            self.tokens["access_token"], self.tokens["refresh_token"], token_uri=f"{self._url}/token",
            client_id=DEFAULT_ID, client_secret=DEFAULT_SECRET,
        )  # fmt: skip
        http = AuthorizedHttp(credentials, http=CheckedHttp())
        return build_from_document(rewritten, http=http)


@pytest.fixture
def google(sandbox: GoogleSandbox) -> Callable[..., Client]:
    """google("ana", scopes=…): a client of a new account ana@….test. Nothing that an earlier test ordered is left."""
    sandbox.as_ever()
    made: dict[str, Client] = {}

    def client(name: str, scopes: str | None = None) -> Client:
        if name not in made:
            email = sandbox.new_email(name)
            sandbox.add_account(email, name.title())
            made[name] = Client(sandbox, email, scopes)
        return made[name]

    return client
