"""Background facts chosen at the builder: what the register offers, what a draft looks at, and what holds on to it."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consult.models import Role
from surveys import authoring, publishing, structure
from surveys.admin.offering import offered
from surveys.drafting import declaring
from surveys.models import Edition, EditionFact
from surveys.structure import FactView, Text
from tests import cast, make
from tests.make import OPENS, asking
from tests.page import parse
from tests.surveys.admin.builds import address, deed, write
from tests.surveys.admin.pages import signed_in

pytestmark = pytest.mark.django_db


def looked_at(edition: Edition) -> dict[str, list[str]]:
    return {fact.name: [code for code, _label in fact.values] for fact in structure.read(edition).facts}


def asked_of(edition: Edition, fact: str, value: str) -> str:
    """A condition as the page sends it: shown to those with this value."""
    row = EditionFact.objects.get(edition=edition, name=fact)
    return json.dumps(
        [
            {
                "group": 1,
                "source": f"fact-{row.pk}",
                "operator": "is",
                "answers": [str(row.values.get(code=value).pk)],
                "number": "",
            }
        ]
    )


def test_what_the_register_offers_can_be_chosen_and_is_used_at_once(designer: Client) -> None:
    draft = make.loaded("prov-2021", [asking("B1")])
    assert looked_at(draft) == {}

    sent = deed(designer, draft, "declare", fact="role").json()

    assert looked_at(draft) == {"role": [role.value for role in Role]}
    assert sent["focus"] == "fact-role"
    one = draft.questions.get()
    assert write(designer, one, "conditions", asked_of(draft, "role", "local")).status_code == 200
    assert [(each.fact, each.option) for each in structure.read(draft).questions["B1"].conditions] == [
        ("role", "local")
    ]
    assert write(designer, one, "text_nb", "Hva mener du som {role|tillitsvalgt}?").status_code == 200
    edition = publishing.publish(draft.questionnaire_id, OPENS)
    assert list(looked_at(edition)) == ["role"]


def test_the_labels_are_the_registers_in_every_language(designer: Client) -> None:
    draft = make.loaded()
    deed(designer, draft, "declare", fact="host_municipality")
    fact = structure.read(draft).facts[0]
    assert fact.values == offered()["host_municipality"].values
    assert set(fact.label.by_language) == {"nb", "nn", "en"}


def test_one_that_something_looks_at_stays_with_the_reason(designer: Client) -> None:
    draft = make.loaded("prov-2021", [asking("B1"), asking("B2")])
    deed(designer, draft, "declare", fact="role")
    write(designer, draft.questions.get(code="B1"), "conditions", asked_of(draft, "role", "local"))
    write(designer, draft.questions.get(code="B2"), "text_nb", "Hva mener du som {role|tillitsvalgt}?")
    version = Edition.objects.get(pk=draft.pk).version

    refused = deed(designer, draft, "withdraw", fact="role")

    assert (refused.status_code, refused.json()["reasons"]) == (
        422,
        [
            "B1 is shown only to some by Role. Change that condition first.",
            "B2 names {role} in its text. Take that out first.",
        ],
    )
    assert list(looked_at(draft)) == ["role"]
    assert Edition.objects.get(pk=draft.pk).version == version
    write(designer, draft.questions.get(code="B1"), "conditions", "[]")
    write(designer, draft.questions.get(code="B2"), "text_nb", "Hva mener du?")
    assert deed(designer, draft, "withdraw", fact="role").status_code == 200
    assert looked_at(draft) == {}


def test_a_section_that_looks_at_one_is_named(designer: Client) -> None:
    draft = make.loaded("prov-2021", [asking("B1")], [asking("B2")])
    deed(designer, draft, "declare", fact="role")
    section = draft.sections.get(position=2)
    write(designer, section, "conditions", asked_of(draft, "role", "local"))
    assert deed(designer, draft, "withdraw", fact="role").json()["reasons"] == [
        "section 2 is shown only to some by Role. Change that condition first."
    ]


def test_declared_twice_is_once_and_only_new_values_come_along(designer: Client) -> None:
    draft = make.loaded()
    make.unit("nord", "region", make.unit())
    deed(designer, draft, "declare", fact="region")
    row = EditionFact.objects.get(edition=draft, name="region")
    row.label_nb = "Landsdel"
    row.save(update_fields=["label_nb"])
    make.unit("sor", "region", make.unit())

    deed(designer, draft, "declare", fact="region")

    assert looked_at(draft) == {"region": ["nord", "sor"]}
    row.refresh_from_db()
    assert row.label_nb == "Landsdel"


def test_what_no_survey_could_carry_is_refused() -> None:
    draft = make.loaded()
    for number in range(4):
        declaring.declare(draft.pk, FactView(f"f{number}", Text({"nb": "Noe"}), ()))
    with pytest.raises(declaring.TooMany, match="høyst 4"):
        declaring.declare(draft.pk, FactView("f5", Text({"nb": "Noe"}), ()))
    assert len(looked_at(draft)) == 4


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"deed": "declare", "fact": "shoe_size"}, 422),
        ({"deed": "declare"}, 422),
        ({"deed": "declare", "fact": "<script>"}, 422),
        ({"deed": "withdraw", "fact": "role"}, 410),
        ({"deed": "withdraw"}, 410),
    ],
)
def test_what_is_not_there(designer: Client, sent: Mapping[str, str], status: int) -> None:
    draft = make.loaded()
    given = {key: value for key, value in sent.items() if key != "deed"}
    assert deed(designer, draft, sent["deed"], **given).status_code == status
    assert looked_at(draft) == {}


def test_a_published_edition_keeps_what_it_looks_at(designer: Client) -> None:
    draft = make.loaded()
    declaring.declare(draft.pk, offered()["role"])
    edition = publishing.publish(draft.questionnaire_id, OPENS)
    with pytest.raises(authoring.NotADraft):
        declaring.withdraw(edition.pk, "role")
    with pytest.raises(authoring.NotADraft):
        declaring.declare(edition.pk, offered()["region"])


def test_nobody_without_the_right_chooses() -> None:
    draft = make.loaded()
    assert deed(signed_in(cast.outsider()), draft, "declare", fact="role").status_code == 403
    assert looked_at(draft) == {}


def test_the_builder_and_the_map_say_what_is_looked_at(designer: Client) -> None:
    draft = make.loaded("prov-2021", [asking("B1")])
    deed(designer, draft, "declare", fact="role")
    deed(designer, draft, "declare", fact="size_band")
    write(designer, draft.questions.get(), "conditions", asked_of(draft, "role", "local"))

    page = parse(designer.get(address(draft)))
    assert page.find(id="builder-facts-summary").text == (
        "Looks at background from the register: Role, Size of the office"
    )
    pressed = {each.get("id"): each.get("value") for each in page.find(id="builder-facts").all("button")}
    assert pressed == {
        "fact-role": "withdraw",
        "fact-region": "declare",
        "fact-size_band": "withdraw",
        "fact-host_municipality": "declare",
    }
    chart = parse(designer.get(reverse("admin:surveys_edition_map", args=[draft.pk])))
    assert chart.find(id="map-fact-role").text.endswith("Used by B1.")
    assert chart.find(id="map-fact-size_band").text.endswith("Nothing looks at it yet.")


def test_pressed_without_the_script_it_is_done_all_the_same(designer: Client) -> None:
    draft = make.loaded()
    response = designer.post(f"{address(draft, '_deed')}?fact=role", {"deed": "declare"})
    assert response.status_code == 302
    assert list(looked_at(draft)) == ["role"]


def test_the_number_of_queries_does_not_follow_the_facts(designer: Client) -> None:
    counts = []
    for names in (["role"], ["role", "region", "size_band"]):
        draft = make.loaded(f"of-{len(names)}")
        for name in names:
            declaring.declare(draft.pk, offered()[name])
        designer.get(address(draft))
        with CaptureQueriesContext(connection) as queries:
            assert designer.get(address(draft)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
