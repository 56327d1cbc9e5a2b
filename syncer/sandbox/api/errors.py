"""Errors in Google's JSON shape, as facts/gmail.md 1.7 lists them."""

from dataclasses import dataclass, field

from syncer.sandbox.json_value import Json, JsonObject

_STATUS_WORDS = {  # google.rpc.Code
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


@dataclass
class ApiError(Exception):
    """One error reply. reason: the word of errors[0]; details: google.rpc objects, "@type" in each."""

    status: int
    message: str
    reason: str
    domain: str = "global"
    location: tuple[str, str] | None = None
    details: tuple[JsonObject, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    status_word: str = ""

    def body(self) -> JsonObject:
        first: JsonObject = {"message": self.message, "domain": self.domain, "reason": self.reason}
        if self.location:
            first["locationType"], first["location"] = self.location
        error: JsonObject = {
            "code": self.status,
            "message": self.message,
            "errors": [first],
            "status": self.status_word or _STATUS_WORDS.get(self.status, "UNKNOWN"),
        }
        if self.details:
            details: list[Json] = list(self.details)
            error["details"] = details
        return {"error": error}


def not_found() -> ApiError:
    """Gone, another mailbox's, or a history id that is out of date (0.3)."""
    return ApiError(404, "Requested entity was not found.", "notFound")


def bad_request(message: str, reason: str = "invalidArgument") -> ApiError:
    return ApiError(400, message, reason)


def failed_precondition(message: str) -> ApiError:
    return ApiError(400, message, "failedPrecondition", status_word="FAILED_PRECONDITION")


def unauthenticated() -> ApiError:
    """No token, an expired or a revoked one: the reply does not tell which."""
    message = (
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
    )
    challenge = {"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'}
    return ApiError(401, message, "authError", location=("header", "Authorization"), headers=challenge)


def insufficient_scopes() -> ApiError:
    return ApiError(403, "Request had insufficient authentication scopes.", "insufficientPermissions")


def metadata_scope(what: str) -> ApiError:
    """What gmail.metadata alone does not allow (1.2)."""
    return ApiError(403, f"Metadata scope {what}", "forbidden")


def quota_exceeded(per: str) -> ApiError:
    """per: "user" or "project"."""
    limit = "Queries per minute per user" if per == "user" else "Queries per minute"
    message = f"Quota exceeded for quota metric 'Queries' and limit '{limit}' of service 'gmail.googleapis.com'."
    return ApiError(403, message, "rateLimitExceeded", domain="usageLimits")


def user_rate_limit(retry_at: str) -> ApiError:
    """The time is in the message alone. retry_at: RFC 3339."""
    return ApiError(
        429, f"User-rate limit exceeded.  Retry after {retry_at}", "rateLimitExceeded", domain="usageLimits"
    )


def too_many_concurrent() -> ApiError:
    return ApiError(429, "Too many concurrent requests for user.", "rateLimitExceeded", domain="usageLimits")


def too_large(limit_bytes: int) -> ApiError:
    return ApiError(413, f"Request payload size exceeds the limit: {limit_bytes} bytes.", "uploadTooLarge")
