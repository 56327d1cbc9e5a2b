"""How much one user may spend in a minute."""

from syncer.gmail.quota import NEWER_PROJECTS, OLDER_PROJECTS, Budget, Budgets


def test_nobody_waits_below_the_limit():
    budget = Budget()
    for second in range(5):
        assert budget.wait_s(20, second, limit=100) == 0.0
        budget.spend(20, second)


def test_above_it_one_waits_until_enough_is_a_minute_ago():
    budget = Budget()
    budget.spend(60, 0.0)
    budget.spend(40, 10.0)
    assert budget.wait_s(20, 20.0, limit=100) == 40.0
    assert budget.wait_s(80, 20.0, limit=100) == 50.0
    assert budget.wait_s(20, 60.0, limit=100) == 0.0


def test_in_no_minute_more_is_spent_than_the_limit():
    budget, now_s, spent = Budget(), 0.0, []
    for _ in range(50):
        now_s += budget.wait_s(7, now_s, limit=100)
        budget.spend(7, now_s)
        spent.append(now_s)
        now_s += 0.5
    for at_s in spent:
        assert 7 * sum(at_s <= other < at_s + 60 for other in spent) <= 100


def test_once_google_refuses_all_mailboxes_spend_as_in_a_newer_project():
    budgets = Budgets()
    for mailbox in (1, 2):
        budgets.spend(mailbox, OLDER_PROJECTS - 20, 0.0)
        assert budgets.wait_s(mailbox, 20, 1.0) == 0.0
    budgets.refused()
    assert budgets.wait_s(2, 20, 1.0) == 59.0
    budgets.spend(3, NEWER_PROJECTS - 20, 0.0)
    assert (budgets.wait_s(3, 20, 1.0), budgets.wait_s(4, 20, 1.0)) == (0.0, 0.0)
