"""What a page's request names: its account, and the fields of its form."""

from starlette.exceptions import HTTPException
from starlette.requests import Request

from syncer.sandbox.google import Google
from syncer.sandbox.mailbox import accounts
from syncer.sandbox.mailbox.accounts import Account


def chosen_account(google: Google, request: Request) -> Account:
    """Raises: HTTPException 404."""
    account = accounts.by_email(google.store, request.path_params["email"])
    if account is None:
        raise HTTPException(404, "There is no such account.")
    return account


async def filled(request: Request) -> dict[str, str]:
    """The last value of each field; files are passed over."""
    async with request.form() as form:
        return {name: value for name, value in form.multi_items() if isinstance(value, str)}
