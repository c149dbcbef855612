"""Words that stand outside the questions: of background facts, written at the builder; of concepts, in the sheet."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from python_calamine import CalamineWorkbook

from surveys import translating
from surveys.drafting import versioning
from surveys.models import Concept, DraftChange, Edition, EditionFact
from tests import cast, make
from tests.make import asking
from tests.page import parse
from tests.surveys.admin.builds import SCRIPT, address, deed
from tests.surveys.admin.pages import signed_in
from tests.surveys.admin.test_translations import applied, upload
from tests.surveys.translating.sheets import typed

pytestmark = pytest.mark.django_db


def draft(code: str = "prov-2021") -> Edition:
    fact = {
        "name": "role",
        "label": {"nb": "Verv"},
        "values": [{"code": "local", "label": {"nb": "Plasstillitsvalgt"}}],
    }
    return make.loaded(code, [asking("B1", concept="tid")], facts=[fact], concepts={"tid": {"nb": "Tid i vervet"}})


def write(client: Client, edition: Edition, place: str, name: str, value: str, read: str = "") -> Any:
    sent = {"place": place, "name": name, "value": value, "read": versioning.mark(read)}
    return client.post(address(edition, "_write"), sent, headers=SCRIPT)


# --- Background facts -------------------------------------------------------------------------------------


def test_the_words_of_a_fact_are_written_noted_and_undone(designer: Client) -> None:
    edition = draft()
    fact = edition.facts.get()
    value = fact.values.get()
    page = parse(designer.get(address(edition)))
    assert page.find(id=f"editionfactvalue-{value.pk}-label_nb").get("value") == "Plasstillitsvalgt"

    answer = write(designer, edition, f"editionfact-{fact.pk}", "label_en", "  Role ")
    assert (answer.status_code, answer.json()["value"]) == (200, "Role")
    write(designer, edition, f"editionfactvalue-{value.pk}", "label_en", "Local representative")
    value.refresh_from_db()
    assert value.label_en == "Local representative"
    assert (
        parse(designer.get(address(edition))).find(id="builder-done-words").text
        == "Background from the register changed"
    )

    deed(designer, edition, "undo", change=str(DraftChange.objects.latest("pk").pk))
    assert [each.label_en for each in EditionFact.objects.get().values.all()] in ([""], [None])
    assert EditionFact.objects.get().label_en == "Role"  # type: ignore[attr-defined]


def test_of_two_who_write_the_second_is_told_what_the_first_wrote(designer: Client) -> None:
    edition = draft()
    place = f"editionfact-{edition.facts.get().pk}"
    write(signed_in(cast.designer("berit")), edition, place, "label_en", "Role")

    answer = write(designer, edition, place, "label_en", "Office")

    assert (answer.status_code, answer.json()["theirs"]) == (409, "Role")
    assert write(designer, edition, place, "label_en", "Office", read="Role").status_code == 200


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("label_nb", " ", "Something must stand here."),
        ("label_en", "x" * 201, "There is room for 200 characters here."),
        ("label_en", "a\x00b", "There is room for 200 characters here."),
        ("name", "region", "This cannot be changed here."),
        ("label_xx", "x", "This cannot be changed here."),
    ],
)
def test_what_cannot_stand_there_is_refused(designer: Client, name: str, value: str, expected: str) -> None:
    edition = draft()
    fact = edition.facts.get()
    read = "Verv" if name == "label_nb" else ""

    answer = write(designer, edition, f"editionfact-{fact.pk}", name, value, read)

    assert (answer.status_code, answer.json()["reasons"]) == (422, [expected])
    fact.refresh_from_db()
    assert (fact.name, fact.label) == ("role", "Verv")


@pytest.mark.parametrize(
    "place", ["editionfact-", "editionfact-x", "editionfact-999999", "editionfactvalue-1e3", "editionfactory-1"]
)
def test_what_is_not_there_is_gone(designer: Client, place: str) -> None:
    assert write(designer, draft(), place, "label_en", "x").status_code == 410


def test_another_drafts_facts_are_out_of_reach(designer: Client) -> None:
    edition, other = draft(), draft("annen-2021")
    assert write(designer, edition, f"editionfact-{other.facts.get().pk}", "label_en", "x").status_code == 410
    assert designer.get(address(edition, "_changes"), {"version": -1, "open": "editionfact-1"}).json()["sheet"] == ""


def test_what_is_missing_leads_to_the_very_field(designer: Client) -> None:
    edition = draft()
    edition.questions.update(text_nn="Kva?")
    fact = edition.facts.get()
    page = parse(designer.get(reverse("admin:surveys_edition_translations", args=[edition.pk])))
    links = [each.get("href") for each in page.find(id="missing-nn").all("a")]
    assert f"{address(edition)}#editionfact-{fact.pk}-label_nn" in links
    assert f"{address(edition)}#editionfactvalue-{fact.values.get().pk}-label_nn" in links


# --- Concepts ---------------------------------------------------------------------------------------------


def sheet(edition: Edition) -> bytes:
    with override("en"):
        return translating.export(edition, "nb")


def rows(content: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(1).to_python()


def test_the_names_of_its_concepts_stand_in_the_sheet_and_come_back(designer: Client) -> None:
    edition = draft()
    make.loaded("annen-2021", [asking("X1", concept="annet")], concepts={"annet": {"nb": "Noe annet"}})
    keys = [row[0] for row in rows(sheet(edition)) if str(row[0]).startswith("concepts/")]
    assert keys == ["concepts/tid/title"]

    planned = translating.plan(typed(sheet(edition), {("concepts/tid/title", "en"): "Time in the role"}))

    (line,) = planned.lines
    assert (line.outcome.value, line.before, line.after) == ("filled", "", "Time in the role")
    assert translating.apply(planned).count == 1
    assert Concept.objects.get(code="tid").title_en == "Time in the role"  # type: ignore[attr-defined]
    assert translating.apply(planned).count == 0, "done already"


def test_a_concept_that_somebody_named_meanwhile_is_not_written_over(designer: Client) -> None:
    edition = draft()
    content = typed(sheet(edition), {("concepts/tid/title", "en"): "Time in the role"})
    Concept.objects.filter(code="tid").update(title_en="Experience")

    (line,) = translating.plan(content).lines

    assert (line.outcome.value, line.asks) == ("overtaken", True)


def test_whoever_may_not_change_concepts_does_not_name_them_by_a_sheet() -> None:
    edition = draft()
    writer = cast.designer()
    writer.user_permissions.remove(Permission.objects.get(codename="change_concept"))
    client = signed_in(writer)
    texts = {("concepts/tid/title", "en"): "Time in the role", ("questions/B1/text", "en"): "How long?"}

    response = applied(client, edition, upload(client, edition, typed(sheet(edition), texts)))

    assert [str(each) for each in response.context["messages"]] == [
        "The names of concepts were left as they are: you may not change concepts.",
        "1 text was written.",
    ]
    assert Concept.objects.get(code="tid").title_en in ("", None)  # type: ignore[attr-defined]
    assert edition.questions.get(code="B1").text_en == "How long?"
