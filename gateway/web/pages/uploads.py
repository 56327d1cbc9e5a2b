"""Files that come with a form: who sends them is known before they are read, and few are read at once."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from crm_store.copies import MAX_ATTACHMENT_BYTES
from crm_store.draft_files import NewFile
from gateway.web.pages.asking import signed_in
from gateway.web.pages.visit import visit_of

_TAKES_FILES = re.compile(r"/l/[0-9]{1,19}/compose(?:/[0-9]{1,19})?")
_SMALL_BYTES = 1_000_000
MOST_FORM_BYTES = 110_000_000  # E4 allows a quarter: what is too much is read all the same, so that the text is kept


def takes_files(method: str, path: str) -> bool:
    return method == "POST" and _TAKES_FILES.fullmatch(path) is not None


@asynccontextmanager
async def admitted(request: Request) -> AsyncIterator[None]:
    """Around reading the form. What is larger than a megabyte waits on disk. Raises: Unauthenticated."""
    told = request.headers.get("content-length")
    is_small = told is not None and int(told) <= _SMALL_BYTES
    if is_small or not takes_files(request.method, request.scope["path"]):
        yield
        return
    await run_in_threadpool(_require_signed_in, request)
    async with request.app.state.large_bodies:
        yield


def _require_signed_in(request: Request) -> None:
    with signed_in(visit_of(request, {})):
        pass


@dataclass(frozen=True, slots=True)
class Uploaded:
    """files: none where all of them have more bytes together than an e-mail may carry; then they were not read."""

    files: list[NewFile]
    too_large: bool


async def _uploaded(request: Request) -> Uploaded:
    form = await request.form()
    # A browser sends a field in which nothing is chosen as a file without name and content.
    sent = [one for _, one in form.multi_items() if isinstance(one, UploadFile) and one.filename]
    if sum(one.size or 0 for one in sent) > MAX_ATTACHMENT_BYTES:
        return Uploaded([], too_large=True)
    files = [NewFile(one.filename or "", one.content_type or "", await one.read()) for one in sent]
    return Uploaded(files, too_large=False)


Uploads = Annotated[Uploaded, Depends(_uploaded)]
