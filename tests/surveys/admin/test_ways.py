"""The page of open links: made, changed, turned off and on, as QR codes and as posters."""

from __future__ import annotations

from io import BytesIO

import pytest
import segno
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader

from surveys.models import Export, OpenLink, Survey
from surveys.tasks import draw_exports
from surveys.ways import declaring, linking, picturing, placarding
from tests import cast, make
from tests.page import parse
from tests.surveys.admin.pages import signed_in
from tests.surveys.ways import making

pytestmark = pytest.mark.django_db

NOW = {"raadslag.now": make.DURING}


@pytest.fixture(autouse=True)
def _empty() -> None:
    cache.clear()


def page_of(survey: Survey) -> str:
    return reverse("admin:surveys_ways", args=[survey.pk])


def test_a_link_is_made(designer: Client) -> None:
    survey = make.routed()
    fields = {"title": "Årsmøtet", "most": "120", "fact_region": "north", "fact_role": "", "is_kiosk": "on"}
    answer = designer.post(page_of(survey), fields, **NOW)
    link = OpenLink.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, page_of(survey))
    assert (link.title, link.most, link.facts, link.is_kiosk, link.handed) == (
        "Årsmøtet", 120, {"region": "north"}, True, 0,
    )  # fmt: skip
    shown = parse(designer.get(page_of(survey), **NOW))
    assert [each.text for each in shown.all("h3")][:1] == ["Årsmøtet"]
    assert "How many" not in shown.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""}, {"title": "x" * 81}, {"most": "0"}, {"most": "15"}, {"most": "-10"}, {"most": "1e9"},
        {"most": "100010"}, {"fact_region": "moon"}, {"opens_at": "soon"},
        {"opens_at": "2026-03-06T10:00", "closes_at": "2026-03-05T10:00"},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_refused_is_said_and_makes_nothing(designer: Client, wrong: dict[str, str]) -> None:
    survey = make.routed()
    fields = {"title": "Møtet", "most": "100", **wrong}
    answer = designer.post(page_of(survey), fields, **NOW)
    assert (answer.status_code, bool(parse(answer).all("ul", "errorlist")), OpenLink.objects.count()) == (200, True, 0)


def test_a_planned_or_named_survey_has_none(designer: Client) -> None:
    for survey in (make.planned(), make.routed(promise="named")):
        answer = designer.post(page_of(survey), {"title": "Møtet", "most": "100"}, **NOW)
        assert (answer.status_code, bool(parse(answer).all("ul", "errorlist"))) == (200, True)
    assert not OpenLink.objects.exists()


def test_how_it_came_in_cannot_be_chosen_for_a_link() -> None:
    survey = make.opened(facts=[make.REGION, declaring.fact()])
    with pytest.raises(linking.Refused):
        linking.make(survey, "Møtet", facts={"way": "letter"})


def test_changed_turned_off_and_on(designer: Client) -> None:
    link = making.link()
    answer = designer.post(reverse("admin:surveys_way", args=[link.pk]), {"title": "Landsmøtet", "most": "50"}, **NOW)
    assert answer.status_code == 303
    for name, is_off in (("off", True), ("off", True), ("on", False), ("on", False)):
        assert designer.post(reverse(f"admin:surveys_way_{name}", args=[link.pk]), **NOW).status_code == 303
        link.refresh_from_db()
        assert (link.off_at is not None) == is_off
    assert (link.title, link.most) == ("Landsmøtet", 50)


def test_no_fewer_ballots_than_are_out(designer: Client) -> None:
    link = making.link(most=100)
    OpenLink.objects.filter(pk=link.pk).update(handed=31)
    address = reverse("admin:surveys_way", args=[link.pk])
    refused = designer.post(address, {"title": "Møtet", "most": "30"}, **NOW)
    assert (refused.status_code, "31" in parse(refused).find("div", "sheet").text) == (200, False)
    assert designer.post(address, {"title": "Møtet", "most": "40"}, **NOW).status_code == 303


def test_how_many_are_out_is_told_nowhere(designer: Client) -> None:
    link = making.link(most=100)
    pages = []
    for handed in (0, 1, 77):
        OpenLink.objects.filter(pk=link.pk).update(handed=handed)
        pages.append(parse(designer.get(page_of(link.survey), **NOW)).find("div", "sheet").text)
    assert len(set(pages)) == 1


@pytest.mark.parametrize("who", ["nobody", "coder", "outsider", "leader", "distributor"])
def test_without_the_right(who: str) -> None:
    link = making.link()
    client = Client() if who == "nobody" else signed_in(getattr(cast, who)())
    gets = [page_of(link.survey), *(reverse(name, args=args) for name, args in _gets(link))]
    posts = [
        page_of(link.survey),
        *(reverse(f"admin:surveys_way_{name}", args=[link.pk]) for name in ("off", "poster")),
    ]
    assert {client.get(address, **NOW).status_code for address in gets} <= {302, 403}
    assert {client.post(address, {"language": "nb"}, **NOW).status_code for address in posts} <= {302, 403}
    link.refresh_from_db()
    assert (link.off_at, Export.objects.count()) == (None, 0)


def _gets(link: OpenLink) -> list[tuple[str, list[object]]]:
    return [("admin:surveys_way", [link.pk]), ("admin:surveys_way_qr", [link.pk, "svg"])]


def test_wrong_methods_and_unknown_ones(designer: Client) -> None:
    link = making.link()
    for name in ("off", "on", "poster"):
        assert designer.get(reverse(f"admin:surveys_way_{name}", args=[link.pk]), **NOW).status_code == 405
        assert designer.post(reverse(f"admin:surveys_way_{name}", args=[0]), **NOW).status_code == 404
    for kind in ("gif", "php", "svg.exe"):
        assert designer.get(f"/admin/surveys/survey/ways/{link.pk}/qr.{kind}", **NOW).status_code == 404
    assert designer.get(reverse("admin:surveys_ways", args=[0]), **NOW).status_code == 404
    assert designer.get(reverse("admin:surveys_poster", args=[link.pk, 0]), **NOW).status_code == 404


def test_the_picture_is_the_code_of_the_address(designer: Client, settings) -> None:
    settings.PUBLIC_URL = "https://svar.example"
    link = making.link()
    answer = designer.get(reverse("admin:surveys_way_qr", args=[link.pk, "png"]), **NOW)
    image = Image.open(BytesIO(answer.content)).convert("1")
    expected = segno.make_qr(f"https://svar.example/o/{link.code}", error="q", boost_error=False)
    size = expected.symbol_size(border=picturing.QUIET_ZONE)[0]
    step = image.width // size
    middle = [at * step + step // 2 for at in range(size)]
    rows = [[image.getpixel((x, y)) == 0 for x in middle] for y in middle]
    assert rows == [[bool(dark) for dark in row] for row in expected.matrix_iter(border=picturing.QUIET_ZONE)]


def test_the_address_is_the_configured_one_whatever_the_host_says(designer: Client, settings) -> None:
    settings.PUBLIC_URL = "https://svar.example"
    settings.ALLOWED_HOSTS = ["*"]
    link = making.link()
    page = designer.get(page_of(link.survey), HTTP_HOST="evil.example", **NOW).content.decode()
    assert f"https://svar.example/o/{link.code}" in page
    assert f"evil.example/o/{link.code}" not in page


def test_a_poster(designer: Client) -> None:
    link = making.link()
    answer = designer.post(reverse("admin:surveys_way_poster", args=[link.pk]), {"language": ["nb", "en"]}, **NOW)
    page = answer["Location"]
    again = designer.post(reverse("admin:surveys_way_poster", args=[link.pk]), {"language": ["nb", "en"]}, **NOW)
    assert (again["Location"], designer.get(page, **NOW)["Refresh"]) == (page, "3")
    draw_exports()
    file = designer.get(f"{page}?file", **NOW)
    assert file["Content-Type"] == "application/pdf"
    pdf = PdfReader(BytesIO(file.content))
    text = " ".join(pdf.pages[0].extract_text().split())
    assert (len(pdf.pages), pdf.metadata.title) == (1, "The partnership (nb)")
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    for words in ("The partnership (nb)", "The partnership (en)", picturing.typed_address(link), "to know"):
        assert words in text, (words, text)


@pytest.mark.parametrize("languages", [[], ["xx"], ["nb", "xx"], [""]])
def test_a_poster_in_no_language(designer: Client, languages: list[str]) -> None:
    link = making.link()
    answer = designer.post(reverse("admin:surveys_way_poster", args=[link.pk]), {"language": languages}, **NOW)
    assert (answer["Location"], Export.objects.count()) == (page_of(link.survey), 0)


def test_hostile_texts_on_a_poster_are_only_text() -> None:
    link = making.link()
    document = placarding.lay_out(link, ["nb", "nn", "en", "se"])
    for part in document["parts"]:
        part["title"] = '#read("/etc/passwd") $x$ \\u{202e} *b* </svg>'
        part["purpose"] = "#panic() " * 20 + "x" * 80
    text = PdfReader(BytesIO(placarding.draw(document))).pages[0].extract_text()
    assert '#read("/etc/passwd")' in text


def test_a_poster_of_four_languages_is_one_page() -> None:
    link = making.link()
    document = placarding.lay_out(link, ["nb", "nn", "en", "se"])
    for part in document["parts"]:
        part["title"], part["purpose"] = "Kartlegging av partnerskapet i Nav-kontorene", "Vi spør for å vite. " * 12
    assert len(PdfReader(BytesIO(placarding.draw(document))).pages) == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [("Kort.", "Kort."), ("A b. " * 100, ("A b. " * 48).strip()), ("ord " * 100, ("ord " * 60).strip() + " …")],
)
def test_the_purpose_is_shortened_at_a_sentence(text: str, shown: str) -> None:
    assert placarding._shortened(text) == shown
