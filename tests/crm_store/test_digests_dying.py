"""A worker that dies at each named point of the digest, by SIGKILL, and is started again: each is told once."""

import os
import subprocess
import sys

from noticed import waiting, with_provider
from store import Store

from crm_store.fault_point import NOTICE_POINTS
from crm_store.models.captures import Capture, Receipt
from crm_store.models.notices import QueueDigest, WaitingNotice
from crm_store.models.outbox import Email
from crm_store.rules.states import CaptureState, Role

# Forked for each life: what it imports is imported once.
_LIVES = """
import os, sys
from crm_store import queue_digests
from crm_store.blobs.store import blob_store
from crm_store.database import engine
from crm_store.database.session import connected
from crm_store.queue_digests import Links
from crm_store.settings import load

def live():
    settings = load(os.environ)
    engine.configure(settings)
    with connected():
        while queue_digests.sweep(blob_store(settings), Links("https://crm.example", off=str), now_ms=int(sys.argv[1])):
            pass

status = -9
while status == -9:
    child = os.fork()
    if not child:
        live()
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(status, flush=True)
"""
DAY_MS = 86_400_000


def test_dying_before_and_after_the_commit_loses_and_doubles_nothing(store: Store, tmp_path):
    location_id = store.location()
    with_provider(location_id)
    receipt = Receipt.create(intake_id="0" * 26, received_at_ms=store.now_ms)
    Capture.create(receipt_id=receipt.id, location_id=location_id, state=CaptureState.HELD, received_at_ms=store.now_ms)
    people = [store.user(f"oki{number}@firma.example", location_id, Role.OPERATOR) for number in range(4)]
    QueueDigest.update(next_at_ms=1).execute()
    log = tmp_path / "struck"
    armed = {
        "SUNNYDAY_DATA": str(store.settings.data),
        "SUNNYDAY_DATABASE_URL": store.settings.database_url.get_secret_value(),
        "SUNNYDAY_FAULT_POINT": ",".join(f"{point}:2" for point in NOTICE_POINTS),
        "SUNNYDAY_FAULT_LOG": str(log),
    }
    done = subprocess.run(
        [sys.executable, "-P", "-c", _LIVES, str(store.now_ms + DAY_MS)],
        env={**os.environ, **armed},
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=True,
    )
    assert [word for word in done.stdout.split() if word in ("-9", "0")] == ["-9"] * len(NOTICE_POINTS) + ["0"]
    assert sorted(log.read_text().split()) == sorted(f"{point}:2" for point in NOTICE_POINTS)
    assert sorted(mail.to[0].address for mail in waiting(store.blobs)) == [person.email for person in people]
    assert Email.select().count() == WaitingNotice.select().count() == len(people)
