"""Imports as `serve` makes them: by themselves, and by a process that dies at each named point."""

from collections.abc import Callable

from conditions import until
from connected_account import SECRET_KEY
from followed_mailbox import Followed
from google_contacts import Book
from served_product import Product

from crm_store.fault_point import IMPORT_POINTS
from crm_store.models.contact_import import ImportedPerson
from crm_store.settings import load


def test_dying_between_any_two_steps_loses_and_doubles_nobody(sandbox, served: Callable[..., Product], tmp_path):
    """By SIGKILL, in the real worker; its successor takes over at once, and follows what changes from then on."""
    log = tmp_path / "struck"
    armed = {"SUNNYDAY_FAULT_POINT": ",".join(IMPORT_POINTS), "SUNNYDAY_FAULT_LOG": str(log)}
    product = served(SUNNYDAY_SYNC_INTERVAL_S="1", SUNNYDAY_SECRET_KEYS=SECRET_KEY, **sandbox.settings, **armed)
    with Followed.at(sandbox, load(product.environ)) as mailbox:
        book = Book(mailbox)
        there = [book.add(f"Orang {number}", f"orang{number}@luar.example") for number in range(120)]
        mailbox.connect()
        until(lambda: log.exists() and sorted(log.read_text().split()) == sorted(IMPORT_POINTS), 60)
        until(lambda: len(book.here()) == 120, 60)
        book.change(there[7], "Nama baru", "orang7@luar.example")
        until(lambda: "Nama baru" in book.names(), 60)
        assert len(book.here()) == ImportedPerson.select().count() == 120
