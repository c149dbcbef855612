"""Hostile input to the door of answering: what is sent, by kind. `test_hostile_answers` sends it and judges.

Each attempt is a name, a page of the survey it starts from, and what is changed in the form that the page holds; or a
whole request of its own.
"""

# ruff: noqa: E501 - tables of what is sent, which are looked through and not read

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

MIB = 1024 * 1024
TEXTS = {1: ("A1_text", "A3_text"), 2: ("B5_text",), 3: ("C4_text", "C5_text", "C6_row1_subject")}


@dataclass(frozen=True)
class Attempt:
    """One thing that is sent: `changes` to the form of page `page`, or `raw` (method, path, body, content type)."""

    kind: str
    name: str
    page: int = 3
    changes: dict[str, Any] = field(default_factory=dict)
    raw: tuple[str, str, bytes, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()


def all_attempts(others: dict[str, str]) -> list[Attempt]:
    """Every attempt; `others` has the token, code, proof and receipt of somebody else."""
    made = [*_lengths(), *_controls(), *_unicode(), *_markup(), *_formulas(), *_values(), *_forged(), *_bodies()]
    return [*made, *_links(), *_codes(), *_others(others)]


def _lengths() -> Iterator[Attempt]:
    for page, names in TEXTS.items():
        for name in names:
            for length in (1, 199, 200, 201, 3999, 4000, 4001, 20_000, 500_000):
                yield Attempt("lengths", f"{name} {length}", page, {name: "x" * length})
    yield Attempt("lengths", "all full", 3, {"C4_text": "ø" * 200, "C5_text": "🌍" * 4000})
    yield Attempt("lengths", "one word of 4000", 3, {"C5_text": "w" * 4000})
    yield Attempt("lengths", "lines", 3, {"C5_text": "\r\n" * 2000})


def _controls() -> Iterator[Attempt]:
    for code in [*range(0x20), *range(0x7F, 0xA0)]:
        yield Attempt("control characters", f"U+{code:04X}", 3, {"C5_text": f"a{chr(code)}b"})
    for name in ("C4_text", "C6_row1_subject", "C2_number", "C3_date"):
        yield Attempt("control characters", f"NUL in {name}", 3, {name: "7\x00"})
    for name in ("page", "shown", "step", "go", "language", "code", "proof", "speak", "revisits", "new_code"):
        yield Attempt("control characters", f"NUL in {name}", 3, {name: "3\x00"})


def _unicode() -> Iterator[Attempt]:
    texts = {
        "turned round": "\u202eesrever", "isolates": "\u2066\u2067\u2068x", "joiners": "👩‍👩‍👧‍👦" * 50, "piled up": "a" + "\u0301" * 500,
        "byte-order mark": "\ufeffx", "not a character": "\ufffe\uffff", "private use": "\ue000", "tags": "\U000e0041" * 20,
        "line separator": "a\u2028b\u2029c", "wide digits": "１２３", "ligature": "ﬁ", "decomposed": "A\u030angstro\u0308m",
        "soft hyphen": "u\u00adn", "no width": "a\u200bb", "sámi": "Davvisámegiella šŋŧ", "arabic": "مرحبا", "emoji": "🏳️‍🌈",
        "last of all": "\U0010ffff", "half a pair": "\\ud800", "long ligature": "\ufdfa" * 300, "thai": "ก็็็็็็",
        "blank": "\u00a0\u2003\u3000", "kelvin": "\u212a", "dotless": "ıİ",
    }  # fmt: skip
    for name, text in texts.items():
        for target in ("C5_text", "C4_text"):
            yield Attempt("Unicode", f"{name} in {target}", 3, {target: text})


MARKUP = (
    "<script>alert(1)</script>", "</textarea><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "<svg/onload=alert(1)>",
    "<iframe src=javascript:alert(1)>", "<a href='javascript:alert(1)'>x</a>", "<style>*{display:none}</style>", "<base href=//x>",
    "<meta http-equiv=refresh content=0>", "<form action=//x><button>", "&lt;script&gt;", "&#60;script&#62;", "<!--", "]]>", "<![CDATA[x",
    "</main></body></html>", "<b onmouseover=alert(1)>", "[x](javascript:alert(1))", "![x](http://evil.example/x.png)", "**bold**",
    '<math><mtext></form><form><mglyph><svg><mtext><style><path id="</style><img onerror=alert(1) src>">',
    "';alert(1)//", '\\"-alert(1)-\\"', "<script\n>alert(1)</script\n>", "<ScRiPt>alert(1)</sCrIpT>", "<link rel=stylesheet href=//x>",
)  # fmt: skip


def _markup() -> Iterator[Attempt]:
    for text in MARKUP:
        yield Attempt("markup", text[:30], 3, {"C5_text": text, "C4_text": text[:200]})
    for name in (
        "step",
        "page",
        "shown",
        "go",
        "speak",
        "language",
        "code",
        "proof",
        "token",
        "C2_number",
        "C3_date",
        "C1_rank1",
    ):
        yield Attempt("markup", f"in {name}", 3, {name: '"><script>alert(1)</script>'})
    for name in ("receipt", "receipt_mark", "typed", "blank"):
        yield Attempt("markup", f"in {name}", 4, {name: '"><script>alert(1)</script>'})


def _formulas() -> Iterator[Attempt]:
    texts = (
        '=HYPERLINK("http://x")', "=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1", "'; DROP TABLE surveys_sealedballot; --",
        "' OR '1'='1", "1); SELECT pg_sleep(9); --", "%s%n%x", "%(x)s", "{0.__class__}", "${7*7}", "#{7*7}", "{{ 7*7 }}", "{% debug %}",
        "{C4|x}", "{role|x}", "{{C5}}", "../../../etc/passwd", "file:///etc/passwd", "`id`", "$(id)", "; id", "| id", "&& id", "\\\\host\\share",
        "CON", "null", "undefined", "NaN", "true", "[object Object]", '{"$gt": ""}', "__proto__", "!!python/object:os.system",
        'O:8:"stdClass":0:{}', "(())((", "a" * 50 + "!", "*)(uid=*", "\\N", "\\.", "-- ", "/*", "0x", "1e999", "${jndi:ldap://x}",
    )  # fmt: skip
    for text in texts:
        yield Attempt("formulas and code", text[:30], 3, {"C5_text": text, "C6_row2_subject": text})


def _values() -> Iterator[Attempt]:
    for text in (
        "1e309",
        "NaN",
        "-0",
        "0x10",
        "٣",
        "1,000,000",
        "9" * 400,
        "60.1",
        "-1",
        "7.55",
        "7,5,5",
        "inf",
        "²",
        "1_000",
        " 7 ",
        "7\n",
        "+7",
    ):
        yield Attempt("numbers", text[:20], 3, {"C2_number": text})
    for text in (
        "0000-00-00",
        "2019-02-30",
        "9999-12-31",
        "2019-W05",
        "31.12.2019",
        "2019-2-8",
        "-1",
        "now",
        "2019-02-28T00:00",
        "٢٠١٩-٠٢-٢٨",
    ):
        yield Attempt("dates", text, 3, {"C3_date": text})
    for text in ("", "yes", "B1", "pay ", "PAY", "pay,time", "0", "1", "9" * 50):
        yield Attempt("ranks and rows", f"rank {text[:9]!r}", 3, {"C1_rank1": text, "C1_rank2": "time"})
    yield Attempt("ranks and rows", "the same thrice", 3, {"C1_rank1": "pay", "C1_rank2": "pay", "C1_rank3": "pay"})
    yield Attempt(
        "ranks and rows", "a fourth", 3, {"C1_rank1": "pay", "C1_rank2": "time", "C1_rank3": "say", "C1_rank4": "skill"}
    )
    for text in ("bachelor", "phd", "1", "<b>"):
        yield Attempt(
            "ranks and rows", f"row {text}", 3, {"C6_row3_level": text, "C6_row1_level": text, "C6_row1_year": "2009"}
        )
    for text in ("1", "99999", "-4", "x", "20O9"):
        yield Attempt("ranks and rows", f"year {text}", 3, {"C6_row1_level": "master", "C6_row1_year": text})
    yield Attempt("ranks and rows", "a thousand rows", 3, {f"C6_row{n}_level": "master" for n in range(1, 1001)})


def _forged() -> Iterator[Attempt]:
    for text in ("0", "-1", "4", "5", "99", "9" * 40, "1.0", "١", "", "one", "1,2"):
        yield Attempt("forged fields", f"page {text[:9]}", 3, {"page": text})
    for text in ("", "A1", "A1,A2,A3", "D1,D2", "ZZ", ",", "C1,C1,C1", "C" * 5000, "@role", "I1", "C1,B1,A1"):
        yield Attempt("forged fields", f"shown {text[:9]}", 3, {"shown": text})
    for name, text in {
        "A1_option": "no", "B1_option": "4", "D1_option": "yes", "D2_text": "x", "ZZ_text": "x", "@role": "chief", "@role_option": "chief",
        "role": "chief", "facts": "{}", "invitation": "1", "survey": "1", "locator": "x", "version": "9", "final": "1", "submitted": "1",
        "is_staff": "1", "now": "2020-01-01", "promise": "named", "csrfmiddlewaretoken": "x", "_method": "DELETE", "next": "//evil.example",
    }.items():  # fmt: skip
        yield Attempt("forged fields", name, 3, {name: text})
    for text in ("perhaps", "yes,no", "office", "", "1", "YES", "yes ", "dk" * 99):
        yield Attempt("forged fields", f"choice {text[:9]!r}", 1, {"A1_option": text})
    for options in (["pay"] * 50, ["none", "pay"], ["meetings", "members", "pay", "rules"], ["nothing"], [""], ["A1"]):
        yield Attempt("forged fields", f"choices {options[:2]} × {len(options)}", 1, {"A3_options": options})
    for step in (
        "",
        "welcome",
        "page",
        "review",
        "receipt",
        "left",
        "submit",
        "admin",
        "STEP",
        "page ",
        "__class__",
        "x" * 9999,
    ):
        yield Attempt("forged fields", f"step {step[:9]}", 4, {"step": step})
    for go in (
        "submit",
        "page-1",
        "page-99",
        "page-",
        "page--1",
        "forget",
        "leave",
        "next",
        "delete",
        "page-1;page-2",
        "",
    ):
        yield Attempt("forged fields", f"go {go}", 4, {"go": go})
    for text in ("se", "xx", "nb-NO", "../en", "", "de", "nb,nn", "N" * 999):
        yield Attempt("forged fields", f"language {text[:9]}", 3, {"language": text, "speak": text})


def _others(others: dict[str, str]) -> Iterator[Attempt]:
    for name in ("token", "code", "proof"):
        yield Attempt("other people's", f"their {name}", 3, {name: others[name]})
        yield Attempt("other people's", f"their {name} at the review", 4, {name: others[name], "go": "page-1"})
        yield Attempt("other people's", f"their {name} to submit", 4, {name: others[name], "go": "submit"})
    for first, second in (("token", "code"), ("token", "proof"), ("code", "proof")):
        yield Attempt(
            "other people's", f"their {first} and {second}", 3, {first: others[first], second: others[second]}
        )
    yield Attempt("other people's", "their receipt", 4, {"receipt": others["receipt"], "go": "submit"})
    yield Attempt(
        "other people's", "their receipt and its mark", 4,
        {"receipt": others["receipt"], "receipt_mark": others["receipt_mark"], "go": "submit"},
    )  # fmt: skip
    for name in ("code", "proof", "token", "receipt", "receipt_mark"):
        yield Attempt("other people's", f"no {name}", 4, {"go": "submit"}, without=(name,))


def _codes() -> Iterator[Attempt]:
    for text in (
        "",
        "1234567",
        "OOOOOOOO",
        "<b>",
        "\x00",
        "２３４５６７８９",
        "2" * 5000,
        "A B C D E F G H",
        "23456789",
        "ØØØØØØØØ",
        "%",
        "'--",
    ):
        yield Attempt("typed codes", text[:9], 0, {"go": "code", "typed": text})


def _bodies() -> Iterator[Attempt]:
    form = "application/x-www-form-urlencoded"
    bodies: list[tuple[str, bytes, str]] = [
        ("nothing", b"", form), ("no type", b"token=x", ""), ("JSON", json.dumps({"token": "x"}).encode(), "application/json"),
        ("a list in JSON", b"[]", "application/json"), ("broken JSON", b"{", "application/json"), ("XML", b"<a/>", "text/xml"),
        ("text", b"token=x", "text/plain"), ("octets", bytes(range(256)), "application/octet-stream"), ("bytes as a form", bytes(range(256)), form),
        ("not UTF-8", b"token=%FF%FE&step=%C3", form), ("only &", b"&" * 5000, form), ("only =", b"=" * 5000, form), ("only %", b"%" * 5000, form),
        ("latin-1", b"token=\xe6", form + "; charset=latin-1"), ("utf-16", "token=x".encode("utf-16"), form + "; charset=utf-16"),
        ("utf-7", b"token=+ADw-", form + "; charset=utf-7"), ("no such charset", b"token=x", form + "; charset=nonsense"),
        ("multipart without a boundary", b"x", "multipart/form-data"), ("multipart, empty", b"", "multipart/form-data; boundary=x"),
        ("multipart, cut off", b"--x\r\nContent-Disposition: form-data; name=token\r\n\r\nabc", "multipart/form-data; boundary=x"),
        ("multipart, no name", b"--x\r\nContent-Disposition: form-data\r\n\r\nabc\r\n--x--\r\n", "multipart/form-data; boundary=x"),
        ("multipart, long boundary", b"--" + b"x" * 3000, "multipart/form-data; boundary=" + "x" * 3000),
        ("multipart, bad base64", b"--x\r\nContent-Disposition: form-data; name=token\r\nContent-Transfer-Encoding: base64\r\n\r\n!!\r\n--x--\r\n",
         "multipart/form-data; boundary=x"),
        ("multipart, a file as the token", b"--x\r\nContent-Disposition: form-data; name=token; filename=a.exe\r\n\r\nMZ\r\n--x--\r\n",
         "multipart/form-data; boundary=x"),
        ("multipart, eleven files", b"".join(b"--x\r\nContent-Disposition: form-data; name=f%d; filename=a\r\n\r\nx\r\n" % n for n in range(11))
         + b"--x--\r\n", "multipart/form-data; boundary=x"),
        ("multipart, a name of its own", b"--x\r\nContent-Disposition: form-data; name=\"a\"; name*=utf-8''%00\r\n\r\nx\r\n--x--\r\n",
         "multipart/form-data; boundary=x"),
        ("nested multipart", b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y--\r\n--x--", "multipart/mixed; boundary=x"),
        ("two MB", b"token=" + b"a" * (2 * MIB), form), ("a field of one MB", b"token=a&C5_text=" + b"%41" * 400_000, form),
        ("3000 fields", "&".join(f"f{n}=1" for n in range(3000)).encode(), form),
        ("the same field 1999 times", b"&".join([b"token=x"] * 1999), form), ("deep names", b"a[b][c][d]=1&token=x", form),
        ("a semicolon between", b"token=x;step=page", form),
    ]  # fmt: skip
    for name, body, kind in bodies:
        yield Attempt("bodies and types", name, raw=("POST", "/s/", body, kind))
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "FOO"):
        yield Attempt("bodies and types", f"method {method}", raw=(method, "/s/", b"", form))
    for name, value in {
        "HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE", "HTTP_COOKIE": "__Host-resume-1=" + "x" * 4000, "HTTP_ACCEPT_LANGUAGE": "xx" * 2000,
        "HTTP_REFERER": "javascript:alert(1)", "HTTP_X_FORWARDED_FOR": "' OR 1=1", "HTTP_RANGE": "bytes=0-1", "HTTP_IF_NONE_MATCH": '"x"',
        "HTTP_HOST": "evil.example", "HTTP_X_FORWARDED_HOST": "evil.example", "HTTP_EXPECT": "100-continue", "HTTP_USER_AGENT": "<script>",
    }.items():  # fmt: skip
        yield Attempt("headers", name, 3, {"C5_text": "hei"}, headers={name: value})


def _links() -> Iterator[Attempt]:
    paths = (
        "%00", "%ff%fe", "a" * 5000, "../s/", "..%2f..%2fetc%2fpasswd", "%3Cscript%3Ealert(1)%3C/script%3E", "%0d%0aSet-Cookie:x=1", "é" * 39,
        "a/" * 200, "//evil.example/x", "%2e%2e/", ";", "?a=%00", "?" + "a=1&" * 3000, "%", "%zz", "*", "'", "@evil.example", "1" * 39, "I" * 39,
        "{{7*7}}", "%C0%AF", "javascript:alert(1)", "#", ".env", "index.php", "7" * 39, "\u202e" + "a" * 38,
    )  # fmt: skip
    for path in paths:
        yield Attempt("links", path[:30], raw=("GET", f"/s/{path}", b"", ""))
