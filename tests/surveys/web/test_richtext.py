"""Markdown written by staff."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from surveys.web import richtext


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("**a** *b*", "<p><strong>a</strong> <em>b</em></p>\n"),
        ("# Top", "<h2>Top</h2>\n"),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("[a](https://x.no)", '<p><a href="https://x.no" rel="noopener noreferrer">a</a></p>\n'),
        ("", ""),
    ],
)
def test_a_handful_of_marks(markdown: str, html: str) -> None:
    assert richtext.html(markdown) == html


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>", "[a](javascript:alert(1))", "![a](https://x.no)",
        "<img src=x onerror=alert(1)>", "[a](data:text/html;base64,PHNjcmlwdD4=)", "<a href='x' onclick='y'>a</a>",
        '[a](https://x.no "onmouseover=alert(1)")', "<style>*{}</style>", "`<script>`",
    ],
)  # fmt: skip
def test_nothing_that_runs_or_loads_gets_through(markdown: str) -> None:
    """As a browser would see it: which tags are there, with which attributes."""
    seen: list[tuple[str, str, str | None]] = []

    class Seen(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.extend((tag, name, value) for name, value in attrs or [("", "")])

    Seen().feed(richtext.html(markdown))
    assert {(tag, name) for tag, name, _value in seen} <= {("p", ""), ("code", ""), ("a", "href"), ("a", "rel")}
    assert {value for _tag, name, value in seen if name == "href"} <= {"https://x.no"}
