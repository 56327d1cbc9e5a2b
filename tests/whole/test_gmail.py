"""Mail both ways between Gmail and the CRM, the whole product against the sandbox, on both databases."""

import secrets
from collections.abc import Callable
from urllib.request import HTTPCookieProcessor, build_opener

