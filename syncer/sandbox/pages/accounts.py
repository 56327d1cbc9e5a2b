"""/sandbox: the accounts; their contacts; the apps that have access."""

import re

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from syncer.sandbox.google import Google
from syncer.sandbox.mailbox import accounts
from syncer.sandbox.mailbox.contacts import Card, Contacts
from syncer.sandbox.oauth import grants, scopes
from syncer.sandbox.pages.forms import chosen_account, filled
from syncer.sandbox.pages.rendering import page

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_MOST_SHOWN = 500


def account_pages(google: Google) -> list[Route]:
    pages = _Pages(google)
    both = ["GET", "POST"]
    return [
        Route("/sandbox", pages.accounts, methods=both),
        Route("/sandbox/mail/{email}/contacts", pages.contacts, methods=both),
        Route("/sandbox/mail/{email}/apps", pages.apps, methods=both),
    ]


class _Pages:
    def __init__(self, google: Google) -> None:
        self._google, self._store = google, google.store

    async def accounts(self, request: Request) -> Response:
        """All, and a form for one more."""
        problem = ""
        if request.method == "POST":
            form = await filled(request)
            problem = self._add(form.get("email", ""), form.get("name", ""))
            if not problem:
                return RedirectResponse("/sandbox", 303)
        rows = [
            (account, self._store.count("select count(*) from messages where account_id = ?", account.id))
            for account in accounts.every(self._store)[:_MOST_SHOWN]
        ]
        status = 422 if problem else 200
        return page(request, "accounts.html", status, rows=rows, problem=problem, relay=self._google.relay)

    async def contacts(self, request: Request) -> Response:
        account = chosen_account(self._google, request)
        contacts = Contacts(self._store, account.id)
        if request.method == "POST":
            form = await filled(request)
            if "delete" in form:
                contacts.delete(form["delete"], self._google.now_ms())
            else:
                addresses = [address.strip() for address in form.get("addresses", "").split(",") if address.strip()]
                phones = [form["phone"]] if form.get("phone") else []
                card = Card(form.get("name", ""), addresses, phones, form.get("organization", ""))
                contacts.add(card, self._google.now_ms())
            return RedirectResponse(request.url.path, 303)
        shown = contacts.changed(0, self._google.now_ms(), _MOST_SHOWN, with_deleted=False)
        return page(request, "contacts.html", account=account, contacts=shown)

    async def apps(self, request: Request) -> Response:
        """Removing one is what makes its refresh token an invalid_grant."""
        account = chosen_account(self._google, request)
        living = grants.of_account(self._store, account.id)
        if request.method == "POST":
            form = await filled(request)
            for grant in living:
                if str(grant.id) == form.get("remove"):
                    grants.revoke_grant(self._store, grant.id, self._google.now_ms())
            return RedirectResponse(request.url.path, 303)
        rows = [(grant, [scopes.wording(scope) for scope in sorted(grant.scopes)]) for grant in living]
        return page(request, "apps.html", account=account, rows=rows)

    def _add(self, email: str, name: str) -> str:
        """What is wrong; "" if nothing is."""
        if not _ADDRESS.fullmatch(email.strip()):
            return "An address is needed, like ana@gmail.sandbox."
        try:
            accounts.add(self._store, email, name or email.partition("@")[0], self._google.now_ms())
        except ValueError:
            return "That address belongs to an account."
        return ""
