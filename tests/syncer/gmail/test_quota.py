"""How much one user may spend in a minute."""

from syncer.gmail.quota import Budget


def test_nobody_waits_below_the_limit():
    budget = Budget(100)
    for second in range(5):
        assert budget.wait_s(20, second) == 0.0
        budget.spend(20, second)


def test_above_it_one_waits_until_enough_is_a_minute_ago():
    budget = Budget(100)
    budget.spend(60, 0.0)
    budget.spend(40, 10.0)
    assert budget.wait_s(20, 20.0) == 40.0
    assert budget.wait_s(80, 20.0) == 50.0
    assert budget.wait_s(20, 60.0) == 0.0


def test_in_no_minute_more_is_spent_than_the_limit():
    budget, now_s, spent = Budget(100), 0.0, []
    for _ in range(50):
        now_s += budget.wait_s(7, now_s)
        budget.spend(7, now_s)
        spent.append(now_s)
        now_s += 0.5
    for at_s in spent:
        assert 7 * sum(at_s <= other < at_s + 60 for other in spent) <= 100
