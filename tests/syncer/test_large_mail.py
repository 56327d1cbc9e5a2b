"""A mail of 60 MB in a worker of 256 MB."""

import base64
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from followed_mailbox import Followed

from crm_store.settings import load

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process's peak")
SIZE_BYTES = 60 * 1024 * 1024
WORKER_BYTES = 256 * 1024 * 1024
SYNC = """
import sys
from crm_store.command.main import main
try:
    main()
except SystemExit as done:
    assert not done.code
print(open("/proc/self/status").read())
"""


def test_a_mail_of_60_mb_is_recorded_within_256_mb(sandbox, served_environ):
    head = b"Subject: besar\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHalo\r\n--b\r\n"
    file = b"Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    lines = base64.encodebytes(os.urandom(57)).replace(b"\n", b"\r\n") * (SIZE_BYTES // 78)
    with Followed.at(sandbox, load(served_environ)) as ani:
        ani.connect()
        author = f"From: {ani.contact('budi')}\r\n".encode()
        ani.sandbox.deliver(ani.email, author + head + file + lines + b"--b--\r\n")
        command = [sys.executable, "-P", "-c", SYNC, "sync", str(ani.place_id)]
        done = subprocess.run(command, env=os.environ | served_environ, capture_output=True, text=True, check=True)
        assert ani.subjects() == ["besar"]
        assert [one.state for one in ani.entries()[0].message.attachments] == ["too_large"]
    found = re.search(r"VmHWM:\s+([0-9]+)", done.stdout)
    assert found is not None
    print(f"{int(found[1]) // 1024} MB at its peak")
    assert int(found[1]) * 1024 < WORKER_BYTES
