"""Who is on a location's or a user's lists: the look-up that deciding asks. Patterns are addresses or domains."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from peewee import chunked

from crm_store.database.prepared import Prepared, Statement
from crm_store.models.sender_lists import ListedSender
from crm_store.rules.address import domain_of
from crm_store.rules.states import SenderList

_IN_LIST = 500
# A hostile address has a hundred labels; a pattern of more labels than this matches its own domain only.
_MAX_PARENT_LABELS = 10


class Listed:
    """What some lists say of some addresses."""

    def __init__(self, found: Mapping[SenderList, frozenset[str]]) -> None:
        self._found = found

    def on(self, kind: SenderList, normals: Iterable[str]) -> frozenset[str]:
        """Which of these are on a list of this kind; of the addresses that were asked about.

        An address is by itself or by its domain; for BLOCKED and NEVER_LOG by a parent domain too. ALLOWED is exact:
        who runs a domain does not answer for what is below it."""
        patterns = self._found.get(kind)
        if not patterns:
            return frozenset()
        return frozenset(normal for normal in normals if not patterns.isdisjoint(_patterns_for(normal, kind)))


def look_up(location_id: int | None, user_ids: Sequence[int], normals: Collection[str]) -> Listed:
    """What the location's lists, and those of these users, say of these normalised addresses."""
    asked = sorted({pattern for normal in normals for pattern in _patterns_for(normal, SenderList.NEVER_LOG)})
    found: dict[SenderList, set[str]] = {}
    for some in chunked(asked, _IN_LIST):
        rows = [] if location_id is None else _of_location.rows(location_id, some)
        if user_ids:
            rows += _of_users.rows(list(user_ids), some)
        for kind, normal in rows:
            found.setdefault(SenderList(kind), set()).add(normal)
    return Listed({kind: frozenset(patterns) for kind, patterns in found.items()})


def listed(
    location_id: int | None, user_ids: Sequence[int], kind: SenderList, normals: Collection[str]
) -> frozenset[str]:
    """Which of these normalised addresses are on the location's list of this kind, or on one of these users'."""
    return look_up(location_id, user_ids, normals).on(kind, normals)


def parent_domains(domain: str) -> Iterator[str]:
    """Those above it that somebody may mean: the nearest last; never a top-level domain, which is nobody's."""
    labels = domain.split(".")
    for count in range(2, min(len(labels), _MAX_PARENT_LABELS + 1)):
        yield ".".join(labels[-count:])


def _patterns_for(normal: str, kind: SenderList) -> Iterator[str]:
    domain = domain_of(normal)
    yield normal
    yield f"@{domain}"
    if kind is not SenderList.ALLOWED:
        yield from (f"@{parent}" for parent in parent_domains(domain))


# Asked one by one, and naming every kind: so each has an index of its own for the patterns too.
@Prepared
def _of_location(location_id: int, patterns: list[str]) -> Statement:
    return ListedSender.select(ListedSender.kind, ListedSender.normal).where(
        ListedSender.location_id == location_id,
        ListedSender.kind.in_(list(SenderList)),
        ListedSender.normal.in_(patterns),
    )


@Prepared
def _of_users(user_ids: list[int], patterns: list[str]) -> Statement:
    return ListedSender.select(ListedSender.kind, ListedSender.normal).where(
        ListedSender.user_id.in_(user_ids),
        ListedSender.kind.in_(list(SenderList)),
        ListedSender.normal.in_(patterns),
    )
