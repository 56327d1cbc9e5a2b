"""What reading a mail of 35 MB takes of memory, in a process of its own."""

import base64
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process's peak")
SIZE_BYTES = 35 * 1024 * 1024
# ru_maxrss would not do: a process inherits its parent's, and pytest's hides what reading takes.
MEASURE = """
import re, sys
from crm_store.mail.read import read
def peak_kib():
    return int(re.search("VmHWM:\\\\s+([0-9]+)", open("/proc/self/status").read())[1])
raw = open(sys.argv[1], "rb").read()  # from a pipe it would be held twice
before = peak_kib()
assert "unreadable" not in read(raw).problems
print(peak_kib() - before)
"""
FILE = b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
MIXED = b"Content-Type: multipart/mixed; boundary=b\r\n\r\nx\r\n--b\r\n"
LINES = base64.encodebytes(bytes(57)).replace(b"\n", b"\r\n") * (SIZE_BYTES // 78)


@pytest.mark.parametrize(
    ("raw", "most"),
    [
        pytest.param(MIXED + FILE + LINES + b"--b--\r\n", 1, id="a file"),
        pytest.param(MIXED + FILE + LINES.replace(b"\r", b"!") + b"--b--\r\n", 3, id="a file in broken base64"),
        pytest.param(MIXED + b"Content-Type: message/rfc822\r\n\r\n" + FILE + LINES, 3, id="a file in a mail in the mail"),
        pytest.param(b"Content-Type: text/html\r\n\r\n" + b"<p>Halo\xc3\xa9\r\n" * (SIZE_BYTES // 11), 3, id="HTML"),
        pytest.param(b"a: b\r\n" * (SIZE_BYTES // 6), 1, id="header"),
        pytest.param(MIXED + b"--b\r\n\r\nx\r\n" * (SIZE_BYTES // 10), 1, id="parts"),
    ],
)  # fmt: skip
def test_a_mail_costs_less_than_four_times_its_size(tmp_path, raw, most):
    """most: times its size, beside the mail itself."""
    (tmp_path / "mail").write_bytes(raw)
    done = subprocess.run([sys.executable, "-c", MEASURE, tmp_path / "mail"], capture_output=True, check=True)
    assert int(done.stdout) * 1024 / len(raw) < most
