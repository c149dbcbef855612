"""One history of a questionnaire, with everything that was done to it, whichever way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from surveys import authoring, publishing
from surveys.models import DraftChange, Edition, Questionnaire
from surveys.texts import correcting
from surveys.texts.correcting import Place
from tests import cast, make
from tests.files import png
from tests.make import asking
from tests.page import parse
from tests.surveys.admin.pages import change, filled, page_of, signed_in

pytestmark = pytest.mark.django_db


def address(edition: Edition) -> str:
    return reverse("admin:surveys_questionnaire_history_all", args=[edition.questionnaire_id])


def told(client: Client, edition: Edition) -> list[str]:
    """What stands in the history: what and who, and in which edition."""
    rows = [row.children[0] for row in parse(client.get(address(edition))).find("table", class_="rows").all("tr")[1:]]
    found = []
    for row in rows:
        quiet = row.find("span").text
        who, number = quiet.removeprefix("by ").partition(",")[0], quiet.partition(" · ")[2]
        found.append(" – ".join(filter(None, [str(row.parts[0]).strip(), who, number])))
    return found


def in_a_file(folder: Path, *sections: object) -> str:
    path = folder / "prov.json"
    path.write_text(json.dumps(make.document("prov-2021", *sections)))  # type: ignore[arg-type]
    return str(path)


def command(*arguments: str) -> None:
    with override("en"):
        call_command(*arguments, verbosity=0)


def test_from_the_first_press_to_the_correction(designer: Client) -> None:
    make.loaded("mal", [asking("B1", text={"nb": "Hva meiner duu om samarbeidet på kontoret?"})], role="template")
    template = Questionnaire.objects.get(code="mal")
    sent = {"template": template.pk, "title": "Ny", "code": "ny-2021"}
    designer.post(reverse("admin:surveys_questionnaire_begin"), sent)
    draft = Edition.objects.get(questionnaire__code="ny-2021")
    designer.post(change(draft.questionnaire), filled(designer, change(draft.questionnaire), title_nb="Nyere"))
    designer.post(change(draft), filled(designer, change(draft), minutes="7"))
    designer.post(reverse("admin:surveys_questionnaire_publish", args=[draft.questionnaire_id]))
    draft.refresh_from_db()
    assert not draft.is_draft
    place = Place("question", draft.questions.get().pk, "text", "nb")
    wrong = draft.questions.get().text_nb  # type: ignore[attr-defined]
    with override("en"):
        correcting.correct(draft, place, wrong, wrong.replace("duu", "du"), cast.designer("berit"), timezone.now())
    designer.post(reverse("admin:surveys_questionnaire_draft", args=[draft.questionnaire_id]))
    designer.post(reverse("admin:surveys_questionnaire_draft", args=[draft.questionnaire_id]))

    assert told(designer, draft) == (
        [
            "Begun: from edition 1 – you",
            f"Misspelling corrected: “{wrong}” → “{wrong.replace('duu', 'du')}” – berit – edition 1",
            "Published as edition 1 – you – edition 1",
            "Title page changed – you – edition 1",
            "Changed Title. – you",
            "Begun: from the template “Prøve” – you – edition 1",
        ]
    )


def test_what_a_command_does_is_told_and_can_be_undone(designer: Client, tmp_path: Path) -> None:
    command("import_questionnaire", in_a_file(tmp_path, [asking("B1")]))
    draft = Edition.objects.get(questionnaire__code="prov-2021")
    assert told(designer, draft) == ["Read from a file – the command line"]
    command("import_questionnaire", in_a_file(tmp_path, [asking("B2")]))
    assert told(designer, draft)[0] == "Everything replaced from a file – the command line"

    sheet = tmp_path / "sheet.xlsx"
    command("export_translations", "prov-2021", "-o", str(sheet))
    command("import_translations", str(sheet))
    assert len(told(designer, draft)) == 2, "nothing was new"

    pressed = reverse("admin:surveys_questionnaire_build_deed", args=[draft.questionnaire_id])
    designer.post(pressed, {"deed": "undo", "change": DraftChange.objects.latest("pk").pk})
    assert list(draft.questions.values_list("code", flat=True)) == ["B1"]


def test_a_command_that_publishes_is_told_of(designer: Client, tmp_path: Path) -> None:
    command("import_questionnaire", in_a_file(tmp_path, [asking("B1")]), "--publish")
    edition = Edition.objects.get(questionnaire__code="prov-2021")
    assert told(designer, edition) == [
        "Published as edition 1 – the command line – edition 1",
        "Read from a file – the command line – edition 1",
    ]


def test_a_refused_import_leaves_nothing_behind(designer: Client, tmp_path: Path) -> None:
    command("import_questionnaire", in_a_file(tmp_path, [asking("B1")]))
    draft = Edition.objects.get(questionnaire__code="prov-2021")
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(make.document("prov-2021", [asking("B2")], purpose={})))
    with pytest.raises(Exception, match="Not published"):
        command("import_questionnaire", str(path), "--publish")
    assert told(designer, draft) == ["Read from a file – the command line"]


def test_the_admins_own_buttons_lead_to_it(designer: Client) -> None:
    draft = make.loaded()
    for part in (draft.questionnaire, draft, draft.sections.get(), draft.questions.all()[0]):
        own = reverse(f"admin:surveys_{part._meta.model_name}_history", args=[part.pk])
        assert designer.get(own)["Location"] == address(draft)
        assert designer.get(reverse(f"admin:surveys_{part._meta.model_name}_history", args=[999999])).status_code == 404
    assert parse(designer.get(page_of(draft))).find("a", href=address(draft)).text == "Everything that was done"


def test_whoever_may_only_look_sees_it_and_puts_nothing_back(designer: Client) -> None:
    draft = make.loaded()
    designer.post(change(draft), filled(designer, change(draft), minutes="7"))
    back = reverse(
        "admin:surveys_questionnaire_history_one", args=[draft.questionnaire_id, DraftChange.objects.get().pk]
    )
    assert parse(designer.get(address(draft))).all("a", href=back)
    reader = cast._user("reader", "surveys.view_questionnaire", staff=True)

    assert parse(signed_in(reader).get(address(draft))).all("a", href=back) == []
    assert signed_in(reader).get(back).status_code == 403
    assert signed_in(cast.outsider()).get(address(draft)).status_code == 403


def test_publishing_lets_go_of_how_the_draft_stood_and_of_the_images_it_kept_for_that(designer: Client) -> None:
    draft = make.showing("bilder", ring=png())
    designer.post(change(draft), filled(designer, change(draft), minutes="7", purpose_nb="Fordi."))
    kept = DraftChange.objects.get()
    assert (bool(kept.state), kept.files.count()) == (True, 1)

    person = cast.designer("berit")
    publishing.publish(draft.questionnaire_id, make.OPENS, person)

    kept.refresh_from_db()
    assert (bytes(kept.state), kept.files.count()) == (b"", 0)
    assert DraftChange.objects.latest("pk").person == person
    authoring.draft(draft.questionnaire)
    assert len(told(designer, draft)) == 2
