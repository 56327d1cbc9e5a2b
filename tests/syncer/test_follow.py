"""Following a mailbox: what is recorded, what it costs, and what happens when Google misbehaves."""

from followed_mailbox import Followed


def test_mail_of_a_contact_is_recorded(ani_followed: Followed):
    """B1."""
    budi = ani_followed.contact("budi")
    gmail_id = ani_followed.deliver(f"Budi <{budi}>", subject="Halo")
    ani_followed.sync()
    (entry,) = ani_followed.entries()
    assert (entry.message.subject, entry.direction, entry.paths, entry.rule) == ("Halo", "inbound", ["gmail"], "B1")
    assert ani_followed.told() == (1, 1, 0, 0, 0)
    (decision,) = ani_followed.explained(gmail_id)
    assert (decision.outcome, decision.entry_id) == ("recorded", entry.id)


def test_mail_of_a_stranger_costs_one_look_and_nothing_of_it_is_kept(ani_followed: Followed):
    """B4."""
    ani_followed.sandbox.forget_calls()
    gmail_id = ani_followed.deliver("Eko <eko@asing.example>")
    ani_followed.run_once()
    assert ani_followed.told() == (1, 0, 1, 0, 0)
    assert [one.rule for one in ani_followed.explained(gmail_id)] == ["B4"]
    assert ani_followed.sandbox.calls("gmail.users.messages.get", ani_followed.email) == 1
