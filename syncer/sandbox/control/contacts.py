"""/sandbox/api/accounts/…/contacts: what a person does in Google Contacts."""

from typing import Literal

from fastapi import APIRouter, HTTPException

from syncer.sandbox.control import shapes
from syncer.sandbox.google import Google
from syncer.sandbox.mailbox import accounts
from syncer.sandbox.mailbox.contacts import CONTACT, OTHER_CONTACT, Card, Contacts

Kind = Literal["contacts", "other-contacts"]


def contact_routes(google: Google) -> APIRouter:
    router = APIRouter(prefix="/accounts/{email}", tags=["contacts"])

    def contacts(email: str, kind: Kind) -> Contacts:
        account = accounts.by_email(google.store, email)
        if account is None:
            raise HTTPException(404, "There is no such account.")
        return Contacts(google.store, account.id, CONTACT if kind == "contacts" else OTHER_CONTACT)

    @router.post("/{kind}", status_code=201)
    async def add(email: str, kind: Kind, made: shapes.ContactMade) -> shapes.ContactShown:
        return shapes.ContactShown(id=contacts(email, kind).add(_card(made), google.now_ms()))

    @router.put("/{kind}/{contact_id}", status_code=204)
    async def change(email: str, kind: Kind, contact_id: str, made: shapes.ContactMade) -> None:
        if not contacts(email, kind).change(contact_id, _card(made), google.now_ms()):
            raise HTTPException(404, "There is no such contact.")

    @router.delete("/{kind}/{contact_id}", status_code=204)
    async def delete(email: str, kind: Kind, contact_id: str) -> None:
        if not contacts(email, kind).delete(contact_id, google.now_ms()):
            raise HTTPException(404, "There is no such contact.")

    @router.post("/{kind}/expire-sync-tokens", status_code=204)
    async def expire(email: str, kind: Kind) -> None:
        """Every sync token that was told until now is out of date."""
        contacts(email, kind).expire_tokens(google.now_ms())

    return router


def _card(made: shapes.ContactMade) -> Card:
    return Card(made.name, made.addresses, made.phones, made.organization)
