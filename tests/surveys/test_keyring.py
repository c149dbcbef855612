"""The keyring on real directories."""

from __future__ import annotations

import stat
from pathlib import Path
from uuid import uuid4

import pytest
from pytest_django import Settings

from surveys import keyring

VECTOR = bytes(range(32))


@pytest.fixture(autouse=True)
def _directories(settings: Settings, tmp_path: Path) -> None:
    settings.KEYRING = [tmp_path / "one", tmp_path / "two"]


def files(settings: Settings) -> list[Path]:
    return sorted(path for directory in settings.KEYRING for path in Path(directory).glob("*"))


def test_a_root_is_written_to_every_replica_for_its_owner_only(settings: Settings) -> None:
    key_id = uuid4()
    keyring.create(key_id)
    assert [path.name for path in files(settings)] == [f"{key_id}.key"] * 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in files(settings)} == {0o600}
    assert {stat.S_IMODE(Path(folder).stat().st_mode) for folder in settings.KEYRING} == {0o700}
    assert keyring.check(key_id) == []


def test_purposes_have_different_keys_and_surveys_too() -> None:
    first, second = uuid4(), uuid4()
    keyring.create(first)
    keyring.create(second)
    keys = [keyring.keys(each) for each in (first, second)]
    assert len({part for each in keys for part in (each.token, each.locator, each.seal)}) == 6
    assert {len(each.seal) for each in keys} == {32}


def test_creating_again_keeps_the_root_and_completes_the_replicas(settings: Settings) -> None:
    key_id = uuid4()
    keyring.create(key_id)
    before = keyring.keys(key_id)
    files(settings)[0].unlink()
    assert keyring.check(key_id) == ["replica 1 is missing"]
    keyring.create(key_id)
    assert (keyring.keys(key_id), keyring.check(key_id)) == (before, [])


def test_one_replica_is_enough_to_read(settings: Settings) -> None:
    key_id = uuid4()
    keyring.create(key_id)
    before = keyring.keys(key_id)
    files(settings)[0].unlink()
    assert keyring.keys(key_id) == before


def test_a_destroyed_root_is_gone_from_disk_and_from_memory(settings: Settings) -> None:
    key_id = uuid4()
    keyring.create(key_id)
    keyring.keys(key_id)
    assert keyring.destroy(key_id) == 2
    assert files(settings) == []
    with pytest.raises(keyring.KeyLost):
        keyring.keys(key_id)
    assert keyring.destroy(key_id) == 0
    assert keyring.check(key_id) == ["replica 1 is missing", "replica 2 is missing"]


def test_a_root_destroyed_by_another_process_leaves_this_ones_memory(settings: Settings) -> None:
    key_id = uuid4()
    keyring.create(key_id)
    keyring.keys(key_id)
    for path in files(settings):
        path.unlink()
    with pytest.raises(keyring.KeyLost):
        keyring.keys(key_id)
    assert key_id not in keyring._cache


def test_damaged_and_swapped_replicas_are_found(settings: Settings) -> None:
    first, second = uuid4(), uuid4()
    keyring.create(first)
    keyring.create(second)
    folders = [Path(folder) for folder in settings.KEYRING]
    (folders[0] / f"{first}.key").write_bytes(b"damaged")
    # A file put under another survey's name must not open: the name is bound in.
    (folders[1] / f"{second}.key").write_bytes((folders[1] / f"{first}.key").read_bytes())
    assert keyring.check(first) == ["replica 1 is unreadable"]
    assert keyring.check(second) == ["replica 2 is unreadable"]


def test_replicas_that_differ_are_found_and_not_completed(settings: Settings) -> None:
    key_id = uuid4()
    one, two = settings.KEYRING
    settings.KEYRING = [one]
    keyring.create(key_id)
    settings.KEYRING = [two]
    keyring.create(key_id)
    settings.KEYRING = [one, two]
    assert keyring.check(key_id) == ["replicas differ"]
    with pytest.raises(keyring.KeyLost):
        keyring.create(key_id)


def test_another_master_key_opens_nothing(settings: Settings) -> None:
    key_id = uuid4()
    keyring.create(key_id)
    settings.MASTER_KEY = VECTOR
    with pytest.raises(keyring.KeyLost):
        keyring.keys(key_id)


def test_a_full_or_missing_disk_leaves_no_half_file(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.KEYRING = [tmp_path / "one", tmp_path / "file"]
    key_id = uuid4()
    with pytest.raises(OSError, match="file"):
        keyring.create(key_id)
    assert [path.name for path in (tmp_path / "one").iterdir()] == [f"{key_id}.key"]


def test_derivation_is_hkdf_sha256_as_rfc_5869_says() -> None:
    """Computed by hand from HMAC: extract with a zero salt, then one block of expand."""
    import hashlib
    import hmac

    extracted = hmac.digest(bytes(32), VECTOR, "sha256")
    expected = hmac.new(extracted, b"raadslag/token\x01", hashlib.sha256).digest()
    assert keyring.derive(VECTOR, "token") == expected
