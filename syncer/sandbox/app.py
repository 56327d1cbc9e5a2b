"""All that the stand-in serves, on one port, as Google serves it on several hosts."""

from email.utils import formatdate

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from syncer.sandbox.api.http import ApiApp
from syncer.sandbox.control.app import make_control
from syncer.sandbox.google import Google
from syncer.sandbox.oauth.authorize import authorize_routes
from syncer.sandbox.oauth.http import token_routes
from syncer.sandbox.pages.accounts import account_pages
from syncer.sandbox.pages.mail import mail_pages

_API = ("/gmail/v1/", "/upload/", "/resumable/", "/batch", "/v1/people", "/v1/otherContacts", "/v1/contactGroups")


def make_app(google: Google) -> ASGIApp:
    """The API's calls go past the router: they are most of the traffic, and have a table of their own."""
    rest = Starlette(
        routes=[
            Route("/", _home),
            *authorize_routes(google),
            *token_routes(google),
            Mount("/sandbox/api", make_control(google)),
            *account_pages(google),
            *mail_pages(google),
        ]
    )
    api = ApiApp(google)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        is_api = scope["type"] == "http" and scope["path"].startswith(_API)
        await (api if is_api else rest)(scope, receive, dated(send))

    def dated(send: Send) -> Send:
        """Its answers' Date is by its own clock."""

        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = formatdate(google.now_ms() / 1000, usegmt=True).encode()
                message = {**message, "headers": [*message.get("headers", ()), (b"date", date)]}
            await send(message)

        return send_dated

    return app


async def _home(_: Request) -> Response:
    return RedirectResponse("/sandbox")
