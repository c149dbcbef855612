"""Earlier answers in later texts: named fields only, escaped, with a fallback, and kept in no memory."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.reference.browsing import Browser
from surveys import piping, publishing, routing, structure
from surveys.piping import Told
from surveys.structure import EditionView, FactView, QuestionView, SectionView, Text
from surveys.web import anyone, forms, listing, rendering, richtext
from tests import make
from tests.surveys.kinds.views import EMPTY, question


def edition(*questions: QuestionView, intro: str = "", title: str = "") -> EditionView:
    """One section of these questions, and the background fact "role"."""
    section = SectionView(Text({"nb": title}), Text({"nb": intro}), questions)
    return EditionView(
        id=1, title=EMPTY, purpose=EMPTY, minutes=None, sections=(section,),
        questions={each.code: each for each in questions},
        facts=(FactView("role", Text({"nb": "Verv"}), (("chief", Text({"nb": "leder", "en": "chief"})),)),),
    )  # fmt: skip


EVERY = edition(
    question("yes_no", "yes", "dk", code="Y", meaning={"dk": "dont_know"}),
    question("multiple_choice", code="M"), question("ranking", code="R"), question("number", code="N", decimals=2),
    question("date", code="D"), question("short_text", code="S"), question("long_text", code="L"),
    question("roster", code="O"), question("information", code="I"),
)  # fmt: skip


def said(text: str, answers: dict[str, dict[str, Any]], language: str = "nb") -> str:
    marked = piping.marked(Text({language: text}))(language)
    return piping.filled(marked, Told(EVERY, answers, language))


@pytest.mark.parametrize(
    ("field", "answer", "shown"),
    [
        ("{Y}", {"Y": {"option": "yes"}}, "Yes"), ("{M}", {"M": {"options": ["a", "c"]}}, "A, C"),
        ("{R}", {"R": {"ranks": ["c", "a"]}}, "C, A"), ("{N}", {"N": {"number": "7.5"}}, "7,5"),
        ("{D}", {"D": {"date": "2021-09-06"}}, "6. september 2021"), ("{S}", {"S": {"text": "Nav  Ås"}}, "Nav Ås"),
        ("{L}", {"L": {"text": "a\nb"}}, "a b"), ("{L|x}", {"L": {"text": "a" * 201}}, "x"),
        ("{L|x}", {"L": {"text": "a" * 200}}, "a" * 200), ("{role}", {"@role": {"option": "chief"}}, "leder"),
        ("{role|du}", {"@role": {"option": "other"}}, "du"), ("{role|du}", {}, "du"),
        ("{Y|svaret}", {"Y": {"option": "dk"}}, "svaret"), ("{Y|svaret}", {}, "svaret"), ("{Y}", {}, "…"),
        ("{O|x}", {"O": {"rows": [{"option": "a"}]}}, "x"), ("{I|x}", {}, "x"), ("{Z|x}", {}, "x"),
        ("{Y.text}", {"Y": {"option": "yes"}}, "{Y.text}"), ("{{Y}}", {"Y": {"option": "yes"}}, "{Yes}"),
        ("{Y|a|b}", {}, "{Y|a|b}"), ("{ Y }", {}, "{ Y }"), ("${Y}", {}, "$…"), ("{Y!r}", {}, "{Y!r}"),
        ("{__class__}", {}, "{__class__}"), ("{{% load x %}}", {}, "{{% load x %}}"), ("{Y|<b>}", {}, "&lt;b&gt;"),
    ],
)  # fmt: skip
def test_what_a_field_stands_for(field: str, answer: dict[str, dict[str, Any]], shown: str) -> None:
    assert said(field, answer) == shown


def test_it_speaks_the_language_of_the_page() -> None:
    assert said(
        "{N} {role} {Y}", {"N": {"number": "7.5"}, "@role": {"option": "chief"}, "Y": {"option": "yes"}}, "en"
    ) == ("7.5 chief yes (en)")


HOSTILE = "<script>alert(1)</script> {Y} \"'&"


def test_what_is_put_in_is_escaped_and_never_read_again() -> None:
    assert said("{S}", {"S": {"text": HOSTILE}, "Y": {"option": "yes"}}) == (
        "&lt;script&gt;alert(1)&lt;/script&gt; {Y} &quot;&#x27;&amp;"
    )


def test_nothing_is_put_into_the_address_of_a_link() -> None:
    page = richtext.html(piping.marked(Text({"nb": "[Les {S}]({S}) **{S}**"}))("nb"))
    shown = piping.filled(page, Told(EVERY, {"S": {"text": "javascript:alert(1)"}}, "nb"))
    assert "Les javascript:alert(1)</a>" in shown
    assert "<strong>javascript:alert(1)</strong>" in shown
    assert 'href="javascript' not in shown


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_and_any_answer_pass_without_a_tag(text: str, answer: str) -> None:
    shown = piping.filled(
        richtext.html(piping.marked(Text({"nb": f"{text} {{S}}"}))("nb")), Told(EVERY, {"S": {"text": answer}}, "nb")
    )
    assert "<script" not in shown
    assert not piping.has_fields(shown)


def test_on_paper_a_field_is_its_fallback() -> None:
    assert piping.plain(Text({"nb": "Hva med {Y|det}, {N}?"}))("nb") == "Hva med det, …?"


# --- Before publishing --------------------------------------------------------------------------------------


def asked(text: str, code: str = "Q2", **rest: Any) -> QuestionView:
    return question("long_text", code=code, text=Text({"nb": text}), **rest)


FIRST = question("number", code="Q1")


@pytest.mark.parametrize(
    ("whole", "faults"),
    [
        (edition(FIRST, asked("{Q1|noe} {role}")), 0),
        (edition(FIRST, asked("{Q9}")), 1),
        (edition(FIRST, asked("{Q2}")), 1),
        (edition(asked("{Q1}", code="Q0"), FIRST), 1),
        (edition(FIRST, asked("{Q1.text}")), 1),
        (edition(FIRST, asked("{Q1")), 1),
        (edition(FIRST, asked("a { b")), 0),
        (edition(FIRST, asked("{rolle}")), 1),
        (edition(question("roster", code="Q1"), asked("{Q1}")), 1),
        (edition(question("information", code="Q1"), asked("{Q1}")), 1),
        (edition(FIRST, intro="{Q1}"), 1),
        (edition(FIRST, intro="Hei {role|du}"), 0),
        (edition(FIRST, title="{role}"), 1),
        (edition(FIRST, asked("x", help=Text({"nb": "{Q9}", "en": "{Q8}"}))), 2),
        (edition(FIRST, question("yes_no", code="Q2", elaboration_prompt=Text({"nb": "{Q9}"}))), 1),
        (edition(FIRST, question("yes_no", "{role}", code="Q2")), 1),
    ],
    ids=range(16),
)
def test_fields_that_would_say_nothing_are_found(whole: EditionView, faults: int) -> None:
    assert len(piping.faults(whole)) == faults, piping.faults(whole)


def test_a_page_ends_before_a_text_that_says_an_answer_on_it() -> None:
    pages = routing.pages(edition(FIRST, asked("Hva med {Q1}?"), asked("Og {role}?", code="Q3")))
    assert [[each.code for each in page.questions] for page in pages] == [["Q1"], ["Q2", "Q3"]]


SECRET = "hemmelighet-4711"


def piped(**rest: Any) -> Any:
    """An open survey whose second page says what was written on the first."""
    from surveys import fielding

    published = make.published(
        "piped",
        [make.asking("P1", "short_text"), make.asking("P2", "long_text", text={"nb": "Hva med {P1|det du skrev}?"})],
        [
            make.asking(
                "P3",
                text={"nb": "Er {P1} bra?"},
                help={"nb": "Tenk på {P1}."},
                elaboration="required",
                prompt={"nb": "Fortell om {P1}"},
            ),
            {"code": "P4", "kind": "information", "text": {"nb": "*Om {P1}*, {role|du}"}},
        ],
        facts=[{"name": "role", "label": {"nb": "Verv"}, "values": [{"code": "chief", "label": {"nb": "leder"}}]}],
    )
    survey = fielding.plan("piped", published, opens_at=make.OPENS, closes_at=make.DEADLINE, facts=[make.ROLE])
    fielding.open_survey(survey, make.OPENS)
    return survey


def begun(token: str, text: str = SECRET) -> Browser:
    made = Browser(make.DURING)
    made.open(f"/s/{token}")
    made.press("go", "start")
    made.press("go", "next", P1_text=text)
    return made


def remembered() -> str:
    """Everything that the memories of rendered pages hold, keys and values."""
    seen: set[int] = set()
    found: list[str] = []
    waiting: list[Any] = [anyone._once, rendering._html_of_anyone, rendering._row, listing._line_of_anyone,
                          forms._fields, richtext.html, piping._marked]  # fmt: skip
    kept = (tuple, dict, list, frozenset, str, bytes, type(anyone._once), Text, QuestionView, listing.Line)
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, str):
            found.append(each)
        elif isinstance(each, kept) or "lru_list_elem" in type(each).__name__:
            waiting += gc.get_referents(each)
        elif hasattr(each, "__dict__") and type(each).__module__.startswith("surveys.web"):
            waiting.append(vars(each))
    return "\n".join(found)


@pytest.mark.django_db
def test_a_later_page_says_it_to_its_author_and_nobody_remembers() -> None:
    survey = piped()
    made = begun(make.link(survey, 1, role="chief"))
    assert f"Hva med {SECRET}?" in made.text
    made.press("go", "next", P2_text="x")
    for shown in (f"Er {SECRET} bra?", f"Tenk på {SECRET}.", f"Fortell om {SECRET}", f"<em>Om {SECRET}</em>, leder"):
        assert shown in made.text
    made.press("go", "next", P3_option="yes")
    assert made.status == 422
    assert f"Er {SECRET} bra?" in made.text
    made.press("go", "next", P3_option="yes", P3_text="Ja.")
    assert f"Er {SECRET} bra?" in made.text
    other = begun(make.link(survey, 2), "")
    assert "Hva med det du skrev?" in other.text
    assert SECRET not in other.text
    kept = remembered()
    assert "Hva med " in kept
    assert "Er " in kept
    assert SECRET not in kept


@pytest.mark.django_db
def test_the_memory_would_show_it_if_it_were_kept() -> None:
    richtext.html(f"Kjent {SECRET}-kontroll")
    assert f"{SECRET}-kontroll" in remembered()
    richtext.html.cache_clear()


@pytest.mark.django_db
def test_the_link_alone_and_a_forged_page_do_not_say_it() -> None:
    token = make.link(piped())
    made = begun(token)
    stranger = Browser(make.DURING)
    stranger.open(f"/s/{token}")
    stranger.press("go", "start")
    forged = {**made.forms[0].fields, "code": stranger.forms[0].fields["code"], "speak": "nb"}
    for fields in (forged, {**forged, "proof": ""}, {**made.forms[0].fields, "proof": "", "speak": "nb"}):
        response = stranger.client.post("/s/", fields, **{"raadslag.now": make.DURING})
        assert SECRET not in response.content.decode()
        assert "Hva med det du skrev?" in response.content.decode()


@pytest.mark.django_db
def test_switching_language_and_a_preview_say_what_they_can() -> None:
    survey = piped()
    made = begun(make.link(survey))
    response = made.client.post("/s/", {**made.forms[0].fields, "speak": "en"}, **{"raadslag.now": made.now})
    assert f"Hva med {SECRET}?" in response.content.decode()


@pytest.mark.django_db
def test_what_routing_has_passed_over_is_not_said() -> None:
    from surveys import fielding

    yes = {"source": "P1", "operator": "is", "option": "yes"}
    published = make.published(
        "passed",
        [make.asking("P1")],
        [make.asking("P2", "short_text", conditions=[yes])],
        [make.asking("P3", "long_text", text={"nb": "Hva med {P2|det}?"})],
    )
    survey = fielding.plan("passed", published, opens_at=make.OPENS, closes_at=make.DEADLINE)
    fielding.open_survey(survey, make.OPENS)
    made = Browser(make.DURING)
    made.open(f"/s/{make.link(survey)}")
    made.press("go", "start")
    made.press("go", "next", P1_option="yes")
    made.press("go", "next", P2_text=SECRET)
    assert f"Hva med {SECRET}?" in made.text
    made.press("go", "back")
    made.press("go", "back")
    made.press("go", "next", P1_option="no")
    assert "Hva med det?" in made.text


@pytest.mark.django_db
def test_a_broken_field_keeps_a_draft_from_being_published() -> None:
    draft = make.loaded("broken", [make.asking("P1", text={"nb": "Hva med {P9}?"})])
    with pytest.raises(publishing.NotPublishable) as refused:
        publishing.publish(draft.questionnaire_id, make.OPENS)
    assert refused.value.reasons == piping.faults(structure.read(draft)) != []
