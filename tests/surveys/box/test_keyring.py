"""The keyring on real directories."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from surveys.box import keyring

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
    assert [(path.name, path.read_bytes()) for path in files(settings)] == [(f"{key_id}.destroyed", b"")] * 2
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


@pytest.mark.parametrize("damaged", [0, 1])
def test_one_damaged_replica_stops_nothing_and_is_mended_from_the_other(settings: Settings, damaged: int) -> None:
    key_id = uuid4()
    keyring.create(key_id)
    before, whole = keyring.keys(key_id), files(settings)[1 - damaged].read_bytes()
    bad = files(settings)[damaged]
    content = bad.read_bytes()
    for mend in (keyring.create, keyring.complete):
        bad.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        keyring._cache.clear()
        assert keyring.keys(key_id) == before
        assert keyring.check(key_id) == [f"replica {damaged + 1} is unreadable"]
        mend(key_id)
        assert (keyring.keys(key_id), keyring.check(key_id)) == (before, [])
        assert files(settings)[1 - damaged].read_bytes() == whole
    assert {stat.S_IMODE(path.stat().st_mode) for path in files(settings)} == {0o600}


def test_a_replica_that_is_no_file_stops_nothing(settings: Settings) -> None:
    key_id = uuid4()
    keyring.create(key_id)
    before = keyring.keys(key_id)
    files(settings)[0].unlink()
    (Path(settings.KEYRING[0]) / f"{key_id}.key").mkdir()
    keyring._cache.clear()
    assert keyring.keys(key_id) == before
    assert keyring.check(key_id) == ["replica 1 is unreadable"]


def test_where_no_replica_can_be_read_none_is_written_over(settings: Settings) -> None:
    """It may be the wrong master key: a new root would void every link and ballot."""
    key_id = uuid4()
    keyring.create(key_id)
    files(settings)[0].unlink()
    files(settings)[0].write_bytes(b"damaged")
    for mend in (keyring.create, keyring.complete):
        with pytest.raises(keyring.KeyLost):
            mend(key_id)
    assert [path.read_bytes() for path in files(settings)] == [b"damaged"]


# --- Killed -----------------------------------------------------------------------------------------------


def killed(key_id: UUID, at_link: int, *, after: bool) -> None:
    """A process of its own creates a key, and ends before or after its link number so many, with nothing tidied up."""
    child = os.fork()
    if child == 0:
        real, links = os.link, []

        def link(source: Path, target: Path) -> None:
            links.append(target)
            if len(links) == at_link and not after:
                os._exit(9)
            real(source, target)
            if len(links) == at_link:
                os._exit(9)

        os.link = link  # type: ignore[assignment]
        keyring.create(key_id)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at_link", [1, 2])
def test_nothing_of_a_root_survives_that_a_killed_process_left(settings: Settings, at_link: int, after: bool) -> None:
    key_id = uuid4()
    killed(key_id, at_link, after=after)
    strays = [path for path in files(settings) if path.suffix != ".key"]
    assert len(strays) == 1
    assert f"replica {at_link} has a draft or copy beside it" in keyring.check(key_id)
    keyring.destroy(key_id, lost=True)
    assert {path.suffix for path in files(settings)} == {".destroyed"}


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at_link", [1, 2])
def test_the_next_process_tidies_up_and_keeps_a_root_that_was_in_use(
    settings: Settings, at_link: int, after: bool
) -> None:
    key_id = uuid4()
    killed(key_id, at_link, after=after)
    before = None if (at_link, after) == (1, False) else keyring.keys(key_id)
    whole = {path: path.read_bytes() for path in files(settings) if path.suffix == ".key"}
    keyring.create(key_id)
    # A draft that is the replica itself under another name is not overwritten, not even for a moment.
    assert {path: path.read_bytes() for path in whole} == whole
    assert [path.name for path in files(settings)] == [f"{key_id}.key"] * 2
    assert keyring.check(key_id) == []
    assert before in (None, keyring.keys(key_id))


def test_a_copy_beside_a_replica_is_found_and_destroyed_too(settings: Settings) -> None:
    key_id, other = uuid4(), uuid4()
    keyring.create(key_id)
    keyring.create(other)
    first = Path(settings.KEYRING[0])
    (first / f"{key_id}.key.bak").write_bytes((first / f"{key_id}.key").read_bytes())
    assert keyring.check(key_id) == ["replica 1 has a draft or copy beside it"]
    assert keyring.destroy(key_id) == 3
    assert {path.name for path in files(settings)} == {f"{key_id}.destroyed", f"{other}.key"}
    assert keyring.check(other) == []


# --- Destroyed, or out of reach ---------------------------------------------------------------------------


def test_a_key_out_of_reach_is_not_destroyed_in_part(settings: Settings, tmp_path: Path) -> None:
    key_id = uuid4()
    keyring.create(key_id)
    (tmp_path / "two").rename(tmp_path / "unmounted")
    for mount_point in (None, tmp_path / "two"):
        if mount_point:
            mount_point.mkdir()
        with pytest.raises(keyring.OutOfReach):
            keyring.destroy(key_id)
        assert not keyring.is_destroyed(key_id)
    (tmp_path / "two").rmdir()
    (tmp_path / "unmounted").rename(tmp_path / "two")
    assert keyring.check(key_id) == []
    assert keyring.destroy(key_id) == 2
    assert keyring.is_destroyed(key_id)


def test_a_key_that_comes_back_after_its_destruction_is_refused_and_then_destroyed(settings: Settings) -> None:
    key_id = uuid4()
    keyring.create(key_id)
    path = files(settings)[1]
    content = path.read_bytes()
    keyring.destroy(key_id)
    path.write_bytes(content)
    for use in (keyring.keys, keyring.create, keyring.complete):
        with pytest.raises(keyring.KeyLost):
            use(key_id)
    assert keyring.destroy(key_id) == 1
    assert not path.exists()


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
