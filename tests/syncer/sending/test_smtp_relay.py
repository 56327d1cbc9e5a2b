"""One session with a relay: what became of a mail, whatever the relay says, and when it may have left."""

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest
from real_relay import Certificate, RealRelay, scripted, serving, talk

from crm_store.providers import ProviderSettings, Relay
from crm_store.rules.outbox import OutboxReason
from crm_store.rules.provider import ProviderTls
from syncer.sending.smtp_relay import Parcel, PutOff, Refused, RelayTrouble, SmtpRelay, Taken, Unanswered, Way

RAW = b"Subject: Halo\r\n\r\nsatu\r\n.dua\r\n..\r\n"
PARCEL = Parcel("b-x@capture.test", ["budi@x.test", "citra@x.test"], RAW, patient=True)
WAY = Way("capture.test", private_allowed=True)
NO = "550 5.1.1 nobody"
LATER = "450 4.2.0 later"


def relay_at(port: int, tls: ProviderTls = ProviderTls.NONE, password: str | None = None) -> Relay:
    user = None if password is None else "toko"
    return Relay(1, ProviderSettings("127.0.0.1", port, tls, user), password, 0)


class Session:
    """SmtpRelay, and how often it said that a mail is leaving."""

    def __init__(self, relay: Relay, way: Way = WAY) -> None:
        self.smtp = SmtpRelay(relay, way)
        self.left = 0

    def send(self, parcel: Parcel = PARCEL) -> object:
        return self.smtp.send(parcel, keep=lambda: None, leaving=self._leaving)

    def _leaving(self) -> None:
        self.left += 1


@pytest.fixture(params=[False, True], ids=["line by line", "pipelined"])
def session(real_relay: RealRelay, request: pytest.FixtureRequest) -> Iterator[Session]:
    real_relay.pipelines = request.param
    session = Session(relay_at(real_relay.port))
    yield session
    session.smtp.close()


def test_a_mail_arrives_as_it_is_and_the_session_is_kept(real_relay: RealRelay, session: Session):
    for _ in range(3):
        assert session.send() == Taken()
    assert [mail.content for mail in real_relay.taken] == [RAW] * 3
    assert real_relay.taken[0].mail_from == "b-x@capture.test"
    assert real_relay.taken[0].recipients == list(PARCEL.recipients)
    assert (real_relay.sessions, session.left) == (1, 3)


def test_no_write_waits_for_the_one_before_it_to_be_acknowledged(session: Session):
    assert session.send() == Taken()
    client = session.smtp._client
    assert client is not None
    assert client.sock is not None
    assert client.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize(
    ("answers", "patient", "outcome", "left"),
    [
        pytest.param({"RCPT budi@x.test": NO}, True, Taken({"budi@x.test": "5.1.1 nobody"}), 1, id="one refused"),
        pytest.param({"RCPT budi@x.test": LATER}, True, PutOff("4.2.0 later"), 0, id="one put off: all wait"),
        pytest.param(
            {"RCPT budi@x.test": LATER}, False, Taken({"budi@x.test": "4.2.0 later"}), 1, id="no more patience"
        ),
        pytest.param(
            {"RCPT budi@x.test": NO, "RCPT citra@x.test": NO},
            True,
            Refused(OutboxReason.RECIPIENTS_REFUSED, "5.1.1 nobody"),
            0,
            id="all refused",
        ),
        pytest.param(
            {"RCPT budi@x.test": NO, "RCPT citra@x.test": LATER}, False, PutOff("4.2.0 later"), 0, id="no, and later"
        ),
        pytest.param({"MAIL": NO}, True, Refused(OutboxReason.SENDER_REFUSED, "5.1.1 nobody"), 0, id="the sender"),
        pytest.param({"MAIL": "552 5.3.4 big"}, True, Refused(OutboxReason.TOO_LARGE, "5.3.4 big"), 0, id="its size"),
        pytest.param(
            {"DATA": "554 5.7.1 spam"}, True, Refused(OutboxReason.REFUSED, "5.7.1 spam"), 1, id="the content"
        ),
        pytest.param({"DATA": LATER}, True, PutOff("4.2.0 later", begun=True), 1, id="the content, for now"),
    ],
)
def test_what_became_of_a_mail(real_relay: RealRelay, session: Session, answers, patient, outcome, left):
    real_relay.answers = dict(answers)
    assert session.send(replace(PARCEL, patient=patient)) == outcome
    assert session.left == left
    assert len(real_relay.taken) == isinstance(outcome, Taken)
    real_relay.answers = {}
    assert session.send() == Taken()  # and the session goes on
    assert real_relay.sessions == 1


def test_a_relays_words_are_cleaned_and_cut(real_relay: RealRelay, session: Session):
    real_relay.answers = {"DATA": "554 \x1b[31m" + "a" * 400}
    outcome = session.send()
    assert isinstance(outcome, Refused)
    assert outcome.said == "[31m" + "a" * 296


@pytest.mark.parametrize("answer", ["421 4.3.2 stopping", LATER])
def test_a_sender_who_is_put_off_concerns_all_that_waits(real_relay: RealRelay, session: Session, answer):
    real_relay.answers = {"MAIL": answer}
    with pytest.raises(RelayTrouble) as trouble:
        session.send()
    assert trouble.value.reason == OutboxReason.PROVIDER_BUSY
    assert session.left == 0


def test_a_kept_session_that_has_taken_its_fill_is_replaced(real_relay: RealRelay, session: Session):
    assert session.send() == Taken()
    real_relay.answers = {"MAIL": ["421 4.7.0 enough in one session"]}
    assert session.send() == Taken()
    assert (real_relay.sessions, session.left) == (2, 2)


def test_letters_beyond_ascii_go_where_they_are_taken(real_relay: RealRelay, session: Session):
    assert session.send(replace(PARCEL, recipients=["bücher@x.test"])) == Taken()
    assert real_relay.taken[0].recipients == ["bücher@x.test"]
    with serving(RealRelay(), decode_data=False) as plain:
        outcome = Session(relay_at(plain.port)).send(replace(PARCEL, recipients=["bücher@x.test"]))
        assert outcome == Refused(OutboxReason.RECIPIENTS_REFUSED, "")


@pytest.mark.parametrize("until", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_a_connection_that_drops_before_the_dot_has_let_nothing_leave(until):
    with scripted(lambda session: talk(session, until) and None) as port:
        session = Session(relay_at(port))
        with pytest.raises(RelayTrouble) as trouble:
            session.send()
    assert trouble.value.reason == OutboxReason.UNREACHABLE
    assert session.left == 0


def test_a_connection_that_drops_after_the_dot_leaves_it_unknown():
    with scripted(lambda session: talk(session, ".") and None) as port:
        session = Session(relay_at(port))
        assert session.send() == Unanswered()
    assert session.left == 1


def test_a_relay_that_never_answers_the_dot_leaves_it_unknown():
    def play(session: socket.socket) -> None:
        talk(session, ".")
        session.recv(1)  # until the other side has gone

    with scripted(play) as port:
        assert Session(relay_at(port), replace(WAY, dot_s=0.2)).send() == Unanswered()


def test_what_cannot_be_made_durable_does_not_leave(real_relay: RealRelay):
    smtp = SmtpRelay(relay_at(real_relay.port), WAY)

    def leaving() -> None:
        raise InterruptedError

    with pytest.raises(RelayTrouble):
        smtp.send(PARCEL, keep=lambda: None, leaving=leaving)
    assert smtp.send(PARCEL, keep=lambda: None, leaving=lambda: None) == Taken()
    assert len(real_relay.taken) == 1


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as taken_port:
        port = taken_port.getsockname()[1]
    with pytest.raises(RelayTrouble) as trouble:
        Session(relay_at(port)).send()
    assert trouble.value.reason == OutboxReason.UNREACHABLE


def test_a_host_in_a_private_network_is_not_connected_to_where_that_is_forbidden(real_relay: RealRelay):
    settings = replace(relay_at(real_relay.port).settings, host="localhost")
    forbidden = Session(Relay(1, settings, None, 0), replace(WAY, private_allowed=False))
    with pytest.raises(RelayTrouble):
        forbidden.send()
    assert real_relay.sessions == 0


# Encryption, and signing in


@pytest.mark.parametrize("tls", [ProviderTls.STARTTLS, ProviderTls.IMPLICIT])
def test_a_login_goes_over_tls_to_whose_certificate_is_its_own(relay_certificate: Certificate, tls):
    served = relay_certificate.served
    options = (
        {"tls_context": served} if tls is ProviderTls.STARTTLS else {"implicit": served, "auth_require_tls": False}
    )
    with serving(RealRelay(), decode_data=False, **options) as relay:
        at = relay_at(relay.port, tls, "rahasia")
        trusting = replace(WAY, trust=lambda: relay_certificate.trusting)
        session = Session(at, trusting)
        assert session.send() == Taken()
        session.smtp.close()
        assert relay.signed_in == ["toko"]
        for way, settings in ((WAY, at.settings), (trusting, replace(at.settings, host="localhost"))):
            with pytest.raises(RelayTrouble) as trouble:
                Session(replace(at, settings=settings), way).send()
            assert trouble.value.reason == OutboxReason.PROVIDER_TLS
        assert relay.signed_in == ["toko"]


def test_a_relay_without_tls_gets_no_password_where_tls_was_asked_for(real_relay: RealRelay):
    with pytest.raises(RelayTrouble) as trouble:
        Session(relay_at(real_relay.port, ProviderTls.STARTTLS, "rahasia")).send()
    assert trouble.value.reason == OutboxReason.PROVIDER_TLS
    assert real_relay.signed_in == []


def test_a_password_that_is_not_taken_is_told():
    with (
        serving(RealRelay(), decode_data=False, auth_require_tls=False) as relay,
        pytest.raises(RelayTrouble) as trouble,
    ):
        Session(relay_at(relay.port, password="salah")).send()
    assert trouble.value.reason == OutboxReason.PROVIDER_LOGIN


def test_where_it_is_offered_the_envelope_is_one_write():
    written: list[bytes] = []

    def play(session: socket.socket) -> None:
        session.sendall(b"220 relay\r\n")
        session.recv(1000)
        session.sendall(b"250-relay\r\n250 PIPELINING\r\n")
        written.append(session.recv(1000))
        session.sendall(b"250 OK\r\n" * 3 + b"354 go on\r\n")
        written.append(session.recv(1000))
        session.sendall(b"250 OK\r\n")

    with scripted(play) as port:
        assert Session(relay_at(port)).send() == Taken()
    envelope, content = written
    assert [line.partition(b":")[0] for line in envelope.split(b"\r\n")] == [
        *(b"MAIL FROM", b"RCPT TO", b"RCPT TO"),
        *(b"DATA", b""),
    ]
    assert content.endswith(b"\r\n.\r\n")


def test_who_waits_for_content_that_is_not_to_go_gets_no_dot():
    """RFC 2920 §3.1: a relay may say 354 to nobody's DATA, and a dot would end an empty mail."""
    said: list[bytes] = []

    def play(session: socket.socket) -> None:
        session.sendall(b"220 relay\r\n")
        session.recv(1000)
        session.sendall(b"250-relay\r\n250 PIPELINING\r\n")
        session.recv(1000)
        session.sendall(b"250 OK\r\n550 nobody\r\n550 nobody\r\n354 go on\r\n")
        said.append(session.recv(1000))

    with scripted(play) as port:
        assert Session(relay_at(port)).send() == Refused(OutboxReason.RECIPIENTS_REFUSED, "nobody")
    assert said == [b""]
