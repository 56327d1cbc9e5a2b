"""Many calls at once: each endpoint has its own connection for as long as it runs, and gives it back (facts/libraries.md 0.6)."""

from concurrent.futures import ThreadPoolExecutor

from crm_store.database import engine


def test_sixty_calls_at_once_share_no_connection_and_lose_none(web, world, deliver, a_mail):
    deliver(a_mail("budi@budi.test", "citra@customer.test", "Jakarta saja"), world.mine.user)
    deliver(a_mail("xena@xena.test", "dewi@customer.test", "Bandung saja"), world.theirs.admin)

    def call(number: int) -> None:
        place, person = [(world.mine, world.mine.user), (world.theirs, world.theirs.admin)][number % 2]
        match number % 5:
            case 0:  # one that writes
                body = {"name": f"C{number}", "addresses": [f"c{number}@customer.test"]}
                headers = {"Idempotency-Key": f"{number}"}
                answer = web.call(
                    "POST", f"locations/{place.id}/contacts", token=person.token, body=body, headers=headers
                )
                assert answer.status == 201, answer.text
            case 1:  # one that fails half-way
                assert web.call("GET", "contacts/999999", token=person.token).status == 404
            case 2:
                assert web.call("GET", "locations", token="sdm_nobody").status == 401
            case _:
                answer = web.call("GET", f"locations/{place.id}/conversations", token=person.token)
                assert [one["contact"]["location_id"] for one in answer.json["items"]] == [str(place.id)], answer.text

    for _ in range(2):
        with ThreadPoolExecutor(60) as pool:
            list(pool.map(call, range(60)))
    pool_of_ours = engine.database.obj
    assert not pool_of_ours._in_use, "a connection was not given back"
