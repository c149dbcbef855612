"""The builder: questions added, moved, copied and deleted, and what others changed meanwhile."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from surveys import authoring, critiquing, publishing
from surveys.drafting import building
from surveys.models import Concept, Condition, Edition, Section
from tests import cast, make
from tests.make import DURING, asking
from tests.page import parse
from tests.surveys.admin.builds import SCRIPT, address, deed, question, write
from tests.surveys.admin.pages import codes, signed_in

pytestmark = pytest.mark.django_db


# --- Deeds ------------------------------------------------------------------------------------------------
def test_questions_are_added_where_they_are_wanted(designer: Client) -> None:
    draft = make.loaded("prov-2021", [asking("B1"), asking("B2")])
    section, first = draft.sections.get(), question(draft, "B1")
    response = deed(designer, draft, "add_question", section=section.pk, kind="yes_no", after=first.pk)
    assert codes(draft) == ["B1", "B3", "B2"]
    made = question(draft, "B3")
    assert response.json()["place"] == f"question-{made.pk}"
    assert response.json()["focus"] == f"question-{made.pk}-text_nb"
    assert [each.code for each in made.options.order_by("position")] == ["yes", "no"]


def test_an_empty_draft_gets_sections_and_questions(designer: Client) -> None:
    draft = authoring.draft(make.empty_questionnaire())
    deed(designer, draft, "add_section")
    section = draft.sections.get()
    deed(designer, draft, "add_question", section=section.pk, kind="multiple_choice")
    assert codes(draft) == ["Q1"]
    assert question(draft, "Q1").options.count() == 2


def test_a_section_is_copied_with_its_conditions_turned_to_the_copies(designer: Client) -> None:
    draft = make.loaded(
        "prov-2021",
        [asking("A1"), asking("A2", "long_text", conditions=[{"source": "A1", "operator": "is", "option": "yes"}])],
    )
    deed(designer, draft, "copy", place=f"section-{draft.sections.get().pk}")
    assert codes(draft) == ["A1", "A2", "A3", "A4"]
    condition = Condition.objects.get(question__code="A4")
    assert condition.source == question(draft, "A3")
    assert condition.option is not None
    assert condition.option.question == question(draft, "A3")


def test_moving_by_steps_and_to_a_place(designer: Client) -> None:
    draft = make.loaded("prov-2021", [asking("A1"), asking("A2")], [asking("B1")])
    first, second = draft.sections.order_by("position")
    deed(designer, draft, "move", place=f"question-{question(draft, 'A2').pk}", step="-1")
    assert codes(draft) == ["A2", "A1", "B1"]
    before = question(draft, "B1").pk
    deed(designer, draft, "move", place=f"question-{question(draft, 'A2').pk}", section=second.pk, before=before)
    assert codes(draft) == ["A1", "A2", "B1"]
    deed(designer, draft, "move", place=f"section-{second.pk}", before=first.pk)
    assert codes(draft) == ["A2", "B1", "A1"]


def test_what_would_break_a_condition_is_refused(designer: Client) -> None:
    condition = [{"source": "A1", "operator": "is", "option": "yes"}]
    draft = make.loaded("prov-2021", [asking("A1"), asking("A2", "long_text", conditions=condition)])
    first, second = question(draft, "A1"), question(draft, "A2")
    yes = first.options.get(code="yes")
    for name, sent in [
        ("move", {"place": f"question-{second.pk}", "step": "-1"}),
        ("move", {"place": f"question-{second.pk}", "section": second.section_id, "before": first.pk}),
        ("delete", {"place": f"question-{first.pk}"}),
        ("delete", {"place": f"option-{yes.pk}"}),
    ]:
        response = deed(designer, draft, name, **sent)
        assert response.status_code == 422, (name, sent)
        assert len(response.json()["reasons"]) == 1
    assert codes(draft) == ["A1", "A2"]
    assert write(designer, first, "kind", "long_text").status_code == 422


def test_without_the_script_the_buttons_work_all_the_same(designer: Client) -> None:
    draft = make.loaded("prov-2021", [asking("A1"), asking("A2")])
    place = f"question-{question(draft, 'A2').pk}"
    response = designer.post(f"{address(draft, '_deed')}?place={place}&step=-1", {"deed": "move"})
    assert response.status_code == 302
    assert codes(draft) == ["A2", "A1"]


def test_deeds_that_are_none(designer: Client) -> None:
    draft = make.loaded()
    assert deed(designer, draft, "publish").status_code == 404
    assert deed(designer, draft, "delete", place=f"edition-{draft.pk}").status_code == 404
    assert deed(designer, draft, "delete", place="question-999999").status_code == 410
    assert deed(designer, draft, "add_question", section="999999", kind="yes_no").status_code == 410
    other = make.loaded("annen").questions.first()
    assert other is not None
    assert deed(designer, draft, "delete", place=f"question-{other.pk}").status_code == 410
    assert deed(designer, draft, "copy", place=f"question-{other.pk}").status_code == 410


def test_a_concept_is_made_and_used(designer: Client) -> None:
    draft = make.loaded()
    part = question(draft, "Q1")
    deed(
        designer, draft, "add_concept", place=f"question-{part.pk}", title="Nytten for brukerne", code="value-for-users"
    )
    part.refresh_from_db()
    assert part.concept == Concept.objects.get(code="value-for-users")
    response = deed(designer, draft, "add_concept", place=f"question-{part.pk}", title=" ", code="")
    assert response.json()["reasons"] == ["Please write what the question is about."]


def test_what_others_changed_is_sent_and_nothing_when_nothing_has(designer: Client) -> None:
    draft = make.loaded()
    part = question(draft, "Q1")
    same = designer.get(address(draft, "_changes"), {"version": draft.version}, headers=SCRIPT)
    assert same.json() == {"version": draft.version}
    write(designer, part, "text_nb", "Nytt her?")
    news = designer.get(
        address(draft, "_changes"), {"version": draft.version, "open": building.place_of(part)}, headers=SCRIPT
    ).json()
    assert news["version"] == draft.version + 1
    assert "Nytt her?" in parse(news["board"]).text
    assert parse(news["sheet"]).find("textarea", id=f"question-{part.pk}-text_nb").text == "Nytt her?"


def test_an_edition_published_meanwhile_is_not_changed(designer: Client) -> None:
    draft = make.loaded()
    part = question(draft, "Q1")
    publishing.publish(draft.questionnaire_id, DURING)
    assert write(designer, part, "text_nb", "For sent").status_code == 410
    assert Section.objects.filter(edition=draft).exists()


# --- The critique -----------------------------------------------------------------------------------------
def test_findings_stand_beside_what_they_are_about_and_are_repaired_there(designer: Client) -> None:
    draft = make.loaded("prov-2021", [asking("Q1", "long_text", required=True), asking("Q2")])
    part = question(draft, "Q1")
    found = [each for each in critiquing.findings(draft) if each.question == "Q1"]
    repairable = next(each for each in found if each.repair)
    sent = {"version": "-1", "open": building.place_of(part)}
    sheet = parse(designer.get(address(draft, "_changes"), sent, headers=SCRIPT).json()["sheet"])
    titles = [node.find("strong").text for node in sheet.find(class_="builder-findings").all("li")]
    assert titles == [str(each.title) for each in found]

    response = deed(designer, draft, "repair", rule=repairable.rule, question=part.pk, open=building.place_of(part))

    assert response.status_code == 200
    left = [each.rule for each in critiquing.findings(draft) if each.question == "Q1"]
    assert repairable.rule not in left
    again = deed(designer, draft, "repair", rule=repairable.rule, question=part.pk)
    assert again.status_code == 422


def test_the_preview_may_stand_in_the_builder_and_nowhere_else(designer: Client) -> None:
    draft = make.loaded()
    preview = reverse("admin:surveys_edition_preview", args=[draft.pk])
    alone, framed = designer.get(f"{preview}?page=1"), designer.get(f"{preview}?page=1&frame=1")
    assert (alone["X-Frame-Options"], framed["X-Frame-Options"]) == ("DENY", "SAMEORIGIN")
    assert "frame-ancestors 'none'" in alone["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in framed["Content-Security-Policy"]
    left = designer.post(f"{preview}?page=1&frame=1", {"go": "leave", "language": "nb"})
    assert left["Location"] == "?page=0&language=nb&frame=1"


@pytest.mark.parametrize(("name", "field"), [("_write", "place"), ("_write", "read"), ("_deed", "title")])
def test_a_nul_is_refused_before_anything_is_done(designer: Client, name: str, field: str) -> None:
    draft = make.loaded()
    first = draft.questions.order_by("pk")[0]
    sent = {"place": f"question-{first.pk}", "name": "text_nb", "deed": "add_concept", "title": "Pay", field: "a\x00b"}
    assert designer.post(address(draft, name), sent, headers=SCRIPT).status_code == 400
    assert Edition.objects.get(pk=draft.pk).version == draft.version


def test_what_a_kind_does_not_have_cannot_be_written(designer: Client) -> None:
    draft = make.loaded()
    part = question(draft, "Q1")
    for name, value in (("alt_nb", "Et bilde"), ("quotation_nb", "Sitat"), ("minimum", "3"), ("unit_nb", "år")):
        assert write(designer, part, name, value).status_code == 422
    part.refresh_from_db()
    assert (part.alt_nb or "", part.quotation_nb or "", part.minimum, part.unit_nb or "") == ("", "", None, "")
    assert write(designer, question(draft, "Q2"), "elaboration", "optional").status_code == 422


def test_the_right_to_questionnaires_alone_changes_none_of_their_parts() -> None:
    draft = make.loaded()
    someone = signed_in(cast._user("halv", "surveys.view_questionnaire", "surveys.change_questionnaire", staff=True))
    assert someone.get(address(draft)).status_code == 403
    assert write(someone, question(draft, "Q1"), "text_nb", "Endret?").status_code == 403
    publish = reverse("admin:surveys_questionnaire_publish", args=[draft.questionnaire_id])
    assert someone.post(publish).status_code == 403
    assert authoring.Edition.objects.get(pk=draft.pk).is_draft
