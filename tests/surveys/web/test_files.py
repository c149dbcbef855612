"""The door of images and documents: who gets which, how it is sent, and how it stands on a page."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consult.reference.browsing import Browser
from surveys import fielding, piloting, structure, trying
from surveys.models import Attachment, Edition
from surveys.structure import FileView
from surveys.web import files as door
from tests import cast, files, make
from tests.page import Node, parse
from tests.surveys.admin.pages import signed_in

pytestmark = pytest.mark.django_db


def shown(edition: Edition, code: str = "I2") -> FileView:
    file = structure.read(edition).questions[code].attachment
    assert file is not None
    return file


def published(content: bytes = b"") -> FileView:
    return shown(make.showing(published=True, fil=content or files.png()))


def draft(content: bytes = b"") -> FileView:
    return shown(make.showing("utkast", fil=content or files.png(300, 200)))


# --- Who gets it ------------------------------------------------------------------------------------------


def test_a_published_file_is_for_anyone_and_kept_for_ever() -> None:
    file = published()
    response = Client().get(door.address(file))
    assert (response.status_code, response.content) == (200, bytes(Attachment.objects.get().content))
    kept = {name: response[name] for name in (
        "Content-Type", "Cache-Control", "X-Content-Type-Options", "Content-Security-Policy",
        "Cross-Origin-Resource-Policy", "X-Robots-Tag",
    )}  # fmt: skip
    assert kept == {
        "Content-Type": "image/png",
        "Cache-Control": "public, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Robots-Tag": "noindex",
    }
    assert (dict(response.cookies), response["Vary"], response.has_header("Content-Disposition")) == (
        {}, "Accept-Language", False,
    )  # fmt: skip


def test_a_document_is_fetched_beside_the_page() -> None:
    response = Client().get(door.address(published(files.document())))
    assert (response["Content-Type"], response["Content-Disposition"]) == ("application/pdf", "attachment")


def test_a_drafts_file_is_not_there_for_anyone_but_staff() -> None:
    address = door.address(draft())
    unknown = door.address(FileView("0" * 64, "image/png", 1, 1, 1))
    for someone in (Client(), signed_in(cast.outsider()), signed_in(cast.leader())):
        there, not_there = someone.get(address), someone.get(unknown)
        assert there.status_code == not_there.status_code == 404
        assert there.content == not_there.content
        assert there.headers == not_there.headers
    response = signed_in(cast.designer()).get(address)
    assert (response.status_code, response["Cache-Control"]) == (200, "private, no-cache")


def test_colleagues_who_try_a_draft_see_its_files_until_the_trial_is_over() -> None:
    edition = make.showing("utkast", fil=files.png(300, 200))
    address = door.address(shown(edition))
    now = timezone.now()
    trial = piloting.make(edition.questionnaire, None, now)
    response = Client().get(address)
    assert (response.status_code, response["Cache-Control"]) == (200, "private, no-cache")
    assert trying.content(trial).questions["I2"].attachment == shown(edition)
    # The document of the trial holds no file: it is read anew in each process.
    assert "files" not in trial.content
    piloting.end(trial, now)
    assert Client().get(address).status_code == 404


def test_a_file_that_nothing_shows_is_for_staff_only() -> None:
    file = published()
    address = door.address(file)
    other = make.showing("annet", fil=files.png())
    assert Client().get(address).status_code == 200
    assert shown(other).digest == file.digest
    # The draft of it does not take it from the published one.
    other.questions.get(code="I2").delete()
    assert Client().get(address).status_code == 200


def test_the_small_one_is_sent_where_there_is_one() -> None:
    file = published(files.encoded(files.photograph(), "JPEG"))
    response = Client().get(door.address(file, small=True))
    assert (response.status_code, response.content) == (200, bytes(Attachment.objects.get().small or b""))
    assert Client().get(door.address(draft(), small=True)).status_code == 404
    without = shown(make.showing("uten", published=True, fil=files.png(20, 20)))
    assert Client().get(door.address(without, small=True)).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_only_reading(method: str) -> None:
    assert getattr(Client(), method)(door.address(published())).status_code == 405


def test_malformed_names_are_not_there() -> None:
    file = published()
    name = file.digest
    wrong = [name, f"{name}.jpg", f"{name}.pdf", f"{name}.svg", f"{name.upper()}.png", f"{name[:-1]}.png", "x.png",
             f"{name}.png.html", f"{name}-large.png", "..%2f..%2fetc%2fpasswd", f"{name[:32]}%00.png"]  # fmt: skip
    assert {Client().get(f"/files/{each}").status_code for each in wrong} <= {404, 400}
    assert Client().get("/files/").status_code == 404


def test_head_and_what_a_browser_has_already() -> None:
    address = door.address(published())
    first = Client().get(address)
    again = Client().get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["Cache-Control"]) == (304, b"", first["Cache-Control"])
    assert Client().get(address, headers={"If-None-Match": '"other"'}).status_code == 200
    head = Client().head(address)
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", first["ETag"])


def test_reading_asks_twice_and_writes_nothing() -> None:
    counts = []
    for size in (1, 3):
        contents = {f"fil{number}": files.png(100 + number, 100 + size) for number in range(size)}
        address = door.address(shown(make.showing(f"med-{size}", published=True, **contents)))
        with CaptureQueriesContext(connection) as asked:
            Client().get(address)
        assert all(each["sql"].startswith("SELECT") for each in asked.captured_queries)
        counts.append(len(asked))
    assert counts == [2, 2]


# --- On a page --------------------------------------------------------------------------------------------


def pages(edition: Edition) -> tuple[Node, Node]:
    """The first page of a survey of this edition, and the one with its blocks."""
    survey = fielding.plan("med-filer", edition, opens_at=make.OPENS, closes_at=make.DEADLINE, promise="anonymous")
    fielding.open_survey(survey, make.OPENS)
    browser = Browser(make.DURING)
    browser.open(f"/s/{make.link(survey)}")
    first = parse(browser.text)
    browser.press("go", "start")
    return first, parse(browser.text)


def test_an_image_stands_on_the_page_with_its_size_and_comes_when_it_is_near() -> None:
    edition = make.showing(published=True, foto=files.encoded(files.photograph(), "JPEG"))
    file = shown(edition)
    first, page = pages(edition)
    assert first.all("img", loading="lazy") == []
    image = page.find("img", loading="lazy")
    assert image.attributes == {
        "src": f"/files/{file.digest}.jpg",
        "srcset": f"/files/{file.digest}-small.jpg 800w, /files/{file.digest}.jpg 1600w",
        "sizes": "(min-width: 44rem) 40rem, 100vw",
        "width": "1600",
        "height": "1067",
        "alt": "En ring",
        "loading": "lazy",
        "decoding": "async",
    }
    figure = page.find("figure", class_="picture")
    assert figure.find("figcaption").text == "Ringen"


def test_a_quotation_is_marked_as_one_with_its_source() -> None:
    _first, page = pages(make.showing(published=True))
    figure = page.find("figure", class_="quotation")
    assert [node.tag for node in figure.children] == ["blockquote", "figcaption"]
    assert (figure.find("blockquote").text, figure.find("em").text, figure.find("figcaption").text) == (
        "Først spør.", "spør", "Avtalen",
    )  # fmt: skip


def test_a_document_is_a_link_that_says_what_comes() -> None:
    edition = make.showing(published=True, avtale=files.document())
    file = shown(edition)
    _first, page = pages(edition)
    line = page.find("p", class_="document")
    link = line.find("a")
    assert link.attributes == {"href": f"/files/{file.digest}.pdf", "download": "Avtalen-om-ringen.pdf"}
    assert line.text.startswith("Avtalen om ringen (PDF, ")


@pytest.mark.parametrize(
    ("title", "name"),
    [("../../x", "x.pdf"), ("///", "dokument.pdf"), ('a"onload=x', "a-onload-x.pdf"), ("x" * 200, "x" * 80 + ".pdf"),
     ("Svar til {Q0|deg}", "Svar-til-deg.pdf"), ("ŧ æ.exe", "ŧ-æ-exe.pdf")],
)  # fmt: skip
def test_a_document_is_saved_under_a_harmless_name(title: str, name: str) -> None:
    from surveys.web.showing import item

    draft_of = make.showing("navn", avtale=files.document())
    draft_of.questions.filter(code="I2").update(caption_nb=title)
    shown_item = item(structure.read(draft_of).questions["I2"], "nb", {}, {})
    assert shown_item.document is not None
    assert shown_item.document.file_name == name


def test_hostile_texts_stay_texts() -> None:
    hostile = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    edition = make.showing(ring=files.png())
    edition.questions.filter(code="I2").update(alt_nb=hostile, caption_nb=hostile)
    edition.questions.filter(code="I1").update(quotation_nb=hostile, source_nb=hostile)
    from surveys import publishing

    _first, page = pages(publishing.publish(edition.questionnaire_id, make.OPENS))
    assert [script.get("src") for script in page.all("script")] == ["/static/js/answering.js"]
    assert [image.get("onerror") for image in page.all("img")] == [None] * len(page.all("img"))
    assert page.find("img", loading="lazy").get("alt") == hostile
