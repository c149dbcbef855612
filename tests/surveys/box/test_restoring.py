"""The facts of a closed survey come back from their backup after a disaster, and nothing else does."""

from __future__ import annotations

import io
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import translation
from pytest_django import Settings

from surveys import closing, disclosing
from surveys.box import backing_up, keyring, waiving
from surveys.models import Answer, Closing, Release, Response, SealedBallot, Survey, Waiver
from tests import cast, make
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


def released(survey: Survey) -> Release:
    disclosing.request_release(survey, None, make.AFTER)
    assert disclosing.compute_waiting(make.AFTER) == 1
    release = disclosing.current(survey)
    assert release is not None
    return release


def restored(survey: Survey, path: Path | None = None) -> str:
    output = io.StringIO()
    call_command("restore_facts", survey.code, str(path or file_of(survey)), stdout=output)
    return output.getvalue()


DAMAGED = "The file is damaged, or belongs to another survey or another master key; nothing has been restored."


@pytest.mark.parametrize("promise", ["anonymous", "named"])
def test_the_cube_is_the_same_after_a_disaster(promise: str) -> None:
    survey = finished(promise=promise)
    before, facts = released(survey), backing_up.stored_multiset(survey)
    linked = set(Response.objects.values_list("receipt_hash", "locator", "closed_on"))
    disaster(survey)
    assert restored(survey) == "pulse-2026: restored 14 responses, 42 answers, 28 background facts\n"
    assert backing_up.stored_multiset(survey) == facts
    assert set(Response.objects.values_list("receipt_hash", "locator", "closed_on")) == linked
    after = released(survey)
    assert after.number == before.number + 1
    # The number of the release is in its hash; everything else must be the same.
    after.number = before.number
    assert disclosing.digest(after) == before.sha256


def test_the_file_may_lie_anywhere_under_any_name(tmp_path: Path) -> None:
    survey = finished()
    moved = Path(shutil.copy(file_of(survey), tmp_path / "kopi.bin"))
    disaster(survey)
    assert restored(survey, moved).startswith("pulse-2026: restored 14 responses")


def test_facts_that_are_there_are_never_written_over() -> None:
    survey = finished()
    facts = "The survey has its facts; nothing has been restored."
    assert refusal(survey.code, file_of(survey)) == facts
    disaster(survey)
    restored(survey)
    assert refusal(survey.code, file_of(survey)) == facts
    assert Response.objects.count() == 14


def test_two_at_once_restore_once() -> None:
    survey = finished()
    disaster(survey)

    def work(_number: int) -> str:
        try:
            return restored(survey)
        except CommandError as refused:
            return str(refused)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        outcomes = sorted(pool.map(work, range(3)))
    assert [outcome.partition(":")[0] for outcome in outcomes].count("pulse-2026") == 1
    assert Response.objects.count() == 14


def test_a_file_of_another_survey_or_another_key_is_refused(settings: Settings) -> None:
    survey, other = finished(), finished("other-2026")
    disaster_of_one(survey)
    assert refusal(survey.code, file_of(other)) == DAMAGED
    settings.MASTER_KEY = bytes(32)
    assert refusal(survey.code, file_of(survey)) == DAMAGED


def disaster_of_one(survey: Survey) -> None:
    Response.objects.filter(survey=survey).delete()


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "text"])
def test_a_damaged_file_is_refused(damage: str) -> None:
    survey = finished()
    path = file_of(survey)
    content = path.read_bytes()
    changed = {
        "cut": content[:-30],
        "changed": content[:60] + bytes([content[60] ^ 1]) + content[61:],
        "empty": b"",
        "text": b"survey;answer\n1;yes\n" * 100,
    }
    path.write_bytes(changed[damage])
    disaster(survey)
    assert refusal(survey.code, path) == DAMAGED


def test_a_file_that_is_not_what_was_counted_is_refused() -> None:
    survey = finished()
    Answer.objects.filter(text="tekst 3 æøå").update(text="noe annet")
    backing_up.back_up(survey)  # genuine by its seal, and not what lay in the box
    disaster(survey)
    expected = "The file is not what was counted at closing; nothing has been restored."
    assert refusal(survey.code, file_of(survey)) == expected


def test_what_there_is_not(tmp_path: Path) -> None:
    survey = finished()
    assert refusal("unknown", file_of(survey)) == "There is no survey called unknown."
    assert refusal(survey.code, tmp_path / "none.bin") == f"There is no file {tmp_path / 'none.bin'}."
    assert refusal(survey.code, tmp_path) == f"There is no file {tmp_path}."


def test_a_survey_with_its_key_is_closed_in_the_ordinary_way() -> None:
    survey = finished()
    other = make.opened("open-2026")
    expected = "The survey is not closed and has its key: it is closed in the ordinary way."
    path = file_of(survey).rename(file_of(other))
    assert refusal(other.code, path) == DAMAGED
    backing_up.back_up(other)
    assert refusal(other.code, file_of(other)) == expected


def older_than_the_closing(survey: Survey, ballots: list[tuple[bytes, int, bytes]]) -> None:
    """The database as a dump from the open phase gives it back; files and keys are as they were."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM surveys_approval; DELETE FROM surveys_closing; DELETE FROM surveys_release")
        cursor.execute("DELETE FROM surveys_background; DELETE FROM surveys_answer; DELETE FROM surveys_response")
        cursor.execute("UPDATE surveys_survey SET stopped_at = NULL, closed_at = NULL")
        cursor.execute("SET session_replication_role = DEFAULT")
    for place, version, box in ballots:
        SealedBallot.objects.create(locator=place, survey=survey, version=version, final=True, box=box)


def test_a_database_older_than_the_closing_gets_its_facts_and_is_closed(settings: Settings) -> None:
    survey = make.opened()
    voters = [make.voter(survey, role="local", region="north") for _number in range(8)]
    for number, voter in enumerate(voters):
        make.answered(voter, {"Q2": {"option": "good" if number % 3 else "poor"}})
    ballots = [(bytes(row.locator), row.version, bytes(row.box)) for row in SealedBallot.objects.all()]
    make.closed(survey, voters, cast.designer())
    facts = backing_up.stored_multiset(survey)
    older_than_the_closing(survey, ballots)
    other = make.opened("other-2026")
    make.answered(make.voter(other))

    told = restored(survey)

    assert told.splitlines()[1] == "The survey stood as open, without its key; it is closed now."
    survey.refresh_from_db()
    assert survey.closed_at is not None
    assert backing_up.stored_multiset(survey) == facts
    assert list(SealedBallot.objects.values_list("survey", flat=True)) == [other.pk]
    done = Closing.objects.get()
    assert (done.responses, bytes(done.digest)) == facts
    assert done.record["signature"] == closing.sign(done.record)
    assert done.clean_on is not None
    assert set(Response.objects.values_list("closed_on", flat=True)) == {make.AFTER.date()}
    assert closing.due(make.AFTER) == [other]
    assert disclosing.request_missing(make.AFTER) == 1
    assert disclosing.compute_waiting(make.AFTER) == 1


OUT_OF_REACH = (
    "The key of the survey is out of reach, which is not to say destroyed: put every directory of the keyring in its"
    " place. If the keyring is lost for good, say so with --key-lost. Nothing has been restored."
)


MORE = "More answers lie in the ballot box than the file knows of, and they would be lost. Nothing is restored."


def verified_then_older(settings: Settings, tmp_path: Path, later: int) -> Survey:
    """Backed up and not yet approved; then the database is from the open phase, and some more have answered."""
    settings.KEYRING = [tmp_path / "a", tmp_path / "b"]
    survey = make.opened()
    voters = [make.voter(survey, role="local", region="north") for _number in range(8 + later)]
    for voter in voters[:8]:
        make.answered(voter)
    ballots = [(bytes(row.locator), row.version, bytes(row.box)) for row in SealedBallot.objects.all()]
    closing.advance(survey, lambda: make.places(survey, voters), make.AFTER)
    SealedBallot.objects.all().delete()
    older_than_the_closing(survey, ballots)
    survey.refresh_from_db()
    for voter in voters[8:]:
        make.answered(make.voter(survey, voter.invitation, role="local", region="north"))
    return survey


def unmounted(tmp_path: Path, *names: str) -> None:
    for name in names:
        (tmp_path / name).rename(tmp_path / f"{name}-unmounted")
    keyring._cache.clear()


@pytest.mark.parametrize("with_mount_point", [False, True])
def test_a_key_out_of_reach_is_not_taken_for_destroyed(
    settings: Settings, tmp_path: Path, with_mount_point: bool
) -> None:
    survey = verified_then_older(settings, tmp_path, later=0)
    unmounted(tmp_path, "a", "b")
    if with_mount_point:
        (tmp_path / "a").mkdir()
    assert refusal(survey.code, file_of(survey)) == OUT_OF_REACH
    survey.refresh_from_db()
    assert (survey.stopped_at, SealedBallot.objects.count()) == (None, 8)


def test_answers_that_the_file_does_not_know_are_never_deleted(settings: Settings, tmp_path: Path) -> None:
    survey = verified_then_older(settings, tmp_path, later=4)
    unmounted(tmp_path, "a", "b")
    before = SealedBallot.objects.count()
    with pytest.raises(CommandError, match=MORE):
        call_command("restore_facts", survey.code, str(file_of(survey)), "--key-lost", stdout=io.StringIO())
    assert (before, SealedBallot.objects.count()) == (12, 12)
    assert not keyring.is_destroyed(survey.key_id)


def test_a_key_that_is_said_to_be_lost_is_refused_when_it_comes_back(settings: Settings, tmp_path: Path) -> None:
    survey = verified_then_older(settings, tmp_path, later=0)
    unmounted(tmp_path, "a", "b")
    call_command("restore_facts", survey.code, str(file_of(survey)), "--key-lost", stdout=io.StringIO())
    assert SealedBallot.objects.count() == 0
    for name in ("a", "b"):
        (tmp_path / f"{name}-unmounted" / f"{survey.key_id}.key").rename(tmp_path / name / f"{survey.key_id}.key")
    with pytest.raises(keyring.KeyLost):
        keyring.keys(survey.key_id)


def test_a_key_that_is_there_is_not_lost_whatever_is_said(settings: Settings, tmp_path: Path) -> None:
    survey = verified_then_older(settings, tmp_path, later=0)
    unmounted(tmp_path, "a")
    with pytest.raises(CommandError, match="it is closed in the ordinary way"):
        call_command("restore_facts", survey.code, str(file_of(survey)), "--key-lost", stdout=io.StringIO())
    assert keyring.keys(survey.key_id) is not None


def test_a_destruction_that_was_cut_short_is_completed(settings: Settings, tmp_path: Path) -> None:
    """The key comes back beside its mark: it is not used, and is gone after restoring."""
    survey = verified_then_older(settings, tmp_path, later=0)
    content = (tmp_path / "b" / f"{survey.key_id}.key").read_bytes()
    keyring.destroy(survey.key_id)
    (tmp_path / "b" / f"{survey.key_id}.key").write_bytes(content)
    restored(survey)
    left = [path.name for name in ("a", "b") for path in (tmp_path / name).iterdir()]
    assert left == [f"{survey.key_id}.destroyed"] * 2


def test_what_was_left_out_is_still_told(settings: Settings) -> None:
    survey = make.opened()
    voters = [make.voter(survey, role="local", region="north") for _number in range(8)]
    for voter in voters:
        make.answered(voter)
    broken = SealedBallot.objects.order_by("locator").first()
    assert broken is not None
    changed = bytes(broken.box)[:-1] + bytes([bytes(broken.box)[-1] ^ 1])
    SealedBallot.objects.filter(pk=broken.pk).update(box=changed)
    ballots = [(bytes(row.locator), row.version, bytes(row.box)) for row in SealedBallot.objects.all()]
    with pytest.raises(closing.Unreadable):
        closing.advance(survey, lambda: make.places(survey, voters), make.AFTER)
    person = cast.designer()
    waiving.waive(survey, person, 1, make.AFTER)
    make.closed(survey, voters, person)
    before = Closing.objects.get().record
    assert before["left_out"] == 1
    Waiver.objects.all().delete()
    older_than_the_closing(survey, ballots)
    restored(survey)
    done = Closing.objects.get()
    assert (done.left_out, done.unreadable, done.responses) == (1, 1, 7)
    told = {name: done.record[name] for name in ("left_out", "left_out_decided_by")}
    assert told == {name: before[name] for name in told}
    assert done.record["signature"] == closing.sign(done.record)


def test_named_answers_with_one_receipt_are_each_tied_to_their_own_invitation() -> None:
    """A receipt is no key: an old one, or one of before receipts were signed, may stand twice."""
    survey = finished(promise="named")
    Response.objects.update(receipt_hash=bytes(32))
    Closing.objects.filter(survey=survey).update(digest=backing_up.stored_multiset(survey)[1])
    backing_up.back_up(survey)
    answers = "locator", "answers__question__code", "answers__option__code", "answers__text"
    before = set(Response.objects.values_list(*answers))
    disaster(survey)
    restored(survey)
    assert set(Response.objects.values_list(*answers)) == before
    assert Response.objects.filter(locator=None).count() == 0
    assert Response.objects.exclude(closed_on=None).count() == 0
