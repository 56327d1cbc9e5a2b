"""A worker that dies at each named point, by SIGKILL, and is started again."""

import os
import subprocess
import sys

from followed_mailbox import Followed
from google_contacts import Book

from crm_store.fault_point import IMPORT_POINTS
from crm_store.models.connections import Connection
from crm_store.models.contact_import import ImportedPerson
from crm_store.settings import load

# Started once and forked for each life, as forked_commands.py does: what it imports is imported once.
_LIVES = """
import os
from crm_store import contact_import_work
from crm_store.clock import now_ms
from crm_store.database import engine as database
from crm_store.database.session import connected
from crm_store.settings import load
from syncer.composition import engine_of
from syncer.contacts.dispatcher import ContactsDispatcher
from syncer.contacts.import_contacts import import_contacts

def live():
    settings = load(os.environ)
    database.configure(settings)
    engine = engine_of(settings, role="test")
    with connected():
        contact_import_work.free(engine.name, now_ms=now_ms())
        turns = True
        while turns:
            turns = []
            ContactsDispatcher(engine, turns.append, lambda: 10).round()
            for turn in turns:
                assert import_contacts(engine, turn)

status = -9
while status == -9:
    child = os.fork()
    if not child:
        live()
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(status, flush=True)
"""


def test_dying_between_any_two_steps_loses_and_doubles_nobody(sandbox, served_environ, tmp_path):
    log = tmp_path / "struck"
    armed = {"SUNNYDAY_FAULT_POINT": ",".join(IMPORT_POINTS), "SUNNYDAY_FAULT_LOG": str(log)}
    with Followed.at(sandbox, load(served_environ)) as mailbox:
        book = Book(mailbox)
        for number in range(120):
            book.add(f"Orang {number}", f"orang{number}@luar.example")
        mailbox.connect()
        Connection.update(sync_wanted_at_ms=None).execute()  # or it is due for as long as nobody takes the wish
        done = subprocess.run(
            [sys.executable, "-P", "-c", _LIVES],
            env={**os.environ, **served_environ, **armed},
            stdout=subprocess.PIPE,
            text=True,
            timeout=60,
            check=True,
        )
        assert [word for word in done.stdout.split() if word in ("-9", "0")] == ["-9"] * len(IMPORT_POINTS) + ["0"]
        assert sorted(log.read_text().split()) == sorted(IMPORT_POINTS)
        assert len(book.here()) == ImportedPerson.select().count() == 120
        assert book.row.sync_token is not None
