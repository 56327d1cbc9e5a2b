"""/sandbox/api/accounts/…/contacts: what a person does in Google Contacts."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException

from syncer.sandbox.control import shapes
from syncer.sandbox.control.asking import KnownAccount, Sandbox
from syncer.sandbox.mailbox.contacts import CONTACT, OTHER_CONTACT, Card, Contacts

router = APIRouter(prefix="/accounts/{email}", tags=["contacts"])


async def _contacts(google: Sandbox, account: KnownAccount, kind: Literal["contacts", "other-contacts"]) -> Contacts:
    return Contacts(google.store, account.id, CONTACT if kind == "contacts" else OTHER_CONTACT)


Book = Annotated[Contacts, Depends(_contacts)]


@router.post("/{kind}", status_code=201)
async def add_contact(google: Sandbox, book: Book, made: shapes.ContactMade) -> shapes.ContactShown:
    return shapes.ContactShown(id=book.add(_card(made), google.now_ms()))


@router.put("/{kind}/{contact_id}", status_code=204)
async def change_contact(google: Sandbox, book: Book, contact_id: str, made: shapes.ContactMade) -> None:
    if not book.change(contact_id, _card(made), google.now_ms()):
        raise HTTPException(404, "There is no such contact.")


@router.delete("/{kind}/{contact_id}", status_code=204)
async def delete_contact(google: Sandbox, book: Book, contact_id: str) -> None:
    if not book.delete(contact_id, google.now_ms()):
        raise HTTPException(404, "There is no such contact.")


@router.post("/{kind}/expire-sync-tokens", status_code=204)
async def expire_sync_tokens(google: Sandbox, book: Book) -> None:
    """Every sync token that was told until now is out of date."""
    book.expire_tokens(google.now_ms())


def _card(made: shapes.ContactMade) -> Card:
    return Card(made.name, made.addresses, made.phones, made.organization)
