"""Styles, script and pictures: read at the start, under an address that changes with what they say."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Response

from crm_store.errors import NotFound

FOLDER = Path(__file__).parent.parent / "static"
STYLE = "look.css"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Assets:
    """version: of all together, so that a module finds its neighbours beside it."""

    version: str
    files: dict[str, bytes]


@cache
def assets() -> Assets:
    """The style sheets of static/ are one, in the order of their names."""
    files = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix in (".js", ".svg")}
    files[STYLE] = b"\n".join(path.read_bytes() for path in sorted(FOLDER.glob("*.css")))
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return Assets(digest.hexdigest()[:12], files)


def address_of(name: str) -> str:
    """The path of an asset. Raises: KeyError for one that there is not."""
    assert name in assets().files, f"there is no static/{name}"
    return f"/static/{assets().version}/{name}"


router = APIRouter(include_in_schema=False)


@router.api_route("/static/{version}/{name}", methods=["GET", "HEAD"])
async def asset(version: str, name: str) -> Response:
    """An older version's address gets what there is now, for a while: a page from before an update asks for it."""
    content = assets().files.get(name)
    if content is None:
        raise NotFound("there is no such file")
    kept = _FOR_EVER if version == assets().version else "no-cache"
    return Response(content, headers={"Cache-Control": kept}, media_type=_TYPES[Path(name).suffix])
