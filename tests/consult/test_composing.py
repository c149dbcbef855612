"""The bytes of a letter: right, harmless, and the same each time."""

from __future__ import annotations

import email
import re
from datetime import datetime, timedelta
from email.header import decode_header, make_header
from email.utils import parseaddr
from uuid import UUID

import pytest
from pytest_django import Settings

from consult import admitting, composing
from consult.composing import Draft
from surveys import fielding
from surveys.box import keyring
from surveys.models import Survey
from tests import make, sink

pytestmark = pytest.mark.django_db

ANYONE = UUID(int=7)


def draft(**changes: object) -> Draft:
    """A letter's row, as delivering reads it. Whatever the name is, the person is greeted by it, unless told."""
    changes = {"given_name": changes["name"], **changes} if "name" in changes else changes
    fields: dict[str, object] = {
        "letter": 1,
        "epoch": 1,
        "message_id": "<11111111-2222-3333-4444-555555555555@testserver>",
        "dated_at": None,
        "language": "nb",
        "name": "Kari Nordmann",
        "given_name": "Kari",
        "email": "kari@example.org",
        "at_work": False,
        "invitation": ANYONE,
        "selector": 42,
        "generation": 1,
    }
    return Draft(**{**fields, **changes})  # type: ignore[arg-type]


def letter(survey: Survey | None = None, kind: str = "invitation", now: datetime = make.DURING, **changes: object):
    return sink.read(composing.compose(draft(**changes), survey or make.opened(), kind, now))


# --- What stands in it ------------------------------------------------------------------------------------------


def test_headers(settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "Rådslag <no-reply@union.example>"
    message = letter()
    assert sorted(message.keys()) == [
        "Auto-Submitted",
        "Content-Language",
        "Content-Type",
        "Date",
        "From",
        "MIME-Version",
        "Message-ID",
        "Subject",
        "To",
    ]
    assert message["From"] == "Rådslag <no-reply@union.example>"
    assert message["To"] == "Kari Nordmann <kari@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == "<11111111-2222-3333-4444-555555555555@testserver>"
    assert message["Date"].datetime == make.DURING
    assert message["Content-Language"] == "nb"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_reply_to_when_there_is_one(settings: Settings) -> None:
    settings.REPLY_TO_EMAIL = "arbeidsgruppa@union.example"
    assert letter()["Reply-To"] == "arbeidsgruppa@union.example"


def test_the_link_is_the_persons_own_and_admits_them() -> None:
    survey = make.opened()
    (invitation,) = make.invited(survey, [make.person(1)])
    message = letter(survey, invitation=invitation.pk, selector=invitation.selector)
    link = sink.link(message)
    base, token = link.rsplit("/", 1)
    assert base == "http://testserver/s"
    admission = admitting.admit(token, make.DURING)
    assert admission.voter is not None
    assert admission.voter.invitation == invitation.pk
    assert f'href="{link}"' in sink.html(message)


def test_the_host_comes_from_the_settings(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://raad.example"
    message = letter()
    assert sink.link(message).startswith("https://raad.example/s/")
    assert set(re.findall(r"https?://[^/\s\"<]+", sink.html(message))) == {"https://raad.example"}


def test_nothing_is_fetched_from_anywhere() -> None:
    body = sink.html(letter())
    assert re.findall(r"<(?:img|link|script|iframe|object|source|svg)\b", body) == []
    assert re.findall(r"url\(|@import|src=", body) == []


def test_each_element_carries_its_style() -> None:
    body = sink.html(letter())
    assert "<style" not in body
    assert re.search(r'<a class="button" href="[^"]+" style="[^"]*background: ?#114b57', body)


def test_the_subject_tells_nothing_of_membership_or_opinion() -> None:
    survey = make.opened()
    survey.edition.title_nb = "Fagforeningens kamp mot Nav"
    for kind in ("invitation", "reminder"):
        subject = letter(survey, kind)["Subject"]
        assert re.findall(r"(?i)fagforening|kamp|nav\b|union|member|medlem|tillitsvalgt", subject) == []
        assert "Fagforeningens kamp mot Nav" in sink.text(letter(survey, kind))


def test_a_reminder_never_says_that_one_has_not_answered() -> None:
    message = letter(make.opened(strict_reminders=False), "reminder", language="en")
    assert "If you have already answered, thank you: you can ignore this letter." in sink.text(message)
    assert re.findall(r"(?i)not (?:yet )?answered|haven.t answered|missing", sink.text(message)) == []


def test_selective_and_strict_reminders_read_the_same() -> None:
    survey = make.opened(strict_reminders=False)
    selective = sink.text(letter(survey, "reminder"))
    survey.strict_reminders = True
    assert sink.text(letter(survey, "reminder")) == selective


def test_people_are_greeted_by_their_given_name() -> None:
    message = letter(name="Kari Nordmann", given_name="Kari", language="en")
    assert sink.text(message).splitlines()[0] == "Hello Kari,"
    assert "<p>Hello Kari,</p>" in re.sub(r'<p style="[^"]*">', "<p>", sink.html(message))
    assert message["To"] == "Kari Nordmann <kari@example.org>"
    assert "Nordmann" not in sink.text(message) + sink.html(message)


def test_the_promise_is_the_surveys_own() -> None:
    assert "Your answers are confidential." in sink.text(letter(language="en"))
    named = sink.text(letter(make.opened("named-2026", "named"), language="en"))
    assert "This survey is not anonymous" in named
    assert "confidential" not in named


def test_at_an_employers_address_it_says_what_the_employer_can_see() -> None:
    sentence = "Your employer’s mail system can see"
    assert sentence in sink.text(letter(language="en", at_work=True))
    assert sentence not in sink.text(letter(make.opened("second"), language="en"))


def test_deadline_in_local_time() -> None:
    # 22:00 UTC in March is 23:00 in Oslo.
    assert "15 March 2026, 23:00" in sink.text(letter(language="en"))
    assert "15. mars 2026 kl. 23:00" in sink.text(letter(make.opened("second"), language="nb"))


def test_a_moved_deadline_is_seen_at_once() -> None:
    survey = make.opened()
    assert "15. mars 2026" in sink.text(letter(survey))
    fielding.extend(survey, make.DEADLINE + timedelta(days=2), make.DURING)
    survey.refresh_from_db()
    assert "17. mars 2026" in sink.text(letter(survey))


def test_in_the_persons_language() -> None:
    survey = make.opened()
    survey.edition.title_nb = "Hvordan går det?"
    survey.edition.title_nn = "Korleis går det?"
    survey.edition.title_en = "How is it going?"
    for language, title in {"nb": "Hvordan går det?", "nn": "Korleis går det?", "en": "How is it going?"}.items():
        message = letter(survey, language=language)
        assert f"“{title}”" in sink.text(message) or f"«{title}»" in sink.text(message)
        assert f'<html lang="{language}"' in sink.html(message)


def test_minutes_only_when_known() -> None:
    survey = make.opened()
    assert "minute" not in sink.text(letter(survey, language="en"))
    survey.edition.minutes = 1
    assert "It takes about one minute." in sink.text(letter(survey, language="en"))


# --- The same bytes -----------------------------------------------------------------------------------------------


def test_the_same_bytes_at_another_time_in_another_process() -> None:
    survey = make.opened()
    first = composing.compose(draft(), survey, "invitation", make.DURING)
    composing.render.cache_clear()
    later = make.DURING + timedelta(days=3)
    assert composing.compose(draft(dated_at=make.DURING), survey, "invitation", later) == first
    assert composing.compose(draft(), survey, "invitation", later) != first


def test_the_version_names_the_wording() -> None:
    survey = make.opened()
    composer = composing.Composer(survey, "invitation")
    one, other = (composer.compose(draft(name=name), make.DURING).version for name in ("Kari A", "Ola B"))
    assert one == other
    assert composing.Composer(survey, "reminder").compose(draft(), make.DURING).version != one


# --- Names and other people's text --------------------------------------------------------------------------------

NAMES = [
    "Åse Ødegård-Sæther",
    "Áile Čáhppe Đoarge",
    'Kari "Kaia" Nordmann',
    "Nordmann, Kari",
    "Kari <b>Nordmann</b> & sønn",
    "Å" * 80 + " " + "Ø" * 80,
    "O" * 80 + " " + "P" * 80,
    "Kari (HTV) [x]; y: @z",
    "=?utf-8?q?evil?=",
    "李 小龙 🦊",
    "",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_survive(name: str) -> None:
    content = composing.compose(draft(name=name), make.opened(), "invitation", make.DURING)
    message = sink.read(content)
    (to,) = message["To"].addresses
    assert to.addr_spec == "kari@example.org"
    if name != "=?utf-8?q?evil?=":  # what looks encoded is read as such by any reader; it cannot do harm
        # Not by `to`: the library's new parser puts spaces between the pieces of a long name.
        raw = email.message_from_bytes(content)["To"]
        assert str(make_header(decode_header(parseaddr(raw)[0]))) == name
    assert name in sink.text(message)
    assert content.isascii()
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "name",
    [
        "Kari\r\nBcc: evil@example.org",
        "Kari\nBcc: evil@example.org",
        "Kari\rBcc: evil@example.org",
        "Kari\x00\x0b\x0c\x85\u2028Bcc: evil@example.org",
        "Kari\r\n\r\n<script>alert(1)</script>",
    ],
)
def test_a_name_cannot_add_a_header(name: str) -> None:
    message = letter(name=name)
    assert "Bcc" not in message
    assert len(message["To"].addresses) == 1
    assert len(message.keys()) == 9


def test_a_name_is_text_in_the_formatted_part() -> None:
    body = sink.html(letter(name='<img src=x onerror="alert(1)"> & co'))
    assert "<img" not in body
    assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp; co" in body


def test_a_name_is_never_a_template_or_a_mark() -> None:
    name = "{{ link }} {% now 'Y' %} %(link)s \ue001 \ue000"
    message = letter(name=name)
    assert "{{ link }} {% now 'Y' %} %(link)s" in sink.text(message)
    assert len(re.findall("/s/", sink.text(message))) == 1


def test_a_title_is_text_in_both_parts() -> None:
    survey = make.opened()
    survey.edition.title_nb = "A & B <i>\ue001</i>\r\nBcc: evil@example.org"
    message = letter(survey)
    assert "A & B <i> </i> Bcc: evil@example.org" in sink.text(message)
    assert "A &amp; B &lt;i&gt; &lt;/i&gt; Bcc: evil@example.org" in sink.html(message)
    assert "Bcc" not in message


def test_an_address_with_a_norwegian_domain_is_coded() -> None:
    assert letter(email="kari@blåbær.no")["To"].addresses[0].addr_spec == "kari@xn--blbr-roah.no"


@pytest.mark.parametrize(
    "email",
    [
        "",
        "kari",
        "@example.org",
        "kari@",
        "ka ri@example.org",
        "kari@exa mple.org",
        "kåre@example.org",
        "kari@example.org\r\nBcc: x@example.org",
        "kari@example.org>",
        '"kari"@example.org',
        "kari@[127.0.0.1]",
        "kari@a..b",
        "a@" + "b" * 300 + ".no",
    ],
)
def test_what_is_no_address_gets_no_letter(email: str) -> None:
    with pytest.raises(composing.NotMailable):
        composing.compose(draft(email=email), make.opened(), "invitation", make.DURING)


def test_lines_that_start_with_a_dot_survive() -> None:
    message = letter(name=".\r\n.\r\nQUIT")
    assert ". . QUIT" in sink.text(message)


def test_no_key_no_letter() -> None:
    survey = make.opened()
    keyring.destroy(survey.key_id)
    with pytest.raises(keyring.KeyLost):
        composing.compose(draft(), survey, "invitation", make.DURING)


# --- Speed: the shape of it, not the seconds ------------------------------------------------------------------------


def test_templates_are_rendered_once_a_wording(monkeypatch: pytest.MonkeyPatch) -> None:
    composing.render.cache_clear()
    rendered: list[str] = []
    get_template = composing.get_template

    def counted(name: str):
        rendered.append(name)
        return get_template(name)

    monkeypatch.setattr(composing, "get_template", counted)
    composer = composing.Composer(make.opened(), "invitation")
    for number in range(20):
        composer.compose(draft(name=f"Kari {number}", language=("nb", "nn")[number % 2]), make.DURING)
    assert len(rendered) == 2 * 3
