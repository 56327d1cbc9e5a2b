"""B15, G1: what becomes of a person whom Google tells of."""

import pytest

from crm_store.rules.contact_import import Card, ContactHere, Facts, Imported, Person, Plan, Step, plan

BUDI, CITRA, DEWI, EKO = (f"{name}@luar.example" for name in ("budi", "citra", "dewi", "eko"))
NAMED = Card("Budi", "0811", "PT Maju", "https://foto.example/budi")


def person(*addresses: str, card: Card = NAMED, **more: object) -> Person:
    return Person("people/c1", card=card, addresses={one: one for one in addresses}, **more)  # type: ignore[arg-type]


def here(contact_id: int, *addresses: str, card: Card | None = None, created: int = 0, deleted: bool = False):
    return ContactHere(contact_id, created or contact_id, deleted, card or Card(), addresses)


def brought(*addresses: str, card: Card = NAMED, found: tuple[str, ...] = ()) -> Imported:
    """found: addresses that the contact had before."""
    return Imported(card, dict.fromkeys(addresses, True) | dict.fromkeys(found, False))


def followed(contact_id: int, *, like: tuple[int, ...] = (), **what: object) -> Plan:
    return Plan(Step.FOLLOW, contact_id, alike=like, **what)  # type: ignore[arg-type]


SKIP = Plan(Step.SKIP)


@pytest.mark.parametrize(
    ("who", "facts", "expected"),
    [
        pytest.param(
            person(BUDI, CITRA), Facts(),
            Plan(Step.MAKE, card=NAMED, add=(BUDI, CITRA), imported=brought(BUDI, CITRA)),
            id="somebody new",
        ),
        pytest.param(
            person(BUDI, card=Card()), Facts(),
            Plan(Step.MAKE, add=(BUDI,), imported=brought(BUDI, card=Card())),
            id="somebody without a name",
        ),
        pytest.param(person(), Facts(), SKIP, id="no address: nobody to write to"),
        pytest.param(person(BUDI), Facts(away={BUDI}), SKIP, id="only an address that is kept away"),
        pytest.param(
            person(BUDI, CITRA), Facts(away={BUDI}),
            Plan(Step.MAKE, card=NAMED, add=(CITRA,), imported=brought(CITRA)),
            id="one address of two is kept away",
        ),
        pytest.param(
            person(BUDI, CITRA, DEWI), Facts(most_addresses=2),
            Plan(Step.MAKE, card=NAMED, add=(BUDI, CITRA), imported=brought(BUDI, CITRA)),
            id="more addresses than a contact may have",
        ),
        pytest.param(Person("people/c1", is_deleted=True), Facts(), SKIP, id="deleted there and never known"),
        pytest.param(
            Person("people/c1", is_deleted=True), Facts(linked=here(7, BUDI, card=NAMED), before=brought(BUDI)), SKIP,
            id="deleted there stays here",
        ),
        pytest.param(
            person(BUDI), Facts(matches=[here(7, BUDI)]),
            followed(7, card=NAMED, imported=brought(found=(BUDI,))),
            id="a contact here with the address: filled, not doubled",
        ),
        pytest.param(
            person(BUDI), Facts(matches=[here(7, BUDI, card=Card("Pak Budi"))]),
            followed(
                7,
                card=Card("Pak Budi", "0811", "PT Maju", NAMED.photo_url),
                imported=brought(found=(BUDI,), card=Card("", "0811", "PT Maju", NAMED.photo_url)),
            ),
            id="its own name stays, what it lacks is filled",
        ),
        pytest.param(
            person(BUDI, CITRA), Facts(matches=[here(7, CITRA, card=NAMED)]),
            followed(7, card=NAMED, add=(BUDI,), imported=Imported(Card(), {CITRA: False, BUDI: True})),
            id="matched by the second address, gets the first",
        ),
        pytest.param(
            person(BUDI), Facts(away={BUDI}, matches=[here(7, BUDI)]), SKIP,
            id="an address that is kept away matches nobody",
        ),
        pytest.param(
            person(BUDI), Facts(matches=[here(7, BUDI, created=20), here(9, BUDI, created=10)]),
            followed(9, like=(7,), card=NAMED, imported=brought(found=(BUDI,))),
            id="several: the first created, the other suggested",
        ),
        pytest.param(
            person(BUDI), Facts(matches=[here(9, BUDI, created=5), here(7, BUDI, created=5)]),
            followed(7, like=(9,), card=NAMED, imported=brought(found=(BUDI,))),
            id="created in one millisecond: the lower id",
        ),
        pytest.param(
            person(BUDI, CITRA, DEWI), Facts(matches=[here(7, BUDI), here(8, CITRA)]),
            followed(7, like=(8,), card=NAMED, add=(DEWI,), imported=Imported(NAMED, {BUDI: False, DEWI: True})),
            id="an address of another contact is not taken from it",
        ),
        pytest.param(
            person(BUDI), Facts(matches=[here(6, BUDI, deleted=True), here(7, BUDI)]),
            followed(7, card=NAMED, imported=brought(found=(BUDI,))),
            id="a deleted one and a living one: the living one alone",
        ),
        pytest.param(
            person(BUDI), Facts(matches=[here(6, BUDI, deleted=True)]), Plan(Step.STAY_AWAY, 6),
            id="deleted here before the first import: not brought back",
        ),
        pytest.param(
            person(BUDI), Facts(linked=here(6, BUDI, deleted=True), before=brought(BUDI)),
            Plan(Step.STAY_AWAY, 6, imported=brought(BUDI)),
            id="deleted here after it was imported: not brought back",
        ),
        pytest.param(
            person(EKO), Facts(linked=here(6, BUDI, deleted=True), before=brought(BUDI)),
            Plan(Step.STAY_AWAY, 6, imported=brought(BUDI)),
            id="deleted here, and with a new address there: not brought back",
        ),
        pytest.param(
            person(BUDI),
            Facts(linked=here(6, BUDI, deleted=True), before=brought(BUDI), matches=[here(8, BUDI, card=Card("B"))]),
            followed(
                8, card=Card("B", "0811", "PT Maju", NAMED.photo_url),
                imported=brought(found=(BUDI,), card=Card("", "0811", "PT Maju", NAMED.photo_url)),
            ),
            id="deleted here and made anew by a BCC: the new one",
        ),
        pytest.param(
            person(BUDI), Facts(linked=here(7, BUDI, card=NAMED), before=brought(BUDI)),
            followed(7, card=NAMED, imported=brought(BUDI)),
            id="nothing has changed",
        ),
        pytest.param(
            person(BUDI, card=Card("Budi S", "0812", "PT Baru", "")),
            Facts(linked=here(7, BUDI, card=NAMED), before=brought(BUDI)),
            followed(
                7,
                card=Card("Budi S", "0812", "PT Baru", ""),
                imported=brought(BUDI, card=Card("Budi S", "0812", "PT Baru")),
            ),
            id="changed there: followed, also when it is empty now",
        ),
        pytest.param(
            person(BUDI, card=Card("Budi S", "0812")),
            Facts(linked=here(7, BUDI, card=Card("Pak Budi", "0811")), before=brought(BUDI, card=Card("Budi", "0811"))),
            followed(7, card=Card("Pak Budi", "0812"), imported=brought(BUDI, card=Card("Budi", "0812"))),
            id="the name was edited here and wins, the phone follows",
        ),
        pytest.param(
            person(BUDI, card=Card("Budi S")),
            Facts(linked=here(7, BUDI), before=brought(BUDI, card=Card("Budi"))),
            followed(7, imported=brought(BUDI, card=Card("Budi"))),
            id="emptied here is edited",
        ),
        pytest.param(
            person(BUDI, card=Card("C")),
            Facts(linked=here(7, BUDI, card=Card("B")), before=brought(BUDI, card=Card("A"))),
            followed(7, card=Card("B"), imported=brought(BUDI, card=Card("A"))),
            id="edited here, and changed there twice: still ours",
        ),
        pytest.param(
            person(BUDI, card=Card("C")),
            Facts(linked=here(7, BUDI, card=Card("A")), before=brought(BUDI, card=Card("A"))),
            followed(7, card=Card("C"), imported=brought(BUDI, card=Card("C"))),
            id="set back here to what was imported: follows again",
        ),
        pytest.param(
            person(BUDI, CITRA), Facts(linked=here(7, BUDI, card=NAMED), before=brought(BUDI)),
            followed(7, card=NAMED, add=(CITRA,), imported=brought(BUDI, CITRA)),
            id="a new address there",
        ),
        pytest.param(
            person(BUDI, CITRA), Facts(linked=here(7, BUDI, card=NAMED), before=brought(BUDI), away={CITRA}),
            followed(7, card=NAMED, imported=brought(BUDI)),
            id="a new address there that is kept away",
        ),
        pytest.param(
            person(BUDI), Facts(linked=here(7, BUDI, CITRA, card=NAMED), before=brought(BUDI, CITRA)),
            followed(7, card=NAMED, remove=frozenset({CITRA}), imported=brought(BUDI)),
            id="an address that the import brought is gone there",
        ),
        pytest.param(
            person(CITRA), Facts(linked=here(7, BUDI, CITRA, card=NAMED), before=brought(CITRA, found=(BUDI,))),
            followed(7, card=NAMED, imported=brought(CITRA)),
            id="an address that was here before stays",
        ),
        pytest.param(
            person(BUDI, CITRA), Facts(linked=here(7, BUDI, card=NAMED), before=brought(BUDI, CITRA)),
            followed(7, card=NAMED, imported=brought(BUDI, CITRA)),
            id="an address that was taken away here does not come back",
        ),
        pytest.param(
            person(BUDI), Facts(linked=here(7, BUDI, DEWI, card=NAMED), before=brought(BUDI)),
            followed(7, card=NAMED, imported=brought(BUDI)),
            id="an address that was added here stays",
        ),
        pytest.param(
            person(), Facts(linked=here(7, BUDI, CITRA, card=NAMED), before=brought(BUDI, CITRA)),
            followed(7, card=NAMED, remove=frozenset({CITRA}), imported=brought()),
            id="no address there any more: the first one stays",
        ),
        pytest.param(
            person(CITRA), Facts(linked=here(7, BUDI, card=NAMED), before=brought(BUDI)),
            followed(7, card=NAMED, add=(CITRA,), remove=frozenset({BUDI}), imported=brought(CITRA)),
            id="its only address is another one there",
        ),
        pytest.param(
            person(BUDI, CITRA),
            Facts(linked=here(7, BUDI, card=NAMED), before=brought(BUDI), matches=[here(7, BUDI), here(8, CITRA)]),
            followed(7, like=(8,), card=NAMED, imported=brought(BUDI)),
            id="a new address there is another contact's: suggested, not taken",
        ),
        pytest.param(
            person(BUDI),
            Facts(linked=here(9, DEWI, card=NAMED), before=brought(BUDI), matches=[here(3, BUDI)]),
            followed(9, like=(3,), card=NAMED, imported=brought(BUDI)),
            id="it stays with the contact that it is linked with",
        ),
        pytest.param(
            person(BUDI, CITRA),
            Facts(linked=here(7, BUDI, card=NAMED), before=brought(BUDI), most_addresses=1),
            followed(7, card=NAMED, imported=brought(BUDI)),
            id="no room for another address",
        ),
        pytest.param(
            person(BUDI), Facts(linked=here(7, BUDI, card=NAMED), before=brought(BUDI), away={BUDI}),
            followed(7, card=NAMED, imported=brought()),
            id="who became internal since loses nothing",
        ),
    ],
)  # fmt: skip
def test_what_becomes_of_a_person(who: Person, facts: Facts, expected: Plan):
    assert plan(who, facts) == expected
