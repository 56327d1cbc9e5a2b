"""The OAuth endpoints over HTTP: /token, /revoke, userinfo, certs."""

import asyncio
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from syncer.sandbox.api.dispatch import strike
from syncer.sandbox.api.errors import ApiError
from syncer.sandbox.google import Dropped, Google
from syncer.sandbox.oauth import grants
from syncer.sandbox.oauth.token import Refused, account_email, token_reply
from syncer.sandbox.oauth.userinfo import userinfo
from syncer.sandbox.pages.forms import filled

_UNCACHED = {"Cache-Control": "no-cache, no-store, max-age=0, must-revalidate", "Pragma": "no-cache"}

Answer = Callable[[], Response]


def token_routes(google: Google) -> list[Route]:
    endpoints = _Endpoints(google)
    return [
        Route("/token", endpoints.token, methods=["POST"]),
        Route("/revoke", endpoints.revoke, methods=["GET", "POST"]),
        Route("/v1/userinfo", endpoints.userinfo, methods=["GET", "POST"]),
        Route("/oauth2/v3/userinfo", endpoints.userinfo, methods=["GET", "POST"]),
        Route("/oauth2/v3/certs", endpoints.jwks),
        Route("/oauth2/v1/certs", endpoints.certificates),
    ]


class _Endpoints:
    def __init__(self, google: Google) -> None:
        self._google = google

    async def token(self, request: Request) -> Response:
        form = await filled(request)

        def answer() -> Response:
            try:
                # Not one transaction: a code is used up, whatever comes of it.
                reply = token_reply(self._google, form, request.headers.get("authorization", ""))
            except Refused as refused:
                return JSONResponse(refused.body(), refused.status, headers=_UNCACHED)
            return JSONResponse(reply, headers=_UNCACHED)

        return await self._faulty("oauth.token", account_email(self._google, form), answer)

    async def revoke(self, request: Request) -> Response:
        """Revokes the whole grant (1.8)."""
        form = await filled(request)
        token = form.get("token") or request.query_params.get("token", "")

        def answer() -> Response:
            if grants.revoke(self._google.store, token, self._google.now_ms()):
                return JSONResponse({})
            wrong = {"error": "invalid_token", "error_description": "Token expired or revoked"}
            return JSONResponse(wrong, 400)

        return await self._faulty("oauth.revoke", account_email(self._google, {"token": token}), answer)

    async def userinfo(self, request: Request) -> Response:
        token = request.headers.get("authorization", "").partition(" ")[2]

        def answer() -> Response:
            try:
                access = grants.access_of(self._google.store, token, self._google.now_ms())
                return JSONResponse(userinfo(access))
            except ApiError as error:
                return JSONResponse(error.body(), error.status, headers=error.headers)

        return await self._faulty("oauth.userinfo", account_email(self._google, {"token": token}), answer)

    async def jwks(self, _: Request) -> Response:
        return JSONResponse(self._google.key.jwks(), headers={"Cache-Control": "public, max-age=3600"})

    async def certificates(self, _: Request) -> Response:
        shown = self._google.key.certificates(self._google.now_ms())
        return JSONResponse(shown, headers={"Cache-Control": "public, max-age=3600"})

    async def _faulty(self, method: str, email: str, answer: Answer) -> Response:
        """The answer, or what a fault makes of it; counted."""
        count = self._google.counters.call(email, method)
        await asyncio.sleep(self._google.behaviour.latency_ms / 1000)
        fault = self._google.faults.striking(email, method)
        try:
            struck = await strike(fault, "before")
            if struck is None:
                response = answer()
                struck = await strike(fault, "after")
        except Dropped:
            count.statuses["dropped"] += 1
            raise
        if struck is not None:
            response = JSONResponse(struck.body, struck.status, headers=struck.headers)
        count.statuses[str(response.status_code)] += 1
        return response
