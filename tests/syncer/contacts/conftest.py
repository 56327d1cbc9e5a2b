"""Accounts with contacts."""

from collections.abc import Callable

import pytest
from followed_mailbox import Followed
from google_contacts import Book

from crm_store.models.connections import Connection
from crm_store.models.contact_import import ContactImport
from crm_store.rules.connection import ConnectionState


@pytest.fixture
def book(followed: Callable[..., Followed]) -> Callable[..., Book]:
    """book("ani"): the contacts of a user's account, which is connected. Those of tests before are looked at no more."""
    Connection.update(state=ConnectionState.DISCONNECTED).execute()
    ContactImport.delete().execute()

    def connected(*names: str, **more: object) -> Book:
        mailbox = followed(*names, **more)
        mailbox.connect()
        return Book(mailbox)

    return connected


@pytest.fixture
def ani(book: Callable[..., Book]) -> Book:
    return book("ani")
