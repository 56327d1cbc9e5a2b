"""What happens to mail when parts of the product, or what it stands on, go away."""

import pytest
from conditions import until
from mails import a_mail


def numbered(ani, n: int) -> bytes:
    """Mail of one thread, and of nobody else."""
    root = f"<root-{ani.location_id}@firma.example>"
    return a_mail(message_id=identifier(ani, n), answers=root, text=f"surat {n}")


def identifier(ani, n: int) -> str:
    return f"<m{n}-{ani.location_id}@firma.example>"


def filed_once_each(outside, ani, numbers) -> None:
    expected = {identifier(ani, n) for n in numbers}
    until(lambda: expected <= {entry["message"]["message_id"] for entry in outside.entries(ani)}, 60)
    assert sorted(entry["message"]["message_id"] for entry in outside.entries(ani)) == sorted(expected)


@pytest.mark.parametrize("service", ["receiver", "drainer", "capture", "web"])
def test_a_killed_part_comes_back_and_nothing_is_lost_or_doubled(outside, ani, service):
    for n in range(10):
        outside.send(numbered(ani, n), ani.bcc)
    outside.product.kill9(service)
    outside.product.until_up()
    for n in range(10, 20):
        outside.send(numbered(ani, n), ani.bcc)

    filed_once_each(outside, ani, range(20))


def test_all_of_it_killed_at_once_files_after_the_restart_what_was_accepted(outside, ani):
    for n in range(20):
        outside.send(numbered(ani, n), ani.bcc)
    outside.product.kill()
    outside.product.start()

    filed_once_each(outside, ani, range(20))


def test_with_the_database_stopped_mail_is_taken_and_filed_when_it_is_back(served, outside_of, new_postgres_server):
    server = new_postgres_server(fsync=True)
    # One receiver: what another has not heard of before the database stops, it can't answer for.
    environ = {"SUNNYDAY_TRUSTED_RELAYS": "127.0.0.1", "SUNNYDAY_SMTP_PROCESSES": "1"}
    product = served(SUNNYDAY_DATABASE_URL=server.create_database(), **environ)
    outside = outside_of(product)
    ani = outside.add_user("ani@firma.example", outside.add_location("Toko Ani"))
    outside.send(numbered(ani, 0), ani.bcc)
    filed_once_each(outside, ani, range(1))

    server.stop()
    for n in range(1, 30):
        outside.send(numbered(ani, n), ani.bcc)
    with pytest.raises(Exception, match=r"4\.3\.0"):  # nobody can say whether it is one of ours
        outside.send(numbered(ani, 99), "unknown@capture.localhost")
    server.start()

    product.until_up()
    filed_once_each(outside, ani, range(30))


def test_a_database_that_comes_after_the_start_is_waited_for(served, outside_of, new_postgres_server):
    server = new_postgres_server()
    url = server.create_database()
    server.stop()
    product = served(wait_for="receiver", SUNNYDAY_TRUSTED_RELAYS="127.0.0.1", SUNNYDAY_DATABASE_URL=url)
    with pytest.raises(Exception, match=r"4\.3\.0"):
        outside_of(product).send(a_mail(), "anybody@capture.localhost")
    server.start()

    product.until_up()
    outside = outside_of(product)
    ani = outside.add_user("ani@firma.example", outside.add_location("Toko Ani"))
    outside.send(numbered(ani, 0), ani.bcc)
    outside.until_decided(ani, identifier(ani, 0))
