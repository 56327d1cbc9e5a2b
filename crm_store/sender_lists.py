"""Who is on a location's or a user's lists: the look-up that deciding asks. Patterns are addresses or domains."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from peewee import Expression, chunked

from crm_store.database.rows import tuples
from crm_store.models.sender_lists import ListedSender
from crm_store.rules.address import domain_of
from crm_store.rules.states import SenderList

_IN_LIST = 500
# A hostile address has a hundred labels; a pattern of more labels than this matches its own domain only.
_MAX_PARENT_LABELS = 10


def listed(
    location_id: int | None, user_ids: Sequence[int], kind: SenderList, normals: Collection[str]
) -> frozenset[str]:
    """Which of these normalised addresses are on the location's list, or on one of these users'.

    An address is by itself or by its domain; for BLOCKED and NEVER_LOG by a parent domain too. ALLOWED is exact: who
    runs a domain does not answer for what is below it."""
    patterns = {normal: frozenset(_patterns_for(normal, kind)) for normal in normals}
    asked = sorted(frozenset().union(*patterns.values()))
    found: set[str] = set()
    for some in chunked(asked, _IN_LIST):
        for owner in _owners(location_id, user_ids):
            rows = ListedSender.select(ListedSender.normal).where(
                owner, ListedSender.kind == kind, ListedSender.normal.in_(some)
            )
            found.update(normal for (normal,) in tuples(rows))
    return frozenset(normal for normal, possible in patterns.items() if not found.isdisjoint(possible))


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


def _owners(location_id: int | None, user_ids: Sequence[int]) -> Iterable[Expression]:
    """Asked one by one: each has an index of its own."""
    if location_id is not None:
        yield ListedSender.location_id == location_id
    if user_ids:
        yield ListedSender.user_id.in_(list(user_ids))
