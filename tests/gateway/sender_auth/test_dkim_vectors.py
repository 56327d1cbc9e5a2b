"""Signed mails from the RFCs, and real ones: they pass as they are, and fail with a byte changed."""

import re
from pathlib import Path

import pytest
from told import Told

from gateway.sender_auth.dkim import check_dkim, prepare_dkim
from gateway.sender_auth.header_fields import split
from gateway.sender_auth.signature_results import DkimResult, Reason

CORPUS = Path(__file__).resolve().parents[4] / "shared/corpora/mail-auth/dkim"
NOW_S = 1_667_900_000  # November 2022: the newest of the real mails was just sent

RFC_6376_KEYS = {
    "brisbane._domainkey.example.com": "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQ"
    "KBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYt"
    "IxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v"
    "/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhi"
    "tdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"
}
# RFC 6376 §A.2, with errata 3192 (one space behind "game.") and 4926 (six blanks of indentation).
RFC_6376 = """\
DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;
      c=simple/simple; q=dns/txt; i=joe@football.example.com;
      h=Received : From : To : Subject : Date : Message-ID;
      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB
      4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut
      KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV
      4bmp/YzhwvcubU4=;
Received: from client1.football.example.com  [192.0.2.1]
      by submitserver.example.com with SUBMISSION;
      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game. Are you hungry yet?

Joe.
"""
RFC_8463_KEYS = {
    "brisbane._domainkey.football.example.com": "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    "test._domainkey.football.example.com": "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWR"
    "iGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutAC"
    "DfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3"
    "Ip3G+2kryOTIKT+l/K4w3QIDAQAB",
}
RFC_8463 = """\
DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
"""


def check(text: str | bytes, keys: dict[str, str]) -> DkimResult:
    raw = re.sub(rb"\r?\n", b"\r\n", text.encode() if isinstance(text, str) else text)
    prepared = prepare_dkim(split(raw), now_s=NOW_S, from_domain="")
    return Told(keys).run(lambda answers: check_dkim(prepared, answers))


def outcomes(result: DkimResult) -> list[tuple[str, str]]:
    return [(one.result, one.reason) for one in result.signatures]


PASS, BODY, HEADER = ("pass", ""), ("fail", Reason.BODY_CHANGED), ("fail", Reason.SIGNATURE_MISMATCH)


@pytest.mark.parametrize(
    ("mail", "keys", "signatures"),
    [
        pytest.param(RFC_6376, RFC_6376_KEYS, 1, id="RFC 6376 appendix A"),
        pytest.param(RFC_8463, RFC_8463_KEYS, 2, id="RFC 8463 appendix A: Ed25519 and RSA"),
    ],
)
def test_the_mails_of_the_rfcs_pass_until_they_are_changed(mail: str, keys: dict[str, str], signatures: int) -> None:
    assert outcomes(check(mail, keys)) == [PASS] * signatures
    assert outcomes(check(mail.replace("hungry", "Hungry"), keys)) == [BODY] * signatures
    assert outcomes(check(mail.replace("SixPack", "Sixpack"), keys)) == [HEADER] * signatures
    assert (
        outcomes(check(mail.replace("dinner ready", "dinner  ready"), keys))
        == [HEADER if mail is RFC_6376 else PASS] * signatures
    )


@pytest.mark.skipif(not CORPUS.is_dir(), reason="no ../shared/corpora here")
def test_real_signed_mails_pass_until_they_are_changed() -> None:
    mails = sorted(CORPUS.glob("*.txt"))
    assert mails
    for path in mails:
        listed, _, mail = path.read_bytes().partition(b"\n\n")
        keys = {
            name.lower(): record for name, _, record in (line.partition(" ") for line in listed.decode().splitlines())
        }
        assert set(outcomes(check(mail, keys))) == {PASS}, path.name
        assert set(outcomes(check(mail + b"\nx", keys))) == {BODY}, path.name
        assert PASS not in outcomes(check(mail.replace(b"\nSubject:", b"\nSubject: x", 1), keys)), path.name
