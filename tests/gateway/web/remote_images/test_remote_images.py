"""Pictures of mails from elsewhere: who may ask, where we go for them, and what we take."""

import contextlib
import http.server
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import ClassVar

import pytest

from crm_store.errors import NotFound
from crm_store.rules.provider import is_reachable
from gateway.web.remote_images import fetch as fetching
from gateway.web.remote_images.address import ROOT, Asked, ImageOf, Signer
from gateway.web.remote_images.fetch import NoPicture, Picture, Way, fetch
from gateway.web.remote_images.kinds import picture_type

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
WHOSE = ImageOf(1, 2, 3)
DAY_MS = 86_400_000
NOW_MS = 20_000 * DAY_MS
HERE = Way(private_allowed=True)


def signer(*keys: str) -> Signer:
    return Signer(lambda: keys or ("k" * 40,))


def asked(address: str) -> Asked:
    location_id, entry_id, user_id, day, mac, url = address.removeprefix(f"{ROOT}/").split("/")
    return Asked(ImageOf(int(location_id), int(entry_id), int(user_id)), int(day), mac, url)


def test_an_address_that_we_made_names_its_picture_today_and_tomorrow():
    url = "https://toko.example/gambar.png?a=1&b=é"
    made = asked(signer().address(WHOSE, url, now_ms=NOW_MS))
    assert signer().url_of(made, now_ms=NOW_MS) == url
    assert signer().url_of(made, now_ms=NOW_MS + DAY_MS) == url
    assert signer("n" * 40, "k" * 40).url_of(made, now_ms=NOW_MS) == url, "keys rotate"
    with pytest.raises(NotFound):
        signer().url_of(made, now_ms=NOW_MS + 2 * DAY_MS)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"whose": ImageOf(9, 2, 3)}, id="another location"),
        pytest.param({"whose": ImageOf(1, 9, 3)}, id="another entry"),
        pytest.param({"whose": ImageOf(1, 2, 9)}, id="another user"),
        pytest.param({"day": 20_001}, id="another day"),
        pytest.param({"encoded_url": "aHR0cDovLzEyNy4wLjAuMQ"}, id="another picture"),
        pytest.param({"mac": "0" * 32}, id="another mac"),
        pytest.param({"mac": "é"}, id="no mac"),
    ],
)
def test_an_address_that_somebody_made_up_names_nothing(change):
    made = asked(signer().address(WHOSE, "http://toko.example/", now_ms=NOW_MS))
    forged = Asked(**{**{name: getattr(made, name) for name in Asked.__slots__}, **change})
    with pytest.raises(NotFound):
        signer().url_of(forged, now_ms=NOW_MS)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        pytest.param(PNG, "image/png", id="PNG"),
        pytest.param(b"\xff\xd8\xff\xe0", "image/jpeg", id="JPEG"),
        pytest.param(b"GIF89a", "image/gif", id="GIF"),
        pytest.param(b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp", id="WebP"),
        pytest.param(b"RIFF\x10\0\0\0WAVE", None, id="a sound"),
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg">', None, id="SVG"),
        pytest.param(b"<html>", None, id="a page"),
        pytest.param(b"", None, id="nothing"),
    ],
)
def test_what_is_a_picture(content, kind):
    assert picture_type(content) == kind


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a9fe:a9fe::1",
        "2001:0:53aa:64c:0:0:80ff:fffe",
    ],
)  # fmt: skip
def test_what_is_not_for_everybody_is_not_reached(address):
    assert not is_reachable(ip_address(address), private_allowed=False)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_what_is_for_everybody_is_reached(address):
    assert is_reachable(ip_address(address), private_allowed=False)


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """A web server of somebody else's. paths: what it answers by path: status, headers, content."""

    paths: ClassVar[dict[str, tuple[int, dict[str, str], bytes]]] = {}
    seen: ClassVar[list[http.server.BaseHTTPRequestHandler]] = []

    def do_GET(self) -> None:
        self.seen.append(self)
        status, headers, content = self.paths[self.path]
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_words: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def elsewhere() -> Iterator[Callable[..., str]]:
    """elsewhere({path: (status, headers, content)}): the server's address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Once", (Elsewhere,), {"seen": []}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def serve(paths: dict[str, tuple[int, dict[str, str], bytes]]) -> str:
        server.RequestHandlerClass.paths = paths
        return f"http://127.0.0.1:{server.server_address[1]}"

    serve.seen = server.RequestHandlerClass.seen
    yield serve
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_picture_is_fetched_without_a_word_of_the_reader(elsewhere):
    url = elsewhere({"/a%20b.png?x=%C3%A9": (200, {"Content-Type": "text/html"}, PNG)})
    assert fetch(f"{url}/a b.png?x=é#part", HERE) == Picture(PNG, "image/png")
    (request,) = elsewhere.seen
    assert {name.casefold() for name in request.headers} == {"host", "accept", "user-agent", "accept-encoding"}


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        pytest.param("/a", (404, {}, PNG), id="not there"),
        pytest.param("/a", (200, {"Content-Type": "image/png"}, b"<svg>"), id="SVG that says it is PNG"),
        pytest.param("/a", (200, {}, PNG + bytes(2_000)), id="too large"),
        pytest.param("/a", (200, {"Content-Length": "99999999"}, PNG), id="too large by its own word"),
        pytest.param("/a", (302, {"Location": "/a"}, b""), id="round and round"),
        pytest.param("/a", (302, {"Location": "file:///etc/passwd"}, b""), id="into our files"),
        pytest.param("/a", (302, {"Location": "http://[::1"}, b""), id="nowhere"),
        pytest.param("/a", (302, {"Location": "http://u:p@127.0.0.1/"}, b""), id="with a password"),
    ],
)
def test_what_is_no_picture_is_refused(elsewhere, path, answer):
    with pytest.raises(NoPicture):
        fetch(elsewhere({path: answer}) + path, Way(private_allowed=True, max_bytes=1_000))


def test_three_redirects_are_followed_and_no_fourth(elsewhere):
    hops = {f"/{n}": (302, {"Location": f"{n + 1}"}, b"") for n in range(4)}
    url = elsewhere({**hops, "/4": (200, {}, PNG)})
    assert fetch(f"{url}/1", HERE).content == PNG
    with pytest.raises(NoPicture):
        fetch(f"{url}/0", HERE)


def test_nothing_private_is_asked_and_no_redirect_leads_there(elsewhere, monkeypatch):
    url = elsewhere({"/a": (200, {}, PNG)})
    with pytest.raises(NoPicture):
        fetch(f"{url}/a", Way())
    for name in ("localhost", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]"):
        with pytest.raises(NoPicture):
            fetch(url.replace("127.0.0.1", name) + "/a", Way())
    assert elsewhere.seen == []
    # The first step may be made, and the one that it leads to is asked about anew.
    private = elsewhere({"/out": (302, {"Location": f"{url}/a"}, b""), "/a": (200, {}, PNG)})
    answers = iter([True, False])
    monkeypatch.setattr(fetching, "all_reachable", lambda addresses, private_allowed: next(answers))
    with pytest.raises(NoPicture):
        fetch(f"{private}/out", Way())
    assert [request.path for request in elsewhere.seen] == ["/out"]


def test_a_name_that_changes_its_mind_is_connected_to_where_it_was_looked_up(elsewhere, monkeypatch):
    """DNS rebinding: between the check and the connection nobody is asked again."""
    url = elsewhere({"/a": (200, {}, PNG)})
    port = int(url.rpartition(":")[2])
    told = iter([[(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]])
    real = socket.getaddrinfo

    def look_up(host, *more, **named):
        return next(told) if host == "berubah.example" else real(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert fetch(f"http://berubah.example:{port}/a", HERE).content == PNG
    assert elsewhere.seen[0].headers["Host"] == f"berubah.example:{port}"


def test_who_drips_octets_is_cut_off():
    """Each of them comes in time, and so none of the waits for one ends by itself."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            sock, _ = listener.accept()
            with sock, contextlib.suppress(OSError):
                while not over.wait(0.02):
                    sock.sendall(b"H")

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(NoPicture):
            fetch(f"http://127.0.0.1:{listener.getsockname()[1]}/a", Way(private_allowed=True, within_s=0.3))
        over.set()
        thread.join()


def test_a_certificate_that_nobody_knows_is_none(elsewhere):
    url = elsewhere({"/a": (200, {}, PNG)})
    with pytest.raises(NoPicture):
        fetch(url.replace("http:", "https:") + "/a", Way(private_allowed=True, trust=ssl.create_default_context))


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_the_route_gives_pictures_to_whoever_has_our_address(web, settings):
    forged = web.call("GET", f"{ROOT}/1/2/3/20000/{'0' * 32}/aHR0cDovLzEyNy4wLjAuMQ")
    assert forged.status == 404
    assert web.call("GET", f"{ROOT}/1/2/3/x/y/z").status in (404, 422)
