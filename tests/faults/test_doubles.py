"""Controls: what keeps a mail from being filed twice is a unique index, and without it the tests here would see it."""

import os
import signal
import subprocess
import sys

import psycopg
import pytest
from conditions import until
from mail_traffic import Traffic
from outside import Outside

# A drainer that has forgotten all and does not look first, as one of two that look at the same moment.
FORGETFUL_DRAINER = """
from crm_store import logs, receiving, settings
from crm_store.blobs.store import blob_store
from crm_store.database import engine
from crm_store.database.session import connected
from gateway.intake.drainer import Drainer
receiving.known = lambda intake_ids: set()
ours = settings.load()
logs.configure("json", "test")
engine.configure(ours)
drainer = Drainer(ours, blob_store(ours))
drainer._delete = lambda path: None
with connected():
    print(drainer.drain())
"""
# A worker that files all once more, and does not see what is filed.
FORGETFUL_WORKER = """
from types import SimpleNamespace
from crm_store import facts, filing, logs, settings
from crm_store.blobs.store import blob_store
from crm_store.database import engine
from crm_store.database.session import connected
from crm_store.models.captures import Capture
from gateway.capture.worker import CaptureWorker
facts._filed_entry = lambda *_: None
filing._entry_of = SimpleNamespace(first=lambda location_id, message_id: None)
ours = settings.load()
logs.configure("json", "test")
engine.configure(ours)
with connected():
    Capture.update(next_try_at_ms=0).execute()
    worker = CaptureWorker(ours, blob_store(ours))
    while worker.work():
        pass
"""


@pytest.fixture
def filed(served, database_environ, traffic_for):
    """Five mails, once each, and still in their segments: the drainer stands still before it would delete them."""
    traffic = traffic_for(Outside(served(SUNNYDAY_TRUSTED_RELAYS="127.0.0.1", **database_environ)), (1_000, 2_000))
    traffic.send_once_each(range(5))
    assert traffic.until_settled().nothing_wrong
    (drainer,) = [process.pid for process in traffic.outside.product.tree.services["drainer"]]
    os.kill(drainer, signal.SIGSTOP)
    yield traffic
    os.kill(drainer, signal.SIGCONT)


def test_two_drainers_or_workers_file_once_thanks_to_unique_indexes_and_twice_without_them(filed):
    assert filed.until_settled().nothing_wrong
    run(filed, FORGETFUL_DRAINER)
    run(filed, FORGETFUL_WORKER)
    assert filed.until_settled().nothing_wrong

    execute(filed, "DROP INDEX entry_location_id_message_id")
    run(filed, FORGETFUL_WORKER)
    until(lambda: len(filed.tally().doubled) == 5)

    execute(filed, "DROP INDEX receipt_intake_id")
    execute(filed, "DROP INDEX capture_receipt_id_location_id")  # the second to refuse the same
    run(filed, FORGETFUL_DRAINER)
    until(lambda: len(filed.tally().again) == 5)


def run(traffic: Traffic, program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program], env=traffic.outside.product.environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def execute(traffic: Traffic, statement: str) -> None:
    environ = traffic.outside.product.environ
    if url := environ.get("SUNNYDAY_DATABASE_URL"):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement.encode())
        return
    import sqlite3

    with sqlite3.connect(os.path.join(environ["SUNNYDAY_DATA"], "crm.sqlite3"), timeout=30) as connection:
        connection.execute(statement)
