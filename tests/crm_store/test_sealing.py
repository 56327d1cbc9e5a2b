"""Secrets at rest open in their own row, with one of our keys, and nowhere else; keys come from one place."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crm_store.errors import SettingsError
from crm_store.sealing import SealedAt, Sealer, Unopenable
from crm_store.secret_keys import FILE_NAME, secret_keys
from crm_store.settings import load

HERE = SealedAt("connection", "refresh_token", 7)
OLD, NEW = "the key of last year", "the key of this year"


def sealer(*keys: str) -> Sealer:
    return Sealer(lambda: keys)


def test_what_is_sealed_opens_again_and_is_not_in_the_sealed_text():
    sealed = sealer(NEW).seal("1//refresh-tokén", HERE)
    assert "refresh" not in sealed
    assert sealer(NEW).open(sealed, HERE) == "1//refresh-tokén"
    assert sealer(NEW).seal("1//refresh-tokén", HERE) != sealed, "a nonce is used once"


def test_the_first_key_seals_and_all_open():
    before = sealer(OLD).seal("token", HERE)
    rotated = sealer(NEW, OLD)
    assert rotated.open(before, HERE) == "token"
    assert sealer(NEW).open(rotated.seal("token", HERE), HERE) == "token"
    with pytest.raises(Unopenable):
        sealer(NEW).open(before, HERE)


@pytest.mark.parametrize(
    "there",
    [
        pytest.param(HERE._replace(row_id=8), id="another row"),
        pytest.param(HERE._replace(column="access_token"), id="another column"),
        pytest.param(HERE._replace(table="revocation"), id="another table"),
    ],
)
def test_a_sealed_text_that_was_moved_does_not_open(there: SealedAt):
    with pytest.raises(Unopenable):
        sealer(NEW).open(sealer(NEW).seal("token", HERE), there)


def _flipped(sealed: str) -> str:
    return sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:]


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(_flipped, id="a letter changed"),
        pytest.param(lambda sealed: "", id="nothing"),
        pytest.param(lambda sealed: sealed[: sealed.rindex(".") + 5], id="cut short"),
        pytest.param(lambda sealed: sealed.replace("1.", "2.", 1), id="another version"),
        pytest.param(lambda sealed: sealed[:-4] + "%%%%", id="no base64"),
        pytest.param(lambda sealed: "1." + sealed, id="no key"),
    ],
)
def test_a_forged_text_does_not_open(forge):
    with pytest.raises(Unopenable) as refused:
        sealer(NEW).open(forge(sealer(NEW).seal("token", HERE)), HERE)
    assert "token" not in str(refused.value).replace("refresh_token", "")


def test_neither_keys_nor_secrets_are_in_a_repr():
    one = sealer(NEW)
    one.seal("token", HERE)
    assert NEW not in repr(one)
    assert NEW not in repr(vars(one)["_keys"])


def test_settings_give_the_keys_and_nothing_is_written(tmp_path: Path):
    settings = load({"SUNNYDAY_DATA": str(tmp_path), "SUNNYDAY_SECRET_KEYS": f"{NEW}, {OLD}"})
    assert secret_keys(settings) == (NEW, OLD)
    assert list(tmp_path.iterdir()) == []


def test_without_settings_one_is_made_for_all_who_start_at_once(tmp_path: Path):
    settings = load({"SUNNYDAY_DATA": str(tmp_path / "data")})
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: secret_keys(settings), range(8)))
    assert len(keys) == 1
    assert [path.name for path in (tmp_path / "data").iterdir()] == [FILE_NAME], "no half of one is left"
    path = tmp_path / "data" / FILE_NAME
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert len(path.read_text().strip()) == 64


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff" * 64])
def test_a_damaged_key_file_is_told_and_left_as_it_is(tmp_path: Path, content: bytes):
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(SettingsError, match="SUNNYDAY_SECRET_KEYS"):
        secret_keys(load({"SUNNYDAY_DATA": str(tmp_path)}))
    assert (tmp_path / FILE_NAME).read_bytes() == content
