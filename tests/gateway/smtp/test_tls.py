import itertools
import ssl
import threading
from contextlib import nullcontext, suppress
from ipaddress import ip_network

import pytest

from crm_store.errors import SettingsError
from gateway.smtp import passed_on
from gateway.smtp.tls_files import TlsFiles

PROXIED = passed_on.PROXY_SIGNATURE + b"\x21\x11\0\x0c" + b"\xc0\0\2\7" + b"\x7f\0\0\1" + b"\x12\x67\0\x19"


@pytest.fixture
def receiver(start_receiver, certificate):
    return start_receiver(tls=TlsFiles(*certificate).context)


def test_starttls_is_offered_until_it_is_done(receiver):
    client = receiver.connect()
    assert "STARTTLS" in client.say("EHLO client.test")
    client.starttls()
    assert client.say("MAIL FROM:<>").startswith("503 5.5.1")  # RFC 3207 §4.2: EHLO is needed anew
    assert "STARTTLS" not in client.say("EHLO client.test")
    assert client.say("STARTTLS").startswith("502 5.5.1")


def test_a_mail_over_tls_is_kept_and_marked(receiver):
    client = receiver.hello()
    client.starttls()
    client.say("EHLO client.test")
    text = b"z" * 700_000 + b"\r\n"
    assert client.mail("ana@capture.test", text=text).startswith("250 2.0.0")
    (row,) = receiver.rows()
    assert row.envelope.tls is True
    assert receiver.text(row) == text


def test_what_was_sent_before_tls_stood_is_not_followed(receiver):
    """CVE-2024-34083: commands slipped in behind STARTTLS must not count as encrypted ones."""
    client = receiver.hello()
    client.send(b"STARTTLS\r\nEHLO evil\r\nMAIL FROM:<evil@x.test>\r\n")
    assert client.reply().startswith("220 ")
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    encrypted = context.wrap_socket(client.socket)
    encrypted.sendall(b"NOOP\r\nRCPT TO:<ana@capture.test>\r\n")
    with encrypted, encrypted.makefile("rb") as answers:
        assert answers.readline().startswith(b"250 2.0.0 OK")
        assert answers.readline().startswith(b"503 5.5.1")


def test_a_handshake_that_fails_ends_the_session(receiver):
    client = receiver.hello()
    assert client.say("STARTTLS").startswith("220 ")
    client.send(b"this is no handshake\r\n" * 10)
    client.socket.settimeout(10)
    while client.socket.recv(4096):
        pass
    receiver.stop()  # waits for sessions that are still there


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1 is deprecated", "ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
@pytest.mark.parametrize(("newest", "stands"), [(ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True)])
def test_tls_before_1_2_is_refused(receiver, newest, stands):
    client = receiver.hello()
    assert client.say("STARTTLS").startswith("220 ")
    old = ssl.create_default_context()
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")  # else it would not even ask
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, newest
    with nullcontext() if stands else pytest.raises((ssl.SSLEOFError, ConnectionError)):
        client.socket = old.wrap_socket(client.socket)


def test_a_mail_that_came_in_part_before_tls_leaves_nothing(receiver, until):
    client = receiver.hello()
    client.say_all("MAIL FROM:<>", "RCPT TO:<ana@capture.test>")
    client.send(b"BDAT 400000\r\n" + b"z" * 400_000)
    assert client.reply().startswith("250 2.0.0 400000")
    assert receiver.spool_files() != []
    client.starttls()
    until(lambda: receiver.spool_files() == [])
    assert client.say_all("EHLO client.test", "BDAT 1 LAST\r\nx")[1].startswith("503 5.5.1")
    assert receiver.rows() == []


def test_who_wants_tls_and_has_nothing_more_to_say_is_not_waited_for(receiver, until):
    receiver.addresses.hangs = threading.Event()
    client = receiver.hello()
    client.send(b"MAIL FROM:<>\r\nRCPT TO:<ana@capture.test>\r\nSTARTTLS\r\n")
    client.socket.shutdown(1)
    (session,) = receiver.server._sessions
    until(lambda: session._half_closed)
    receiver.addresses.hangs.set()
    assert [client.reply()[:3] for _ in range(2)] == ["250", "250"]
    assert client.is_closed()
    until(lambda: not receiver.server._sessions)


def test_who_goes_on_without_tls_is_not_waited_for(receiver, until):
    """More than what is read ahead: nothing of a handshake would come through."""
    client = receiver.hello()
    with suppress(ConnectionError):
        client.send(b"STARTTLS\r\n" + b"MAIL FROM:<evil@x.test>\r\n" * 20_000)
    until(lambda: not receiver.server._sessions)


def test_who_goes_and_leaves_more_than_is_read_is_let_go(receiver, until):
    """Under TLS asyncio hears of its end behind all that was sent, which nobody reads any more."""
    client = receiver.hello()
    (session,) = receiver.server._sessions
    client.starttls()
    receiver.addresses.hangs = threading.Event()
    client.send(b"EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<ana@capture.test>\r\nQUIT\r\n" + b"NOOP\r\n" * 30_000)
    client.socket.shutdown(1)
    until(lambda: session._tls_protocol._eof_received)
    receiver.addresses.hangs.set()
    until(lambda: not receiver.server._sessions)
    until(session._original_transport.is_closing)


def test_an_encrypted_session_is_counted_once(receiver, until):
    client = receiver.hello()
    client.starttls()
    client.say("EHLO client.test")
    assert receiver.gate.connections == 1
    client.close()
    until(lambda: receiver.gate.connections == 0)


def test_a_certificate_that_cannot_be_read_is_said_in_one_sentence(certificate, tmp_path):
    with pytest.raises(SettingsError, match=r"^SUNNYDAY_TLS_CERT and SUNNYDAY_TLS_KEY: .*\.$"):
        TlsFiles(certificate[0], tmp_path / "none.pem")


def shown(receiver):
    client = receiver.hello()
    client.starttls()
    return client.socket.getpeercert(binary_form=True)


def test_a_renewed_certificate_is_shown_as_soon_as_both_halves_are_there(start_receiver, tmp_path, make_certificate):
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir(), new.mkdir()
    cert, key = make_certificate(old)
    new_cert, new_key = make_certificate(new)
    files = TlsFiles(cert, key)
    receiver = start_receiver(tls=files.context)
    before = shown(receiver)
    files.refresh()
    assert shown(receiver) == before
    new_cert.replace(cert)
    files.refresh()
    assert shown(receiver) == before  # its key is still the old one
    new_key.replace(key)
    files.refresh()
    assert shown(receiver) == ssl.PEM_cert_to_DER_cert(cert.read_text()) != before
    key.unlink()
    files.refresh()
    assert shown(receiver) != before


def test_a_connection_that_began_before_tls_stays_behind_its_proxy(start_receiver, certificate):
    """aiosmtpd forgets a PROXY header with STARTTLS (facts/smtp.md 1.1)."""
    receiver = start_receiver(tls=TlsFiles(*certificate).context, trusted_proxies=[ip_network("127.0.0.1")])
    client = receiver.connect(PROXIED)
    client.say("EHLO client.test")
    client.starttls()
    client.say("EHLO client.test")
    client.mail("ana@capture.test")
    assert [row.envelope.peer for row in receiver.rows()] == ["192.0.2.7"]


def test_a_certificate_is_renewed_while_mail_comes(start_receiver, tmp_path, make_certificate):
    """Each session ends with the certificate that it began with, and none is refused."""
    pairs = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        pairs.append([path.read_bytes() for path in make_certificate(tmp_path / name)])
    live = [tmp_path / "cert.pem", tmp_path / "key.pem"]
    put(live, pairs[0])
    files = TlsFiles(*live)
    receiver = start_receiver(tls=files.context)
    mails, seen, enough = itertools.count(), set(), threading.Event()

    def send():
        while not enough.is_set():
            client = receiver.hello()
            client.starttls()
            seen.add(client.socket.getpeercert(binary_form=True))
            client.say("EHLO client.test")
            assert client.mail("ana@capture.test").startswith("250 2.0.0")
            client.close()
            next(mails)

    sending = threading.Thread(target=send)
    sending.start()
    for _ in range(20):
        for pair in reversed(pairs):
            put(live, pair)
            receiver.in_loop(files.refresh)
    last = shown(receiver)
    enough.set()
    sending.join(20)
    assert last == ssl.PEM_cert_to_DER_cert(pairs[0][0].decode())
    assert seen <= {ssl.PEM_cert_to_DER_cert(pair[0].decode()) for pair in pairs}
    assert len(receiver.rows()) == next(mails) > 0


def put(live, pair):
    """As certbot does: by a rename, one after the other."""
    for path, content in zip(live, pair, strict=True):
        new = path.with_suffix(".new")
        new.write_bytes(content)
        new.replace(path)
