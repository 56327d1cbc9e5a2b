"""Every error of ours; the first fork is "does trying again help?".

ProductError
├── Temporary            trying again can help: SMTP 4yz, HTTP 503, a worker's next attempt
│   ├── StoreUnavailable the database or the blob store does not answer
│   ├── IntakeFull       disk or backlog is nearly full
│   └── TooOften         asked for more often than is allowed; .until_ms: when to try again (HTTP 429)
└── Permanent            trying again cannot help: SMTP 5yz, HTTP 4xx, a worker stops
    ├── SettingsError    one sentence that names the setting
    ├── NotFound         it does not exist, or the asker may not know that it does (HTTP 404)
    ├── Forbidden        it is known to exist, and not the asker's to do (HTTP 403)
    ├── Unauthenticated  no token, or none that we know (HTTP 401)
    ├── Conflict         somebody else was first, or it exists already (HTTP 409)
    └── Invalid          a value can't be taken; .field names it (HTTP 422)

The text is for our people and logs; it never reaches a remote mail server.
"""


class ProductError(Exception):
    """The root of the tree above."""


class Temporary(ProductError):
    """Trying again can help."""


class StoreUnavailable(Temporary):
    """The database or the blob store does not answer."""


class IntakeFull(Temporary):
    """Disk or backlog is nearly full: SMTP 452."""


class TooOften(Temporary):
    """Asked for more often than is allowed. until_ms: when to try again."""

    def __init__(self, message: str, until_ms: int) -> None:
        super().__init__(message)
        self.until_ms = until_ms


class Permanent(ProductError):
    """Trying again cannot help."""


class SettingsError(Permanent):
    """One sentence that names the setting."""


class NotFound(Permanent):
    """It does not exist, or the asker may not know that it does."""


class Forbidden(Permanent):
    """It is known to exist, and not the asker's to do."""


class Unauthenticated(Permanent):
    """No token, or none that we know."""


class Conflict(Permanent):
    """Somebody else was first, or it exists already."""


class Invalid(Permanent):
    """A value can't be taken. field: its name in the API, dots for nesting."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
