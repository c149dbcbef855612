"""What was done to a draft is on record with the draft as it stood before, and can be undone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from surveys import authoring, critiquing, publishing, structure
from surveys.drafting import adding, arranging, building, capturing, undoing, versioning
from surveys.models import (
    AcceptedFinding,
    Concept,
    Condition,
    Did,
    DraftChange,
    Edition,
    Question,
)
from tests import cast, make
from tests.make import DURING, OPENS, asking

pytestmark = pytest.mark.django_db


def branching() -> Edition:
    """A draft with everything that points at something else."""
    return make.loaded(
        "prov-2021",
        [
            asking("B1", options=[{"code": "yes", "label": {"nb": "Ja"}}, {"code": "no", "label": {"nb": "Nei"}}]),
            asking("B2", "number", minimum=0, concept="tid"),
        ],
        [
            asking(
                "B3",
                conditions=[
                    {"source": "B1", "operator": "one_of", "options": ["yes", "no"]},
                    {"group": 2, "fact": "role", "operator": "is", "option": "local"},
                    {"group": 2, "source": "B2", "operator": "at_least", "number": 3},
                ],
            ),
            asking("B4"),
        ],
        facts=[{"name": "role", "label": {"nb": "Verv"}, "values": [{"code": "local", "label": {"nb": "PTV"}}]}],
    )


def stands(edition: Edition) -> bytes:
    return capturing.capture(Edition.objects.get(pk=edition.pk))


def write(row: Any, name: str, value: str) -> None:
    edition = row if isinstance(row, Edition) else getattr(row, "edition", None) or row.question.edition
    fresh = type(row).objects.get(pk=row.pk)
    read = versioning.mark(versioning.plain(getattr(fresh, name)))
    building.write(edition.pk, building.place_of(row), name, value, read)


def do(edition: Edition, deed: Any, person: Any = None, did: Did = Did.DELETED, **rest: Any) -> DraftChange:
    """Do something on record; the record."""
    with undoing.noted(edition.pk, person, rest.pop("now", DURING), did, **rest):
        deed()
    found = undoing.last(Edition.objects.get(pk=edition.pk))
    assert found is not None
    return found


def question(edition: Edition, code: str) -> Question:
    return edition.questions.get(code=code)


DEEDS: dict[str, Any] = {
    "a question deleted": lambda draft: arranging.delete_question(question(draft, "B3").pk),
    "a section deleted": lambda draft: arranging.delete_section(draft.sections.get(position=2).pk),
    "an option deleted": lambda draft: adding.delete_option(draft.pk, question(draft, "B4").options.last().pk),
    "a question moved": lambda draft: arranging.place_question(
        question(draft, "B4").pk, draft.sections.get(position=1).pk, question(draft, "B1").pk
    ),
    "a section copied": lambda draft: adding.copy_section(draft.pk, draft.sections.get(position=1).pk),
    "a text written": lambda draft: write(question(draft, "B1"), "text_nn", "Kva no?"),
    "the title page written": lambda draft: write(draft, "minutes", "12"),
    "a kind changed": lambda draft: write(question(draft, "B4"), "kind", "long_text"),
    "a concept taken away": lambda draft: write(question(draft, "B2"), "concept", ""),
    "everything emptied": lambda draft: authoring.blank_draft(draft.questionnaire),
}


@pytest.mark.parametrize("name", DEEDS)
def test_undone_it_stands_as_before_row_by_row_and_done_again_as_after(name: str) -> None:
    draft, person = branching(), cast.designer()
    before = stands(draft)
    change = do(draft, lambda: DEEDS[name](draft))
    after = stands(draft)
    assert after != before

    undoing.undo(draft.pk, change.pk, person, DURING)

    assert stands(draft) == before
    again = undoing.last(Edition.objects.get(pk=draft.pk))
    assert again is not None
    assert again.did == Did.RESTORED
    undoing.undo(draft.pk, again.pk, person, DURING)
    assert stands(draft) == after


def test_every_way_back_from_all_of_it_in_a_row() -> None:
    draft = branching()
    states, changes = [], []
    for name in ("a text written", "a question moved", "an option deleted", "a section copied", "a section deleted"):
        states.append(stands(draft))
        changes.append(do(draft, lambda name=name: DEEDS[name](draft)))
    for state, change in reversed(list(zip(states, changes, strict=True))):
        version = Edition.objects.get(pk=draft.pk).version
        undoing.restore(draft.pk, change.pk, version, None, DURING)
        assert stands(draft) == state
    # And forward again, over several at once.
    version = Edition.objects.get(pk=draft.pk).version
    undoing.restore(draft.pk, changes[3].pk, version, None, DURING)
    assert stands(draft) == states[3]


def test_codes_that_have_changed_places_change_back() -> None:
    draft = branching()
    one, other = question(draft, "B3"), question(draft, "B4")
    before = stands(draft)

    def swap() -> None:
        write(one, "code", "X")
        write(other, "code", "B3")
        write(one, "code", "B4")

    change = do(draft, swap)
    undoing.undo(draft.pk, change.pk, None, DURING)
    assert stands(draft) == before


def test_a_new_question_that_took_a_deleted_ones_code_gives_it_back() -> None:
    draft = branching()
    before = stands(draft)

    def replace() -> None:
        arranging.delete_question(question(draft, "B4").pk)
        made = adding.question(draft.pk, draft.sections.get(position=2).pk, "yes_no")
        assert made.code == "B4"

    change = do(draft, replace)
    undoing.undo(draft.pk, change.pk, None, DURING)
    assert stands(draft) == before


def test_a_question_that_has_moved_out_of_a_section_made_since_is_not_lost() -> None:
    draft = branching()
    before = stands(draft)

    def move_away() -> None:
        made = adding.section(draft.pk)
        arranging.place_question(question(draft, "B1").pk, draft.sections.get(position=1).pk)
        arranging.place_question(question(draft, "B4").pk, made.pk)

    with pytest.raises(authoring.BreaksCondition):
        # B1 decides about B3, which may not come before it.
        do(draft, lambda: arranging.place_question(question(draft, "B1").pk, adding.section(draft.pk).pk))
    change = do(draft, move_away)
    undoing.undo(draft.pk, change.pk, None, DURING)
    assert stands(draft) == before


def test_what_another_changed_meanwhile_is_not_lost_unseen() -> None:
    draft, one, other = branching(), cast.designer(), cast.designer("berit")
    change = do(draft, lambda: arranging.delete_question(question(draft, "B4").pk), one)
    do(draft, lambda: write(question(draft, "B1"), "text_nb", "Hennes?"), other, Did.WROTE, place="question-1 text_nb")
    after = stands(draft)

    with pytest.raises(undoing.Overtaken) as caught:
        undoing.undo(draft.pk, change.pk, one, DURING)

    assert caught.value.change == change
    assert stands(draft) == after
    now, then, version = undoing.look(draft.pk, change.pk)
    assert now.questions["B1"].text("nb") == "Hennes?"
    assert (then.questions["B1"].text("nb"), "B4" in then.questions) == ("B1, hva mener du?", True)
    assert stands(draft) == after
    undoing.restore(draft.pk, change.pk, version, one, DURING)
    assert "B4" in structure.read(Edition.objects.get(pk=draft.pk)).questions


def test_putting_back_is_refused_when_the_draft_is_not_the_one_that_was_looked_at() -> None:
    draft = branching()
    change = do(draft, lambda: arranging.delete_question(question(draft, "B4").pk))
    _now, _then, version = undoing.look(draft.pk, change.pk)
    write(draft, "minutes", "7")
    after = stands(draft)
    with pytest.raises(authoring.StaleDraft):
        undoing.restore(draft.pk, change.pk, version, None, DURING)
    assert stands(draft) == after


def test_what_is_refused_leaves_no_record() -> None:
    draft = branching()
    with (
        pytest.raises(authoring.BreaksCondition),
        undoing.noted(draft.pk, None, DURING, Did.DELETED, subject="B1"),
    ):
        arranging.delete_question(question(draft, "B1").pk)
    with undoing.noted(draft.pk, None, DURING, Did.WROTE):
        pass
    assert undoing.history(draft) == []


def test_writing_on_in_one_place_is_one_change_for_a_while() -> None:
    draft, person, other = branching(), cast.designer(), cast.designer("berit")
    one = question(draft, "B1")
    before = stands(draft)
    rest: dict[str, Any] = {"did": Did.WROTE, "subject": "B1", "place": f"question-{one.pk} text_nb"}
    for number, text in enumerate(("H", "Hv", "Hva?")):
        do(draft, lambda text=text: write(one, "text_nb", text), person, now=DURING + timedelta(minutes=number), **rest)
    assert len(undoing.history(draft)) == 1
    # Another person, another place, and after a while: each is a change of its own.
    do(draft, lambda: write(one, "text_nb", "Hva da?"), other, **rest)
    do(draft, lambda: write(one, "text_nb", "Hva nå?"), person, **rest)
    do(draft, lambda: write(one, "text_nn", "Kva no?"), person, **{**rest, "place": f"question-{one.pk} text_nn"})
    do(
        draft,
        lambda: write(one, "text_nn", "Kva?"),
        person,
        **{**rest, "place": f"question-{one.pk} text_nn"},
        now=DURING + undoing.RUN,
    )
    assert len(undoing.history(draft)) == 5
    first = undoing.history(draft)[-1]
    version = Edition.objects.get(pk=draft.pk).version
    undoing.restore(draft.pk, first.pk, version, person, DURING)
    assert stands(draft) == before


def test_all_is_on_record_and_so_many_can_be_put_back_and_no_more() -> None:
    draft, other = branching(), make.loaded("annen-2021")
    do(other, lambda: write(other, "minutes", "3"))
    for number in range(undoing.KEPT + 5):
        do(draft, lambda number=number: write(draft, "minutes", str(number + 1)), subject=str(number))
    found = undoing.history(draft)
    assert [each.subject for each in found] == [str(n) for n in range(undoing.KEPT + 4, -1, -1)]
    assert [bool(each.size) for each in found] == [True] * undoing.KEPT + [False] * 5  # type: ignore[attr-defined]
    assert len(undoing.history(other)) == 1
    with pytest.raises(undoing.NotKept):
        undoing.undo(draft.pk, undoing.history(other)[0].pk, None, DURING)


def test_a_draft_too_large_to_keep_is_on_record_and_not_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undoing, "LARGEST", 10)
    draft = branching()
    change = do(draft, lambda: write(draft, "minutes", "3"))
    assert (len(undoing.history(draft)), undoing.history(draft)[0].size) == (1, 0)  # type: ignore[attr-defined]
    with pytest.raises(undoing.NotKept):
        undoing.undo(draft.pk, change.pk, None, DURING)


def test_publishing_lets_go_of_it() -> None:
    draft = make.draft()
    change = do(draft, lambda: write(draft, "minutes", "3"))
    publishing.publish(draft.questionnaire_id, OPENS)
    assert [(each.did, bytes(each.state)) for each in DraftChange.objects.order_by("pk")] == [
        (Did.DELETED, b""),
        (Did.PUBLISHED, b""),
    ]
    with pytest.raises(undoing.NotKept):
        undoing.undo(draft.pk, change.pk, None, DURING)


def test_an_acceptance_goes_and_comes_with_its_question_and_others_stay_as_they_are() -> None:
    draft, person = make.loaded("prov-2021", [asking("B1"), asking("B2")]), cast.designer()
    one, two = question(draft, "B1"), question(draft, "B2")
    kept = AcceptedFinding.objects.create(
        edition=draft, rule="dont-know", question=one, reason="Ja", accepted_at=DURING
    )
    change = do(draft, lambda: arranging.delete_question(one.pk))
    later = AcceptedFinding.objects.create(
        edition=draft, rule="dont-know", question=two, reason="Nei", accepted_at=DURING
    )
    undoing.undo(draft.pk, change.pk, person, DURING)
    assert {(each.pk, each.question_id) for each in AcceptedFinding.objects.all()} == {
        (kept.pk, one.pk),
        (later.pk, two.pk),
    }


def test_what_was_pointed_at_and_is_gone_is_left_out() -> None:
    draft, person = branching(), cast.designer()
    two = question(draft, "B2")
    AcceptedFinding.objects.create(
        edition=draft, rule="vague", question=two, reason="J", accepted_at=DURING, person=person
    )

    def drop() -> None:
        Condition.objects.filter(source=two).delete()
        arranging.delete_question(two.pk)

    change = do(draft, drop)
    Concept.objects.all().delete()
    DraftChange.objects.filter(person=person).update(person=None)
    person.delete()
    undoing.undo(draft.pk, change.pk, None, DURING)
    assert question(draft, "B2").concept is None
    assert AcceptedFinding.objects.get().person is None


def test_the_same_number_of_statements_whatever_its_size() -> None:
    counts = []
    for size in (1, 3, 40):
        draft = make.loaded(f"of-{size}", [asking("Q0"), *[asking(f"Q{n + 1}") for n in range(size)]])
        with CaptureQueriesContext(connection) as captured:
            change = do(draft, lambda draft=draft: arranging.delete_question(question(draft, "Q1").pk))
        with CaptureQueriesContext(connection) as undone:
            undoing.undo(draft.pk, change.pk, None, DURING)
        counts.append((len(captured), len(undone)))
    assert counts[0] == counts[1] == counts[2], counts


def test_everything_that_hangs_on_a_draft_is_captured_or_known_not_to_be() -> None:
    """A table that is added later and forgotten here would be lost by undoing."""
    # The history itself, files made of it, and what points at published editions only.
    apart = {"DraftChange", "Export", "Correction", "Survey", "Codebook", "Answer"}
    found = {
        each.related_model.__name__
        for model in (Edition, *capturing.PARTS)
        for each in model._meta.related_objects
        if isinstance(each.related_model, type)
    }
    assert found - {model.__name__ for model in capturing.PARTS} <= apart


def test_the_database_keeps_one_record_of_each_version_and_no_step_back() -> None:
    draft = branching()
    given: dict[str, Any] = {"edition": draft, "did": "wrote", "made_at": timezone.now(), "state": b""}
    DraftChange.objects.create(before=1, after=2, **given)
    for before, after in ((1, 2), (3, 3), (4, 3)):
        with pytest.raises(IntegrityError), transaction.atomic():
            DraftChange.objects.create(before=before, after=after, **given)


def test_a_repair_is_undone() -> None:
    draft = make.loaded("prov-2021", [asking("B1", text={"nb": "Mener du at ledelsen vet hva de gjør?"})])
    before = stands(draft)
    repairs = [each for each in critiquing.findings(draft) if each.repair]
    assert repairs
    change = do(draft, lambda: critiquing.repair(draft, repairs[0].rule, repairs[0].question_id), did=Did.REPAIRED)
    undoing.undo(draft.pk, change.pk, None, DURING)
    assert stands(draft) == before
