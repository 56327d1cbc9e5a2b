"""kill -9 of any process at any moment, now and then of the supervisor or of all at once, while mail comes in."""

from random import Random

from kills import kill_while_mail_comes
from outside import Outside

MAILS = 40
KILLS = 4


def test_kills_at_random_lose_and_double_nothing(served, database_environ, traffic_for, seed):
    outside = Outside(served(SUNNYDAY_TRUSTED_RELAYS="127.0.0.1", **database_environ))
    traffic = traffic_for(outside)
    print(dict(kill_while_mail_comes(traffic, Random(seed), range(MAILS), KILLS)))

    settled = traffic.until_settled()
    assert settled.nothing_wrong, settled
    assert settled.acknowledged <= settled.filed <= settled.sent

    traffic.send_what_was_not_taken()
    traffic.send_once_each(range(0, MAILS, 7))  # again, though they were taken
    settled = traffic.until_settled()
    print(settled, dict(traffic.answers))
    assert settled.nothing_wrong, settled
    assert settled.filed == settled.sent == MAILS
