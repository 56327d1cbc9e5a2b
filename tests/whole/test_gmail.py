"""Mail both ways by Gmail: the whole product beside the stand-in for Google, on both databases."""

from collections.abc import Callable, Iterator

import pytest
from conditions import until
from connected_gmail import Mailbox
from google_sandbox import GoogleSandbox
from outside import Outside, User
from served_product import Product

GET = "gmail.users.messages.get"
EKO = "Eko <eko@asing.example>"


@pytest.fixture(scope="module")
def outside(
    served_to_module: Callable[..., Product], database_environ_of_module: dict[str, str], sandbox: GoogleSandbox
) -> Iterator[Outside]:
    environ = {"SUNNYDAY_TRUSTED_RELAYS": "127.0.0.1", "SUNNYDAY_SYNC_INTERVAL_S": "1", **sandbox.settings}
    product = served_to_module(**environ, **database_environ_of_module)
    sandbox.ask("PUT", "/relay", {"address": f"127.0.0.1:{product.smtp_port}"})
    yield Outside(product)
    sandbox.ask("PUT", "/relay", {"address": None})


@pytest.fixture
def mailbox(outside: Outside, sandbox: GoogleSandbox, ani: User) -> Mailbox:
    """Ani's, connected in a location where Budi is the only contact."""
    sandbox.as_ever()
    return Mailbox.connect(outside, sandbox, ani)


def test_mail_of_either_side_and_by_either_path_is_recorded_once(mailbox: Mailbox):
    """B1, B2, B4, B9, C8; a new prospect is made by the Bcc alone, whichever copy came first."""
    hadi, question = mailbox.sandbox.new_email("hadi"), f"<tanya@{mailbox.domain}>"
    mailbox.sandbox.add_account(hadi, "Hadi")
    first = mailbox.arrive(f"Budi <{mailbox.budi}>", question)
    until(lambda: mailbox.counts()["recorded"] == 1)
    answer = mailbox.send(to=mailbox.budi, answers=question)["rfc822_id"]
    both = mailbox.send(to=f"Hadi <{hadi}>", bcc=mailbox.user.bcc)["rfc822_id"]
    nobody = mailbox.arrive(EKO, f"<asing@{mailbox.domain}>")
    wanted = {
        (question, "inbound", ("gmail",)),
        (f"<{answer}>", "outbound", ("gmail",)),
        (f"<{both}>", "outbound", ("bcc", "gmail")),
    }
    until(lambda: set(mailbox.recorded()) == wanted)
    mailbox.until_done(recorded=3, not_recorded=1)

    contacts = mailbox.outside.items(mailbox.user.token, f"/locations/{mailbox.user.location_id}/contacts")
    assert sorted((one["addresses"][0], one["source"]) for one in contacts) == sorted(
        [(mailbox.budi, "crm"), (hadi, "bcc")]
    )
    entries = mailbox.outside.entries(mailbox.user)
    assert len({one["thread_id"] for one in entries}) == 2
    for gmail_id, rule in ((first, "B1"), (nobody, "B4")):
        (decision,) = mailbox.outside.get(mailbox.user.token, f"/decisions?gmail_id={gmail_id}")["items"]
        assert decision["rule"] == rule


@pytest.mark.parametrize("first", ["bcc", "gmail"])
def test_the_same_mail_by_bcc_and_by_gmail_in_either_order_is_one_entry(mailbox: Mailbox, first: str):
    """C2, C8: the contact is made by the Bcc; what Gmail alone did not record (B4) is recorded then."""
    sandbox, outside = mailbox.sandbox, mailbox.outside
    sandbox.ask("PUT", "/relay", {"address": None})  # the copy stays here until it is its turn
    try:
        if first == "bcc":
            sandbox.fault("gmail.users.history.list", account=mailbox.email, status=503, times=0)
            sandbox.fault("gmail.users.messages.list", account=mailbox.email, status=503, times=0)
        sent = mailbox.send(to=f"Hadi <hadi@{mailbox.domain}.example>", bcc=mailbox.user.bcc)
        if first == "gmail":
            mailbox.until_done(recorded=0, not_recorded=1)
        raw = next(one["raw"] for one in sandbox.ask("GET", "/outbox") if sent["rfc822_id"] in one["raw"])
        outside.send(raw.encode(), mailbox.user.bcc)
        message_id = f"<{sent['rfc822_id']}>"
        by_bcc = ("bcc",) if first == "bcc" else ("bcc", "gmail")
        until(lambda: mailbox.recorded() == [(message_id, "outbound", by_bcc)])
    finally:
        sandbox.ask("PUT", "/relay", {"address": f"127.0.0.1:{outside.product.smtp_port}"})
    sandbox.as_ever()
    outside.call(mailbox.user.token, "POST", f"/connections/{mailbox.connection}/sync")
    mailbox.until_done(recorded=1, not_recorded=0)
    assert mailbox.recorded() == [(message_id, "outbound", ("bcc", "gmail"))]


def test_a_sync_worker_killed_in_the_middle_loses_and_doubles_nothing(mailbox: Mailbox):
    sandbox, product = mailbox.sandbox, mailbox.outside.product
    sandbox.fault(GET, account=mailbox.email, times=0, delay_ms=30)  # so that there is a middle
    sandbox.forget_calls()
    ids = [f"<surat-{number}@{mailbox.domain}>" for number in range(12)]
    for message_id in ids:
        mailbox.arrive(mailbox.budi, message_id)
    until(lambda: sandbox.calls(GET, mailbox.email) >= 4)
    product.kill9("syncer")
    assert mailbox.counts()["recorded"] < len(ids)
    ids.append(f"<sesudah@{mailbox.domain}>")
    mailbox.arrive(mailbox.budi, ids[-1])
    product.until_up()
    mailbox.until_done(recorded=len(ids), not_recorded=0)
    assert mailbox.recorded() == sorted((one, "inbound", ("gmail",)) for one in ids)
