"""LimeSurvey's files that mean harm, or are none."""

from __future__ import annotations

import re
import time

import pytest
from django.utils.translation import override

from surveys.formats import lss, txt
from surveys.formats.document import BadDocument
from surveys.formats.limesurvey.markup import own_fields, to_markdown
from tests.surveys.formats.limesurveys import (
    BOMB,
    FORMATS,
    file,
    loaded,
    made,
    option,
    view,
)


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


def test_texts_lose_their_marks_and_nothing_in_them_is_run():
    first = "<p>Hva <b>mener</b> du?</p><script>alert(1)</script><img src=x onerror=alert(1)>"
    second = "<p>Navn: {TOKEN:FIRSTNAME}, {Q1.shown}</p>"
    found, lost = loaded(file([{}, {"question": first + second, "help": "En &amp; to"}]))
    assert found[1].text("nb") == "Hva mener du?\n\nNavn: …, {Q1}"
    assert found[1].help("nb") == "En & to"
    assert lost == [("Q2", "<img>"), ("Q2", "<script>"), ("Q2", "{TOKEN:FIRSTNAME}")]


@FORMATS
@pytest.mark.parametrize(
    "mark",
    [
        "x",
        "[]",
        "{",
        '{"options": {"A1": {}}}',
        '{"kind": "nonsense"}',
        '{"decimals": 9}',
        '{"code": "1 2"}',
        '{"options": 5}',
        "9" * 60_000,
    ],
)
def test_marks_that_are_not_ours_are_passed_over(form, mark):
    draft = made(view("Q_1", "scale", options=(option("a"), option("b"))))
    content = form.dump(draft, "nb").content.decode()
    written = re.search(r'\{ "[^\]\t]*\}', content)
    assert written is not None
    back = form.load(content.replace(written[0], mark.replace('"', '""') if form is txt else mark).encode(), "measured")
    assert [each.kind for each in back.view.questions.values()] == ["single_choice"]
    assert "raadslag" in [each.what for each in back.lost]


OUTSIDE = """<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><document>&x;</document>"""


OLD = "This survey is from a LimeSurvey older than 1.90: open it in a newer one and export it again."


NO_SURVEY = "This is no whole survey from LimeSurvey (“%s”): export the structure of the survey (.lss)."


GERMAN = "The survey is written in de. Questionnaires here are in bokmål, nynorsk, English or Sámi."


ENTITIES = "The file has a document type or entities of its own, which is not allowed: they can be used to attack."


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (BOMB.encode(), ENTITIES),
        (OUTSIDE.encode(), ENTITIES),
        (b'<!DOCTYPE document SYSTEM "http://localhost/x.dtd"><document/>', ENTITIES),
        (b"<document>" + b"<a>" * 100_000, "The file is nested deeper than any LimeSurvey survey."),
        (b"<document>" + b" " * 11_000_000, "The file is larger than 10 MB."),
        (b"<a/>" , "This is no survey from LimeSurvey: the file does not begin with “document”."),
        (b"<document></document>", NO_SURVEY % "?"),
        ("<document><x>å</x></document>".encode("latin-1"), "The file is not valid XML: line 1, column 13."),
        (b'<?xml version="1.0" encoding="klingon"?><document/>', "The file is not valid XML."),
        (b"not xml", "The file is not valid XML: line 1, column 0."),
        (b"", "The file is not valid XML: line 1, column 0."),
        (file([{}], version="100"), OLD),
        (file([{}], version="x"), OLD),
        (file([{}]).replace(b"Survey</LimeS", b"Group</LimeS"), NO_SURVEY % "Group"),
        (file([{"gid": "9"}]), "Question Q1 is in no group."),
        (file([{}]).replace(b">nb<", b">de<").replace(b"[nb]", b"[de]"), GERMAN),
    ],
)  # fmt: skip
def test_a_bad_lss_file_is_refused(content, complaint):
    with pytest.raises(BadDocument) as caught:
        lss.load(content, "measured")
    assert str(caught.value) == complaint


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"x" * 11_000_000, "The file is larger than 10 MB."),
        (
            "class\ttype/scale\tname\ttext\nG\t1\tå".encode("latin-1"),
            "The file is not text in UTF-8. Save it as UTF-8 and try again.",
        ),
        (b"\xff\xfea", "The file is not text in UTF-8. Save it as UTF-8 and try again."),
        (b"class\ttype/scale\tname\ttext\nG\x00", "The file is not text in UTF-8. Save it as UTF-8 and try again."),
        (b"", "This is no survey from LimeSurvey: the first row must name its columns, such as class and name."),
        (b"a\tb\n", "This is no survey from LimeSurvey: the first row must name its columns, such as class and name."),
        (b"class\ttype/scale\tname\ttext\n", "The file holds no survey."),
        (b"class\ttype/scale\tname\ttext\nQ\tT\tQ1\t\n", "Question Q1 is in no group."),
        (b"class\ttype/scale\tname\ttext\nG\t1\ta\t" + b"x" * 3_000_000, "Row 2 cannot be read."),
        (b"class\ttype/scale\tname\ttext\n" + b"G\t1\ta\t\n" * 100_001, "The file has more than 100000 rows."),
    ],
)
def test_a_bad_txt_file_is_refused(content, complaint):
    with pytest.raises(BadDocument) as caught:
        txt.load(content, "measured")
    assert str(caught.value) == complaint


@pytest.mark.parametrize(
    "part",
    ["<a ", "<!--", "<![", "<a b='", "<x", "<ul><li>", "{", "{a", "&#", "<script>", "*_[", '<a href="https://x">'],
)
def test_no_text_takes_long_to_read(part):
    began = time.perf_counter()
    to_markdown(part * 20_000)
    own_fields(part * 20_000, {})
    assert time.perf_counter() - began < 5


def test_too_many_questions_are_refused_before_they_are_read():
    with pytest.raises(BadDocument) as caught:
        lss.load(file([{}] * 501), "measured")
    assert str(caught.value) == "The survey has more than 500 questions or 200 groups."


def test_texts_without_end_are_refused():
    with pytest.raises(BadDocument) as caught:
        lss.load(file([{"question": "<p>" * 6000} for _each in range(300)]), "measured")
    assert str(caught.value) == "The texts of the survey are longer than any questionnaire's."


def test_other_encodings_that_say_so_are_read():
    content = file([{"question": "Hva står på?"}]).decode()
    latin = content.replace('encoding="UTF-8"', 'encoding="ISO-8859-1"').encode("latin-1")
    for each in (latin, b"\xef\xbb\xbf" + content.encode(), content.replace('encoding="UTF-8"', "").encode("utf-16")):
        assert loaded(each)[0][0].text("nb") == "Hva står på?"
    tabbed = (
        "class\ttype/scale\tname\ttext\tlanguage\nS\t\tlanguage\tnb\t\nG\t1\tDel\t\tnb\nQ\tT\tQ1\tHva står på?\tnb\n"
    )
    for each in (tabbed.encode(), tabbed.encode("utf-8-sig"), tabbed.encode("utf-16")):
        assert txt.load(each, "measured").view.questions["Q1"].text("nb") == "Hva står på?"
