"""One API call from request to reply: route, token, fault, scope, quota, parameters, method, fault again."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from syncer.sandbox.api import errors
from syncer.sandbox.api.call import ApiReply, ApiRequest, Call, Implementation
from syncer.sandbox.api.counters import Count
from syncer.sandbox.api.discovery import Method, methods
from syncer.sandbox.api.errors import ApiError
from syncer.sandbox.api.faults import Fault
from syncer.sandbox.api.implementations import IMPLEMENTATIONS
from syncer.sandbox.api.parameters import Parameters
from syncer.sandbox.api.partial import partial
from syncer.sandbox.api.schema import faults_of
from syncer.sandbox.api.uploads import json_body, upload
from syncer.sandbox.google import Dropped, Google
from syncer.sandbox.json_value import JsonObject
from syncer.sandbox.oauth.grants import Access, access_of

log = structlog.get_logger()


async def answer(google: Google, request: ApiRequest) -> ApiReply:
    """Raises: Dropped where a fault cuts the connection."""
    try:
        method, path, is_upload = _route(request)
        access = access_of(google.store, _token(request), google.now_ms())
    except ApiError as error:
        google.counters.call("", "unknown").statuses[str(error.status)] += 1
        return _refusal(error)
    count = google.counters.call(access.account.email, method.id)
    try:
        reply = await _answer(google, request, _Asked(method, path, is_upload, access), count)
    except ApiError as error:
        reply = _refusal(error)
    except Dropped:
        count.statuses["dropped"] += 1
        raise
    except Exception:
        log.exception("sandbox_call_failed", method=method.id)
        reply = _refusal(ApiError(500, "Internal error encountered.", "backendError"))
    count.statuses[str(reply.status)] += 1
    return reply


async def strike(fault: Fault | None, when: str) -> ApiReply | None:
    """Do what the fault says, if it is time; None where the call goes on. Raises: Dropped."""
    if fault is None or fault.when != when:
        return None
    if fault.delay_ms:
        await asyncio.sleep(fault.delay_ms / 1000)
    if fault.drop:
        raise Dropped
    if not fault.status:
        return None
    if fault.body is not None:
        return ApiReply(fault.status, fault.body, fault.headers)
    error = ApiError(fault.status, fault.message, fault.reason, headers=fault.headers)
    return _refusal(error)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a request turned out to ask for. path: the values in it."""

    method: Method
    path: Mapping[str, str]
    is_upload: bool
    access: Access


async def _answer(google: Google, request: ApiRequest, asked: _Asked, count: Count) -> ApiReply:
    account = asked.access.account
    with google.quota.running(account.id):
        await asyncio.sleep(google.behaviour.latency_ms / 1000)  # 0 too: calls of one batch are under way at once
        fault = google.faults.striking(account.email, asked.method.id)
        if reply := await strike(fault, "before"):
            return reply
        reply = _run(google, request, asked, count)
        return await strike(fault, "after") or reply


def _run(google: Google, request: ApiRequest, asked: _Asked, count: Count) -> ApiReply:
    method, account = asked.method, asked.access.account
    implementation = IMPLEMENTATIONS.get(method.id)
    if implementation is None:
        raise ApiError(501, f"The sandbox does not have {method.id}.", "notImplemented")
    if not method.scopes & asked.access.scopes:
        raise errors.insufficient_scopes()
    if asked.path.get("userId", "me") not in ("me", account.email):
        raise ApiError(403, f"Delegation denied for {account.email}", "forbidden")
    parameters = Parameters(method, asked.path, request.query)

    def perform(body: JsonObject, media: bytes | None) -> ApiReply:
        if method.request and (wrong := faults_of(body, method.request, f"{method.service}.v1")):
            raise errors.bad_request(f"Invalid JSON payload received. {wrong[0]}", "badRequest")
        google.quota.take(account.id, implementation.units, google.now_ms())
        count.units += implementation.units
        call = Call(google, account, asked.access.scopes, parameters, body, media, google.now_ms())
        return _performed(call, implementation, dict(request.query).get("fields", ""))

    if asked.is_upload:
        limit_bytes = google.limits.media_bytes or method.upload_max_bytes
        return upload(request, method, google.uploads, account.id, limit_bytes, perform)
    if len(request.body) > google.limits.json_bytes:
        raise errors.too_large(google.limits.json_bytes)
    return perform(json_body(request.body), None)


def _performed(call: Call, implementation: Implementation, fields: str) -> ApiReply:
    with call.store.transaction():
        found = implementation.run(call)
    call.google.notify()
    return ApiReply(204) if found is None else ApiReply(200, partial(found, fields))


def _route(request: ApiRequest) -> tuple[Method, Mapping[str, str], bool]:
    """The method, the values in its path, and whether it comes with media. Raises: ApiError 404."""
    goes_on = any(name == "upload_id" for name, _ in request.query)
    for method in methods():
        if method.upload_pattern and (match := method.upload_pattern.fullmatch(request.path)):
            if request.verb == method.verb or goes_on:
                return method, match.groupdict(), True
        elif request.verb == method.verb and (match := method.pattern.fullmatch(request.path)):
            return method, match.groupdict(), False
    raise ApiError(404, "The requested URL was not found on this server.", "notFound")


def _token(request: ApiRequest) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else dict(request.query).get("access_token", "")


def _refusal(error: ApiError) -> ApiReply:
    return ApiReply(error.status, error.body(), error.headers)
