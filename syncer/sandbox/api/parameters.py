"""Query parameters by the discovery document: names, types, enums, repeats."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from syncer.sandbox.api.discovery import Method, takes_everywhere
from syncer.sandbox.api.errors import ApiError, bad_request
from syncer.sandbox.json_value import JsonObject, text, texts


class Parameters:
    """The values of one call; defaults are the document's."""

    def __init__(self, method: Method, path: Mapping[str, str], query: Sequence[tuple[str, str]]) -> None:
        """Raises: ApiError 400 for what the method does not take."""
        self._specs, self._path = method.parameters, path
        self._given: dict[str, list[str]] = defaultdict(list)
        for name, value in query:
            if name in self._specs:
                self._given[name].append(_checked(name, value, self._specs[name]))
            elif not takes_everywhere(name):
                message = f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter.'
                raise bad_request(message, "badRequest")

    def text(self, name: str) -> str:
        """The last one given; the default; ""."""
        if name in self._path:
            return self._path[name]
        return self._given[name][-1] if name in self._given else text(self._specs.get(name, {}), "default")

    def all(self, name: str) -> list[str]:
        return self._given.get(name, [])

    def flag(self, name: str) -> bool:
        return self.text(name) == "true"

    def number(self, name: str, default: int, most: int) -> int:
        """Never more than most, as Google does it; a 0 means the default."""
        return min(int(self.text(name) or 0) or default, most)


def _checked(name: str, value: str, spec: JsonObject) -> str:
    kind, allowed = text(spec, "type"), texts(spec, "enum")
    wrong = (kind == "integer" and not value.isdecimal()) or (kind == "boolean" and value not in ("true", "false"))
    wrong = wrong or bool(allowed and value not in allowed)
    wrong = wrong or (text(spec, "format") == "uint64" and not (value.isdecimal() and int(value) < 2**64))
    if wrong:
        raise _invalid(name, value)
    return value


def _invalid(name: str, value: str) -> ApiError:
    return bad_request(f"Invalid value at '{name}', \"{value[:100]}\"")
