"""Lists: pages that follow each other, and a cost that does not grow with what is on them."""

import logging

import pytest
from connected_account import connection_of

from crm_store import contact_book
from crm_store.access import by_token
from crm_store.clock import now_ms
from crm_store.contact_book import ContactDetails
from crm_store.database.session import connected


@pytest.fixture
def add_contacts(world):
    def add(count: int) -> None:
        with connected():
            access = by_token(world.mine.user.token)
            for number in range(count):
                details = ContactDetails([f"c{number}@customer.test"], f"C{number}")
                contact_book.add(access, world.mine.id, details, now_ms=now_ms())

    return add


def test_pages_follow_each_other_without_a_gap(web, world, add_contacts):
    add_contacts(7)
    path, names, after = f"locations/{world.mine.id}/contacts?limit=3", [], ""
    pages = 0
    while after is not None:
        answer = web.call("GET", path + (f"&after={after}" if after else ""), token=world.mine.user.token).json
        names += [one["name"] for one in answer["items"]]
        after = answer["next"]
        pages += 1
    assert names == [f"C{number}" for number in range(7)]
    assert pages == 3


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "1.5", ""])
def test_a_limit_outside_1_to_200_is_told(web, world, limit):
    answer = web.call("GET", f"locations?limit={limit}", token=world.root)
    assert (answer.status, [error["field"] for error in answer.json["errors"]]) == (422, ["limit"])


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "cursor",
    [
        pytest.param("x", id="no base64"),
        pytest.param("", id="empty"),
        pytest.param("%00%C3%A9", id="no ASCII"),
        pytest.param("W10", id="no number"),
        pytest.param("WzEsMiwzXQ", id="three numbers"),
        pytest.param("WzEuNV0", id="a fraction"),
        pytest.param("eyJhIjoxfQ", id="an object"),
        pytest.param("Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OV0", id="a number that no database keeps"),
        pytest.param("W1tb" * 3000, id="brackets without end"),
    ],
)
def test_a_cursor_that_is_none_of_ours_is_told(web, world, cursor):
    here = f"locations/{world.mine.id}"
    for path in (
        "locations?",
        f"{here}/contacts?",
        f"{here}/conversations?",
        f"{here}/members?",
        "decisions?message_id=x&",
    ):
        answer = web.call("GET", f"{path}after={cursor}", token=world.mine.user.token)
        assert (answer.status, [error["field"] for error in answer.json["errors"]]) == (422, ["after"]), path


class Queries(logging.Handler):
    """Counts what peewee sends to the database, in whatever thread."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1


@pytest.fixture
def queries():
    counter, logger = Queries(), logging.getLogger("peewee")
    level = logger.level
    logger.addHandler(counter)
    logger.setLevel(logging.DEBUG)
    yield counter
    logger.removeHandler(counter)
    logger.setLevel(level)


def test_each_list_costs_the_same_queries_however_much_is_on_it(web, world, deliver, a_mail, queries):
    token, location = world.mine.admin.token, f"locations/{world.mine.id}"

    def cost_of_each() -> dict[str, int]:
        conversation_id = web.call("GET", f"{location}/conversations", token=token).json["items"][-1]["id"]
        costs = {}
        for path in (
            "locations",
            f"{location}/members",
            f"{location}/contacts",
            f"{location}/contacts?address=citra@customer.test",
            f"{location}/conversations",
            f"conversations/{conversation_id}/entries",
            "decisions?message_id=one@mine.test",
            f"{location}/audit",
            f"{location}/emails",
        ):
            queries.count = 0
            answer = web.call("GET", path, token=token)
            assert answer.json["items"], path
            costs[path] = queries.count
        return costs

    def send(to: str, message_id: str) -> None:
        mail = a_mail("budi@budi.test", to, Message_ID=message_id)
        mail.add_attachment(b"x", maintype="text", subtype="plain", filename="x.txt")
        deliver(mail, world.mine.user)
        body = {"user_id": str(world.mine.admin.id), "to": [to.split(",")[0]], "text": "Halo"}
        assert web.call("POST", f"{location}/emails", token=token, body=body).status == 202

    connection_of(world.mine.admin.id, world.mine.id, now_ms=now_ms())
    send("citra@customer.test", "<one@mine.test>")
    few = cost_of_each()
    for number in range(12):
        send(f"citra@customer.test, c{number}@customer.test", f"<{number}@mine.test>")
        send(f"d{number}@customer.test", f"<{number}d@mine.test>")
        made = web.call("POST", "users", token=world.root, body={"name": "U", "email": f"u{number}@u.test"}).json
        web.call("PUT", f"{location}/members/{made['id']}", token=world.root, body={"role": "user"})
    many = cost_of_each()
    assert many == few
    assert max(many.values()) <= 13
