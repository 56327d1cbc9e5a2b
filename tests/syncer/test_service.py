"""The syncer as it is started: by `serve`, and by a command; and what becomes of a mailbox when it dies."""

import os
import subprocess
from collections.abc import Callable

from conditions import until
from connected_account import SECRET_KEY
from followed_mailbox import Followed
from forked_commands import ForkedCommands
from outgoing import Outgoing
from served_product import SUNNYDAY, Product

from crm_store import connections, contact_book, conversations, locations
from crm_store.connections import BackfillView
from crm_store.fault_point import SYNC_POINTS
from crm_store.models.mailboxes import ReadWish
from crm_store.paging import PageRequest
from crm_store.settings import load
from gateway.google.consent import Consent

STRANGERS = "dari orang asing"


def test_serve_follows_mailboxes_by_itself_and_goes_on_where_it_was_killed(sandbox, served: Callable[..., Product]):
    """Polling; kill -9; `status`; SIGTERM within 10 s at the end."""
    product = served(SUNNYDAY_SYNC_INTERVAL_S="1", SUNNYDAY_SECRET_KEYS=SECRET_KEY, **sandbox.settings)
    with Followed.at(sandbox, load(product.environ)) as ani:
        budi = ani.contact("budi")
        sandbox.ask("POST", f"/accounts/{ani.email}/contacts", {"name": "Citra", "addresses": ["citra@luar.example"]})
        ani.connect()
        first = ani.deliver(budi, subject="pertama")
        until(lambda: ani.subjects() == ["pertama"])
        until(lambda: ani.told() == (1, 1, 0, 0, 0))
        product.kill9("syncer")
        ani.deliver(budi, subject="kedua")
        outgoing = Outgoing(ani)
        mails = [outgoing.post(budi, subject=f"keluar {number}") for number in range(2)]
        until(lambda: outgoing.told(*mails) == ["sent", "sent"])
        until(lambda: sorted(ani.subjects()) == ["kedua", "keluar 0", "keluar 1", "pertama"])
        assert outgoing.in_sent() == ["keluar 0", "keluar 1"]
        until(lambda: contact_book.by_addresses(ani.location_id, ["citra@luar.example"]))  # B15
        told = product.run_json("status")
        assert told["sync"]["connections"] == {"active": 1}
        assert told["outbox"] == {"waiting": 0, "sending": 0, "unknown": 0, "oldest_due_s": 0}
        assert product.run_json("explain", first)["decisions"][0]["outcome"] == "recorded"


def test_a_push_brings_mail_in_long_before_it_is_polled_for(sandbox, served: Callable[..., Product]):
    """From the watch over Google's signed push to the entry; and Disconnect ends the watch."""
    push = {"TOPIC": "projects/crm/topics/gmail", "AUDIENCE": "crm", "ACCOUNT": "push@sandbox.iam.gserviceaccount.com"}
    told = {f"SUNNYDAY_GOOGLE_PUBSUB_{name}": value for name, value in push.items()}
    product = served(SUNNYDAY_SYNC_INTERVAL_S="3600", SUNNYDAY_SECRET_KEYS=SECRET_KEY, **sandbox.settings, **told)
    endpoint = {"endpoint": f"{product.http_url}/push/gmail", "audience": "crm", "per_second": 0}
    settings = load(product.environ)
    with Followed.at(sandbox, settings) as ani:
        sandbox.ask("PATCH", "/push", endpoint)
        budi = ani.contact("budi")
        ani.connect()
        until(lambda: sandbox.ask("GET", "/pushes"))  # a watch that begins is told at once
        for subject in ("pertama", "kedua"):
            ani.deliver(budi, subject=subject)
            until(lambda subject=subject: subject in ani.subjects())
        assert {push["status"] for push in sandbox.ask("GET", "/pushes")} == {204}
        assert sandbox.store.count("select count(*) from watches") == 1
        Consent(settings).disconnect(ani.access, ani.place_id)
        assert sandbox.store.count("select count(*) from watches") == 0


def test_there_is_a_syncer_without_a_google_client_too():
    """E2: it sends what goes through a location's own provider."""
    from crm_store.process.service import installed

    (service,) = (one for one in installed("worker") if one.name == "syncer")
    assert service.processes(load({})) == 1


def test_dying_between_any_two_steps_loses_and_doubles_nothing(sandbox, served_environ, tmp_path):
    """By SIGKILL at each named point, in a process of its own: `sunnyday sync`, started again and again."""
    log = tmp_path / "struck"
    armed = {"SUNNYDAY_FAULT_POINT": ",".join(SYNC_POINTS), "SUNNYDAY_FAULT_LOG": str(log)}
    sent: list[str] = []
    statuses: list[int] = []
    with Followed.at(sandbox, load(served_environ)) as ani, ForkedCommands(served_environ | armed) as commands:
        budi = ani.contact("budi")
        before = [ani.deliver(budi, subject=f"dulu {number}") for number in range(3)]
        ani.connect()
        locations.change(ani.access, ani.location_id, {"read_state_sync": True}, now_ms=ani.now_ms())
        connections.want_backfill(ani.access, ani.place_id, 7, now_ms=ani.now_ms())
        while not sent or statuses[-1] != 0:
            sent += [f"surat {len(sent)}", f"sapa {len(sent)}"]
            ani.deliver(budi, subject=sent[-2])
            ani.deliver("Eko <eko@asing.example>", subject=STRANGERS)
            ani.deliver(budi, subject=sent[-1])
            read_all(ani)
            statuses.append(commands.run("sync", str(ani.place_id)))
        assert statuses == [-9] * len(SYNC_POINTS) + [0]
        assert sorted(log.read_text().split()) == sorted(SYNC_POINTS)
        until(lambda: ani.run_once() and ani.told()[-1] == 0)
        assert sorted(ani.subjects()) == sorted([*sent, "dulu 0", "dulu 1", "dulu 2"])
        recorded = len(sent) + len(before)
        assert ani.told() == (recorded + len(sent) // 2, recorded, len(sent) // 2, 0, 0)
        assert connections.get(ani.access, ani.place_id, now_ms=ani.now_ms()).backfill == BackfillView("done", 3, 3)
        read_all(ani)
        ani.later(60)  # what died while it was being marked waits for that
        until(lambda: ani.run_once() and not ReadWish.select().exists())
        unread = [one["subject"] for one in sandbox.messages(ani.email) if "UNREAD" in one["label_ids"]]
        assert unread == [STRANGERS] * (len(sent) // 2)


def read_all(mailbox: Followed) -> None:
    for tab in conversations.list_for(mailbox.access, mailbox.location_id, PageRequest(), contact_id=None).items:
        conversations.mark_read(mailbox.access, tab.id, now_ms=mailbox.now_ms())


def test_the_command_says_why_it_cannot(sandbox, served_environ):
    with Followed.at(sandbox, load(served_environ)) as ani:
        ani.connect()
        sandbox.fault("gmail.users.history.list", account=ani.email, status=503)
        done = _sync(ani.place_id, served_environ)
        assert (done.returncode, "Google does not answer" in done.stderr) == (1, True)


def _sync(place_id: int, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [*SUNNYDAY, "sync", str(place_id), "--json"]
    return subprocess.run(
        command, env={**os.environ, **environ}, capture_output=True, text=True, timeout=60, check=False
    )
