"""The certificate's files, with real ones."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crm_store.settings import load
from gateway.doctor.certificate import check_certificate
from gateway.doctor.finding import Finding, State

OK, WARNING, WRONG = State.OK, State.WARNING, State.WRONG


def check(today, cert: Path, key: Path) -> list[Finding]:
    settings = load({"SUNNYDAY_TLS_CERT": str(cert), "SUNNYDAY_TLS_KEY": str(key)})
    return check_certificate(settings, ["mx.f.example"], today)


@pytest.mark.parametrize(
    ("made", "state", "found", "mend"),
    [
        pytest.param({}, OK, "2027-01-22", "", id="sixty days left"),
        pytest.param({"days": 15}, OK, "2026-12-08", "", id="fifteen days left"),
        pytest.param({"days": 13}, WARNING, "expires on 2026-12-06", "Renew", id="thirteen days left"),
        pytest.param({"days": -1}, WRONG, "expired on 2026-11-22", "Renew", id="expired"),
        pytest.param({"begins": 1}, WRONG, "from 2026-11-24", "clock", id="not yet valid"),
        pytest.param({"by_itself": True}, WARNING, "by itself", "public authority", id="signed by itself"),
        pytest.param({"alone": True}, WARNING, "issuer", "fullchain.pem", id="without its chain"),
        pytest.param({"password": b"x"}, WRONG, "password", "openssl pkey", id="a key with a password"),
    ],
)
def test_a_certificate(today, make_certificate: Callable[..., tuple[Path, Path]], made, state, found, mend):
    findings = check(today, *make_certificate("mx.f.example", **made))
    (finding,) = [one for one in findings if found in one.found]
    assert finding.state is state
    assert mend in finding.mend
    assert [one.state for one in findings if one is not finding] == [OK] * (len(findings) - 1)


@pytest.mark.parametrize(
    ("spoil", "found", "mend"),
    [
        pytest.param(lambda pair, other: (pair.cert, other.key), "not the key of", "came together", id="another's key"),
        pytest.param(
            lambda pair, other: (pair.key, pair.key), "no PEM certificate", "fullchain.pem", id="no certificate"
        ),
        pytest.param(lambda pair, other: (pair.cert, pair.cert), "no PEM key", "privkey.pem", id="no key"),
        pytest.param(
            lambda pair, other: (Path("/none"), pair.key), "No such file", "fullchain.pem", id="a missing one"
        ),
        pytest.param(lambda pair, other: (pair.cert, Path("/none")), "No such file", "privkey.pem", id="a missing key"),
    ],
)
def test_files_that_do_not_fit(today, make_certificate, spoil, found: str, mend: str):
    cert, key = spoil(make_certificate("mx.f.example"), make_certificate("mx.f.example"))
    (finding,) = [one for one in check(today, cert, key) if one.state is WRONG]
    assert found in finding.found
    assert mend in finding.mend


def test_where_none_is_set_nothing_is_said(today):
    assert check_certificate(load({}), ["mx.f.example"], today) == []
