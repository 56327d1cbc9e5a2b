import ssl
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


def test_tls_before_1_2_is_refused(certificate):
    assert TlsFiles(*certificate).context.minimum_version == ssl.TLSVersion.TLSv1_2


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
