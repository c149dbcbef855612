"""The builder's page: what it shows, who may use it, and what is written in it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from surveys.drafting import building, versioning
from surveys.models import Option
from tests import cast, make
from tests.make import asking
from tests.page import parse
from tests.surveys.admin.builds import SCRIPT, address, deed, question, write
from tests.surveys.admin.pages import signed_in

pytestmark = pytest.mark.django_db


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
