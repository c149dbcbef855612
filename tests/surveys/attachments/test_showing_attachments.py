"""Images and documents before they are published, and when nothing shows them any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils.translation import override

from surveys import authoring, critiquing, piloting, publishing
from surveys.attachments import attaching, cleaning
from surveys.attachments.attaching import NotAttached
from surveys.drafting import arranging, undoing
from surveys.models import Attachment, Did, Edition, Question
from tests import files, make
from tests.make import asking
from tests.surveys.attachments.blocks import attach, block, blocks
from tests.together import together

pytestmark = pytest.mark.django_db


DAY = timedelta(days=1)


# --- Publishing -------------------------------------------------------------------------------------------
def obstacles(**more: Any) -> list[str]:
    made = make.loaded("hinder", [asking("I1", "information", **more), asking("Q1")], files=more.pop("files", {}))
    with override("en"):
        return publishing.obstacles(made)


def test_publishing_asks_for_what_those_who_do_not_see_it_need() -> None:
    draft = make.showing(ring=files.png(), avtale=files.document())
    Question.objects.filter(edition=draft).update(alt_nb="", caption_nb="")
    with override("en"):
        assert publishing.obstacles(draft) == [
            "The image of I2 has no text in bokmål for those who do not see it.",
            "The document of I3 has no title in bokmål.",
        ]


def test_information_needs_a_text_or_something_else_to_show() -> None:
    assert obstacles(text={}) == ["The text of I1 is missing in bokmål."]
    assert obstacles(text={"en": "Read."}, quotation={"nb": "Ja"}) == ["The text of I1 is missing in bokmål."]
    assert obstacles(text={}, quotation={"nb": "Ja"}) == []
    assert obstacles(quotation={"en": "Yes"}) == ["The quotation or caption of I1 is missing in bokmål."]
    assert obstacles(source={"nb": "Hun"}) == ["I1 names the source of a quotation, but there is no quotation."]


def test_fields_are_filled_in_where_they_can_be() -> None:
    draft = make.loaded("felt", [asking("Q1", "short_text")], [
        asking("I1", "information", quotation={"nb": "Du sa {Q1}, {Q9}"}, source={"nb": "{Q1}"}),
    ])  # fmt: skip
    with override("en"):
        assert publishing.obstacles(draft) == [
            "I1 names {Q9} in its text, but there is no such question or background fact.",
            "I1 has the field {Q1} in a title or an answer, where nothing is filled in.",
        ]


# --- Forgetting -------------------------------------------------------------------------------------------
def test_what_nothing_shows_is_forgotten_after_a_day() -> None:
    draft = make.showing(ring=files.png(), avtale=files.document())
    assert attaching.sweep(make.DURING) == 0
    used = block(draft, "I3").attachment_id
    attaching.detach(draft.pk, block(draft, "I2").pk, attaching.mark(block(draft, "I2")))
    assert attaching.sweep(make.DURING) == 0
    assert attaching.sweep(make.DURING + DAY - timedelta(seconds=1)) == 0
    assert Attachment.objects.count() == 2
    assert attaching.sweep(make.DURING + DAY) == 1
    assert list(Attachment.objects.values_list("pk", flat=True)) == [used]
    assert attaching.sweep(make.DURING + 2 * DAY) == 0


def test_what_is_wanted_again_stays() -> None:
    draft = blocks()
    attaching.keep([cleaning.clean(files.png())])
    attaching.sweep(make.DURING)
    attach(block(draft), files.png())
    assert attaching.sweep(make.DURING + DAY) == 0
    attaching.detach(draft.pk, block(draft).pk, attaching.mark(block(draft)))
    attaching.sweep(make.DURING + DAY)
    # An import that is still being looked at.
    attaching.keep([cleaning.clean(files.png())])
    assert attaching.sweep(make.DURING + 2 * DAY) == 0
    assert Attachment.objects.count() == 1


def test_deleting_a_questionnaire_lets_go_of_its_files() -> None:
    draft = make.showing(ring=files.png())
    authoring.delete(draft.questionnaire)
    attaching.sweep(make.DURING)
    assert attaching.sweep(make.DURING + DAY) == 1


# --- Several at once --------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_of_two_who_put_in_at_once_one_is_told() -> None:
    draft = blocks()
    question, read = block(draft), attaching.mark(block(draft))
    contents = [files.png(), files.png(300, 300)]
    outcomes = together([lambda each=each: attach(question, each, read=read) for each in contents])
    assert {type(each) for each in outcomes} == {Question, NotAttached}
    won = next(each for each in outcomes if isinstance(each, Question))
    assert block(draft).attachment_id == won.attachment_id


@pytest.mark.django_db(transaction=True)
def test_the_same_file_by_many_at_once_is_kept_once() -> None:
    draft = blocks("I1", "I2", "I3", "I4")
    rows = [block(draft, f"I{number}") for number in range(1, 5)]
    outcomes = together([lambda row=row: attach(row, files.png()) for row in rows])
    assert [type(each) for each in outcomes] == [Question] * 4
    assert Attachment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_sweep_does_not_take_what_is_being_put_in() -> None:
    draft = blocks()
    made = cleaning.clean(files.png())
    attaching.keep([made])
    attaching.sweep(make.DURING)
    for _round in range(5):
        outcomes = together([
            lambda: attach(block(draft), files.png()),
            *(lambda: attaching.sweep(make.DURING + DAY) for _ in range(3)),
        ])  # fmt: skip
        assert isinstance(outcomes[0], Question), outcomes
        assert Attachment.objects.filter(pk=made.digest).exists()
        attaching.detach(draft.pk, block(draft).pk, attaching.mark(block(draft)))
        Attachment.objects.update(unused_since=make.DURING)


def test_what_a_trial_shows_or_an_undoing_would_bring_back_is_not_swept() -> None:
    edition = make.showing("utkast", fil=files.png())
    shown = edition.questions.get(code="I2")
    trial = piloting.make(edition.questionnaire, None, make.DURING)
    with undoing.noted(edition.pk, None, make.DURING, Did.DELETED):
        arranging.delete_question(shown.pk)
    for later in (make.DURING, make.DURING + 2 * DAY):
        assert attaching.sweep(later) == 0
    trial.delete()
    assert attaching.sweep(make.DURING + 4 * DAY) == 0
    undoing.undo(edition.pk, undoing.history(edition)[0].pk, None, make.DURING)
    assert edition.questions.get(code="I2").attachment_id == shown.attachment_id
    undoing.close(Edition.objects.get(pk=edition.pk), None, make.DURING)
    edition.questions.get(code="I2").delete()
    assert [attaching.sweep(make.DURING + days * DAY) for days in (5, 7)] == [0, 1]


# --- In every language ------------------------------------------------------------------------------------
def untranslated(draft: Edition) -> int:
    """How many texts the critique says are missing in nynorsk."""
    with override("en"):
        found = [each.detail for each in critiquing.findings(draft) if each.rule == "missing-translation"]
    return sum(int(each.split()[0]) for each in found if "Nynorsk" in each)


def test_the_critique_finds_what_some_would_read_in_another_language_or_not_at_all() -> None:
    draft = make.showing(ring=files.png())
    Question.objects.filter(edition=draft).update(text_nn="Ny", caption_nn="Ringen", quotation_nn="Ja", source_nn="Ho")
    Question.objects.filter(edition=draft, code="I1").update(caption_nn="")
    Question.objects.filter(edition=draft, code="I2").update(quotation_nn="", source_nn="")
    before = untranslated(draft)
    Question.objects.filter(edition=draft, code="I2").update(alt_nn="Ein ring")
    assert untranslated(draft) == before - 1 >= 0
