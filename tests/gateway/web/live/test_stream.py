"""An open page hears over HTTP that something on it moved, and its stream ends when it should."""

import asyncio
import http.client
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from crm_store import members, web_sessions
from crm_store.clock import now_ms
from crm_store.database.session import connected
from crm_store.live_marks import marks
from crm_store.live_marks.place import Place, View
from crm_store.rules.states import Role
from gateway.web.app import make_app
from gateway.web.live.hub import MAX_OF_A_USER
from gateway.web.service import WebServer, config_of


class InAThread(WebServer):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None: signals are the main thread's."""
        yield


MOVED = b"event: moved\n"


@pytest.fixture
def cookie(world) -> str:
    with connected():
        return web_sessions.begin(world.mine.user.id, agent="", now_ms=now_ms())


def shown_by(world) -> str:
    """The mark of what a page of the user shows now."""
    place = Place(world.mine.id, world.mine.user.id, View.SETTINGS)
    with connected():
        return marks.of_place(place, now_ms=now_ms())


@contextmanager
def stream(
    port: int, world, cookie: str, shown: str, *, view: str = "settings", **headers: str
) -> Iterator[http.client.HTTPResponse]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        said = {"Accept": "text/event-stream", "Cookie": f"sunnyday={cookie}", **headers}
        connection.request("GET", f"/l/{world.mine.id}/live/{view}?shown={shown}", headers=said)
        yield connection.getresponse()


def lines_until(answer: http.client.HTTPResponse, wanted: bytes) -> list[bytes]:
    """The lines up to the wanted one; all there are where it does not come."""
    lines = []
    while line := answer.readline():
        lines.append(line)
        if line == wanted:
            break
    return lines


def test_a_mail_that_comes_in_is_told_to_the_open_page(web, world, cookie, deliver, a_mail):
    with stream(web.port, world, cookie, shown_by(world)) as answer:
        assert (answer.status, answer.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")
        assert answer.headers["X-Accel-Buffering"] == "no"
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.readline().startswith(b"retry: ")
        deliver(a_mail("budi@budi.test", "citra@customer.test", "rahasia"), world.mine.user)
        told = lines_until(answer, MOVED)
    assert told[-1] == MOVED
    assert re.fullmatch(rb"id: [0-9a-f]{24}\n", told[-2])
    assert not [line for line in told if b"citra" in line or b"rahasia" in line], "no content"


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_what_moved_while_the_line_was_cut_is_told_when_the_browser_comes_again(web, world, cookie, deliver, a_mail):
    before = shown_by(world)
    deliver(a_mail("budi@budi.test", "citra@customer.test"), world.mine.user)
    with stream(web.port, world, cookie, shown_by(world), **{"Last-Event-ID": before}) as answer:
        assert lines_until(answer, MOVED)[-1] == MOVED


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("view", "role", "status"),
    [
        pytest.param("queue", Role.USER, 403, id="the queue, to a user"),
        pytest.param("queue", Role.OPERATOR, 200, id="the queue, to an operator"),
        pytest.param("queue/1", Role.OPERATOR, 404, id="the queue, of one thing"),
        pytest.param("captures", Role.USER, 200, id="one's own captures"),
        pytest.param("outbox", Role.USER, 200, id="one's own e-mails"),
        pytest.param("nothing", Role.ADMIN, 404, id="what there is not"),
        pytest.param("conversations", Role.USER, 200, id="conversations"),
        pytest.param("conversation", Role.USER, 404, id="a conversation, without saying which"),
        pytest.param("conversation/9", Role.USER, 404, id="a conversation that there is not"),
    ],
)
def test_each_view_is_followed_by_who_may_see_its_pages(web, world, cookie, view, role, status):
    with connected():
        members.put(world.mine.id, world.mine.user.id, role, domain="in.example.net", by=None, now_ms=now_ms())
    with stream(web.port, world, cookie, "", view=view) as answer:
        assert answer.status == status


def test_signing_out_ends_the_stream(web, world, cookie):
    with stream(web.port, world, cookie, shown_by(world)) as answer:
        answer.readline()
        with connected():
            signed = web_sessions.by_token(cookie, now_ms=now_ms())
            web_sessions.end(signed.access, signed.session_id, now_ms=now_ms())
        assert MOVED not in lines_until(answer, MOVED)
    with stream(web.port, world, cookie, shown_by(world)) as answer:
        assert answer.status == 303


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_user_has_so_many_streams_and_no_more_and_a_closed_one_counts_no_longer(web, world, cookie, until):
    shown = shown_by(world)
    open_ones = [stream(web.port, world, cookie, shown) for _ in range(MAX_OF_A_USER)]
    for one in open_ones:
        assert one.__enter__().readline().startswith(b"retry: ")
    with stream(web.port, world, cookie, shown) as refused:
        assert (refused.status, refused.headers["Retry-After"]) == (429, "30")
    for one in open_ones:
        one.__exit__(None, None, None)

    def is_let_in() -> bool:
        with stream(web.port, world, cookie, shown) as answer:
            return answer.status == 200

    until(is_let_in)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_server_that_stops_ends_its_streams_in_good_order(settings, world, cookie):
    app = make_app(settings)
    listening, loops = threading.Event(), []
    server = InAThread(config_of(app), listening.set, app.state.live.close)

    async def serve(listener: socket.socket) -> None:
        loops.append(asyncio.get_running_loop())
        await server.serve([listener])

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=lambda: asyncio.run(serve(listener)))
        thread.start()
        assert listening.wait(20)
        with stream(listener.getsockname()[1], world, cookie, shown_by(world)) as answer:
            answer.readline()
            loops[0].call_soon_threadsafe(server.stop)
            answer.read()  # a stream that is cut off raises IncompleteRead
        thread.join(20)
        assert not thread.is_alive()
