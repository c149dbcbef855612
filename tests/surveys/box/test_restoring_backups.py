"""The backup of a closed survey as a file: written whole or not at all, and readable with the key only."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import translation
from pytest_django import Settings

from surveys.box import backing_up, filing, keyring
from surveys.models import Response
from tests.surveys.box.disasters import disaster, file_of, finished, refusal

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _one_approval(settings: Settings, tmp_path: Path) -> None:
    settings.CLOSING_APPROVALS = 1
    settings.DATA_DIR = tmp_path


@pytest.fixture(autouse=True)
def _in_english() -> None:
    """What is told is compared word for word."""
    translation.activate("en")


def test_the_backup_leaves_no_draft_of_a_killed_worker_and_nobodys_copy_is_touched(tmp_path: Path) -> None:
    survey = finished()
    folder = tmp_path / "backups"
    for name in ("pulse-2026-facts.0123abcd", "pulse-2026-facts.bin.old", "other-facts.0123abcd"):
        (folder / name).write_bytes(b"x")
    backing_up.back_up(survey)
    left = sorted(path.name for path in folder.iterdir())
    assert left == ["other-facts.0123abcd", "pulse-2026-facts.bin", "pulse-2026-facts.bin.old"]


def test_a_backup_that_fails_leaves_the_one_before_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey = finished()
    before = file_of(survey).read_bytes()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            backing_up.back_up(survey)
    assert [path.read_bytes() for path in (tmp_path / "backups").iterdir()] == [before]


def test_the_folder_of_the_backup_is_synced_after_the_file_is_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    survey = finished()
    file_of(survey).unlink()
    seen: list[tuple[Path, bool]] = []
    real = filing.sync_directory

    def sync(directory: Path) -> None:
        seen.append((directory, file_of(survey).exists()))
        real(directory)

    monkeypatch.setattr(filing, "sync_directory", sync)
    backing_up.back_up(survey)
    assert (file_of(survey).parent, True) in seen


def test_a_fault_while_writing_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    survey = finished()
    disaster(survey)
    stored = backing_up.stored_multiset
    monkeypatch.setattr(backing_up, "stored_multiset", lambda survey: (stored(survey)[0] + 1, b""))
    expected = "What was written differs from the file; nothing has been restored."
    assert refusal(survey.code, file_of(survey)) == expected
    assert Response.objects.count() == 0


def test_nothing_in_the_file_can_be_read_without_the_key() -> None:
    survey = finished()
    content = file_of(survey).read_bytes()
    assert b"tekst" not in content
    assert b"north" not in content
    with pytest.raises(keyring.KeyLost):
        keyring.keys(survey.key_id)
