"""LimeSurvey writes texts in HTML, we write plain text and a little Markdown: the way there and the way back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from html.parser import HTMLParser

import nh3
from markdown_it import MarkdownIt

_BREAKS = {"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "tr", "blockquote", "center"}
_HIDDEN = {"script", "style", "noscript", "template", "head", "title", "object", "iframe"}
_NAMED = re.compile(r"<(script|style|img|iframe|object|embed|video|audio|form|input)\b", re.IGNORECASE)
_READ = _BREAKS | {"br", "li", "td", "th", "a", "b", "strong", "i", "em"}
# Of HTML, with all its attributes: many times as much as the longest text.
LONGEST = 200_000
# Deeper nesting has been made to keep a reader busy.
DEEPEST = 100
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)")
_ALONE = {"br", "hr", "img", "input", "p", "li", "td", "th", "tr", "option", "meta", "link", "col", "source", "wbr"}
_TAGS = {"p", "br", "em", "strong", "ul", "ol", "li", "a", "blockquote", "h1", "h2", "h3", "h4", "hr", "code"}
# Lines of a quotation with nothing in them.
_EMPTY_QUOTED = re.compile(r"^(?:>[> ]*\n)+", re.MULTILINE)
_SPECIAL = re.compile(r"[\\`*]|(?<=\])\(|_(?!\w)|(?<!\w)_")
# Our own field in a text: a question's code, and what to say if it was not answered.
FIELD = re.compile(r"\{([A-Za-z][A-Za-z0-9_]*)(?:\|([^{}|]*))?\}")
# LimeSurvey's: an expression in braces, which it runs.
EXPRESSION = re.compile(r"\{(?=\S)[^{}]*\}")
_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image")


class _Reader(HTMLParser):
    """Collects the text of HTML; with `marks`, as Markdown."""

    def __init__(self, *, marks: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.marks = marks
        self.parts: list[str] = []
        self._lists: list[int | None] = []
        self._links: list[str] = []
        self._quotes = 0
        # How many parts there were after the last bullet.
        self._bulleted = -1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.parts.append("\n" + "> " * self._quotes)
        elif tag == "blockquote" and self.marks:
            self._quotes += 1
            self.parts.append("\n\n" + "> " * self._quotes)
        elif tag in ("ul", "ol"):
            self._lists.append(0 if tag == "ol" else None)
            self.parts.append(self._gap() if len(self._lists) == 1 else "")
        elif tag == "li":
            self.parts.append("\n" + "> " * self._quotes + self._bullet())
            self._bulleted = len(self.parts)
        elif tag == "p" and self._bulleted == len(self.parts):
            # The first paragraph of an item stands beside its bullet.
            pass
        elif tag in _BREAKS:
            level = tag[1:] if tag[1:].isdigit() else ""
            self.parts.append(self._gap() + ("#" * int(level) + " " if self.marks and level else ""))
        elif tag in ("td", "th"):
            self.parts.append(" ")
        elif self.marks:
            self._mark(tag, dict(attrs))

    def _gap(self) -> str:
        """An empty line, which in a quotation is part of it."""
        mark = "> " * self._quotes
        return f"\n{mark}\n{mark}" if mark else "\n\n"

    def _bullet(self) -> str:
        if self._lists and self._lists[-1] is not None:
            self._lists[-1] += 1
            return f"{self._lists[-1]}. "
        return "- "

    def _mark(self, tag: str, attributes: dict[str, str | None]) -> None:
        if tag in ("strong", "b"):
            self.parts.append("**")
        elif tag in ("em", "i"):
            self.parts.append("*")
        elif tag == "a":
            address = attributes.get("href") or ""
            self._links.append(address if re.match(r"(?i)https?://|mailto:", address) else "")
            self.parts.append("[" if self._links[-1] else "")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        if tag == "blockquote" and self._quotes:
            self._quotes -= 1
            self.parts.append("\n\n")
        elif tag in _BREAKS:
            self.parts.append(self._gap())
        elif self.marks and tag in ("strong", "b", "em", "i"):
            self._mark(tag, {})
        elif self.marks and tag == "a" and self._links:
            address = self._links.pop()
            self.parts.append(f"](<{address.replace('>', '%3E').replace('<', '%3C')}>)" if address else "")

    def handle_data(self, data: str) -> None:
        text = re.sub(r"[ \t\r\n\f]+", " ", data)
        self.parts.append(_literal(text) if self.marks else text)


def _literal(text: str) -> str:
    """Text that Markdown shows as it stands."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def _tidy(text: str, *, marks: bool) -> str:
    lines = [line.strip() for line in text.split("\n")]
    tidy = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return _EMPTY_QUOTED.sub(_between_quoted, f"{tidy}\n").strip() if marks else tidy


def _between_quoted(found: re.Match[str]) -> str:
    """One empty line between two paragraphs of a quotation, none at its ends."""
    text, start = found.string, found.start()
    before = text[text.rfind("\n", 0, max(start - 1, 0)) + 1 : start]
    return ">\n" if before.startswith(">") and text.startswith(">", found.end()) else ""


def to_plain(html: str) -> tuple[str, set[str]]:
    """The words of a text, without marks, and the tags whose content could not be kept."""
    return _read(html, marks=False)


def to_markdown(html: str) -> tuple[str, set[str]]:
    """The text as Markdown, and the tags whose content could not be kept."""
    return _read(html, marks=True)


def _read(html: str, *, marks: bool) -> tuple[str, set[str]]:
    # The parser below takes minutes over what is malformed on purpose; this one does not, and sets it right.
    html = html[:LONGEST]
    if _depth(html) > DEEPEST:
        html = re.sub("<[^<>]*>", " ", html)
    clean = nh3.clean(
        html,
        tags=_READ,
        clean_content_tags=_HIDDEN,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    reader = _Reader(marks=marks)
    reader.feed(clean)
    reader.close()
    return _tidy("".join(reader.parts), marks=marks), {tag.lower() for tag in _NAMED.findall(html)}


def _depth(html: str) -> int:
    """How deep tags stand in each other, at most; those that close themselves are not counted."""
    depth = deepest = 0
    for closing, name in _TAG.findall(html):
        if name.lower() not in _ALONE:
            depth = max(0, depth + (-1 if closing else 1))
            deepest = max(deepest, depth)
    return deepest


def from_plain(text: str, names: Mapping[str, str]) -> str:
    """A plain text as HTML.

    Args:
        names: the questions that a field can stand for: our code, and LimeSurvey's. Any other brace is written
            as a character reference, since LimeSurvey would run what it encloses.
    """
    return _fields(escape(text, quote=False), names).replace("\n", "<br />")


def from_markdown(text: str, names: Mapping[str, str]) -> str:
    """A Markdown text as HTML with a handful of tags; see `from_plain`."""
    clean = nh3.clean(_markdown.render(text), tags=_TAGS, attributes={"a": {"href"}}, link_rel=None)
    return _fields(clean, names).strip().replace("\n", "")


def survives(text: str) -> bool:
    """Whether a Markdown text looks the same when it has been there and back."""
    back, _tags = to_markdown(from_markdown(text, {}))
    shown, again = (re.sub(r"\s+", " ", _markdown.render(each)).strip() for each in (text, back))
    return shown == again


def _fields(html: str, names: Mapping[str, str]) -> str:
    parts, end = [], 0
    for match in FIELD.finditer(html):
        if (name := names.get(match[1])) is None:
            continue
        parts.append(_braces(html[end : match.start()]))
        fallback = (match[2] or "").replace('"', "&quot;")
        parts.append(f'{{if(is_empty({name}.NAOK), "{fallback}", {name}.shown)}}')
        end = match.end()
    return "".join([*parts, _braces(html[end:])])


def _braces(html: str) -> str:
    # A backslash, because LimeSurvey's own text file takes one before a quotation mark for an escape.
    return html.replace("{", "&#123;").replace("}", "&#125;").replace("\\", "&#92;")


_WITH_FALLBACK = re.compile(r'\{if\(is_empty\((\w+)\.NAOK\), "([^"{}|]*)", \1\.shown\)\}')
_SIMPLE = re.compile(r"\{(\w+)(?:\.(?:shown|NAOK|value))?\}")


def own_fields(html: str, names: Mapping[str, str]) -> tuple[str, list[str]]:
    """HTML with LimeSurvey's fields written as ours, and the expressions that cannot be; those become an ellipsis.

    Args:
        names: LimeSurvey's names of the questions that a field can stand for, and our codes.
    """
    lost: list[str] = []

    def ours(match: re.Match[str]) -> str:
        if (full := _WITH_FALLBACK.fullmatch(match[0])) and full[1] in names:
            return f"{{{names[full[1]]}|{full[2]}}}" if full[2] else f"{{{names[full[1]]}}}"
        if (simple := _SIMPLE.fullmatch(match[0])) and simple[1] in names:
            return f"{{{names[simple[1]]}}}"
        lost.append(match[0])
        return "…"

    return EXPRESSION.sub(ours, html), lost
