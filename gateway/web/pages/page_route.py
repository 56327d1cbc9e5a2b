"""How an endpoint's page becomes an answer: forms are checked before it, errors are told in words behind it."""

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from crm_store.errors import ProductError, Unauthenticated
from gateway.web.pages import error_pages, form_token, uploads
from gateway.web.pages.site import site_of
from gateway.web.pages.visit import form_of

Answering = Callable[[Request], Coroutine[Any, Any, Response]]
SIGN_IN = "/sign-in"


class PageRoute(APIRoute):
    """Every form that is sent to a page must come from one of our pages: no endpoint can forget to ask.

    Any: what FastAPI's own signatures say."""

    def __init__(self, path: str, endpoint: Callable[..., Any], *, methods: Any = None, **options: Any):
        wanted = set(methods or ["GET"])
        super().__init__(path, endpoint, methods=wanted | {"HEAD"} if "GET" in wanted else wanted, **options)

    def get_route_handler(self) -> Answering:
        answer = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                async with uploads.admitted(request):
                    if request.method not in ("GET", "HEAD") and not await _is_ours(request):
                        return await error_pages.form_is_not_ours(request)
                    return await answer(request)
            except Unauthenticated:
                return see_other(_way_to_sign_in(request))
            except (ProductError, HTTPException, RequestValidationError) as error:
                return await error_pages.page_of(request, error)

        return handle


def page_router() -> APIRouter:
    return APIRouter(route_class=PageRoute, include_in_schema=False, default_response_class=Response)


def see_other(path: str) -> Response:
    """After a form: the browser GETs the path, and reloading it sends nothing again (RFC 9110 §15.4.4)."""
    return RedirectResponse(path, 303)


async def _is_ours(request: Request) -> bool:
    sent = (await form_of(request)).get(form_token.FIELD, "")
    return form_token.comes_from_our_page(request, sent, request.cookies.get(site_of(request).cookie_name, ""))


def _way_to_sign_in(request: Request) -> str:
    if request.method not in ("GET", "HEAD") or request.scope["path"] == "/":
        return SIGN_IN
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{SIGN_IN}?next={quote(request.scope['path'] + query)}"
