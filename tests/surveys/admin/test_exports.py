"""The pages of files in the making: asked for by a press, waited for without a script, fetched by those who may."""

from __future__ import annotations

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from surveys import drawing
from surveys.models import Edition, Export
from surveys.tasks import draw_exports, drop_old_exports
from tests import cast, make
from tests.surveys.admin.pages import signed_in

pytestmark = pytest.mark.django_db


def ask(client: Client, edition: Edition, form: str = "pdf") -> str:
    """The page that a press leads to."""
    response = client.post(reverse("admin:surveys_export_ask", args=[edition.pk]), {"format": form})
    assert response.status_code == 303
    return str(response["Location"])


def test_from_the_menu_to_the_file(designer: Client) -> None:
    edition = make.published()
    menu = designer.get(reverse("admin:surveys_edition_formats", args=[edition.pk])).content.decode()
    address = reverse("admin:surveys_export_ask", args=[edition.pk])
    assert menu.count(f'action="{address}"') == 2
    assert "format=pdf" not in menu

    page = ask(designer, edition)
    waiting = designer.get(page)
    assert waiting["Refresh"] == "3"
    assert "/file/" not in waiting.content.decode()

    draw_exports()
    ready = designer.get(page)
    assert not ready.has_header("Refresh")
    file_page = reverse("admin:surveys_export_file", args=[Export.objects.get().pk])
    assert f'href="{file_page}"' in ready.content.decode()

    file = designer.get(file_page)
    assert file.content.startswith(b"%PDF-")
    assert (file["Content-Type"], file["Content-Disposition"]) == (
        "application/pdf",
        'attachment; filename="prov-2021-1.pdf"',
    )
    for response in (waiting, ready, file):
        assert "no-store" in response["Cache-Control"]


def test_pressing_twice_leads_to_one_row(designer: Client) -> None:
    edition = make.published()

    assert ask(designer, edition) == ask(designer, edition)
    draw_exports()
    assert ask(designer, edition) == reverse("admin:surveys_export", args=[Export.objects.get().pk])


def test_a_page_draws_nothing_itself(designer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    edition = make.published()
    monkeypatch.setattr(drawing, "_draw", lambda _hand: pytest.fail("drawn in a request"))

    designer.get(ask(designer, edition))
    menu = reverse("admin:surveys_edition_formats", args=[edition.pk])
    for form in ("docx", "pdf"):
        response = designer.get(reverse("admin:surveys_edition_export", args=[edition.pk]), {"format": form})
        assert (response.status_code, response["Location"]) == (302, menu)


def test_what_failed_says_so_and_can_be_tried_again(designer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    edition = make.published()
    page = ask(designer, edition, "docx")
    with monkeypatch.context() as broken:
        broken.setattr(drawing, "_draw", lambda _hand: 1 / 0)
        draw_exports()

    failed = designer.get(page)
    assert not failed.has_header("Refresh")
    assert f'action="{reverse("admin:surveys_export_ask", args=[edition.pk])}"' in failed.content.decode()
    assert designer.get(f"{page}file/").status_code == 404

    assert ask(designer, edition, "docx") == page
    draw_exports()
    assert designer.get(f"{page}file/").status_code == 200


def test_it_is_gone_after_a_day(designer: Client) -> None:
    with time_machine.travel(make.DURING, tick=False):
        page = ask(designer, make.published())
        draw_exports()
        assert designer.get(f"{page}file/").status_code == 200
    with time_machine.travel(make.DURING + drawing.KEPT * 1.01, tick=False):
        drop_old_exports()

    assert Export.objects.count() == 0


@pytest.mark.parametrize("form", ["", "exe", "json", "PDF"])
def test_only_what_is_drawn_can_be_asked_for(designer: Client, form: str) -> None:
    edition = make.published()

    response = designer.post(reverse("admin:surveys_export_ask", args=[edition.pk]), {"format": form})

    assert (response.status_code, Export.objects.count()) == (404, 0)


def addresses(edition: Edition, export: int) -> list[tuple[str, str]]:
    return [
        ("post", reverse("admin:surveys_export_ask", args=[edition.pk])),
        ("get", reverse("admin:surveys_export", args=[export])),
        ("get", reverse("admin:surveys_export_file", args=[export])),
    ]


def test_only_those_with_the_right_to_the_questionnaire(designer: Client) -> None:
    edition = make.published()
    ask(designer, edition)
    draw_exports()
    row = Export.objects.get()

    for user in (cast.outsider(), cast.coder()):
        client = signed_in(user)
        for method, address in addresses(edition, row.pk):
            assert getattr(client, method)(address, {"format": "pdf"}).status_code == 403
    for method, address in addresses(edition, row.pk):
        response = getattr(Client(), method)(address, {"format": "pdf"})
        assert response.status_code == 302
        assert "login" in response["Location"]
    assert Export.objects.count() == 1


def test_wrong_methods_and_what_is_not_there(designer: Client) -> None:
    edition = make.published()
    ask(designer, edition)
    row = Export.objects.get()

    for method, address in addresses(edition, row.pk):
        other = "get" if method == "post" else "post"
        assert getattr(designer, other)(address).status_code == 405
    for method, address in addresses(Edition(pk=edition.pk + 99), row.pk + 99):
        assert getattr(designer, method)(address, {"format": "pdf"}).status_code == 404
    # Not made yet.
    assert designer.get(reverse("admin:surveys_export_file", args=[row.pk])).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_looking_costs_the_same_however_many_there_are(designer: Client, count: int) -> None:
    edition = make.published()
    pages = [ask(designer, edition, form) for form in ("pdf", "docx")]
    for number in range(count):
        drawing.ask(edition, "pdf", f"x{number}", None, make.DURING)
    designer.get(pages[0])

    with CaptureQueriesContext(connection) as queries:
        designer.get(pages[0])

    assert len([each for each in queries if "surveys_export" in each["sql"]]) == 1
    assert not any('"surveys_export"."content"' in each["sql"] for each in queries)
