"""The builder's page and what its script sends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from surveys import authoring, critiquing, publishing
from surveys.drafting import building, deciding, versioning
from surveys.models import Concept, Condition, Edition, Option, Question, Section
from tests import cast, make
from tests.make import DURING, asking
from tests.page import parse
from tests.surveys.admin.pages import codes, signed_in

pytestmark = pytest.mark.django_db

SCRIPT = {"X-Builder": "1"}


def address(edition: Edition, name: str = "") -> str:
    return reverse(f"admin:surveys_questionnaire_build{name}", args=[edition.questionnaire_id])


def write(client: Client, row: Any, name: str, value: str, *, read: str | None = None) -> Any:
    """What the page sends when something has been typed; on what stands there now unless told otherwise."""
    edition = row if isinstance(row, Edition) else getattr(row, "edition", None) or row.question.edition
    if read is None:
        fresh = type(row).objects.get(pk=row.pk)
        read = (
            deciding.mark_of(fresh) if name == "conditions" else versioning.mark(versioning.plain(getattr(fresh, name)))
        )
    sent = {"place": building.place_of(row), "name": name, "value": value, "read": read}
    return client.post(address(edition, "_write"), sent, headers=SCRIPT)


def deed(client: Client, edition: Edition, name: str, **sent: Any) -> Any:
    return client.post(address(edition, "_deed"), {"deed": name, **sent}, headers=SCRIPT)


def question(edition: Edition, code: str) -> Question:
    return edition.questions.get(code=code)


# --- The page ---------------------------------------------------------------------------------------------


def test_a_question_without_words_is_complete_in_no_language(designer: Client) -> None:
    draft = make.loaded()
    deed(designer, draft, "add_question", section=str(draft.sections.all()[0].pk), kind="yes_no", after="")
    added = draft.questions.order_by("-pk")[0]
    state = "builder-language is-"

    def states() -> list[str]:
        part = parse(designer.get(address(draft))).find(id=building.place_of(added))
        return [str(node.get("class")).removeprefix(state) for node in part.all(class_="builder-language")]

    assert states() == ["part", "part", "part", "part"]
    write(designer, added, "text_nb", "Hva mener du?")
    assert states() == ["whole", "part", "part", "part"]


def test_the_page_shows_every_part_in_order(designer: Client) -> None:
    draft = make.loaded()
    page = parse(designer.get(address(draft)))
    places = [node.get("data-place") for node in page.all(class_="builder-part")]
    expected = [f"edition-{draft.pk}"]
    for section in draft.sections.order_by("position"):
        expected.append(f"section-{section.pk}")
        expected += [f"question-{each.pk}" for each in section.questions.order_by("position")]
    assert places == expected


def test_a_questionnaire_without_a_draft_is_shown_on_its_own_page(designer: Client) -> None:
    edition = make.published()
    response = designer.get(address(edition))
    assert response.status_code == 302
    assert response.url == reverse("admin:surveys_questionnaire_change", args=[edition.questionnaire_id])
    assert designer.get(address(edition, "_changes"), headers=SCRIPT).status_code == 410


@pytest.mark.parametrize(("name", "method"), [("", "post"), ("_changes", "post"), ("_write", "get"), ("_deed", "get")])
def test_only_the_method_that_is_meant(designer: Client, name: str, method: str) -> None:
    assert getattr(designer, method)(address(make.loaded(), name)).status_code == 405


@pytest.mark.parametrize("name", ["", "_changes"])
def test_nobody_without_the_right_reads_it(name: str) -> None:
    assert signed_in(cast.outsider()).get(address(make.loaded(), name)).status_code == 403


@pytest.mark.parametrize("name", ["_write", "_deed"])
def test_nobody_without_the_right_writes(name: str) -> None:
    assert signed_in(cast.outsider()).post(address(make.loaded(), name), {"deed": "add_section"}).status_code == 403
    assert (
        Client().post(address(make.empty_questionnaire().editions.first() or make.loaded("x"), name)).status_code == 302
    )


def test_an_address_without_a_questionnaire(designer: Client) -> None:
    assert designer.get(reverse("admin:surveys_questionnaire_build", args=[999999])).status_code == 404


def test_the_page_asks_the_database_as_often_for_150_questions_as_for_one(designer: Client) -> None:
    counts = {}
    for size in (1, 3, 150):
        sections = [[asking(f"Q{part}_{n}") for n in range(min(size, 10))] for part in range(max(1, size // 10))]
        # One more stands before them, so that even the one has something that could decide whether it is shown.
        draft = make.loaded(f"of-{size}", [asking("Q0")], *sections)
        opened = building.place_of(draft.questions.last())  # type: ignore[arg-type]
        write(designer, draft.questions.last(), "text_nb", "Nytt først?")
        with CaptureQueriesContext(connection) as page:
            assert designer.get(address(draft)).status_code == 200
        with CaptureQueriesContext(connection) as changes:
            designer.get(address(draft, "_changes"), {"open": opened}, headers=SCRIPT)
        with CaptureQueriesContext(connection) as written:
            assert write(designer, draft.questions.last(), "text_nb", "Nytt?").status_code == 200
        counts[size] = (len(page), len(changes), len(written))
    assert counts[1] == counts[3] == counts[150], counts


# --- Writing ----------------------------------------------------------------------------------------------


def test_what_is_written_is_saved_and_marked_anew(designer: Client) -> None:
    part = question(make.loaded(), "Q1")
    response = write(designer, part, "text_nb", "  Hva nå?\r\nOg så?  ")
    part.refresh_from_db()
    assert part.text_nb == "Hva nå?\nOg så?".replace("\n", "\r\n") or part.text_nb == "Hva nå?\nOg så?"
    assert response.json() == {"value": "Hva nå?\nOg så?", "read": versioning.mark("Hva nå?\nOg så?")}


def test_who_writes_second_is_told_what_the_first_wrote(designer: Client) -> None:
    part = question(make.loaded(), "Q1")
    read = versioning.mark(versioning.plain(part.text_nb))
    other = cast.designer("berit")
    other.first_name, other.last_name = "Berit", "Bakke"
    other.save(update_fields=["first_name", "last_name"])
    assert write(signed_in(other), part, "text_nb", "Hennes?").status_code == 200

    response = write(designer, part, "text_nb", "Mitt?", read=read)

    told = response.json()
    assert response.status_code == 409
    assert told["reasons"][0] == "Someone else wrote: “Hennes?”."
    assert told["reasons"][1].startswith("Last saved by Berit Bakke, ")
    assert told["theirs"] == "Hennes?"
    part.refresh_from_db()
    assert part.text_nb == "Hennes?"
    assert write(designer, part, "text_nb", "Mitt?", read=told["read"]).status_code == 200


def test_two_who_write_in_different_places_do_not_hinder_each_other(designer: Client) -> None:
    part = question(make.loaded(), "Q1")
    marks = {name: versioning.mark(versioning.plain(getattr(part, name))) for name in ("text_nb", "help_nb")}
    assert (
        write(signed_in(cast.designer("berit")), part, "text_nb", "Hennes?", read=marks["text_nb"]).status_code == 200
    )
    assert write(designer, part, "help_nb", "Min hjelp", read=marks["help_nb"]).status_code == 200


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("code", "1 2", "Start with a letter; use letters, digits and underscores only."),
        ("code", "Q2", "Another question has this code."),
        ("code", "", "This field is required."),
        ("kind", "telepathy", "Please choose a kind."),
        ("elaboration", "loudly", "Select a valid choice. loudly is not one of the available choices."),
        ("minimum", "1e999", "Ensure that there are no more than 16 digits in total."),
        ("minimum", "NaN", "Enter a number."),
        ("decimals", "9", "Ensure this value is less than or equal to 4."),
        ("concept", "999999", "This concept is no longer there."),
        ("section", "1", "This cannot be changed here."),
        ("edition_id", "1", "This cannot be changed here."),
        ("text_nb", "x" * 20001, "The text is too long: there is room for 20000 characters."),
        ("text_nb", "a\x00b", "Null characters are not allowed."),
    ],
)
def test_what_cannot_stand_there_is_refused_in_words(designer: Client, name: str, value: str, reason: str) -> None:
    kind = "number" if name in ("minimum", "decimals") else "yes_no"
    draft = make.loaded("prov-2021", [asking("Q1", kind), asking("Q2")])
    part = question(draft, "Q1")
    read = versioning.mark(versioning.plain(getattr(part, name)))
    response = write(designer, part, name, value, read=read)
    assert (response.status_code, response.json()) == (422, {"reasons": [reason]})


@pytest.mark.parametrize(
    "place", ["", "question", "question-", "question-x", "question-999999999999999999999", "user-1"]
)
def test_a_place_that_is_not_there(designer: Client, place: str) -> None:
    sent = {"place": place, "name": "text_nb", "value": "x", "read": ""}
    assert designer.post(address(make.loaded(), "_write"), sent, headers=SCRIPT).status_code == 410


def test_a_part_of_another_draft_is_not_written(designer: Client) -> None:
    draft, other = make.loaded("en"), make.loaded("to")
    for row in (
        other,
        other.sections.first(),
        other.questions.first(),
        Option.objects.filter(question__edition=other).first(),
    ):
        assert row is not None
        sent = {"place": building.place_of(row), "name": "title_nb", "value": "x", "read": ""}
        assert designer.post(address(draft, "_write"), sent, headers=SCRIPT).status_code == 410


def test_a_new_kind_brings_its_options_and_drops_what_it_has_no_use_for(designer: Client) -> None:
    part = question(make.loaded("prov-2021", [asking("Q1", elaboration="optional", prompt={"nb": "Fortell"})]), "Q1")
    assert write(designer, part, "kind", "number").status_code == 200
    part.refresh_from_db()
    assert (part.kind, part.elaboration, part.elaboration_prompt_nb, part.options.count()) == ("number", "never", "", 0)
    assert write(designer, part, "kind", "single_choice").status_code == 200
    assert part.options.count() == 2


def test_the_short_name_follows_the_label_until_someone_chooses_one(designer: Client) -> None:
    part = question(make.loaded("prov-2021", [asking("Q1", "long_text")]), "Q1")
    write(designer, part, "kind", "single_choice")
    first, second = part.options.order_by("position")
    write(designer, first, "label_nb", "Både óg")
    write(designer, second, "label_nb", "Både óg")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.code, second.code) == ("bade-og", "bade-og-2")
    write(designer, first, "code", "eget")
    write(designer, first, "label_nb", "Noe annet")
    first.refresh_from_db()
    assert first.code == "eget"


# --- Conditions -------------------------------------------------------------------------------------------


def with_three() -> Edition:
    return make.loaded("prov-2021", [asking("Q1"), asking("Q2", "number")], [asking("Q3", "long_text")])


def row(source: Question, operator: str, *answers: Option, group: int = 1, number: str = "") -> dict[str, Any]:
    ids = [str(each.pk) for each in answers]
    return {"group": group, "source": f"question-{source.pk}", "operator": operator, "answers": ids, "number": number}


def test_conditions_of_a_question_and_of_a_section(designer: Client) -> None:
    draft = with_three()
    first, second, third = (question(draft, code) for code in ("Q1", "Q2", "Q3"))
    yes, no = first.options.order_by("position")
    rows = [row(first, "one_of", yes, no), row(second, "at_least", number="2,5"), row(first, "is", no, group=2)]
    assert write(designer, third, "conditions", json.dumps(rows)).status_code == 200
    assert [str(each) for each in versioning.conditions(third)] == ["Q1 is one of", "Q2 is at least 2.5000", "Q1 is No"]
    section = third.section
    assert write(designer, section, "conditions", json.dumps([row(first, "answered")])).status_code == 200
    assert Condition.objects.filter(section=section).count() == 1
    assert write(designer, third, "conditions", "[]").status_code == 200
    assert not Condition.objects.filter(question=third).exists()


def test_conditions_that_make_no_sense_are_refused(designer: Client) -> None:
    draft = with_three()
    first, second, third = (question(draft, code) for code in ("Q1", "Q2", "Q3"))
    for value, reason in [
        ("{", "This could not be read."),
        ("[1]", "This could not be read."),
        (json.dumps([{**row(first, "is"), "group": "1"}]), "This could not be read."),
        (json.dumps([row(first, "is")]), "Please choose the answer that decides."),
        (json.dumps([row(first, "at_least", number="3")]), "Q1 is not answered with a number."),
        (json.dumps([row(second, "at_least", number="NaN")]), "Please write the number that decides."),
        (json.dumps([row(third, "answered")]), "Please choose what decides."),
        (json.dumps([{**row(first, "is"), "source": "fact-1"}]), "Please choose what decides."),
    ]:
        response = write(designer, third, "conditions", value)
        assert (response.status_code, response.json()["reasons"]) == (422, [reason]), value
    assert not Condition.objects.filter(question=third).exists()


def test_conditions_that_someone_else_has_changed(designer: Client) -> None:
    draft = with_three()
    first, third = question(draft, "Q1"), question(draft, "Q3")
    read = deciding.mark_of(third)
    write(designer, third, "conditions", json.dumps([row(first, "answered")]))
    response = write(designer, third, "conditions", "[]", read=read)
    assert response.status_code == 409
    assert response.json()["read"] == deciding.mark_of(third)


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
