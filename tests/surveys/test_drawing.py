"""Files made in the background: asked for once, made once, whoever dies on the way, and gone after a day."""

from __future__ import annotations

import io
import threading
from datetime import timedelta
from typing import Any

import docx
import pytest
from django.db import IntegrityError, close_old_connections, connection, transaction
from django.utils.translation import override

from surveys import drawing, exchanging
from surveys.models import Edition, Export
from tests import cast, make

NOW = make.DURING
pytestmark = pytest.mark.django_db


def asked(edition: Edition | None = None, form: str = "docx", language: str = "nb") -> Export:
    return Export.objects.get(pk=drawing.ask(edition or make.published(), form, language, None, NOW))


def outdated() -> None:
    """Every lease is over, as after a worker's death and five minutes."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE surveys_export SET lease_until = clock_timestamp() - interval '1 second'")


@pytest.mark.parametrize(("form", "start"), [("docx", b"PK\x03\x04"), ("pdf", b"%PDF-")])
def test_a_file_is_asked_for_made_and_handed_out(form: str, start: bytes) -> None:
    person = cast.designer()
    edition = make.published()

    row = Export.objects.get(pk=drawing.ask(edition, form, "nb", person.pk, NOW))
    assert (row.is_waiting, row.person_id, row.requested_at) == (True, person.pk, NOW)
    assert drawing.draw_waiting(NOW + timedelta(seconds=4)) == 1

    row.refresh_from_db()
    assert (row.finished_at, row.document, row.lease_until) == (NOW + timedelta(seconds=4), None, None)
    file = drawing.made(row)
    assert (file.file_name, file.media_type) == (f"prov-2021-1.{form}", exchanging.FORMATS[form].media_type)
    assert file.content.startswith(start)


def test_it_says_what_the_questionnaire_said_when_it_was_asked_for() -> None:
    draft = make.loaded("prov-2021", [make.asking("Q1", text={"nb": "Den gamle ordlyden?"})])
    row = asked(draft)
    make.loaded("prov-2021", [make.asking("Q1", text={"nb": "Den nye ordlyden?"})])

    drawing.draw_waiting(NOW)

    row.refresh_from_db()
    words = "\n".join(each.text for each in docx.Document(io.BytesIO(drawing.made(row).content)).paragraphs)
    assert ("Den gamle ordlyden?" in words, "Den nye ordlyden?" in words) == (True, False)


def test_the_same_is_one_row_and_anything_else_another() -> None:
    edition = make.published()

    rows = [
        drawing.ask(edition, *what, None, NOW) for what in [("pdf", "nb"), ("pdf", "nb"), ("pdf", "nn"), ("docx", "nb")]
    ]

    assert rows[0] == rows[1]
    assert len(set(rows)) == Export.objects.count() == 3


def test_what_is_ready_is_not_made_again() -> None:
    edition = make.published()
    row = asked(edition)
    assert drawing.draw_waiting(NOW) == 1

    later = NOW + timedelta(hours=20)
    assert drawing.ask(edition, "docx", "nb", None, later) == row.pk

    assert drawing.draw_waiting(later) == 0
    # It is kept a day from then.
    assert drawing.drop_old(NOW + timedelta(hours=30)) == 0


def test_after_a_day_it_is_gone() -> None:
    asked()
    drawing.draw_waiting(NOW)

    assert drawing.drop_old(NOW + timedelta(hours=24)) == 0
    assert drawing.drop_old(NOW + timedelta(hours=24, seconds=1)) == 1
    assert Export.objects.count() == 0


def test_an_unknown_format_is_no_row() -> None:
    with pytest.raises(ValueError, match="exe"):
        drawing.ask(make.published(), "exe", "nb", None, NOW)
    with pytest.raises(ValueError, match="json"):
        drawing.ask(Edition.objects.get(), "json", "nb", None, NOW)


def test_it_is_made_in_the_language_of_whoever_asked() -> None:
    """The words of the form around the questions, too; Sámi has none, so bokmål stands there."""
    edition = make.published()
    rows = [asked(edition, language=each) for each in ("nb", "en", "se")]

    with override("nn"):
        drawing.draw_waiting(NOW)

    first, second, third = (bytes(Export.objects.get(pk=row.pk).content) for row in rows)
    with override("nb"):
        assert texts(first) == texts(exchanging.export(edition, "docx", "nb").content)
    with override("en"):
        assert texts(second) == texts(exchanging.export(edition, "docx", "en").content)
    assert texts(third)


def texts(content: bytes) -> list[str]:
    return [each.text for each in docx.Document(io.BytesIO(content)).paragraphs]


# --- What goes wrong --------------------------------------------------------------------------------------


def test_a_file_whose_worker_died_is_made_by_another() -> None:
    row = asked()
    assert drawing._claim() is not None

    assert drawing.draw_waiting(NOW) == 0, "it is in a hand"
    outdated()
    assert drawing.draw_waiting(NOW) == 1

    row.refresh_from_db()
    assert (row.attempts, row.finished_at) == (2, NOW)


def test_a_worker_that_wakes_up_too_late_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    row = asked()
    late = drawing._claim()
    assert late is not None
    outdated()
    drawing.draw_waiting(NOW)
    row.refresh_from_db()
    before = bytes(row.content or b"")

    monkeypatch.setattr(drawing, "_draw", lambda _hand: b"late")
    assert drawing._try(late, NOW + timedelta(hours=1)) is False

    row.refresh_from_db()
    assert (bytes(row.content or b""), row.finished_at) == (before, NOW)


def broken(monkeypatch: pytest.MonkeyPatch, times: int) -> list[int]:
    """Drawing fails so many times."""
    tried: list[int] = []
    real = drawing._draw

    def draw(hand: Any) -> bytes:
        tried.append(hand.export)
        if len(tried) <= times:
            raise MemoryError("words of the questionnaire")
        return real(hand)

    monkeypatch.setattr(drawing, "_draw", draw)
    return tried


def test_a_fault_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    row, tried = asked(), broken(monkeypatch, times=2)

    assert drawing.draw_waiting(NOW) == 1

    row.refresh_from_db()
    assert (len(tried), row.finished_at, row.failed_at) == (3, NOW, None)


def test_what_cannot_be_made_is_given_up_and_can_be_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    edition = make.published()
    row, tried = asked(edition), broken(monkeypatch, times=3)

    assert drawing.draw_waiting(NOW) == 0
    row.refresh_from_db()
    assert (len(tried), row.failed_at, row.finished_at, row.is_waiting) == (3, NOW, None, False)
    assert drawing.draw_waiting(NOW) == 0
    assert len(tried) == 3

    assert drawing.ask(edition, "docx", "nb", None, NOW) == row.pk
    assert drawing.draw_waiting(NOW) == 1
    row.refresh_from_db()
    assert (row.finished_at, row.failed_at) == (NOW, None)


def test_workers_that_die_thrice_over_one_file_do_not_die_a_fourth_time() -> None:
    row = asked()
    for _ in range(3):
        assert drawing._claim() is not None
        outdated()

    assert drawing._claim() is None
    assert drawing.draw_waiting(NOW) == 0
    row.refresh_from_db()
    assert row.failed_at == NOW


def test_one_fault_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    edition = make.published()
    bad, good = asked(edition, "docx"), asked(edition, "pdf")
    real = drawing._draw
    monkeypatch.setattr(drawing, "_draw", lambda hand: real(hand) if hand.export == good.pk else 1 / 0)

    assert drawing.draw_waiting(NOW) == 1

    assert Export.objects.get(pk=bad.pk).failed_at == NOW
    assert Export.objects.get(pk=good.pk).finished_at == NOW


def test_a_draft_deleted_while_it_is_drawn_takes_its_file_along() -> None:
    draft = make.loaded("prov-2021", [])
    asked(draft)
    hand = drawing._claim()
    assert hand is not None
    draft.sections.all().delete()
    draft.delete()

    assert drawing._try(hand, NOW) is False
    assert Export.objects.count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("workers", [4])
def test_two_at_once_ask_for_one_row_and_make_it_once(workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    edition = make.published()
    tried = broken(monkeypatch, times=0)
    rows: list[int] = []
    ready = threading.Barrier(workers)

    def press() -> None:
        ready.wait()
        rows.append(drawing.ask(edition, "docx", "nb", None, NOW))
        ready.wait()
        drawing.draw_waiting(NOW)
        close_old_connections()
        connection.close()

    threads = [threading.Thread(target=press) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(rows) == workers
    assert len(set(rows)) == Export.objects.count() == len(tried) == 1
    assert Export.objects.get().finished_at == NOW


@pytest.mark.django_db(transaction=True)
def test_each_file_comes_into_one_hand_only() -> None:
    edition = make.published()
    for number in range(60):
        drawing.ask(edition, "pdf", f"{number:02d}", None, NOW)
    claimed: list[int] = []
    ready = threading.Barrier(6)

    def work() -> None:
        connection.ensure_connection()
        ready.wait()
        while (hand := drawing._claim()) is not None:
            claimed.append(hand.export)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(claimed) == sorted(Export.objects.values_list("pk", flat=True))
    assert set(Export.objects.values_list("attempts", flat=True)) == {1}


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("export_is_drawn", {"format": "json"}),
        ("export_hashed", {"sha256": "x"}),
        ("export_file_iff_finished", {"content": b"x"}),
        ("export_file_iff_finished", {"finished_at": NOW}),
        ("export_file_iff_finished", {"document": None}),
        ("export_finished_or_failed", {"finished_at": NOW, "failed_at": NOW, "content": b"x", "document": None}),
        ("export_leased_while_waiting", {"failed_at": NOW, "lease_until": NOW}),
    ],
)
def test_the_database_keeps_the_promises(constraint: str, change: dict[str, Any]) -> None:
    row = asked()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Export.objects.filter(pk=row.pk).update(**change)


def test_the_database_has_one_row_for_one_file() -> None:
    row = asked()
    row.pk = None

    with pytest.raises(IntegrityError, match="export_once"), transaction.atomic():
        row.save()
