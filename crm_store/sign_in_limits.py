"""How often signing in may fail: a few times freely, then after a wait that doubles with each failure.

Counted for each account and for each network, in the database, so that it holds over all processes. What is counted is
cleared away by who comes next."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from crm_store.database.session import writing
from crm_store.errors import Temporary
from crm_store.models.web import SignInCount
from crm_store.rules.address import normalise

FORGOTTEN_AFTER_MS = 24 * 3_600_000
# An attacker with ever new names and networks fills no disk; to push others' counts out takes half as many attempts.
MAX_ROWS = 100_000


class TooManyFailures(Temporary):
    """until_ms: when to try again."""

    def __init__(self, until_ms: int) -> None:
        super().__init__("signing in failed too often")
        self.until_ms = until_ms


@dataclass(frozen=True, slots=True)
class Allowance:
    """free: failures without a wait. first_ms: the first wait; each failure doubles it up to longest_ms."""

    free: int
    first_ms: int
    longest_ms: int

    def wait_ms(self, failures: int) -> int:
        if failures < self.free:
            return 0
        return min(self.first_ms << min(failures - self.free, 32), self.longest_ms)


# Who knows an address can have its owner wait: not for long.
OF_ACCOUNT = Allowance(free=5, first_ms=15_000, longest_ms=15 * 60_000)
OF_NETWORK = Allowance(free=20, first_ms=15_000, longest_ms=60 * 60_000)


@dataclass(frozen=True, slots=True)
class Counted:
    key_hash: bytes
    allowance: Allowance


def account(email: str) -> Counted:
    """As typed; spellings of one address are one account."""
    return Counted(_hash("account", normalise(email) or email.strip()), OF_ACCOUNT)


def network(address: str) -> Counted:
    """IPv4: the address. IPv6: its /64, which is what one house has. What is no address: all of those together."""
    try:
        ip = ip_address(address)
    except ValueError:
        return Counted(_hash("network", ""), OF_NETWORK)
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    prefix = 64 if mapped is None and isinstance(ip, IPv6Address) else 32
    return Counted(_hash("network", str(ip_network((mapped or ip, prefix), strict=False))), OF_NETWORK)


def count_as_failed(counted: Sequence[Counted], *, now_ms: int) -> None:
    """Call before the password is looked at, so that a hundred attempts at once are a hundred; succeeded() takes it
    back. Raises: TooManyFailures, and then nothing is counted."""
    with writing():
        SignInCount.delete().where(SignInCount.last_at_ms < now_ms - FORGOTTEN_AFTER_MS).execute()
        # In one order for everybody, or two attempts could wait for each other.
        for one in sorted(counted, key=lambda one: one.key_hash):
            row_id, failures, waits_until_ms = _add_one(one.key_hash, now_ms)
            if waits_until_ms > now_ms:
                raise TooManyFailures(waits_until_ms)
            if wait_ms := one.allowance.wait_ms(failures):
                SignInCount.update(waits_until_ms=now_ms + wait_ms).where(SignInCount.id == row_id).execute()
        SignInCount.delete().where(SignInCount.id <= row_id - MAX_ROWS).execute()


def succeeded(the_account: Counted, the_network: Counted) -> None:
    """The account begins anew; the network is where it was."""
    with writing():
        SignInCount.delete().where(SignInCount.key_hash == the_account.key_hash).execute()
        SignInCount.update(failures=SignInCount.failures - 1, waits_until_ms=0).where(
            SignInCount.key_hash == the_network.key_hash
        ).execute()


def _add_one(key_hash: bytes, now_ms: int) -> tuple[int, int, int]:
    """The row's id, its failures with this one, and until when it waits. The row is ours until the transaction ends."""
    query = (
        SignInCount.insert(key_hash=key_hash, failures=1, waits_until_ms=0, last_at_ms=now_ms)
        .on_conflict(
            conflict_target=[SignInCount.key_hash],
            update={SignInCount.failures: SignInCount.failures + 1, SignInCount.last_at_ms: now_ms},
        )
        .returning(SignInCount.id, SignInCount.failures, SignInCount.waits_until_ms)
    )
    row = next(iter(query.execute()))
    return row.id, row.failures, row.waits_until_ms


def _hash(kind: str, what: str) -> bytes:
    return hashlib.sha256(f"{kind} {what}".encode("utf-8", "replace")).digest()
