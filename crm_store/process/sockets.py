"""Listening sockets: bound once by the supervisor, or by systemd before it, and inherited by whoever serves them.

One socket that lives as long as the supervisor loses fewer connections when a process dies than SO_REUSEPORT does, and
gives port 0 and low ports (design.md 15).
"""

import os
import socket
from collections.abc import Iterable, MutableMapping
from typing import cast, get_args

from crm_store.errors import SettingsError
from crm_store.process.service import SocketKind
from crm_store.settings import PREFIX, ListenAddress, Settings

BACKLOG = 1024
FIRST_INHERITED_FD = 3  # sd_listen_fds(3)


def listening(
    kinds: Iterable[SocketKind], settings: Settings, environ: MutableMapping[str, str]
) -> dict[SocketKind, list[socket.socket]]:
    """A listening socket for each address of each kind: systemd's where it passed some, else bound here.

    Takes LISTEN_* out of environ: they were for this process alone.
    Raises: SettingsError with one sentence that names the setting."""
    wanted = sorted(set(kinds))
    inherited = _inherited(environ)
    for kind in inherited.keys() - wanted:
        for sock in inherited.pop(kind):
            sock.close()
    return {kind: inherited.get(kind) or _bind(kind, settings) for kind in wanted}


def setting_of(kind: SocketKind) -> str:
    return f"{PREFIX}{kind.upper()}_LISTEN"


def address_of(sock: socket.socket) -> ListenAddress:
    """Where it listens, with the port that the system picked."""
    host, port = sock.getsockname()[:2]
    return ListenAddress(host, port)


def _bind(kind: SocketKind, settings: Settings) -> list[socket.socket]:
    addresses: tuple[ListenAddress, ...] = getattr(settings, f"{kind}_listen")
    if not addresses:
        raise SettingsError(f"{setting_of(kind)}: an address is needed.")
    bound: list[socket.socket] = []
    for address in addresses:
        try:
            bound.append(_listen(address))
        except (OSError, UnicodeError) as error:
            for sock in bound:
                sock.close()
            reason = error.strerror if isinstance(error, OSError) else "not a host name"
            raise SettingsError(f"{setting_of(kind)}={address}: {reason}.") from error
    return bound


def _listen(address: ListenAddress) -> socket.socket:
    family, _, _, _, target = socket.getaddrinfo(
        address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    # Without the protocol asyncio does not set TCP_NODELAY, and EHLO waits for delayed ACKs (facts/smtp.md 1.4).
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # so that 0.0.0.0 and [::] can both be named
        sock.bind(target)
        sock.listen(BACKLOG)
    except BaseException:
        sock.close()
        raise
    return sock


def _inherited(environ: MutableMapping[str, str]) -> dict[SocketKind, list[socket.socket]]:
    """What systemd passed by sd_listen_fds(3); FileDescriptorName= says which is for what."""
    pid, count, names = (environ.pop(name, "") for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"))
    if pid != str(os.getpid()):
        return {}
    by_kind: dict[SocketKind, list[socket.socket]] = {}
    for fd, name in enumerate(names.split(":")[: int(count)], FIRST_INHERITED_FD):
        if name not in get_args(SocketKind):
            raise SettingsError(f"LISTEN_FDNAMES: {name!r} is neither smtp nor http (set FileDescriptorName=).")
        os.set_inheritable(fd, False)
        by_kind.setdefault(cast(SocketKind, name), []).append(socket.socket(fileno=fd))
    return by_kind
