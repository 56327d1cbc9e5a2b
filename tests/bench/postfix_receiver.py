"""The other peer: Postfix as Debian has it, with an instance of its own; what it has queued goes to its discard transport."""

import contextlib
import os
import shutil
import smtplib
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
from conditions import until
from processes import Server

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
multi_instance_enable = yes
myhostname = peer.example
mydestination =
relay_domains = capture.localhost
relay_transport = discard
default_transport = discard
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
message_size_limit = 40000000
default_process_limit = 200
max_use = 1000000
maillog_file = /dev/stdout
alias_maps =
local_recipient_maps =
fast_flush_domains =
"""
MASTER = """
127.0.0.1:{port} inet n - n - 200 smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
discard unix - - n - - discard
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""
QUEUES = ("incoming", "active", "maildrop", "deferred")
AFTER_250 = ("qmgr", "discard", "bounce")


def missing() -> str:
    """Why it cannot run here; "" where it can."""
    if shutil.which("postfix") is None:
        return "postfix is not installed"
    return "" if os.geteuid() == 0 else "Postfix starts as root alone"


@contextlib.contextmanager
def postfix(folder: Path) -> Iterator[Server]:
    """As generous as can be: it asks no DNS, its processes stay, and a hundred clients find a process each."""
    for name in ("config", "queue", "data"):
        (folder / name).mkdir(parents=True)
    for up in (folder, *folder.parents):  # its daemons are not root
        if up.stat().st_mode & 0o005 != 0o005 and up != Path("/"):
            up.chmod(up.stat().st_mode | 0o005)
    shutil.chown(folder / "data", "postfix")
    port = _free_port()
    (folder / "config/main.cf").write_text(MAIN.format(folder=folder))
    (folder / "config/master.cf").write_text(MASTER.format(port=port))
    (folder / "config/dynamicmaps.cf").write_text("")
    command = ["postfix", "-c", str(folder / "config")]
    with (folder / "bench.log").open("ab") as log:
        process = subprocess.Popen([*command, "start-fg"], stdout=log, stderr=log)
        try:
            until(lambda: _greets(port), 30)
            yield Server(psutil.Process(process.pid), port, lambda: until(lambda: not _queued(folder), 60))
        finally:
            subprocess.run([*command, "stop"], stdout=log, stderr=log, timeout=30, check=False)
            process.wait(20)


def before_250_s(server: Server) -> float:
    """CPU of what its 250 waits for: the queue manager and the transport are left out."""
    living = server.process.children(recursive=True)
    times = [one.cpu_times() for one in living if one.name() not in AFTER_250]
    return sum(one.user + one.system for one in times)


def _queued(folder: Path) -> bool:
    return any(path.is_file() for queue in QUEUES for path in (folder / "queue" / queue).rglob("*"))


def _greets(port: int) -> bool:
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=5):
            return True
    except OSError:
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
