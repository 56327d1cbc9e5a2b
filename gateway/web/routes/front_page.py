"""/ — what runs here, and where to go."""

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from gateway.web.json_route import ROOT

_PAGE = f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>SunnyDay Mail</title><meta name="viewport" content="width=device-width"></head>
<body>
<h1>SunnyDay Mail</h1>
<p>The mail gateway is running. There are no pages to sign in to yet; programs use the JSON API,
which <a href="{ROOT}/openapi.json">its OpenAPI document</a> describes, with a token of
<code>sunnyday token create</code>.</p>
<p>Health: <a href="/readyz">/readyz</a></p>
</body>
</html>
"""

router = APIRouter(include_in_schema=False)


@router.api_route("/", methods=["GET", "HEAD"])
async def front_page() -> Response:
    return HTMLResponse(_PAGE)
