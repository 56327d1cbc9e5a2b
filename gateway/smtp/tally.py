"""Connections by network, over all receivers of a machine: each keeps a file that the others read.

The file lies in the receiver's place in the intake, whose lock tells who lives: what a killed process counted is gone
with it. Networks are hashed into cells with a key of the installation, so that nobody can aim at another's cell."""

import os
import secrets
import struct
from collections.abc import Iterable
from contextlib import suppress
from hashlib import blake2b
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from gateway.intake import segment

_CELLS = 16_384
_CELL = struct.Struct("<4H")  # open, the minute of what follows (mod 65,536), begun, unknown recipients
_MOST = 0xFFFF
_FILE = "connections"
_KEY_BYTES = 16


class Counts(NamedTuple):
    """open: connections that stand. begun and unknown_recipients: in the minute that runs."""

    open: int = 0
    begun: int = 0
    unknown_recipients: int = 0


def network_of(peer: str) -> bytes:
    """Who is counted as one: an IPv4 address, an IPv6 /64. Empty for what is no address."""
    try:
        packed = ip_address(peer).packed
    except ValueError:
        return b""
    return packed if len(packed) == 4 else packed[:8]


class Tally:
    """One of a process. Where the disk fails, a process counts alone."""

    def __init__(self, intake_folder: Path, acceptor_folder: Path) -> None:
        self._intake_folder = intake_folder
        self._own = acceptor_folder
        self._key = b""
        self._cells = bytearray(_CELLS * _CELL.size)
        self._file: int | None = None
        self._others: dict[Path, int] = {}

    def refresh(self) -> None:
        """Look who else is there. To be called every second or so."""
        with suppress(OSError):
            self._learn_key()
            self._publish_all()
            living = {path for path in segment.acceptors(self._intake_folder) if path != self._own}
            living = {path for path in living if not segment.is_dead(path)}
            for path in self._others.keys() - living:
                os.close(self._others.pop(path))
            for path in living - self._others.keys():
                with suppress(FileNotFoundError):  # it has not come that far yet
                    self._others[path] = os.open(path / _FILE, os.O_RDONLY | os.O_CLOEXEC)

    def add(self, network: bytes, minute: int, *, opened: int = 0, begun: int = 0, unknown_recipients: int = 0) -> None:
        """minute: since any fixed moment, of the wall clock."""
        at = self._place(network)
        had_open, had_minute, had_begun, had_unknown = _CELL.unpack_from(self._cells, at)
        if had_minute != minute & _MOST:
            had_begun = had_unknown = 0
        counts = (had_open + opened, had_begun + begun, had_unknown + unknown_recipients)
        open_, begun_, unknown_ = (min(max(count, 0), _MOST) for count in counts)
        _CELL.pack_into(self._cells, at, open_, minute & _MOST, begun_, unknown_)
        self._publish(at)

    def tell_all(self, open_here: int) -> None:
        """How many connections this process has."""
        _CELL.pack_into(self._cells, 0, min(open_here, _MOST), 0, 0, 0)
        self._publish(0)

    def of(self, network: bytes, minute: int) -> Counts:
        return _sum(self._everybody(self._place(network)), minute & _MOST)

    def open_in_all(self) -> int:
        return _sum(self._everybody(0), 0).open

    def close(self) -> None:
        for file in [*self._others.values(), *([] if self._file is None else [self._file])]:
            os.close(file)
        self._others, self._file = {}, None

    def _learn_key(self) -> None:
        """Raises: OSError."""
        if not self._key:
            self._key = _shared_key(self._intake_folder / "networks.key")
            self._cells[_CELL.size :] = bytes(len(self._cells) - _CELL.size)  # their places were others

    def _place(self, network: bytes) -> int:
        """The first cell is for all networks together."""
        digest = blake2b(network, key=self._key, digest_size=4).digest()
        return (1 + int.from_bytes(digest, "little") % (_CELLS - 1)) * _CELL.size

    def _everybody(self, at: int) -> Iterable[bytes]:
        yield bytes(self._cells[at : at + _CELL.size])
        for file in self._others.values():
            with suppress(OSError):
                yield os.pread(file, _CELL.size, at)

    def _publish_all(self) -> None:
        """Raises: OSError."""
        if self._file is not None:
            if (self._own / _FILE).exists():
                return
            os.close(self._file)  # somebody took the data away under us
            self._file = None
        self._file = os.open(self._own / _FILE, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.pwrite(self._file, self._cells, 0)

    def _publish(self, at: int) -> None:
        if self._file is not None:
            with suppress(OSError):
                os.pwrite(self._file, self._cells[at : at + _CELL.size], at)


def _sum(cells: Iterable[bytes], minute: int) -> Counts:
    open_ = begun = unknown = 0
    for cell in cells:
        if len(cell) == _CELL.size:
            here, at_minute, begun_here, unknown_here = _CELL.unpack(cell)
            open_ += here
            if at_minute == minute:
                begun += begun_here
                unknown += unknown_here
    return Counts(open_, begun, unknown)


def _shared_key(path: Path) -> bytes:
    """The same for all processes, made by the first. Raises: OSError."""
    with suppress(FileNotFoundError):
        return path.read_bytes()
    made = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        made.write_bytes(secrets.token_bytes(_KEY_BYTES))
        with suppress(FileExistsError):
            os.link(made, path)
    finally:
        made.unlink(missing_ok=True)
    return path.read_bytes()
