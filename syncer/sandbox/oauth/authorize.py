"""GET and POST /o/oauth2/v2/auth: choose an account, look at the scopes, untick some, allow or cancel (1.8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from syncer.sandbox.google import Google
from syncer.sandbox.mailbox import accounts
from syncer.sandbox.mailbox.accounts import Account
from syncer.sandbox.oauth import clients, codes, grants, scopes
from syncer.sandbox.pages.rendering import page

PATH = "/o/oauth2/v2/auth"


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorization request whose client and redirect URI are good: errors from here on go back to the client."""

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    access_type: str
    prompts: frozenset[str]
    with_granted: bool
    login_hint: str
    challenge: str
    challenge_method: str
    nonce: str

    @property
    def extra_scopes(self) -> list[str]:
        """Those that don't belong to signing in: with more than one of them, each can be unticked."""
        return [scope for scope in self.scopes if scope not in scopes.SIGN_IN]


class BadRequest(Exception):
    """Shown to the person: there is nobody to send them back to. error: the word on Google's page."""

    def __init__(self, error: str, text: str) -> None:
        super().__init__(text)
        self.error, self.text = error, text


class _SendBack(Exception):
    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


def authorize_routes(google: Google) -> list[Route]:
    async def authorize(request: Request) -> Response:
        async with request.form() as form:
            chosen = {name: value for name, value in form.multi_items() if isinstance(value, str)}
            ticked = [value for value in form.getlist("scope") if isinstance(value, str)]
        try:
            asked = _asked(google, request.query_params)
        except BadRequest as error:
            return page(request, "refused.html", 400, error=error.error, text=error.text)
        try:
            return _answer(google, request, asked, chosen, ticked)
        except _SendBack as error:
            return _back(asked, {"error": error.error})

    return [
        Route(PATH, authorize, methods=["GET", "POST"]),
        Route("/o/oauth2/auth", authorize, methods=["GET", "POST"]),
    ]


def _answer(google: Google, request: Request, asked: Asked, chosen: Mapping[str, str], ticked: list[str]) -> Response:
    """The next page, or back to the client with a code."""
    if chosen.get("decision") == "cancel":
        raise _SendBack("access_denied")
    account = _account(google, asked, chosen.get("account", ""))
    if account is None:
        if asked.prompts == {"none"}:
            raise _SendBack("interaction_required")
        return page(request, "choose_account.html", accounts=accounts.every(google.store), client=asked.client_id)
    had = grants.current(google.store, account.id, asked.client_id)
    is_first = had is None or not set(asked.scopes) <= had.scopes
    if chosen.get("decision") == "allow":
        # With one scope there is nothing to untick: allowing means that one.
        given = set(ticked) & set(asked.extra_scopes) if len(asked.extra_scopes) > 1 else set(asked.extra_scopes)
        return _granted(google, asked, account, given, asked_again=True)
    if not is_first and "consent" not in asked.prompts:
        return _granted(google, asked, account, set(asked.extra_scopes), asked_again=False)
    if asked.prompts == {"none"}:
        raise _SendBack("consent_required")
    rows = [(scope, scopes.wording(scope)) for scope in asked.extra_scopes]
    return page(request, "consent.html", account=account, client=asked.client_id, rows=rows)


def _granted(google: Google, asked: Asked, account: Account, given: set[str], *, asked_again: bool) -> Response:
    """A refresh token comes of it only when the person was asked: at the first consent, or with prompt=consent."""
    signing_in = {scope for scope in asked.scopes if scope in scopes.SIGN_IN}
    if not given and not signing_in:
        raise _SendBack("access_denied")
    with google.store.transaction():
        grant = grants.extend(google.store, account.id, asked.client_id, given | signing_in)
        told = grant.scopes if asked.with_granted else frozenset(given | signing_in)
        code = codes.issue(
            google.store,
            grant,
            asked.redirect_uri,
            told,
            challenge=asked.challenge,
            challenge_method=asked.challenge_method,
            nonce=asked.nonce,
            offline=asked.access_type == "offline" and asked_again,
            now_ms=google.now_ms(),
        )
    return _back(asked, {"code": code, "scope": " ".join(sorted(told)), "authuser": "0", "prompt": "consent"})


def _account(google: Google, asked: Asked, chosen: str) -> Account | None:
    """Who signs in: the one that was chosen; the hinted one, unless the client wants a choice."""
    hint = "" if "select_account" in asked.prompts else asked.login_hint
    for word in filter(None, (chosen, hint)):
        for account in accounts.every(google.store):
            if word in (account.sub, account.email) or accounts.normal(word) == account.email:
                return account
    return None


def _asked(google: Google, query: Mapping[str, str]) -> Asked:
    """Raises: BadRequest where the client or its redirect URI is not known, or the request makes no sense."""
    client = clients.find(google.store, query.get("client_id", ""))
    if client is None:
        raise BadRequest("invalid_client", "The OAuth client was not found.")
    if not clients.allows(client, query.get("redirect_uri", "")):
        raise BadRequest("redirect_uri_mismatch", "The redirect URI is not one of the client's.")
    wanted = scopes.asked(query.get("scope", ""))
    if unknown := [scope for scope in wanted if not scopes.is_known(scope)]:
        raise BadRequest("invalid_scope", f"Some requested scopes were invalid: {', '.join(unknown)[:200]}")
    if not wanted or query.get("response_type") != "code":
        missing = "scope" if not wanted else "response_type"
        raise BadRequest("invalid_request", f"Required parameter is missing or invalid: {missing}")
    method = query.get("code_challenge_method", "plain")
    if method not in ("plain", "S256"):
        raise BadRequest("invalid_request", f"Invalid code_challenge_method: {method[:50]}")
    return Asked(
        client_id=client.id,
        redirect_uri=query["redirect_uri"],
        scopes=tuple(wanted),
        state=query.get("state", ""),
        access_type=query.get("access_type", "online"),
        prompts=frozenset(query.get("prompt", "").split()),
        with_granted=query.get("include_granted_scopes") == "true",
        login_hint=query.get("login_hint", ""),
        challenge=query.get("code_challenge", ""),
        challenge_method=method,
        nonce=query.get("nonce", ""),
    )


def _back(asked: Asked, values: Mapping[str, str]) -> Response:
    """To the client, with its state."""
    parts = urlsplit(asked.redirect_uri)
    given = {**({"state": asked.state} if asked.state else {}), **values}
    query = "&".join(filter(None, (parts.query, urlencode(given))))
    return RedirectResponse(urlunsplit(parts._replace(query=query)), 303)
