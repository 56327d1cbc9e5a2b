"""JSON as the type checker knows it, and how values of a known kind are read out of it."""

from collections.abc import Mapping

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
JsonObject = dict[str, Json]


def text(value: Mapping[str, Json], key: str) -> str:
    """ "" where it is absent or no text."""
    found = value.get(key)
    return found if isinstance(found, str) else ""


def texts(value: Mapping[str, Json], key: str) -> list[str]:
    """[] where it is absent."""
    found = value.get(key)
    return [item for item in found if isinstance(item, str)] if isinstance(found, list) else []


def inner(value: Mapping[str, Json], key: str) -> JsonObject:
    """{} where it is absent or no object."""
    found = value.get(key)
    return found if isinstance(found, dict) else {}
