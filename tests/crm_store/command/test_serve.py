"""`sunnyday serve` with the real services of the installed packages."""

import json
import socket
import urllib.request


def test_it_comes_up_in_an_empty_folder_and_tells_where(served, until):
    product = served()
    tree = product.tree
    assert tree.services.keys() == {"capture", "drainer", "receiver", "syncer", "web"}
    until(lambda: f"SunnyDay Mail is ready: {product.http_url}/" in product.log.splitlines())
    listening = [json.loads(line) for line in product.log.splitlines() if '"listening"' in line]
    assert {event["kind"]: event["address"] for event in listening} == {"smtp": tree.smtp[0], "http": tree.http[0]}
    assert product.run_json("status")["serve"] == {"up": True, "problems": []}
    with urllib.request.urlopen(f"{product.http_url}/readyz", timeout=10) as answer:
        assert answer.status == 200


def test_it_comes_up_again_after_all_of_it_was_killed(served):
    product = served()
    product.kill()
    product.start()


def test_mail_is_taken_while_the_database_is_down_from_the_start(served, new_postgres_server):
    server = new_postgres_server()
    url = server.create_database()
    server.stop()
    product = served(wait_for="receiver", SUNNYDAY_DATABASE_URL=url)
    assert not product.tree.ready
    with socket.create_connection(("127.0.0.1", product.smtp_port), timeout=10) as connection:
        assert connection.recv(1000).startswith(b"220 ")
    server.start()
    product.until_up()
    assert product.run_json("location", "add", "Jakarta")["id"] == "1", "it is migrated by now"
